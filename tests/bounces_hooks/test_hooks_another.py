"""The adapter of another provider that docs/bounces.md shows: it works as it stands there."""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette

from newsletter.audience.suppression import SOFT
from newsletter.message.write import message_id
from newsletter.store.database import Database
from newsletter.web.hooks import routes
from tests.bounces_hooks.amazon import Amazon
from tests.bounces_hooks.conftest import Hooks, served
from tests.inbox.returned import TOKENS
from tests.inbox.test_bounce_recording import sent
from tests.outbox.publishing import NOW, subscribe

DOCUMENT = Path(__file__).parents[2] / "docs" / "bounces.md"
SECRET = "a-secret-of-ours"
KIND = {"Content-Type": "application/json"}


def documented() -> Any:
    (code,) = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    scope: dict[str, Any] = {}
    exec(compile(code, str(DOCUMENT), "exec"), scope)
    return scope["Mailgun"](SECRET)


def call(token: str, *, secret: str = SECRET, at: float = NOW.timestamp(), **event: Any) -> bytes:
    stamp = str(int(at))
    signature = hmac.digest(secret.encode(), (stamp + token).encode(), "sha256").hex()
    said = {
        "event": "failed",
        "severity": "permanent",
        "recipient": "r1@example.org",
        "timestamp": at,
        "delivery-status": {"code": 550, "message": "550 5.1.1 no such user"},
        "message": {"headers": {"message-id": message_id(b"k" * 32, "1", "slowpost.example").strip("<>")}},
    }
    proof = {"timestamp": stamp, "token": token, "signature": signature}
    return json.dumps({"signature": proof, "event-data": said | event}).encode()


@pytest.fixture
def mailgun(database: Database) -> Iterator[Hooks]:
    subscribe(database, 2)
    sent(database)
    made = Hooks(0, database, Amazon(0, {}))
    adapters = {"mailgun": documented()}
    app = Starlette(routes=routes(adapters, database, TOKENS, SOFT, made.amazon.fetch, lambda: made.now))
    with served(app) as made.port:
        yield made


@pytest.mark.parametrize(
    ("event", "reasons"),
    [
        ({}, ["hard bounce"]),
        ({"severity": "temporary"}, []),
        ({"event": "complained"}, ["complaint"]),
        ({"event": "opened"}, []),
    ],
)
def test_what_it_tells_is_acted_upon(mailgun: Hooks, event: dict[str, Any], reasons: list[str]) -> None:
    assert mailgun.call("mailgun", call("t1", **event), KIND) == (200, "taken")
    assert mailgun.reasons() == reasons


def test_forged_and_repeated_calls_are_refused(mailgun: Hooks) -> None:
    before = mailgun.everything()
    assert mailgun.call("mailgun", call("t1", secret="theirs"), KIND)[0] == 403
    assert mailgun.call("mailgun", call("t1", at=NOW.timestamp() - 3700), KIND)[0] == 403
    assert mailgun.everything() == before

    assert mailgun.call("mailgun", call("t1"), KIND)[0] == 200
    assert mailgun.call("mailgun", call("t1"), KIND) == (409, "it was taken before")
