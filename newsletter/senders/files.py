"""Bytes → one file that is wholly there, or not at all."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from newsletter.errors import PluginError
from newsletter.model import Fault, Outcome, Verdict


def folder(path: str, *inside: str) -> Path:
    """The folder `path` (``~`` is the home) with those `inside` it, made; PluginError when not possible."""
    if not path:
        raise PluginError('[sender]: "path" is empty')
    root = Path(path).expanduser()
    try:
        for name in inside or (".",):
            (root / name).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PluginError(f"[sender]: cannot make the folder {root}: {error.strerror or error}") from error
    return root


def place(octets: bytes, draft: Path, final: Path) -> Outcome:
    """Write `octets` to `draft`, then rename it to `final`; only its owner may read it.

    SENT when both are on the disk; DEFERRED when the disk refused before the
    rename; IN_DOUBT when only a loss of power could still undo the rename.
    """
    try:
        _write(octets, draft)
        draft.replace(final)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        return _outcome(Verdict.DEFERRED, error, final)
    try:
        _sync_folder(final.parent)
    except OSError as error:
        return _outcome(Verdict.IN_DOUBT, error, final)
    return Outcome(Verdict.SENT, Fault.NONE, 0, f"filed as {final.name}")


def _write(octets: bytes, path: Path) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(octets)
        file.flush()
        os.fsync(descriptor)


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _outcome(verdict: Verdict, error: OSError, path: Path) -> Outcome:
    text = f"cannot write {path.name}: {error.strerror or type(error).__name__}"
    return Outcome(verdict, Fault.RELAY, 0, text[:500])
