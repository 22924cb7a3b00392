"""The demo's mail server, spoken to by a plain SMTP client: what it files, and when it says so."""

from __future__ import annotations

import os
import smtplib
import socket
import threading
import time
from pathlib import Path

import pytest

from newsletter.web.maildrop import MailDrop

MAIL = b"From: a@slowpost.example\r\nTo: b@reader.example\r\nSubject: tides\r\n\r\n.dots stay\r\n\r\nend\r\n"


def filed(folder: Path) -> list[bytes]:
    return sorted(path.read_bytes() for path in (folder / "new").iterdir())


def hand_over(port: int, *recipients: str) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=20) as client:
        client.sendmail("bounce@slowpost.example", recipients or ("b@reader.example",), MAIL)


def test_what_was_sent_is_filed_with_its_envelope_on_top(tmp_path: Path) -> None:
    with MailDrop(tmp_path) as drop:
        hand_over(drop.port)
        assert drop.count == 1
    trace = b"Return-Path: <bounce@slowpost.example>\nDelivered-To: b@reader.example\n"
    assert filed(tmp_path) == [trace + MAIL.replace(b"\r\n", b"\n")]
    assert [sorted(path.iterdir()) for path in (tmp_path / "tmp", tmp_path / "cur")] == [[], []]


def test_each_recipient_gets_a_file(tmp_path: Path) -> None:
    with MailDrop(tmp_path) as drop:
        hand_over(drop.port, "b@reader.example", "c@reader.example")
        assert drop.count == 2
    assert [text.splitlines()[1] for text in filed(tmp_path)] == [
        b"Delivered-To: b@reader.example",
        b"Delivered-To: c@reader.example",
    ]


def test_the_null_return_path_and_addresses_in_other_scripts_are_taken(tmp_path: Path) -> None:
    with MailDrop(tmp_path) as drop, smtplib.SMTP("127.0.0.1", drop.port, timeout=20) as client:
        client.ehlo()
        assert client.mail("", ["SMTPUTF8"])[0] == 250
        client.command_encoding = "utf-8"
        assert client.rcpt("jürgen@post.example")[0] == 250
        assert client.data(MAIL)[0] == 250
    assert filed(tmp_path)[0].startswith("Return-Path: <>\nDelivered-To: jürgen@post.example\n".encode())


def test_a_bare_line_end_is_refused_and_nothing_is_filed(tmp_path: Path) -> None:
    with MailDrop(tmp_path) as drop, socket.create_connection(("127.0.0.1", drop.port), 20) as client:
        wire = client.makefile("rwb")
        wire.write(b"EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n")
        wire.flush()
        while not wire.readline().startswith(b"354"):
            pass
        wire.write(b"Subject: a\r\n\r\nb\nc\r\n.\r\n")
        wire.flush()
        assert wire.readline() == b"554 5.6.0 message has a bare CR or LF\r\n"
        assert drop.count == 0
        wire.close()
    assert filed(tmp_path) == []


def test_the_file_is_there_before_the_250_and_a_slow_answer_holds_up_nobody_else(tmp_path: Path) -> None:
    with MailDrop(tmp_path, delay=0.4) as drop:
        clients = [threading.Thread(target=hand_over, args=(drop.port,)) for _ in range(8)]
        for client in clients:
            client.start()
        for client in clients:
            client.join(timeout=2.4)  # one after the other would take 3.2 s
        assert not any(client.is_alive() for client in clients)
        assert drop.count == 8


def test_a_client_that_dies_before_the_250_leaves_its_message(tmp_path: Path) -> None:
    with MailDrop(tmp_path, delay=60) as drop:
        with socket.create_connection(("127.0.0.1", drop.port), 20) as client:
            client.sendall(b"EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n")
            client.sendall(b"Subject: a\r\n\r\nb\r\n.\r\n")
            deadline = time.monotonic() + 20
            while drop.count == 0 and time.monotonic() < deadline:
                os.sched_yield()
        counted = drop.count
    assert (counted, len(filed(tmp_path))) == (1, 1)


def test_stopping_ends_open_sessions_and_frees_the_port(tmp_path: Path) -> None:
    with MailDrop(tmp_path) as drop:
        client = socket.create_connection(("127.0.0.1", drop.port), 20)
        assert client.recv(4) == b"220 "
    client.recv(4096)
    with client, pytest.raises(ConnectionRefusedError):
        assert client.recv(4096) == b""
        socket.create_connection(("127.0.0.1", drop.port), 20)
