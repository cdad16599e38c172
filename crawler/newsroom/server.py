"""The newsroom's server: the pages over HTTP on loopback, in a thread."""

from __future__ import annotations

import sys
import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from crawler.newsroom.pages import OUTLETS, Answer, Moment, page
from crawler.newsroom.stories import load


class Newsroom:
    """Two outlets on one loopback port, from ``started_at`` on.

    The stage is computed from the time since ``started_at``, so that a restart that passes the
    same one goes on where it was. ``port`` 0 takes any free one.
    """

    def __init__(self, started_at: datetime, clock: Callable[[], datetime], port: int = 0) -> None:
        self._started_at = started_at
        self._clock = clock
        self._stories = load()
        self._hits: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.newsroom = self
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.1,), name="newsroom", daemon=True
        )

    @property
    def host(self) -> str:
        """The ``host:port`` it is reached at, as it must stand in allow_hosts."""
        return f"127.0.0.1:{self._server.server_port}"

    @property
    def feeds(self) -> tuple[str, ...]:
        """The addresses of its feeds, one per outlet."""
        return tuple(f"http://{self.host}/{outlet}/feed.xml" for outlet in OUTLETS)

    def start(self) -> None:
        """Serve, in a thread."""
        self._thread.start()

    def stop(self) -> None:
        """Stop serving and free the port."""
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str) -> Answer:
        """Return what a GET of ``path`` gets now; this counts as a showing."""
        with self._lock:
            hits = self._hits[path]
            self._hits[path] += 1
        elapsed = (self._clock() - self._started_at).total_seconds()
        moment = Moment(self._started_at, max(elapsed, 0.0), f"http://{self.host}", hits)
        return page(self._stories, path, moment)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    newsroom: Newsroom

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that went away."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "Newsroom"
    server: _Server
    timeout = 60

    def do_GET(self) -> None:
        """Answer a GET."""
        answer = self.server.newsroom.answer(self.path.partition("?")[0])
        if answer.etag is not None and self.headers.get("If-None-Match") == answer.etag:
            answer = Answer(304, answer.content_type, b"", answer.etag)
        self._send(answer)

    def do_HEAD(self) -> None:
        """Answer a HEAD."""
        self.do_GET()

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        if answer.etag is not None:
            self.send_header("ETag", answer.etag)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(answer.body)

    def log_message(self, *_: object) -> None:
        """Say nothing; the crawl's own log tells what was fetched."""
