"""(subscriber, newsletter) -> signed token -> the same again, or nothing.

A token is a capability: who holds the mail may leave with it, and do nothing else.
Each purpose has its own key, derived from the secret one, so that a token for one is worthless for another.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from binascii import b2a_base64
from functools import lru_cache
from pathlib import Path

from itsdangerous import BadData, URLSafeSerializer

from newsletter.errors import ConfigError
from newsletter.message.mac import Mac
from newsletter.message.verp import Verp

_SHORTEST_KEY = 32
#: Longer than any token that we make: what is longer is not looked at.
_LONGEST_TOKEN = 300


class Tokens:
    """Makes and reads the tokens in links: the first key signs, all keys verify."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        self._unsubscribe = _serializer(keys, "unsubscribe")
        self._inert = _serializer(keys, "inert")
        self._sign_unsubscribe = Mac(_derived(keys[0], "unsubscribe"))
        self._sign_inert = Mac(_derived(keys[0], "inert"))
        self._message = _derived(keys[0], "message-id")
        self._verp = Verp(tuple(_derived(key, "verp") for key in keys))

    def unsubscribe(self, subscriber_id: int, newsletter: str) -> str:
        """A token for leaving one newsletter, URL-safe; the same each time it is asked for."""
        return _signed(self._sign_unsubscribe, subscriber_id, newsletter)

    def read_unsubscribe(self, token: str) -> tuple[int, str] | None:
        """Subscriber id and newsletter; None when we did not make it for this purpose."""
        match _read(self._unsubscribe, token):
            case [int(subscriber_id), str(newsletter)]:
                return subscriber_id, newsletter
        return None

    def inert(self, subscriber_id: int = 0, newsletter: str = "") -> str:
        """A token for previews and test mails: the page says so, and nothing can be changed with it.

        It is as long as :meth:`unsubscribe` makes it for the same person, so that the mail around it is the
        same, line by line.
        """
        return _signed(self._sign_inert, subscriber_id, newsletter)

    def is_inert(self, token: str) -> bool:
        """Whether :meth:`inert` made it."""
        return _read(self._inert, token) is not None

    def message_key(self, issue_id: str) -> bytes:
        """What the Message-IDs of an issue are made with: the same in a preview and when it is sent."""
        return hmac.digest(self._message, issue_id.encode(), "sha256")

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


def _serializer(keys: tuple[str, ...], purpose: str) -> URLSafeSerializer:
    if not keys:
        raise ValueError("tokens need at least one key")
    # Derived once here: the library would derive the key again for each of a million links.
    derived = [_derived(key, purpose) for key in keys]
    signer = {"digest_method": hashlib.sha256, "key_derivation": "none"}
    # The library signs with the last key of its list.
    return URLSafeSerializer(derived[::-1], signer_kwargs=signer)


def _derived(key: str, purpose: str) -> bytes:
    return hmac.digest(key.encode(), f"newsletter.{purpose}".encode(), "sha256")


def _signed(sign: Mac, subscriber_id: int, newsletter: str) -> str:
    """What the library's ``dumps`` gives, which tries to compress each of a million links first."""
    payload = _base64(f"[{subscriber_id:d},{_quoted(newsletter)}]".encode())
    return (payload + b"." + _base64(sign(payload))).decode("ascii")


_quoted = lru_cache(maxsize=64)(json.dumps)


def _base64(octets: bytes) -> bytes:
    return b2a_base64(octets, newline=False).translate(_URL_SAFE, b"=")


_URL_SAFE = bytes.maketrans(b"+/", b"-_")


def _read(serializer: URLSafeSerializer, token: str) -> object:
    if len(token) > _LONGEST_TOKEN or not token.isascii():
        return None
    try:
        found: object = serializer.loads(token)
    except BadData:
        return None
    return found
