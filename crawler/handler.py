"""Scrapy's download handler, with a cap on what a server may send before the body.

Neither Twisted nor Scrapy bounds the response head: an endless one grows until the time-out
(276 MiB in 8 s were measured). This leans on private names of Scrapy 2.19, which pyproject pins;
the ``/endless-head`` route in ``tests/test_crawler_run.py`` is the alarm.
"""

from __future__ import annotations

from typing import Any

from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
)
from scrapy.crawler import Crawler
from twisted.python.failure import Failure
from twisted.web._newclient import HEADER, STATUS

LARGEST_HEAD_BYTES = 256 * 1024
"""Most bytes of status lines and headers (also interim 1xx ones) of one response."""


class HeadTooLargeError(Exception):
    """The server sent more before the body than any honest server does."""


class _CappedProtocol(_LenientHTTP11ClientProtocol):
    """Counts the bytes that arrive while no body has begun."""

    _head_bytes = 0

    def request(self, request: Any) -> Any:
        self._head_bytes = 0
        answer = super().request(request)
        # Twisted hangs up at 16 KiB a line; honest policies (Content-Security-Policy) are longer.
        if self._parser is not None:
            self._parser.MAX_LENGTH = 2 * LARGEST_HEAD_BYTES
        return answer

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        super().dataReceived(data)  # type: ignore[no-untyped-call]
        if self._parser is None or self._parser.state not in {STATUS, HEADER}:
            return
        self._head_bytes += len(data)
        if self._head_bytes > LARGEST_HEAD_BYTES:
            self._give_up(self)

    @staticmethod
    def _give_up(protocol: Any) -> None:  # Any: Twisted leaves these untyped
        protocol._giveUp(Failure(HeadTooLargeError()))  # type: ignore[no-untyped-call]
        protocol.transport.abortConnection()


class _CappedFactory(_LenientHTTP11ClientFactory):
    def buildProtocol(self, addr: Any) -> Any:  # noqa: N802, ARG002 - Twisted's name
        return _CappedProtocol(self._quiescentCallback)  # type: ignore[no-untyped-call]


class CappedHandler(HTTP11DownloadHandler):
    """Scrapy's HTTP/1.1 handler over connections whose response head is bounded."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool._factory = _CappedFactory
