"""(subscriber, newsletter) -> signed token -> the same again, or nothing.

A token is a capability: who holds it may do what it was made for, and nothing else. How long it is good for
is for its reader to decide: one for leaving is good for ever, one with a time in it is not.
Each purpose has its own key, derived from the secret one, so that a token for one is worthless for another.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from binascii import b2a_base64
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from itsdangerous import BadData, URLSafeSerializer

from newsletter.errors import ConfigError
from newsletter.message.mac import Mac
from newsletter.message.verp import Verp
from newsletter.store.tables import instant, milliseconds

_SHORTEST_KEY = 32
#: Longer than any token that we make: what is longer is not looked at.
_LONGEST_TOKEN = 300


class Tokens:
    """Makes and reads the tokens in links: the first key signs, all keys verify."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        if not keys:
            raise ValueError("tokens need at least one key")
        self._unsubscribe = _Seal(keys, "unsubscribe")
        self._preferences = _Seal(keys, "preferences")
        self._confirm = _Seal(keys, "confirm")
        self._undo = _Seal(keys, "undo")
        self._form = _Seal(keys, "form")
        self._inert = _Seal(keys, "inert")
        self._message = _derived(keys[0], "message-id")
        self._address = _derived(keys[0], "address")
        self._verp = Verp(tuple(_derived(key, "verp") for key in keys))

    def unsubscribe(self, subscriber_id: int, newsletter: str) -> str:
        """A token for leaving one newsletter, URL-safe; the same each time it is asked for."""
        return self._unsubscribe.sign(f"[{subscriber_id:d},{_quoted(newsletter)}]")

    def read_unsubscribe(self, token: str) -> tuple[int, str] | None:
        """Subscriber id and newsletter; None when we did not make it for this purpose."""
        match self._unsubscribe.read(token):
            case [int(subscriber_id), str(newsletter)]:
                return subscriber_id, newsletter
        return None

    def preferences(self, subscriber_id: int) -> str:
        """A token for seeing and changing everything about oneself, erasing included."""
        return self._preferences.sign(f"[{subscriber_id:d}]")

    def read_preferences(self, token: str) -> int | None:
        """Subscriber id; None when we did not make it for this purpose."""
        match self._preferences.read(token):
            case [int(subscriber_id)]:
                return subscriber_id
        return None

    def confirm(self, subscriber_id: int, at: datetime) -> str:
        """A token for confirming what is asked for; `at` is when it was mailed, to the millisecond."""
        return self._confirm.sign(f"[{subscriber_id:d},{milliseconds(at):d}]")

    def read_confirm(self, token: str) -> tuple[int, datetime] | None:
        """Subscriber id, and when it was mailed: whether that is too long ago is for the caller to say."""
        match self._confirm.read(token):
            case [int(subscriber_id), int(at)]:
                return subscriber_id, instant(at)
        return None

    def undo(self, subscriber_id: int, newsletter: str, at: datetime) -> str:
        """A token for taking back that one newsletter, or all (``*``), was left at that time."""
        return self._undo.sign(f"[{subscriber_id:d},{_quoted(newsletter)},{milliseconds(at):d}]")

    def read_undo(self, token: str) -> tuple[int, str, datetime] | None:
        """Subscriber id, newsletter and when it was left; how long that may be ago, the caller says."""
        match self._undo.read(token):
            case [int(subscriber_id), str(newsletter), int(at)]:
                return subscriber_id, newsletter, instant(at)
        return None

    def form(self, at: datetime) -> str:
        """What a form carries that was shown at that time: names nobody."""
        return self._form.sign(f"[{milliseconds(at):d}]")

    def read_form(self, token: str) -> datetime | None:
        """When the form was shown; None when it was not shown by us. Its age is the caller's to judge."""
        match self._form.read(token):
            case [int(at)]:
                return instant(at)
        return None

    def inert(self, subscriber_id: int = 0, newsletter: str = "") -> str:
        """A token for previews and test mails: the page says so, and nothing can be changed with it.

        It is as long as :meth:`unsubscribe` makes it for the same person, so that the mail around it is the
        same, line by line.
        """
        return self._inert.sign(f"[{subscriber_id:d},{_quoted(newsletter)}]")

    def inert_preferences(self, subscriber_id: int = 0) -> str:
        """The same in the place of :meth:`preferences`."""
        return self._inert.sign(f"[{subscriber_id:d}]")

    def is_inert(self, token: str) -> bool:
        """Whether :meth:`inert` made it, or :meth:`inert_preferences`."""
        return self._inert.read(token) is not None

    def message_key(self, issue_id: str) -> bytes:
        """What the Message-IDs of an issue are made with: the same in a preview and when it is sent."""
        return hmac.digest(self._message, issue_id.encode(), "sha256")

    def address_mark(self, key: str) -> str:
        """What stands for an address key where only whether it is the same is to be known, for a while: it
        is another one once the keys are rotated."""
        return hmac.digest(self._address, key.encode(), "sha256").hex()[:32]

    def verp(self) -> Verp:
        """What marks envelope senders, so that bounces name their delivery."""
        return self._verp


