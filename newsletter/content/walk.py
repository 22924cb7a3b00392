"""A folder -> its content files, and bytes out of it.

Nothing outside the folder is ever opened: links are followed only to regular files
inside it, names are never joined from what a file says, and FIFOs, devices and sockets
are not opened at all.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import translate
from pathlib import Path, PurePosixPath
from re import compile as regex

LARGEST = 10 * 1024 * 1024  # bytes of one content file
_UNWALKED = frozenset({"node_modules", "__pycache__", "_site", "_build", "bower_components", "vendor"})
#: Content that others write and that no reader installed here may know.
OTHER_ENDINGS = frozenset(
    {".rst", ".adoc", ".asciidoc", ".org", ".textile", ".tex", ".docx", ".odt", ".ipynb"}
)


class Refused(ValueError):
    """A file that is not read; the message says why."""


@dataclass(frozen=True, slots=True)
class Found:
    """A content file, or what stands in its place."""

    path: str  #: relative, with ``/``, printable: what people are shown
    place: str  #: what is opened, or the folder (with a ``/`` at its end) in which `path` is opened
    refusal: str = ""  #: why it is not read
    signature: str = ""  #: differs once the file has been written; empty when not known

    @property
    def real(self) -> str:
        """What is opened."""
        # Put together when it is asked for: ten thousand of them are a megabyte.
        return self.place + self.path if self.place.endswith("/") else self.place

    @property
    def touched(self) -> int:
        """When it was last written, in nanoseconds."""
        return int(self.signature.split(".")[1]) if self.signature else 0


def find(root: Path, wanted: Callable[[str], bool]) -> Iterator[Found]:
    """The files under `root` whose endings are `wanted`, and the folders that are not entered, sorted."""
    if not root.is_dir():
        yield _regular(root.name, str(root))
        return
    top, within = root.resolve(), f"{root}/"
    folders: list[tuple[Path, str]] = [(root, "")]
    while folders:
        folder, prefix = folders.pop()
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as wrong:
            yield Found(shown(prefix) or "./", str(folder), f"the folder cannot be read: {wrong.strerror}")
            continue
        deeper: list[tuple[Path, str]] = []
        for entry in entries:
            found = _entry(entry, prefix, top, within, wanted)
            if isinstance(found, Found):
                yield found
            elif found is not None:
                deeper.append(found)
        folders += reversed(deeper)


def _entry(
    entry: os.DirEntry[str], prefix: str, top: Path, within: str, wanted: Callable[[str], bool]
) -> Found | tuple[Path, str] | None:
    path, real = prefix + entry.name, entry.path
    if entry.is_dir(follow_symlinks=False):
        if entry.name.startswith(".") or entry.name in _UNWALKED:
            return Found(shown(path) + "/", real, "not entered: a hidden or generated folder")
        return Path(real), path + "/"
    if not wanted(ending(entry.name)):
        return None
    if entry.name.startswith((".", "#")) or entry.name.endswith("~"):
        return Found(shown(path), real, "a hidden or temporary file")
    if entry.is_symlink():
        return _link(path, Path(real), top)
    if not entry.is_file(follow_symlinks=False):
        return Found(shown(path), real, "not a regular file (a FIFO, socket or device)")
    return _regular(path, real, within)


def _regular(path: str, real: str, within: str = "") -> Found:
    text = shown(path)
    place = within if within and text == path else real
    try:
        state = os.stat(real)  # noqa: PTH116 - `Path` costs as much again
    except OSError:
        return Found(text, place)
    return Found(text, place, "", signature(state))


def signature(state: os.stat_result) -> str:
    """What tells a file from what it was before: size, times and inode."""
    return f"{state.st_size}.{state.st_mtime_ns}.{state.st_ctime_ns}.{state.st_ino}"


def touched(state: os.stat_result) -> int:
    """When a file was last written, in nanoseconds."""
    return state.st_mtime_ns


def _link(path: str, real: Path, top: Path) -> Found:
    try:
        target = real.resolve(strict=True)
    except (OSError, RuntimeError):
        return Found(shown(path), str(real), "a link that leads nowhere")
    if not target.is_relative_to(top):
        return Found(shown(path), str(real), "a link out of the folder")
    if not target.is_file():
        return Found(shown(path), str(real), "a link to something that is no file")
    return _regular(path, str(target))


def ending(name: str) -> str:
    """The lower-case ending of a file name, with its dot."""
    return os.path.splitext(name)[1].lower()  # noqa: PTH122 - `Path` costs ten times as much


def shown(path: str) -> str:
    """`path` as text that can be printed and stored: odd bytes and control characters escaped."""
    if path.isprintable():
        return path
    text = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def named(root: Path, path: str) -> Path:
    """The file that people are shown as `path`, links followed; in any case a path below `root`."""
    place = root
    for part in PurePosixPath(path).parts:
        beside = place / part
        if "\\" in part and not beside.exists() and place.is_dir():
            beside = next((entry for entry in place.iterdir() if shown(entry.name) == part), beside)
        place = beside
    return inside(root, str(place.relative_to(root))) or place


def contents(path: str | Path, largest: int = LARGEST) -> bytes:
    """The bytes of a regular file; raises :class:`Refused`."""
    try:
        # NOFOLLOW and NONBLOCK: what was a file a moment ago may be a link or a FIFO now.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as wrong:
        raise Refused(f"cannot be read: {getattr(wrong, 'strerror', None) or wrong}") from None
    with os.fdopen(descriptor, "rb") as file:
        state = os.fstat(descriptor)
        if not stat.S_ISREG(state.st_mode):
            raise Refused("not a regular file (a FIFO, socket or device)")
        if state.st_size > largest:
            most = f"{largest >> 20} MB" if largest >> 20 else f"{largest >> 10} KB"
            raise Refused(f"larger than {most}")
        try:
            raw = file.read(largest + 1)
        except OSError as wrong:
            raise Refused(f"cannot be read: {wrong.strerror}") from None
    if len(raw) > largest:
        raise Refused(f"larger than {largest // 1024 // 1024} MB")
    return raw


def matcher(patterns: tuple[str, ...]) -> Callable[[str], str]:
    """The first of `patterns` that a path matches, or empty.

    A pattern is a glob over the whole path (``posts/*.md``; ``**/`` any depth), over any tail of
    it (``*.txt``, ``drafts/*``), or names a folder (``drafts``, ``drafts/``).
    """
    compiled = [(p, [regex(translate(form)) for form in _forms(p)]) for p in patterns if p]

    def match(path: str) -> str:
        return next((p for p, forms in compiled if any(form.match(path) for form in forms)), "")

    return match


def _forms(pattern: str) -> tuple[str, ...]:
    bare = pattern.strip("/").removeprefix("./")
    plain = bare.replace("**/", "*")
    forms = (bare, plain, bare.replace("**/", ""), bare + "/*")
    return forms if pattern.startswith("/") else (*forms, "*/" + bare, "*/" + bare + "/*")


def inside(root: Path, relative: str) -> Path | None:
    """The regular file inside `root` that `relative` names; None when there is none, or it lies outside."""
    pure = PurePosixPath(relative)
    if pure.is_absolute() or "\0" in relative or len(relative) > 1000:
        return None
    try:
        target = (root / pure).resolve(strict=True)
        return target if target.is_relative_to(root.resolve()) and target.is_file() else None
    except (OSError, RuntimeError, ValueError):
        return None
