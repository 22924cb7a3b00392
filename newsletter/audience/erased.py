"""Address key -> what is left of it when its owner was erased: ``:`` and a keyed hash.

The key stands in a file beside the database, made when the first person is erased: whoever has only the
database cannot find out who was in it by trying addresses. When the file is lost, nobody can be told from the
erased any more, so nobody is taken in until it is back.
"""

from __future__ import annotations

import hmac
import os
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, select

from newsletter.errors import SubscribersError
from newsletter.store.tables import suppression

#: What no address begins with.
SIGN: Final = ":"
_BEHIND: Final = ";"


class Erased:
    """Who was erased, as far as it can be told. Read the key once for each call."""

    def __init__(self, database: Path) -> None:
        self._file = database.with_name(f"{database.name}.erased-key")
        self._key = b""

    def mark(self, connection: Connection, key: str) -> str:
        """What stands for an address key when its owner is erased; makes the file when there is none yet.
        :class:`SubscribersError` when it was lost."""
        return _mark(self._needed() if _any(connection) else self._read() or self._make(), key)

    def among(self, connection: Connection, keys: Iterable[str]) -> dict[str, str]:
        """Mark by address key, of those of `keys` that were erased. :class:`SubscribersError` as above."""
        if not _any(connection):
            return {}
        secret = self._needed()
        marks = {_mark(secret, key): key for key in keys}
        s = suppression.c.address_key
        found = connection.execute(select(s).where(s.in_(tuple(marks)))).scalars()
        return {marks[mark]: mark for mark in found}

    def _needed(self) -> bytes:
        if secret := self._read():
            return secret
        text = f"{self._file}: is missing; without it nobody can be told from those who were erased"
        raise SubscribersError(f"{text}. Restore it from a backup")

    def _read(self) -> bytes:
        if not self._key:
            try:
                self._key = self._file.read_bytes().strip()
            except FileNotFoundError:
                return b""
            except OSError as error:
                raise SubscribersError(f"{self._file}: {error.strerror or error}") from error
        return self._key

    def _make(self) -> bytes:
        """Whole or not at all; of two processes that meet here, the first wins."""
        fresh = self._file.with_name(f"{self._file.name}.{secrets.token_hex(4)}")
        try:
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_hex(32) + "\n")
                file.flush()
                os.fsync(file.fileno())
            try:
                self._file.hardlink_to(fresh)
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
        except OSError as error:
            raise SubscribersError(f"{self._file}: {error.strerror or error}") from error
        return self._read()


def _any(connection: Connection) -> bool:
    s = suppression.c.address_key
    return connection.execute(select(s).where(s >= SIGN, s < _BEHIND).limit(1)).first() is not None


def _mark(secret: bytes, key: str) -> str:
    return SIGN + hmac.digest(secret, key.encode(), "sha256").hex()
