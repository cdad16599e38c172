"""What a receiver of alerts may answer: a little, in bounded time, and past no proxy.

Apprise posts with the module functions of ``requests`` and reads whatever comes back: a reply
without end took gigabytes. There is no session to hand to it, so where those functions ask for
one while an alert is being sent, they get ours; everybody else in the process gets their own.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from io import BytesIO
from typing import Any

import requests
import requests.api
from requests.adapters import HTTPAdapter

LARGEST_REPLY_BYTES = 64 * 1024
"""What is read of a reply; services answer with a status and a few words."""
LONGEST_REPLY_SECONDS = 20.0
_PIECE = 8 * 1024
_MARKS: ContextVar[Mapping[str, str] | None] = ContextVar("marks", default=None)


class BoundedSession(requests.Session):
    """A session of which every answer is cut at its bounds, and that no variable leads astray."""

    def __init__(self, marks: Mapping[str, str]) -> None:
        super().__init__()
        self.headers.update(marks)
        self.headers["Accept-Encoding"] = "identity"  # so that a small reply is a small one
        for scheme in ("http://", "https://"):
            self.mount(scheme, _BoundedAdapter())

    def merge_environment_settings(self, *args: Any, **kwargs: Any) -> Any:
        """Take what the environment says of certificates, and nothing of proxies."""
        return {**super().merge_environment_settings(*args, **kwargs), "proxies": {}}


class _BoundedAdapter(HTTPAdapter):
    def send(self, request: Any, *_: object, **kwargs: Any) -> requests.Response:
        response = super().send(request, **{**kwargs, "stream": True, "proxies": {}})
        reply = response.raw
        try:
            # As it came, not unpacked: a packed reply of a kilobyte may hold a gigabyte.
            response.raw = BytesIO(_beginning(reply, time.monotonic() + LONGEST_REPLY_SECONDS))
        finally:
            reply.close()
        return response


def _beginning(reply: Any, until: float) -> bytes:
    said = bytearray()
    while len(said) < LARGEST_REPLY_BYTES:
        piece = reply.read1(_PIECE, decode_content=False)
        if not piece:
            break
        said += piece
        if time.monotonic() > until:
            raise requests.ReadTimeout("The reply did not end in time.")
    return bytes(said[:LARGEST_REPLY_BYTES])


class _Sessions:
    """Stands in for the module from which ``requests.post`` and its sisters take their session."""

    @staticmethod
    def Session() -> requests.Session:  # noqa: N802  (the name they ask for)
        marks = _MARKS.get()
        return requests.Session() if marks is None else BoundedSession(marks)


@contextmanager
def bounded(marks: Mapping[str, str]) -> Iterator[None]:
    """Let what is posted in here have bounds, and bear these headers."""
    requests.api.sessions = _Sessions  # type: ignore[assignment,attr-defined]
    token = _MARKS.set(marks)
    try:
        yield
    finally:
        _MARKS.reset(token)
