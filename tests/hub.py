"""A real WebSub hub on loopback: it makes sure of subscribers, and tells them what it is told."""

from __future__ import annotations

import hashlib
import hmac
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import httpx


@dataclass(slots=True)
class Subscriber:
    """Who asked to be told of a topic."""

    callback: str
    secret: str


class Hub:
    """Accepts what subscribers ask, and verifies it from a thread of its own. Use with ``with``."""

    def __init__(self, lease_seconds: int = 864_000) -> None:
        self.lease_seconds = lease_seconds
        self.asked: list[dict[str, str]] = []
        self.echoes: list[tuple[int, bool]] = []
        self.subscribers: dict[str, Subscriber] = {}
        self.refuses = False
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._server.server_port}"

    @property
    def address(self) -> str:
        return f"http://{self.host}/hub"

    def __enter__(self) -> Hub:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def take(self, form: dict[str, str]) -> None:
        """Note what is asked, and make sure of it."""
        self.asked.append(form)
        threading.Thread(target=self.verify, args=(form,), daemon=True).start()

    def verify(self, form: dict[str, str]) -> None:
        said = {"hub.mode": form["hub.mode"], "hub.topic": form["hub.topic"]}
        if self.refuses:
            httpx.get(form["hub.callback"], params=said | {"hub.mode": "denied"})
            return
        said |= {"hub.challenge": "a b&c/☂", "hub.lease_seconds": str(self.lease_seconds)}
        answer = httpx.get(form["hub.callback"], params=said)
        meant = answer.status_code == 200 and answer.text == said["hub.challenge"]
        self.echoes.append((answer.status_code, meant))
        if meant and form["hub.mode"] == "subscribe":
            self.subscribers[form["hub.topic"]] = Subscriber(
                form["hub.callback"], form["hub.secret"]
            )
        elif meant:
            del self.subscribers[form["hub.topic"]]

    def publish(self, topic: str, body: bytes, method: str = "sha256", secret: str = "") -> int:
        """Tell the subscriber of a topic; return what it answered."""
        one = self.subscribers[topic]
        made = hmac.new((secret or one.secret).encode(), body, getattr(hashlib, method))
        headers = {
            "Content-Type": "application/rss+xml",
            "Link": f'<{self.address}>; rel="hub", <{topic}>; rel="self"',
            "X-Hub-Signature": f"{method}={made.hexdigest()}",
        }
        return httpx.post(one.callback, content=body, headers=headers).status_code

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                form = parse_qs(self.rfile.read(length).decode(), keep_blank_values=True)
                self.send_response(202)
                self.send_header("Content-Length", "0")
                self.end_headers()
                hub.take({name: values[0] for name, values in form.items()})

            def log_message(self, *_: object) -> None:
                pass

        return Handler
