"""bytes -> text with ``\\n`` line ends, and what was wrong with the encoding.

The order is BOM, strict UTF-8, UTF-8 with a few damaged bytes, UTF-16 by its NULs,
charset-normalizer, cp1252. The last comes last because it accepts nearly anything.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_SAMPLE = 64 * 1024  # what is shown to charset-normalizer: its time is then bounded
# Private use U+E000-E003 are our own marks for template code (see `template_code`).
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ue000-\ue003\ufeff\ufff9-\ufffb]")
_CONTROL_BYTES = bytes((*range(9), 11, 12, *range(14, 32), 127))
_LEADS = (b"\xc2", b"\xee\x80", b"\xef")  # how its other characters begin in UTF-8
_MOJIBAKE = re.compile(r"â€[™œ“”˜¦]|Ã[©¨¤¶¼±¡³]|Â[ «»°]")


class Binary(ValueError):
    """These bytes are no text; the message says why."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, and what a person should know about how it was read: (line, text) pairs."""

    text: str
    warnings: tuple[tuple[int, str], ...]


def decode(raw: bytes) -> Decoded:
    """The text of `raw`; raises :class:`Binary` when there is none in it."""
    text, warnings = _characters(raw)
    # \x85 is a line end in mainframe text only; the separators U+2028/9 break lines in no content tool
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x85", " ")
    text = text.replace("\u2028", " ").replace("\u2029", " ")
    found = _CONTROL.search(text) if warnings or _may_be_odd(raw) else None
    if found:
        line = _line(text, found.start())
        text = _CONTROL.sub("", text)
        warnings = (*warnings, (line, "control characters (NUL or alike) were left out"))
    damage = _MOJIBAKE.search(text) if any(mark in text for mark in "âÃÂ") else None
    if damage:
        said = f"{damage[0]!r} looks like UTF-8 that was once saved as Windows-1252; mend the text"
        warnings = (*warnings, (_line(text, damage.start()), said))
    return Decoded(text, warnings)


def _may_be_odd(raw: bytes) -> bool:
    """Whether this UTF-8 may hold what `_CONTROL` names: bytes are looked through faster."""
    return len(raw.translate(None, _CONTROL_BYTES)) != len(raw) or any(lead in raw for lead in _LEADS)


def _characters(raw: bytes) -> tuple[str, tuple[tuple[int, str], ...]]:
    for bom, encoding in _BOMS:
        if raw.startswith(bom):
            return _marked(raw[len(bom) :], encoding)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as wrong:
        return _not_utf8(raw, wrong.start)
    nuls = text.count("\0")
    if nuls and nuls * 20 > len(text):
        return _not_utf8(raw, raw.index(0))
    return text, ()


def _marked(raw: bytes, encoding: str) -> tuple[str, tuple[tuple[int, str], ...]]:
    text = raw.decode(encoding, "replace")
    if encoding == "utf-8" and "\ufffd" not in text:
        return text, ()
    if "\ufffd" in text:
        return text, ((_line(text, text.index("\ufffd")), f"bytes that are not {encoding} were replaced"),)
    return text, ((1, f"read as {encoding.upper()}; save it as UTF-8"),)


def _not_utf8(raw: bytes, at: int) -> tuple[str, tuple[tuple[int, str], ...]]:
    wide = _wide(raw)
    if wide:
        return raw.decode(wide, "replace"), ((1, f"read as {wide.upper()} without a BOM; save it as UTF-8"),)
    if raw.count(b"\0") * 20 > len(raw):
        raise Binary("not text: many NUL bytes")
    line = raw.count(b"\n", 0, at) + 1
    # Truly UTF-8 with a few bad bytes (a cut-off end, a pasted passage): other encodings would ruin the rest.
    text = raw.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    sound = sum(1 for c in text[: _SAMPLE * 4] if c > "\x7f") - bad
    if sound > bad or len(raw) - at < 4:
        return text, ((line, "bytes that are not UTF-8 were replaced; save the file as UTF-8"),)
    encoding = _guess(raw)
    text = raw.decode(encoding, "replace")
    if _noise(text) > 0.1:
        raise Binary("not text in any known encoding")
    return text, ((line, f"not UTF-8; read as {encoding}: save the file as UTF-8"),)


def _wide(raw: bytes) -> str:
    """UTF-16 without a BOM shows as NULs at every other place."""
    sample = raw[:_SAMPLE]
    half = max(1, len(sample) // 2)
    if len(raw) % 2 or len(raw) < 4:
        return ""
    if sample[1::2].count(0) > 0.7 * half and sample[::2].count(0) < 0.1 * half:
        return "utf-16-le"
    if sample[::2].count(0) > 0.7 * half and sample[1::2].count(0) < 0.1 * half:
        return "utf-16-be"
    return ""


def _guess(raw: bytes) -> str:
    from charset_normalizer import from_bytes

    # The bytes beyond ASCII decide; a sample that starts at the first of them is surest to hold some.
    at = max(0, next((i for i, b in enumerate(raw) if b > 0x7F), 0) - 2000)
    best = from_bytes(raw[at : at + _SAMPLE]).best()
    if best is None or best.encoding in ("ascii", "utf_8"):
        return "cp1252"
    try:
        raw.decode(best.encoding)
    except (UnicodeDecodeError, LookupError):
        return "cp1252"
    return str(best.encoding)


def _noise(text: str) -> float:
    sample = text[:_SAMPLE]
    return len(_CONTROL.findall(sample)) / max(1, len(sample))


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1
