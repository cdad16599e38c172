"""An origin that answers raw bytes on real sockets, so that it can break HTTP too."""

from __future__ import annotations

import socket
import socketserver
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

RESET = None
"""A piece that is no bytes: the connection is reset (RST) instead of closed."""
Piece = bytes | float | None  # a float is a pause in seconds
Route = Callable[[str], Iterable[Piece]]

SENTENCES = (
    "The keeper of the weir said on Monday that the gates had held through the night.",
    "Nobody was hurt, and the road along the harbour was open again by noon.",
    "The council will meet on Thursday to decide who pays for the new boards.",
    "Two families who had left their houses were able to return before dark.",
    "The last flood of this height was in 1978, the harbour office said.",
    "Engineers measured the wall every hour and found no movement in it.",
    "A fund for repairs has been asked for since spring, without an answer so far.",
    "The ferry kept to its timetable, with one boat in place of two.",
)
PARAGRAPHS = "".join(
    f"<p>{one} {two}</p>" for one, two in zip(SENTENCES, SENTENCES[3:] + SENTENCES[:3], strict=True)
)
HEADLINE = "The weir holds, its keeper says"
PAGE = (
    "<!doctype html><html lang='en'><head><title>The weir</title></head><body><article>"
    f"<h1>{HEADLINE}</h1>{PARAGRAPHS}</article></body></html>"
).encode()
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"


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


def redirect(to: str, status: int = 302) -> list[Piece]:
    return answer(b"", status, Location=to)


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
        with suppress(OSError):
            request = _request(connection)
            if not request:
                return
            path = request.split(" ", 2)[1]
            self.asked.append(path)
            self.times.append(time.monotonic())
            self.requests.append(request)
            for piece in self.routes.get(path, lambda _: answer(b"", 404))(request):
                _send(connection, piece)


def _request(connection: socket.socket) -> str:
    head = b""
    while b"\r\n\r\n" not in head:
        piece = connection.recv(65536)
        if not piece:
            return ""
        head += piece
    return head.decode("latin-1")


def _send(connection: socket.socket, piece: Piece) -> None:
    if piece is RESET:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
    elif isinstance(piece, float):
        time.sleep(piece)
    else:
        connection.sendall(piece)
