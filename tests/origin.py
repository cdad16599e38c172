"""A real HTTP origin on loopback whose pages a test sets as it goes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from zlib import crc32


@dataclass(slots=True)
class Answer:
    """What the origin says at one path."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "text/html"})


Page = str | bytes | Answer | Callable[[int], "str | bytes | Answer"]


class Origin:
    """Pages by path; a page may be a function of how often it was asked for. Use with ``with``.

    Where it has several hosts, each path is asked for at one of them.
    """

    def __init__(self, hosts: int = 1) -> None:
        self.pages: dict[str, Page] = {}
        self.hits: list[str] = []
        self._servers = [
            ThreadingHTTPServer(("127.0.0.1", 0), self._handler()) for _ in range(hosts)
        ]
        self.hosts = tuple(f"127.0.0.1:{server.server_port}" for server in self._servers)

    @property
    def host(self) -> str:
        return self.hosts[0]

    def address(self, path: str) -> str:
        return f"http://{self.hosts[crc32(path.encode()) % len(self.hosts)]}{path}"

    def __enter__(self) -> Origin:
        for server in self._servers:
            threading.Thread(target=server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def answer(self, path: str) -> Answer:
        self.hits.append(path)
        page = self.pages.get(path, Answer(b"nothing here", 404))
        if callable(page):
            page = page(self.hits.count(path))
        if isinstance(page, str):
            page = Answer(page.encode(), headers={"Content-Type": "text/html; charset=utf-8"})
        return Answer(page) if isinstance(page, bytes) else page

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        origin = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                answer = origin.answer(self.path)
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, *_: object) -> None:
                pass

        return Handler
