"""``/my-data/{token}`` -> everything that is kept about a person; ``/erase/{token}`` -> nothing more.

Pages of the database file may hold traces until it is written anew: what is freed is overwritten at once, and
`newsletter subscribers erase` or a copy of the file does the rest. A page cannot: it would hold up everybody.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

from starlette.responses import Response

from newsletter.audience import consent
from newsletter.audience.consent import Action, Evidence
from newsletter.audience.dossier import document, dossier
from newsletter.audience.erasing import erase as erase_person
from newsletter.web.reader.house import House
from newsletter.web.reader.look import GUARDED
from newsletter.web.reader.visits import Visit, nowhere, reader


def my_data(house: House, visit: Visit) -> Response:
    """One JSON document, to be kept as a file."""
    who = reader(house, house.tokens.read_preferences(visit.token))
    if who is None:
        return nowhere(house, visit)
    found = document(dossier(house.database, who.address), visit.now)
    text = json.dumps(found, ensure_ascii=False, indent=2, default=_plain)
    headers = {**dict(GUARDED), "content-disposition": 'attachment; filename="my-data.json"'}
    headers["content-security-policy"] = "default-src 'none'; frame-ancestors 'none'"
    return Response(text + "\n", media_type="application/json", headers=headers)


def erase(house: House, visit: Visit) -> Response:
    """GET: what goes and what stays. POST, with the box ticked: it goes."""
    id = house.tokens.read_preferences(visit.token)
    who = reader(house, id)
    if id is None or who is None:
        # Pressed twice: whoever was erased is told so again, as long as their link is whole.
        gone = id is not None and _was_erased(house, id)
        return house.page("erased", house.language(*visit.languages)) if gone else nowhere(house, visit)
    if visit.acts and visit.form.one("sure") == "yes":
        # The entry stays in the log: not from where it came.
        erase_person(house.database, who.address, Evidence(visit.now, "preferences"))
        house.database.compact_later()
        return house.page("erased", house.language(*visit.languages))
    return house.page(
        "erase",
        house.language(who.language),
        422 if visit.acts else 200,
        address=who.address,
        unsure=visit.acts,
        token=visit.token,
    )


def _was_erased(house: House, subscriber_id: int) -> bool:
    with house.database.read() as connection:
        log = consent.entries(connection, subscriber_id)
    return bool(log) and log[-1].said.get("action") == Action.ERASED


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else str(value)
