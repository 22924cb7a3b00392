"""Made-up lists as other programs export them, to their documented columns.

Seeded, so that each run is the same. Beside each list stands what its people are, so that the import can be
asked the same.
"""

from __future__ import annotations

import csv
import io
import json
import random
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

#: Names that a careless reader of CSV trips over.
NAMES = (
    "Ann Ås", 'Bo "the" Man', "Cleo, of Crete", "D'Arcy", "=1+1", "+47 22", "@home", "-", "Zoë",
    "فاروق حداد",
    "李 小龙", "O;Neil", "José María de la Cruz", "", "x" * 200, "Éa\u0301", "<b>Bold</b>",
    "Robert'); DROP--",
)  # fmt: skip
TAGS = ("works", "pro", "early bird", "Oslo", "a,b", "x;y")
WHEN = ("2019-03-01", "2021-12-31", "2024-02-29", "2025-07-15")


@dataclass(frozen=True, slots=True)
class Made:
    """A list, and what it says."""

    file: bytes
    suffix: str
    statuses: dict[str, int]  #: as the import's report counts them
    skipped: int = 0
    rejected: int = 0


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    email: str
    name: str
    tags: tuple[str, ...]
    day: str
    luck: float

    @property
    def first(self) -> str:
        return self.name.partition(" ")[0]

    @property
    def last(self) -> str:
        return self.name.partition(" ")[2]


def rows(count: int, seed: int) -> Iterator[_Row]:
    """People of all sorts, each with an address of their own."""
    pick = random.Random(seed)
    for number in range(count):
        local = pick.choice(
            (f"reader{number}", f"Reader.{number}", f"r+{number}", f"ü{number}", f"o'{number}")
        )
        domain = pick.choice(("x.example", "X.Example", "mail.münchen.example", "a-b.example.org"))
        tags = tuple(pick.sample(TAGS, pick.choice((0, 0, 1, 2))))
        yield _Row(number, f"{local}@{domain}", pick.choice(NAMES), tags, pick.choice(WHEN), pick.random())


def text(header: Sequence[str], cells: Sequence[Sequence[str]], **layout: str) -> bytes:
    """The rows as a CSV file."""
    out = io.StringIO(newline="")
    table = csv.writer(out, **layout)  # type: ignore[arg-type]
    table.writerow(header)
    table.writerows(cells)
    return out.getvalue().encode()


def mailchimp(count: int, seed: int) -> Made:
    """A zip of four files; the first column is named in French."""
    header = (
        "Adresse e-mail",
        "First Name",
        "Last Name",
        "Shoe Size",
        "MEMBER_RATING",
        "OPTIN_TIME",
        "OPTIN_IP",
        "CONFIRM_TIME",
        "CONFIRM_IP",
        "LATITUDE",
        "LONGITUDE",
        "GMTOFF",
        "DSTOFF",
        "TIMEZONE",
        "CC",
        "REGION",
        "LAST_CHANGED",
        "LEID",
        "EUID",
        "NOTES",
        "TAGS",
    )
    more = {
        "unsubscribed": (
            "UNSUB_TIME",
            "UNSUB_CAMPAIGN_TITLE",
            "UNSUB_CAMPAIGN_ID",
            "UNSUB_REASON",
            "UNSUB_REASON_OTHER",
        ),
        "cleaned": ("CLEAN_TIME", "CLEAN_CAMPAIGN_TITLE", "CLEAN_CAMPAIGN_ID"),
    }
    files: dict[str, list[Sequence[str]]] = {
        name: [] for name in ("subscribed", "unsubscribed", "cleaned", "nonsubscribed")
    }
    for row in rows(count, seed):
        kind = _lot(row, ("subscribed", 0.7), ("unsubscribed", 0.85), ("cleaned", 0.93), ("nonsubscribed", 1))
        tags = ",".join(f'"{tag}"' for tag in row.tags)
        cells = (
            row.email,
            row.first,
            row.last,
            "41",
            "2",
            f"{row.day} 10:11:12",
            "203.0.113.77",
            f"{row.day} 10:12:00",
            "203.0.113.77",
            "59.9",
            "10.7",
            "1",
            "2",
            "Europe/Oslo",
            "NO",
            "03",
            f"{row.day} 10:12:00",
            str(row.number),
            f"{row.number:x}",
            "note\nof two lines",
            tags,
        )
        files[kind].append((*cells, *([f"{row.day} 00:00:00"] + [""] * 4)[: len(more.get(kind, ()))]))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for kind, cells_of in files.items():
            name = f"{kind}_email_audience_export_0a1b2c.csv"
            archive.writestr(name, text((*header, *more.get(kind, ())), cells_of))
    return Made(
        packed.getvalue(),
        ".zip",
        {
            "active": len(files["subscribed"]),
            "bounced": len(files["cleaned"]),
            "unsubscribed": len(files["unsubscribed"]),
        },
        skipped=len(files["nonsubscribed"]),
    )


