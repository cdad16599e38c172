"""Feeds, API and mementos where people sign in: programs show a key, for they cannot sign in."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from urllib.parse import parse_qs

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

GUARDED = ("/feeds", "/api", "/memento")
OPEN = ("/api/health",)
"""Says that the server runs, and nothing of the archive."""


class Keyhole:
    """Lets a request to what programs read through where it shows the key. ASGI middleware."""

    def __init__(self, app: ASGIApp, key: str | None) -> None:
        self._app = app
        self._key = key

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 401 or 403 instead of the application where the key is not shown, or is none."""
        if scope["type"] == "http" and guarded(scope["path"]):
            refusal = refused(self._key, scope["headers"], scope["query_string"])
            if refusal is not None:
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)


def guarded(path: str) -> bool:
    """Whether a path is read by programs and tells of the archive."""
    within = any(path == begin or path.startswith(f"{begin}/") for begin in GUARDED)
    return within and path not in OPEN


def refused(
    key: str | None, headers: Sequence[tuple[bytes, bytes]], query: bytes
) -> PlainTextResponse | None:
    """The answer to a request that may not pass; None where it may."""
    if key is None:
        said = "People sign in here, and no key is set for programs: set [dashboard] key."
        return PlainTextResponse(said, 403)
    bearer = dict(headers).get(b"authorization", b"").removeprefix(b"Bearer ")
    asked = parse_qs(query.decode("latin-1")).get("key", [""])[-1].encode()
    if any(secrets.compare_digest(shown, key.encode()) for shown in (bearer, asked)):
        return None
    said = "Show the key of [dashboard] key: as ?key=…, or in the header Authorization: Bearer …"
    return PlainTextResponse(said, 401, {"WWW-Authenticate": "Bearer"})
