"""Receivers of alerts on loopback: over HTTP, by mail, an ntfy-compatible one, a hostile one."""

from __future__ import annotations

import email
import email.policy
import json
import socket
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller

SECRET = "s3cret-token"


class Sink:
    """A receiver over HTTP that keeps what it is sent and answers as it is told."""

    def __init__(self) -> None:
        self.taken: list[tuple[dict[str, str], dict[str, Any]]] = []
        self.paths: list[str] = []
        self.status = 200
        self.waiting = 0
        self.hold = threading.Event()
        self.hold.set()
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                sink.waiting += 1
                sink.hold.wait(30)
                sink.taken.append((dict(self.headers), json.loads(body)))
                sink.paths.append(self.path)
                self.send_response(sink.status)
                if sink.status == 307:
                    self.send_header("Location", f"http://127.0.0.1:{sink.port}/x")
                self.end_headers()
                with suppress(OSError):
                    self.wfile.write(sink.answer(json.loads(body)))

            do_PUT = do_POST  # noqa: N815  (the name that http.server asks for)

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.hold.set()
        self.server.shutdown()
        self.server.server_close()

    @property
    def port(self) -> int:
        return self.server.server_port

    @property
    def address(self) -> str:
        return f"json://127.0.0.1:{self.port}/{SECRET}/"

    def answer(self, content: dict[str, Any]) -> bytes:
        """What it says to a message."""
        return b""


class Ntfy(Sink):
    """Takes messages as an ntfy server does, and shows the last of each sequence (ntfy 2.16)."""

    @property
    def address(self) -> str:
        return f"ntfy://127.0.0.1:{self.port}/newsroom"

    def answer(self, content: dict[str, Any]) -> bytes:
        shown = {"id": str(len(self.taken)), "event": "message", **content}
        return json.dumps(shown).encode()

    def shown(self) -> dict[str, dict[str, Any]]:
        """The messages that a person sees, by their sequences."""
        return {headers["X-Sequence-ID"]: content for headers, content in self.taken}


class Matrix(Sink):
    """Takes messages as a Matrix server does from who has a token: of each id, the first alone."""

    @property
    def address(self) -> str:
        return f"matrix://{SECRET}@127.0.0.1:{self.port}/!abc:room"

    def answer(self, content: dict[str, Any]) -> bytes:
        return b'{"room_id": "!abc:room", "event_id": "$1"}'

    def shown(self) -> dict[str, str]:
        """What a person sees, by the messages' ids."""
        sent: dict[str, str] = {}
        for path, (_, content) in zip(self.paths, self.taken, strict=True):
            if "/send/" in path:
                sent.setdefault(path.rpartition("/")[2], content["body"])
        return sent


class Mailbox:
    """A mail server: what it took, as parsed messages."""

    def __init__(self) -> None:
        self.messages: list[Any] = []
        self.refuse = False
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._controller.stop()

    async def handle_RCPT(self, server, session, envelope, address, options):  # type: ignore[no-untyped-def]  # noqa: N802
        if self.refuse:
            return "550 nobody here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # type: ignore[no-untyped-def]  # noqa: N802
        self.messages.append(
            email.message_from_bytes(envelope.content, policy=email.policy.default)
        )
        return "250 OK"

    @property
    def address(self) -> str:
        return mail_address(self.port)


def mail_address(port: int) -> str:
    """The address of a channel that sends mail to a server on loopback."""
    return f"mailto://127.0.0.1:{port}/?from=storylapse@example.test&to=desk@example.test"


class Hostile:
    """A receiver that takes a message and then answers ``pieces``, however many there are."""

    def __init__(self, head: bytes, pieces: Callable[[], Iterable[bytes]]):
        self.asked = 0
        self._head, self._pieces = head, pieces
        self._listening = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def port(self) -> int:
        return self._listening.getsockname()[1]

    def _serve(self):
        with suppress(OSError):
            while True:
                connection = self._listening.accept()[0]
                self.asked += 1
                threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection):
        with suppress(OSError), connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 " + self._head + b"\r\n\r\n")
            for piece in self._pieces():
                connection.sendall(piece)

    def close(self):
        self._listening.close()
