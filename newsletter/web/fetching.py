"""An https address -> what is there: bounded in size and time, verified, and no redirect followed."""

from __future__ import annotations

import ssl
import urllib.request
from http.client import HTTPException
from typing import Any, Final
from urllib.error import HTTPError

from newsletter.audience.hooks import LARGEST

_SECONDS: Final = 10


class _Stays(urllib.request.HTTPRedirectHandler):
    """An answer that leads elsewhere is none: elsewhere was not checked."""

    def redirect_request(self, *_: Any) -> None:
        return None


def fetch(url: str) -> bytes:
    """The octets there. OSError when there are none, too many, or they are elsewhere."""
    if not url.startswith("https://"):
        raise OSError("only https is fetched")
    trust = urllib.request.HTTPSHandler(context=ssl.create_default_context())
    opener = urllib.request.build_opener(trust, _Stays)
    try:
        with opener.open(url, timeout=_SECONDS) as answer:
            octets = bytes(answer.read(LARGEST + 1))
    except HTTPError as error:
        error.close()
        raise OSError(f"the answer was {error.code}") from None
    except HTTPException as error:
        raise OSError(f"no answer in HTTP: {type(error).__name__}") from None
    if len(octets) > LARGEST:
        raise OSError("the answer is too long")
    return octets
