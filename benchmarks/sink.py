"""Postfix's own tools: ``smtp-sink``, which takes everything, and ``smtp-source``, which is the yardstick."""

from __future__ import annotations

import os
import resource
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.oracles import AbsentError


@contextmanager
def sink() -> Iterator[int]:
    """One smtp-sink for a whole run; the port it listens on. AbsentError when it is not installed."""
    if not shutil.which("smtp-sink") or not shutil.which("smtp-source"):
        raise AbsentError("smtp-source and smtp-sink are not here (Debian: postfix)")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    process = subprocess.Popen(["smtp-sink", *user, "-m", "2048", f"127.0.0.1:{port}", "1024"])
    try:
        _await(port)
        yield port
    finally:
        process.kill()
        process.wait()


def _await(port: int) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def constant(there: Path, octets: int) -> Path:
    """What the reference sends: as many octets, lines of the same length as ours."""
    line = "A line of text that a newsletter might hold, and nothing in it that matters.\n"
    path = there / f"{octets}.eml"
    path.write_text("Subject: s\n\n" + line * (octets // (len(line) + 1)), "ascii")
    return path


def reference(port: int, message: Path, count: int) -> tuple[float, float]:
    """Wall and CPU seconds of smtp-source for so many over eight connections that stay open."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    words = ["-s", "8", "-m", str(count), "-f", "bounce@news.example", "-t", "user@example.org", "-d"]
    subprocess.run(["smtp-source", *words, "-F", str(message), f"127.0.0.1:{port}"], check=True)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