def substack(count: int, seed: int) -> Made:
    header = ("email", "active_subscription", "expiry", "email_disabled", "prefer_digests", "created_at")
    told: Counter[str] = Counter()
    cells = []
    for row in rows(count, seed):
        kind = _lot(row, ("active", 0.8), ("unsubscribed", 0.97), ("skip", 1))
        email = f"{row.number}@deletion-request.substack.com" if kind == "skip" else row.email
        gone = str(kind == "unsubscribed").lower()
        told[kind] += 1
        cells.append(
            (email, "false", "", gone, "true" if row.luck < 0.1 else "false", f"{row.day}T01:02:03.004Z")
        )
    return Made(text(header, cells), ".csv", _known(told), told["skip"])


def ghost(count: int, seed: int) -> Made:
    header = (
        "id",
        "email",
        "name",
        "note",
        "subscribed_to_emails",
        "complimentary_plan",
        "stripe_customer_id",
        "created_at",
        "deleted_at",
        "labels",
        "tiers",
    )
    told: Counter[str] = Counter()
    cells = []
    for row in rows(count, seed):
        kind = _lot(row, ("active", 0.8), ("unsubscribed", 0.95), ("skip", 0.98), ("odd", 1))
        told[kind] += 1
        says = {"active": "true", "odd": "maybe"}.get(kind, "false")
        left = f"{row.day}T00:00:00.000Z" if kind == "skip" else ""
        cells.append(
            (
                f"{row.number:024x}",
                row.email,
                row.name,
                "",
                says,
                "false",
                "",
                f"{row.day}T01:02:03.000Z",
                left,
                ",".join(t for t in row.tags if "," not in t),
                "",
            )
        )
    return Made(text(header, cells), ".csv", _known(told), told["skip"], told["odd"])


def listmonk(count: int, seed: int) -> Made:
    header = ("uuid", "email", "name", "attributes", "status", "created_at", "updated_at")
    words = {"active": "enabled", "unsubscribed": "disabled", "blocked": "blocklisted"}
    told: Counter[str] = Counter()
    cells = []
    for row in rows(count, seed):
        kind = _lot(row, ("active", 0.8), ("unsubscribed", 0.9), ("blocked", 1))
        told[kind] += 1
        attributes = json.dumps({"city": "Oslo", "orders": row.number, "nested": {"a": [1, 2]}, "none": None})
        at = f"{row.day} 10:11:12.123456+00:00"
        cells.append((f"{row.number:08x}-0000", row.email, row.name, attributes, words[kind], at, at))
    return Made(text(header, cells), ".csv", _known(told))


_BUTTONDOWN = (
    ("regular", "active", 0.5),
    ("premium", "active", 0.55),
    ("unactivated", "pending", 0.65),
    ("unsubscribed", "unsubscribed", 0.75),
    ("undeliverable", "bounced", 0.8),
    ("complained", "complained", 0.85),
    ("blocked", "blocked", 0.9),
    ("paused", "paused", 0.95),
    ("churned", "unsubscribed", 1),
)