def load_keys(path: Path, configured: str = "") -> tuple[str, ...]:
    """The signing keys, newest first: the configured ones (white space between), then those of the file.

    Without either, a file with a new key is made, for the owner's eyes only (0600); two
    processes that meet there read the same key. :class:`ConfigError` for a file that cannot be used.
    """
    named = tuple(configured.split())
    for key in named:
        if len(key) < _SHORTEST_KEY:
            raise ConfigError(f"a configured signing key is shorter than {_SHORTEST_KEY} characters")
    try:
        if not named and not path.exists():
            _create(path)
        return named + (_keys_in(path) if path.exists() else ())
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {getattr(error, 'strerror', None) or error}") from None


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(32) + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        path.hardlink_to(fresh)  # whole or not at all; of two processes that meet here, the first wins
    except FileExistsError:
        pass
    finally:
        fresh.unlink()


def _keys_in(path: Path) -> tuple[str, ...]:
    keys = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        key = line.strip()
        if not key or key.startswith("#"):
            continue
        if len(key) < _SHORTEST_KEY:
            raise ConfigError(f"{path}:{number}: the key is shorter than {_SHORTEST_KEY} characters")
        keys.append(key)
    if not keys:
        raise ConfigError(f"{path}: holds no key; restore it, or delete it and old links stop working")
    return tuple(keys)


class _Seal:
    """Signs and reads the tokens of one purpose."""

    def __init__(self, keys: tuple[str, ...], purpose: str) -> None:
        # Derived once here: the library would derive the key again for each of a million links.
        derived = [_derived(key, purpose) for key in keys]
        signer = {"digest_method": hashlib.sha256, "key_derivation": "none"}
        # The library signs with the last key of its list, and reads with any.
        self._serializer = URLSafeSerializer(derived[::-1], signer_kwargs=signer)
        self._mac = Mac(derived[0])

    def sign(self, json_text: str) -> str:
        """What the library's ``dumps`` gives, which tries to compress each of a million links first."""
        payload = _base64(json_text.encode())
        return (payload + b"." + _base64(self._mac(payload))).decode("ascii")

    def read(self, token: str) -> object:
        """What was signed; None when it was not signed by us, or for something else."""
        if len(token) > _LONGEST_TOKEN or not token.isascii():
            return None
        try:
            found: object = self._serializer.loads(token)
        except BadData:
            return None
        return found


def _derived(key: str, purpose: str) -> bytes:
    return hmac.digest(key.encode(), f"newsletter.{purpose}".encode(), "sha256")


_quoted = lru_cache(maxsize=64)(json.dumps)


def _base64(octets: bytes) -> bytes:
    return b2a_base64(octets, newline=False).translate(_URL_SAFE, b"=")


_URL_SAFE = bytes.maketrans(b"+/", b"-_")
