"""A server that misbehaves on purpose, and a crawl in a process of its own to meet it.

``Origin`` answers raw bytes, so that it can break HTTP too. Run as a program this module is the
crawl: jobs as JSON on stdin, what was seen as JSON lines on stdout.
"""

from __future__ import annotations

import json
import socket
import socketserver
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

Piece = bytes | float  # a float is a pause in seconds
Route = Callable[[str], Iterable[Piece]]

PARAGRAPHS = "".join(
    f"<p>Paragraph {n} of an article about the harbour, the weir and the people beside it, long "
    "enough to be read as one, said the keeper of the weir on Monday.</p>"
    for n in range(8)
)
PAGE = (
    "<!doctype html><html lang='en'><head><title>The weir</title></head><body><article>"
    f"<h1>The weir holds, its keeper says</h1>{PARAGRAPHS}</article></body></html>"
).encode()


def answer(
    body: bytes = PAGE, status: int = 200, content_type: str = "text/html", **headers: str
) -> list[Piece]:
    """Return a proper answer; header names are given with underscores."""
    lines = [f"HTTP/1.1 {status} Status", f"Content-Type: {content_type}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    lines += [f"Content-Length: {len(body)}", "Connection: close"]
    return ["\r\n".join([*lines, "", ""]).encode() + body]


def endless(start: bytes, piece: bytes) -> Iterator[Piece]:
    yield start
    while True:
        yield piece


class Origin:
    """Serves ``routes`` (path to raw answer) on loopback until closed; keeps what was asked."""

    def __init__(self, routes: dict[str, Route], tls: ssl.SSLContext | None = None) -> None:
        self.routes = {"/robots.txt": lambda _: answer(b"", 404), **routes}
        self.asked: list[str] = []
        self.times: list[float] = []
        self.requests: list[str] = []
        origin = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with suppress(OSError):
                    wrapped = tls.wrap_socket(self.request, server_side=True) if tls else None
                    origin._serve(wrapped or self.request)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True
            request_queue_size = 64

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        self.host = f"127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def at(self, path: str) -> str:
        return f"http://{self.host}{path}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(30)
        try:
            head = b""
            while b"\r\n\r\n" not in head:
                piece = connection.recv(65536)
                if not piece:
                    return
                head += piece
            request = head.decode("latin-1")
            path = request.split(" ", 2)[1]
            self.asked.append(path)
            self.times.append(time.monotonic())
            self.requests.append(request)
            for piece in self.routes.get(path, lambda _: answer(b"", 404))(request):
                if isinstance(piece, float):
                    time.sleep(piece)
                else:
                    connection.sendall(piece)
        except OSError:
            return


def crawled(jobs: dict[str, Any], seconds: float = 90) -> list[dict[str, Any]]:
    """Run a crawl of ``jobs`` in a process of its own; return what it saw, by line."""
    done = subprocess.run(
        [sys.executable, __file__],
        input=json.dumps(jobs),
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def crawl_addresses(
    addresses: Iterable[str], allow_hosts: Iterable[str], **config: Any
) -> dict[str, dict[str, Any]]:
    """Crawl each address once; return what was seen by address."""
    wanted = list(addresses)
    dues = [{"article_id": n, "address": a, "why": "first"} for n, a in enumerate(wanted)]
    seen = crawled({"dues": dues, "config": {"allow_hosts": list(allow_hosts), **config}})
    found = {wanted[each["article_id"]]: each for each in seen}
    assert len(seen) == len(wanted), "every due work ends in exactly one snapshot"
    return found


def _main() -> None:
    from datetime import UTC, datetime

    from crawler.discovery import Poll, PollDue
    from crawler.parsers import ParserPool
    from crawler.run import Calls, CrawlThread
    from store.config import CrawlConfig
    from store.model import Due, Snapshot, SourceKind, Why

    work = json.load(sys.stdin)
    dues = [Due(**{**due, "why": Why(due["why"])}) for due in work.get("dues", ())]
    polls = [
        PollDue(**{**poll, "kind": SourceKind(poll["kind"])}) for poll in work.get("polls", ())
    ]

    def seen(snapshot: Snapshot) -> None:
        fetch = snapshot.fetch
        line = {name: getattr(fetch, name) for name in fetch.__slots__}
        line["headline"] = snapshot.document.headline if snapshot.document else None
        line["has_body"] = snapshot.body is not None
        print(json.dumps(line, default=str), flush=True)

    def polled(poll: Poll) -> tuple[()]:
        line = {name: getattr(poll, name) for name in poll.__slots__}
        line["links"] = [link.address for link in poll.links]
        print(json.dumps(line, default=str), flush=True)
        return ()

    with ParserPool(1) as pool:
        config = CrawlConfig(**work["config"])
        crawl = CrawlThread(config, pool, Calls(seen, polled), lambda: datetime.now(UTC))
        crawl.start()
        crawl.submit([*dues, *polls])
        crawl.finish()


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))
    _main()
