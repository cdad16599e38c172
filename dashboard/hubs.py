"""Where hubs reach this instance (WebSub): they make sure of us, and tell that a feed changed.

Anybody can send here. What is sent is bounded, checked against its signature and thrown away; all
that comes of it is that the crawl asks the feed itself, soon.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from store.archive import Archive
from store.subscriptions import State
from store.websub import PATH, is_signed, verified

log = logging.getLogger(__name__)

LARGEST_BODY_BYTES = 2 * 2**20
LONGEST_CHALLENGE = 2_000
MOST_A_MINUTE = 240
"""Requests of hubs that are looked at in a minute, over all of them."""


def routes(
    archive: Archive, call: Callable[[int], None], now: Callable[[], datetime]
) -> list[Route]:
    """Return the routes of the door; ``call`` has a source asked soon."""
    door = Door(archive, call, now)
    return [Route(f"{PATH}{{token}}", door.answer, methods=["GET", "POST"])]


class Door:
    """Answers hubs, as many a minute as may come."""

    def __init__(
        self, archive: Archive, call: Callable[[int], None], now: Callable[[], datetime]
    ) -> None:
        self._archive = archive
        self._call = call
        self._now = now
        self._lately: deque[datetime] = deque(maxlen=MOST_A_MINUTE)

    async def answer(self, request: Request) -> Response:
        """Answer one request of a hub."""
        if self._is_crowded():
            return PlainTextResponse("Too many.", 429, {"Retry-After": "60"})
        token = request.path_params["token"]
        if request.method != "POST":
            return await run_in_threadpool(self._verify, token, dict(request.query_params))
        body = await _bounded(request)
        if body is None:
            return PlainTextResponse("Too large.", 413)
        signature = request.headers.get("X-Hub-Signature", "")
        return await run_in_threadpool(self._hear, token, signature, body)

    def _is_crowded(self) -> bool:
        now = self._now()
        full = len(self._lately) == MOST_A_MINUTE
        if full and timedelta(0) <= now - self._lately[0] < timedelta(minutes=1):
            return True
        self._lately.append(now)
        return False

    def _verify(self, token: str, said: dict[str, str]) -> Response:
        known = self._archive.subscription(token)
        if known is None or len(said.get("hub.challenge", "")) > LONGEST_CHALLENGE:
            return PlainTextResponse("No such subscription.", 404)
        after, answer = verified(known, said, self._now())
        if after != known:
            self._archive.keep_subscription(after)
        headers = {"X-Content-Type-Options": "nosniff"}
        return PlainTextResponse(answer.text, answer.status, headers)

    def _hear(self, token: str, signature: str, body: bytes) -> Response:
        """Take a hub's word; the answer is the same for a wrong signature (section 7)."""
        known = self._archive.subscription(token)
        if known is None:
            return PlainTextResponse("No such subscription.", 404)
        if known.state in {State.LEAVING, State.LEFT}:
            return PlainTextResponse("This subscription was ended.", 410)
        if is_signed(known.secret, signature, body):
            self._archive.keep_subscription(replace(known, pushed_at=self._now()))
            self._call(known.source_id)
        else:
            log.warning("A message for %s was not signed as agreed, and ignored.", known.topic)
        return Response(status_code=202)


async def _bounded(request: Request) -> bytes | None:
    """Return the body, None where it is larger than what is taken."""
    whole = bytearray()
    async for piece in request.stream():
        whole += piece
        if len(whole) > LARGEST_BODY_BYTES:
            return None
    return bytes(whole)
