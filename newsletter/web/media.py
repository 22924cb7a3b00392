"""``/media/{name}`` -> a picture of an issue. The name is a hash of its bytes, so it never changes."""

from __future__ import annotations

from sqlalchemy import select
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from newsletter.store import tables as t
from newsletter.store.database import Database

HEADERS = {
    "cache-control": "public, max-age=31536000, immutable",
    "content-security-policy": "default-src 'none'",
    "x-content-type-options": "nosniff",
}


def routes(database: Database) -> list[BaseRoute]:
    """The pictures that sent mails link to."""

    def find(name: str) -> Response:
        with database.read() as connection:
            row = connection.execute(select(t.media).where(t.media.c.name == name)).first()
        if row is None:
            return Response(status_code=404, headers={"cache-control": "no-store"})
        return Response(row.bytes, media_type=row.mime, headers=HEADERS)

    async def picture(request: Request) -> Response:
        return await run_in_threadpool(find, request.path_params["name"])

    return [Route("/media/{name}", picture, name="media")]
