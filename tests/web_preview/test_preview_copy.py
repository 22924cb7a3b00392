"""What the preview shows of a message is what a real SMTP server gets."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsletter.audience.tokens import Tokens
from newsletter.config import load, unpack
from newsletter.pipeline import Built, Occasion, build, of_reader
from newsletter.proof.copies import Reader, copy, copy_of, next_id, sent
from newsletter.store.database import open_database
from newsletter.web.maildrop import MailDrop
from tests.journeys.project import Project, sample_project

NOW = datetime(2026, 11, 22, 11, 0, tzinfo=UTC)
SLOT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)  # Monday, nine o'clock in Copenhagen
TOPICAL = "topical@example.org"  #: wants to read about one thing only, and gets a mail of their own
CSV = "email,name\nana@example.com,Ana Lind\n" + "\n".join(f"r{n}@example.org,Zoë {n}" for n in range(2, 13))


@pytest.fixture(params=["https://news.slowpost.example", ""], ids=["with pages", "by mail only"])
def public_url(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def project_with_readers(folder: Path, port: int, public_url: str) -> Project:
    project = sample_project(folder, port).add("web", f'public_url = "{public_url}"')
    project.set(images='"cid"')
    (folder / "people.csv").write_text(CSV)
    project.run("subscribers", "import", str(folder / "people.csv"), "--now", "2026-11-22T12:00")
    project.run("subscribers", "add", TOPICAL, "--topic", "works")
    return project


def previewed(project: Project, due: datetime, reader: Reader, *, by_hand: bool) -> tuple[bytes, Tokens]:
    """The reader's copy, made before anything is sent."""
    config = load(project.config, {})
    tokens = unpack.tokens(config)
    with open_database(config.store_path) as database:
        id = unpack.issue_id(config, "weekly", due)
        built = build(config, "weekly", database, Occasion(id, due, due))
        assert isinstance(built, Built)
        with database.read() as connection:
            own = of_reader(config, connection, built, reader.id, due)
            assert isinstance(own, Built), own
            wanted = next_id(connection, built.issue.id, by_hand=by_hand)
        return copy(config, own, reader=reader, tokens=tokens, id=wanted).data, tokens


def filed(maildir: Path, address: str) -> bytes:
    """The message as it came over the wire: what the server wrote above it is taken off."""
    (found,) = (
        data
        for file in (maildir / "new").iterdir()
        if f"Delivered-To: {address}\n".encode() in (data := file.read_bytes())
    )
    return re.sub(rb"\A(Return-Path|Delivered-To): .*\n(Return-Path|Delivered-To): .*\n", b"", found).replace(
        b"\n", b"\r\n"
    )


def unwrapped(message: bytes) -> bytes:
    """Without soft line breaks of quoted-printable and folds of headers."""
    return re.sub(rb"=\r\n|\r\n(?=[ \t])", b"", message)


def with_tokens(message: bytes, tokens: Tokens, reader_id: int) -> bytes:
    """The same with the links that act in the place of those that do not; preferences only where there are
    pages."""
    pairs = [(tokens.inert(reader_id, "weekly"), tokens.unsubscribe(reader_id, "weekly"))]
    if b"/p/" in unwrapped(message):
        pairs.append((tokens.inert_preferences(reader_id), tokens.preferences(reader_id)))
    changed = unwrapped(message)
    for inert, real in pairs:
        assert inert.encode() in changed and len(inert) == len(real)
        changed = changed.replace(inert.encode(), real.encode())
    return changed


@pytest.mark.parametrize("by_hand", [True, False], ids=["sent by hand", "sent by its slot"])
def test_the_previewed_bytes_are_the_bytes_that_arrive(
    tmp_path: Path, public_url: str, by_hand: bool
) -> None:
    due = NOW if by_hand else SLOT
    with MailDrop(tmp_path / "inbox") as drop:
        project = project_with_readers(tmp_path / "project", drop.port, public_url)
        project.run("tick", "--now", NOW.isoformat())  # the schedule begins
        readers = [Reader(1, "Ana Lind", "ana@example.com"), Reader(12, "Zoë 12", "r12@example.org")]
        readers.append(Reader(13, "", TOPICAL))
        shown = [previewed(project, due, reader, by_hand=by_hand) for reader in readers]
        command = ("send", "weekly", "--yes") if by_hand else ("tick",)
        project.run(*command, "--now", due.isoformat())

    for reader, (message, tokens) in zip(readers, shown, strict=True):
        arrived = filed(tmp_path / "inbox", reader.address)
        assert with_tokens(message, tokens, reader.id) == unwrapped(arrived)
        assert (b"/p/" in unwrapped(arrived)) == bool(public_url)
        assert [len(line) for line in message.split(b"\r\n")] == [
            len(line) for line in arrived.split(b"\r\n")
        ]


