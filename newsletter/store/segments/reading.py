"""str -> Node: recursive descent, one function for each rule. Pure.

any   = all { "or" all }
all   = not { "and" not }
not   = "not" not | "(" any ")" | test
test  = field sign value | field ["not"] "in" list | field "has" value | field "has" ("any" | "all") list
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Final

from newsletter.store.segments import tree
from newsletter.store.segments.fields import FIELDS, fault
from newsletter.store.segments.words import SegmentError, Word, words

__all__ = ["SegmentError", "read"]

#: So deep parentheses and `not` may stand in each other.
DEEPEST: Final = 20
LONGEST_LIST: Final = 200
_TRUTHS: Final = {"true": True, "false": False}


def read(text: str) -> tree.Node:
    """What a segment says. :class:`SegmentError` tells what is wrong with it, and at which character."""
    reader = _Reader(words(text))
    node = reader.any(0)
    reader.expect_end()
    return node


class _Reader:
    def __init__(self, found: tuple[Word, ...]) -> None:
        self._words = found
        self._place = 0

    def any(self, depth: int) -> tree.Node:
        parts = [self.all(depth)]
        while self._takes("name", "or"):
            parts.append(self.all(depth))
        return parts[0] if len(parts) == 1 else tree.Any(tuple(parts))

    def all(self, depth: int) -> tree.Node:
        parts = [self.negated(depth)]
        while self._takes("name", "and"):
            parts.append(self.negated(depth))
        return parts[0] if len(parts) == 1 else tree.All(tuple(parts))

    def negated(self, depth: int) -> tree.Node:
        if depth > DEEPEST:
            raise SegmentError(self._next.at, f"more than {DEEPEST} levels deep")
        if self._takes("name", "not"):
            return tree.Not(self.negated(depth + 1))
        if not self._takes("sign", "("):
            return self._test()
        inner = self.any(depth + 1)
        self._expect(")")
        return inner

    def expect_end(self) -> None:
        if self._next.kind != "end":
            raise SegmentError(self._next.at, f"and or or was expected here, not {self._next.shown}")

    def _test(self) -> tree.Comparison:
        field, attribute = self._field()
        at = self._next.at
        sign = self._sign(field)
        listed = sign in ("in", "not in", "has any", "has all")
        values = self._list() if listed else (self._value(),)
        if wrong := fault(field, sign, values):
            raise SegmentError(at, wrong)
        return tree.Comparison(field, attribute, sign, values)

    def _field(self) -> tuple[str, str]:
        word = self._take()
        if word.kind != "name":
            raise SegmentError(word.at, f"a field was expected here, not {word.shown}")
        if word.text not in FIELDS:
            hint = _nearest(word.text, FIELDS) or f"there are {', '.join(FIELDS)}"
            raise SegmentError(word.at, f"{word.text} is no field; {hint}")
        return word.text, self._attribute() if word.text == "attributes" else ""

    def _attribute(self) -> str:
        at = self._next.at
        if self._takes("sign", ".") and self._next.kind == "name":
            return self._take().text
        raise SegmentError(at, "write attributes.NAME")

    def _sign(self, field: str) -> tree.Sign:
        word = self._take()
        match word.kind, word.text:
            case "sign", ("==" | "!=" | "<" | "<=" | ">" | ">=") as sign:
                return sign
            case "name", "in":
                return "in"
            case "name", "not" if self._takes("name", "in"):
                return "not in"
            case "name", "has":
                if self._takes("name", "any"):
                    return "has any"
                return "has all" if self._takes("name", "all") else "has"
        signs = ", ".join(FIELDS[field].signs)
        raise SegmentError(word.at, f"after {field} comes one of {signs}, not {word.shown}")

    def _list(self) -> tuple[tree.Value, ...]:
        self._expect("[")
        values = [self._value()]
        while self._takes("sign", ","):
            values.append(self._value())
        if len(values) > LONGEST_LIST:
            raise SegmentError(self._next.at, f"a list has at most {LONGEST_LIST} values")
        self._expect("]")
        return tuple(values)

    def _value(self) -> tree.Value:
        word = self._take()
        if word.kind == "text":
            return word.text
        if word.kind == "number":
            return float(word.text) if "." in word.text else int(word.text)
        if word.kind == "name" and word.text in _TRUTHS:
            return _TRUTHS[word.text]
        hint = ': a text stands between quotes, "…"' if word.kind == "name" else ""
        raise SegmentError(word.at, f"a value was expected here, not {word.shown}{hint}")

    @property
    def _next(self) -> Word:
        return self._words[self._place]

    def _take(self) -> Word:
        word = self._next
        self._place += word.kind != "end"
        return word

    def _takes(self, kind: str, text: str) -> bool:
        found = self._next.kind == kind and self._next.text == text
        self._place += found
        return found

    def _expect(self, sign: str) -> None:
        if not self._takes("sign", sign):
            raise SegmentError(self._next.at, f"{sign} was expected here, not {self._next.shown}")


def _nearest(word: str, choices: Iterable[str]) -> str:
    found = difflib.get_close_matches(word.casefold(), tuple(choices), n=1)
    return f"did you mean {found[0]}?" if found else ""