def _buttondown(count: int, seed: int) -> tuple[list[dict[str, object]], Counter[str]]:
    told: Counter[str] = Counter()
    made = []
    for row in rows(count, seed):
        word, kind, _ = next(one for one in _BUTTONDOWN if row.luck <= one[2])
        told[kind] += 1
        made.append(
            {
                "id": f"{row.number:032x}",
                "creation_date": f"{row.day}T10:11:12.123456Z",
                "email_address": row.email,
                "metadata": {"plan": "gold", "n": row.number},
                "notes": "",
                "tags": list(row.tags),
                "type": word,
                "source": "api",
                "unsubscription_date": f"{row.day}T00:00:00Z" if kind == "unsubscribed" else None,
                "unsubscription_reason": None,
                "undeliverability_date": f"{row.day}T00:00:00Z" if kind == "bounced" else None,
                "undeliverability_reason": None,
            }
        )
    return made, told


def buttondown(count: int, seed: int) -> Made:
    people, told = _buttondown(count, seed)
    cells = [[_plain(value) for value in one.values()] for one in people]
    return Made(text(tuple(people[0]), cells), ".csv", _known(told))


def buttondown_json(count: int, seed: int) -> Made:
    people, told = _buttondown(count, seed)
    return Made(json.dumps(people, indent=1).encode(), ".json", _known(told))


def beehiiv(count: int, seed: int) -> Made:
    header = (
        "email",
        "First Name",
        "Last Name",
        "status",
        "tier",
        "created_at",
        "stripe_customer_id",
        "Gold Club",
        "unsubscribed_at",
    )
    words = {"active": "active", "unsubscribed": "inactive", "pending": "pending"}
    told: Counter[str] = Counter()
    cells = []
    for row in rows(count, seed):
        kind = _lot(row, ("active", 0.8), ("unsubscribed", 0.9), ("pending", 1))
        told[kind] += 1
        left = f"{row.day} 00:00:00" if kind == "unsubscribed" else ""
        gold = "Yes" if row.luck < 0.3 else "No"
        cells.append(
            (row.email, row.first, row.last, words[kind], "free", f"{row.day} 10:11:12", "", gold, left)
        )
    return Made(text(header, cells), ".csv", _known(told))


def plain(count: int, seed: int) -> Made:
    """As somebody keeps it in a spreadsheet: semicolons, a byte order mark, doubles, useless lines."""
    told: Counter[str] = Counter()
    cells: list[Sequence[str]] = []
    for row in rows(count, seed):
        kind = _lot(row, ("active", 0.8), ("unsubscribed", 0.9), ("double", 0.95), ("broken", 1))
        told[kind] += 1
        status = {"unsubscribed": "Unsubscribed", "broken": "subscribed"}.get(kind, "subscribed")
        email = row.email.replace("@", " at ") if kind == "broken" else row.email
        cells.append(
            (row.name, email, "|".join(t for t in row.tags if "," not in t and ";" not in t), status, "x")
        )
        if kind == "double":
            told["active"] += 1
            cells.append(("", row.email.swapcase(), "", "subscribed", ""))
    made = text(("Name", "E-Mail", "Tags", "Status", "Favourite Colour"), cells, delimiter=";")
    return Made(b"\xef\xbb\xbf" + made, ".csv", _known(told), 0, told["double"] + told["broken"])


MAKERS: dict[str, Callable[[int, int], Made]] = {
    "mailchimp": mailchimp,
    "substack": substack,
    "ghost": ghost,
    "listmonk": listmonk,
    "buttondown": buttondown,
    "buttondown as JSON": buttondown_json,
    "beehiiv": beehiiv,
    "plain": plain,
}
_STATUSES = ("active", "pending", "paused", "unsubscribed", "bounced", "complained", "blocked")


def _lot(row: _Row, *lots: tuple[str, float]) -> str:
    return next(name for name, upto in lots if row.luck <= upto)


def _known(told: Counter[str]) -> dict[str, int]:
    return {status: told[status] for status in sorted(_STATUSES) if told[status]}


def _plain(value: object) -> str:
    if isinstance(value, list):
        return ",".join('"' + one + '"' if "," in one or ";" in one else one for one in value)
    return json.dumps(value) if isinstance(value, dict) else str(value or "")
