"""Pages whose article comes by script, in a real Chromium: read, kept inside bounds, never inside.

Needs a Chromium on this machine (``python tests/browser.py`` installs one).
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crawl_origin import crawled
from fault_origin import HEADLINE, PARAGRAPHS, Origin, answer, endless, redirect

STORY = f"<article><h1>{HEADLINE}</h1>{PARAGRAPHS}</article>"
SHELL = (
    "<!doctype html><html lang='en'><head><title>The weir</title>{head}</head>"
    "<body><div id='app'></div><script>{script}</script></body></html>"
)
SHOW = (
    "fetch('/api').then(answer => answer.text())"
    ".then(text => { document.querySelector('#app').innerHTML = text; });"
)
TAKES_ITS_TIME = 120  # seconds: a loaded machine is slow, and a wait costs nothing when it is not


def page(script: str, head: str = "", **headers: str) -> Any:
    return lambda _: answer(SHELL.format(script=script, head=head).encode(), **headers)


class Inside:
    """What must never be reached: a listener on loopback for streams and one for datagrams."""

    def __init__(self) -> None:
        self.reached: list[str] = []
        self._stream = socket.create_server(("127.0.0.1", 0))
        self.port = self._stream.getsockname()[1]
        self._datagram = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._datagram.bind(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, daemon=True).start()
        threading.Thread(target=self._receive, daemon=True).start()

    def _accept(self) -> None:
        while True:
            connection, _ = self._stream.accept()
            self.reached.append(connection.recv(200).decode("latin-1") or "a connection")
            connection.close()

    def _receive(self) -> None:
        while True:
            self.reached.append(f"a datagram: {self._datagram.recv(200)!r}")


def layouts(folder: Path, text: str = "javascript = true") -> str:
    (folder / "weir.toml").write_text(f'outlet = "The Weir"\nhosts = ["127.0.0.1"]\n{text}\n')
    return str(folder)


def looked(
    origin: Origin, folder: Path, paths: list[str], seconds: float, **due: str
) -> dict[str, dict[str, Any]]:
    dues = [
        {"article_id": number, "address": origin.at(path), "why": "first", **due}
        for number, path in enumerate(paths)
    ]
    config = {
        "allow_hosts": [origin.host],
        "layouts": layouts(folder),
        "timeout_seconds": seconds,
        "largest_body_bytes": 2**20,
    }
    seen = crawled({"dues": dues, "config": config}, 280)
    assert len(seen) == len(paths), "every look ends in exactly one row"
    return {paths[each["article_id"]]: each for each in seen}


def rendered(look: dict[str, Any]) -> str:
    return dict(look["headers"]).get("X-Storylapse-Rendered", "")


# ----------------------------------------------------------------------------------------------
# What is read

GOOD: dict[str, Any] = {
    "/story": page(SHOW),
    "/latin": lambda _: answer(
        SHELL.format(head="<meta charset='iso-8859-1'>", script=SHOW).encode(),
        content_type="text/html; charset=iso-8859-1",
    ),
    "/styled": page(
        "const style = document.createElement('link'); style.rel = 'stylesheet';"
        f"style.href = '/style.css'; style.onload = () => {{ {SHOW} }};"
        "document.head.append(style);",
        "<img src='/picture.png'><video src='/film.mp4'></video>",
    ),
    "/busy": page(
        "alert('Subscribe!'); confirm('Sure?'); prompt('Name?');"
        + SHOW
        + "for (let i = 0; i < 20; i++) window.open('/elsewhere'); fetch('/secret/data');"
        "fetch('/posted', {method: 'POST', body: 'x'});"
        "navigator.serviceWorker?.register('/worker.js').catch(() => 0);"
    ),
    "/leaves": page(
        SHOW + "location.href = 'file:///etc/passwd'; location.href = 'data:text/html,<h1>No</h1>';"
        "setTimeout(() => { location.href = '/elsewhere'; }, 50);"
        "setTimeout(() => location.reload(), 100);"
    ),
    "/asks-on": page(SHOW + "setInterval(() => fetch('/tick'), 100);"),
    "/whole": lambda _: answer(X_Storylapse_Rendered="after scripts; still=yes; forged"),
    "/moved": lambda _: redirect("/story", 301),
}


@pytest.fixture(scope="module")
def origin() -> Iterator[Origin]:
    robots = answer(b"User-agent: *\nDisallow: /secret\n", content_type="text/plain")
    running = Origin(
        {
            **GOOD,
            "/robots.txt": lambda _: robots,
            "/api": lambda _: answer(STORY.encode()),
            "/tick": lambda _: answer(b"{}", content_type="application/json"),
            "/style.css": lambda _: answer(b"h1 {color: red}", content_type="text/css"),
        }
    )
    yield running
    running.close()


@pytest.fixture(scope="module")
def good(origin: Origin, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return looked(origin, tmp_path_factory.mktemp("good"), list(GOOD), TAKES_ITS_TIME)


@pytest.mark.browser
@pytest.mark.parametrize("path", GOOD)
def test_the_article_is_read_after_its_scripts(good: dict[str, Any], path: str) -> None:
    look = good[path]
    assert (look["outcome"], look["detail"]) == ("read", "read"), look["reason"]
    assert look["headline"] == HEADLINE
    assert look["status"] == 200


@pytest.mark.browser
def test_the_row_says_that_the_body_is_the_page_after_its_scripts(good: dict[str, Any]) -> None:
    for path, look in good.items():
        said = rendered(look)
        assert said.startswith("after scripts; Chromium "), path
        assert "served-sha256=" in said
        assert "forged" not in said
    assert "still=no" in rendered(good["/asks-on"])
    assert "still=yes" in rendered(good["/story"])
    assert good["/moved"]["moved_to"].endswith("/story")


@pytest.mark.browser
@pytest.mark.usefixtures("good")
@pytest.mark.parametrize(
    "path",
    [
        "/elsewhere",
        "/secret/data",
        "/posted",
        "/picture.png",
        "/film.mp4",
        "/worker.js",
        "/style.css",
        "/favicon.ico",
    ],
)
def test_only_scripts_and_data_that_robots_allow_are_asked_for(origin: Origin, path: str) -> None:
    assert path not in origin.asked


@pytest.mark.browser
@pytest.mark.usefixtures("good")
def test_each_page_is_asked_for_once_whatever_it_does_in_the_browser(origin: Origin) -> None:
    # /story is where /moved leads, too.
    assert {origin.asked.count(path) for path in GOOD if path != "/story"} == {1}
    assert origin.asked.count("/story") == 2


@pytest.mark.browser
@pytest.mark.usefixtures("good")
def test_every_request_names_us_and_no_cookie_lasts(origin: Origin) -> None:
    for request in origin.requests:
        assert "user-agent: storylapse/" in request.lower()
        assert "proxy-" not in request.lower()
        assert "\r\ncookie:" not in request.lower()


@pytest.mark.browser
def test_an_unchanged_shell_does_not_hide_a_changed_article(tmp_path: Path) -> None:
    def shell(request: str) -> Any:
        return answer(b"", 304) if "If-None-Match" in request else page(SHOW, ETag='"1"')(request)

    running = Origin(
        {
            "/story": shell,
            "/stubborn": lambda _: answer(b"", 304),
            "/api": lambda _: answer(STORY.encode()),
        }
    )
    due = {"etag": '"1"', "why": "due"}
    seen = looked(running, tmp_path, ["/story", "/stubborn"], TAKES_ITS_TIME, **due)
    running.close()
    assert (seen["/story"]["outcome"], seen["/story"]["headline"]) == ("read", HEADLINE)
    assert (seen["/stubborn"]["outcome"], seen["/stubborn"]["detail"]) == ("failed", "http_304")


# ----------------------------------------------------------------------------------------------
# What must not be reached


def _ways_inside(port: int, origin: str) -> dict[str, list[str]]:
    """Scripts that each try to reach a port on loopback, by page."""
    there = f"127.0.0.1:{port}"
    workers = f"fetch('http://{there}/').catch(() => 0); new WebSocket('ws://{there}/');"
    return {
        "/asks": [
            f"fetch('http://{there}/', {{mode: 'no-cors'}}).catch(() => 0);",
            (
                "document.head.append(Object.assign(document.createElement('script'),"
                f" {{src: 'http://{there}/'}}));"
            ),
            (
                "['localhost', '0x7f.1', '2130706433', '[::ffff:127.0.0.1]', '127.1'].forEach(h =>"
                f" fetch('http://' + h + ':{port}/', {{mode: 'no-cors'}}).catch(() => 0));"
            ),
            "fetch('/away').catch(() => 0);",
            f"new EventSource('http://{there}/');",
            f"navigator.sendBeacon('http://{there}/', 'x');",
            f"new Image().src = 'http://{there}/';",
        ],
        "/talks": [
            f"new WebSocket('ws://{there}/'); new WebSocket('wss://{there}/');",
            f"new Worker(URL.createObjectURL(new Blob([`{workers}`])));",
            f"new Worker(URL.createObjectURL(new Blob([`importScripts('http://{there}/')`])));",
            f"new SharedWorker(URL.createObjectURL(new Blob([`{workers}`])));",
            (
                f"const call = new RTCPeerConnection({{iceServers: [{{urls: ['stun:{there}',"
                f" 'turn:{there}?transport=udp', 'turn:{there}?transport=tcp'], username: 'a',"
                " credential: 'b'}]}); call.createDataChannel('x');"
                " call.createOffer().then(offer => call.setLocalDescription(offer));"
            ),
            f"new WebTransport('https://{there}/');",
        ],
        "/leads": [
            (
                "document.body.append(Object.assign(document.createElement('iframe'),"
                f" {{src: 'http://{there}/'}}));"
            ),
            f"window.open('http://{there}/');",
            f"window.open('http://{there}/', '_blank', 'noopener');",
            "window.open('/away');",
            (
                "for (const rel of ['dns-prefetch', 'preconnect', 'prefetch', 'preload',"
                " 'modulepreload', 'prerender', 'icon', 'manifest']) document.head.append("
                "Object.assign(document.createElement('link'),"
                f" {{rel, href: 'http://{there}/', as: 'script'}}));"
            ),
            (
                "const rules = document.createElement('script');"
                "rules.type = 'speculationrules'; rules.textContent = JSON.stringify({"
                f"prefetch: [{{source: 'list', urls: ['http://{there}/']}}],"
                f"prerender: [{{source: 'list', urls: ['{origin}/away']}}]"
                "}); document.head.append(rules);"
            ),
            (
                "document.body.insertAdjacentHTML('beforeend', '<form method=post target=_blank"
                f" action=http://{there}/></form>'); document.forms[0].submit();"
            ),
            f"setTimeout(() => {{ location.href = 'http://{there}/'; }}, 100);",
        ],
    }


@pytest.mark.browser
def test_no_page_reaches_anything_inside(tmp_path: Path) -> None:
    inside = Inside()
    running = Origin({"/api": lambda _: answer(STORY.encode())})
    ways = _ways_inside(inside.port, running.at(""))
    running.routes["/away"] = lambda _: redirect(f"http://127.0.0.1:{inside.port}/")
    tried = {
        path: "".join(
            f"try {{ {script} }} catch (error) {{ console.log(error) }}" for script in all_
        )
        for path, all_ in ways.items()
    }
    running.routes |= {path: page(SHOW + script) for path, script in tried.items()}
    seen = looked(running, tmp_path, list(ways), TAKES_ITS_TIME)
    running.close()
    assert inside.reached == []
    outcomes = {path: (look["outcome"], look["headline"]) for path, look in seen.items()}
    assert outcomes == dict.fromkeys(ways, ("read", HEADLINE))
    assert "refused=0" not in rendered(seen["/asks"])
    assert "/away" in running.asked, "the redirect was really followed as far as it may be"


# ----------------------------------------------------------------------------------------------
# What does not come to an end


BAD = {
    "/leads-on": (SHOW + "window.open('/elsewhere', '_self');", "scripts_timeout"),
    "/loop": (SHOW + "setTimeout(() => { while (true) {} }, 100);", "scripts_timeout"),
    "/much": ("fetch('/endless').then(a => a.blob());", "scripts_too_large"),
    "/grows": ("document.body.append('x'.repeat(3 * 2 ** 20));", "scripts_too_large"),
    "/memory": (
        "const held = []; while (true) held.push(new Array(1e6).fill({}));",
        "browser",
    ),
    "/blank": (SHOW + "setTimeout(() => { location.href = 'about:blank'; }, 50);", "browser"),
    "/saves": (
        "const a = document.createElement('a'); a.download = 'x'; a.href = '/api'; a.click();",
        None,
    ),
    "/lies": (
        (
            "Object.defineProperty(Element.prototype, 'outerHTML', {get() { return ''; }});"
            "document.body.append('x'.repeat(3 * 2 ** 20));"
        ),
        "scripts_too_large",
    ),
}


@pytest.mark.browser
def test_every_trouble_of_a_page_ends_in_a_row_and_the_crawl_goes_on(tmp_path: Path) -> None:
    running = Origin(
        {
            **{path: page(script) for path, (script, _) in BAD.items()},
            "/api": lambda _: answer(STORY.encode()),
            "/endless": lambda _: endless(
                b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n", b"x" * 2**16
            ),
            "/after": page(SHOW),
        }
    )
    seen = looked(running, tmp_path, [*BAD, "/after"], 45)
    running.close()
    told = {path: (look["outcome"], look["detail"]) for path, look in seen.items()}
    wanted = {path: ("failed", detail) for path, (_, detail) in BAD.items() if detail}
    assert {path: each for path, each in told.items() if path in wanted} == wanted
    assert told["/saves"][0] in {"failed", "unreadable"}, "a page that saves files is no article"
    assert told["/after"] == ("read", "read")
    for look in seen.values():
        assert look["reason"].endswith(".")