def test_with_verp_the_envelope_has_a_mark_as_the_sent_one_has_and_names_no_delivery(tmp_path: Path) -> None:
    reader = Reader(1, "Ana Lind", "ana@example.com")
    with MailDrop(tmp_path / "inbox") as drop:
        project = project_with_readers(tmp_path / "project", drop.port, "")
        project.add("sender", 'verp = true\nmail_from = "bounce@bounces.slowpost.example"')
        config = load(project.config, {})
        built = build(config, "weekly", None, Occasion("weekly-2026-11-22", NOW, NOW))
        assert isinstance(built, Built)
        shown = copy(config, built, reader=reader)
        project.run("send", "weekly", "--yes", "--now", NOW.isoformat())

    (arrived,) = (
        data
        for file in (tmp_path / "inbox" / "new").iterdir()
        if b"Delivered-To: ana@example.com\n" in (data := file.read_bytes())
    )
    real = re.search(rb"Return-Path: <(.+)>", arrived)
    assert real is not None
    address, verp = real[1].decode(), unpack.tokens(config).verp()
    marked = re.compile(r"\+[0-9]+\.[0-9a-f]{8}@")
    assert marked.sub("@", shown.envelope.mail_from) == marked.sub("@", address) == config.mail_from("weekly")
    assert marked.search(shown.envelope.mail_from) and marked.search(address)
    assert [verp.delivery_id(each) is None for each in (shown.envelope.mail_from, address)] == [True, False]


def test_a_past_issue_is_shown_as_it_was_sent_whatever_became_of_the_folder(tmp_path: Path) -> None:
    reader = Reader(1, "Ana Lind", "ana@example.com")
    with MailDrop(tmp_path / "inbox") as drop:
        project = project_with_readers(tmp_path / "project", drop.port, "https://news.slowpost.example")
        project.run("send", "weekly", "--yes", "--now", NOW.isoformat())
    for article in (project.folder / "content").glob("*.md"):
        article.unlink()
    config = load(project.config, {})
    tokens = unpack.tokens(config)
    with open_database(config.store_path) as database, database.read() as connection:
        shown = copy_of(sent(connection, "weekly-2026-11-22-m1"), tokens, reader, NOW, verp=False)

    arrived = filed(tmp_path / "inbox", reader.address)
    assert with_tokens(shown.data, tokens, reader.id) == unwrapped(arrived)


@pytest.mark.parametrize("newsletter", ["w", "weekly", "the-long-letter-of-the-long-winter-of-the-north" * 2])
@pytest.mark.parametrize("subscriber_id", [1, 9, 10, 123456])
def test_an_inert_token_is_as_long_as_the_real_one_and_opens_nothing(
    subscriber_id: int, newsletter: str
) -> None:
    tokens = Tokens(("k" * 40,))
    inert = tokens.inert(subscriber_id, newsletter)
    assert len(inert) == len(tokens.unsubscribe(subscriber_id, newsletter))
    assert (tokens.is_inert(inert), tokens.read_unsubscribe(inert)) == (True, None)
    assert not tokens.is_inert(tokens.unsubscribe(subscriber_id, newsletter))


def test_message_keys_differ_by_issue_and_by_installation() -> None:
    ours, theirs = Tokens(("k" * 40,)), Tokens(("l" * 40,))
    keys = {made.message_key(id) for made in (ours, theirs) for id in ("a-1", "a-2")}
    assert len(keys) == 4
    assert ours.message_key("a-1") == Tokens(("k" * 40, "old" * 20)).message_key("a-1")
