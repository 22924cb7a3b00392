"""The body of a request, as far as anybody may send one."""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.requests import ClientDisconnect, Request

#: So long may a body take to come.
_SECONDS: Final = 20


class Refused(Exception):
    """A request that is not understood: `status` is a 4xx."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


async def bounded(request: Request, largest: int) -> bytes:
    """At most so many octets. :class:`Refused` when there are more, or when they do not come."""
    taken = bytearray()
    try:
        async with asyncio.timeout(_SECONDS):
            async for piece in request.stream():
                taken += piece
                if len(taken) > largest:
                    raise Refused(413, "it is longer than any that we expect")
    except ClientDisconnect:
        raise Refused(400, "it was broken off") from None
    except TimeoutError:
        raise Refused(408, "it took too long to come") from None
    return bytes(taken)
