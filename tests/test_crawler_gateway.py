"""The browser's only way out, asked by hand: what it refuses, connects to, and counts."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from twisted.internet.address import IPv4Address
from twisted.internet.task import Clock

from crawler import gateway
from crawler.connect import GuardedResolver
from crawler.gateway import Gateway
from fault_origin import Origin, answer, redirect


class _Names:
    """A name server with answers for each name, in turn; the last one stays. Counts questions."""

    def __init__(self, answers: dict[str, list[str]]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def resolveHostName(self, receiver: Any, name: str, *_: Any) -> None:  # noqa: N802
        self.asked.append(name)
        answers = self.answers.get(name, [name])
        address = answers.pop(0) if len(answers) > 1 else answers[0]
        receiver.resolutionBegan(None)
        receiver.addressResolved(IPv4Address("TCP", address, 80))
        receiver.resolutionComplete()


@pytest.fixture(scope="module")
def origin() -> Iterator[Origin]:
    running = Origin(
        {
            "/data": lambda _: answer(b"the data", content_type="text/plain"),
            "/away": lambda _: redirect("http://10.0.0.1/"),
            "/long": lambda _: answer(b"x" * 300_000, content_type="text/plain"),
            "/stays": lambda _: [
                b"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok"
            ],
        }
    )
    yield running
    running.close()


def resolver(allow: tuple[str, ...] = (), **names: list[str]) -> GuardedResolver:
    reactor: Any = Clock()
    reactor.nameResolver = _Names({name.replace("_", "."): each for name, each in names.items()})
    return GuardedResolver(reactor, allow)


def through(guarded: GuardedResolver, do: Callable[[Gateway], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        async with Gateway(guarded) as way:
            return await asyncio.wait_for(do(way), 30)

    return asyncio.run(run())


async def ask(way: Gateway, line: str, *more: bytes, key: str | None = None) -> bytes:
    """Send one request line with the key of the look; return all that comes back."""
    host, port = way.address.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    pair = f"{way.user}:{way.secret if key is None else key}"
    shown = base64.b64encode(pair.encode()).decode()
    head = f"{line} HTTP/1.1\r\nHost: x\r\nProxy-Authorization: Basic {shown}\r\n\r\n"
    writer.write(head.encode() + b"".join(more))
    try:
        return await asyncio.wait_for(reader.read(), 20)
    finally:
        writer.close()


def status(said: bytes) -> int:
    return int(said.split(b" ", 2)[1])


@pytest.mark.parametrize(
    "target",
    [
        "127.0.0.1:{port}",
        "localhost:443",
        "0x7f.1:443",
        "2130706433:443",
        "[::1]:443",
        "[::ffff:127.0.0.1]:443",
        "169.254.169.254:80",
        "10.0.0.1:443",
        "inside.example:443",
        "outside.example:22",
        "me@outside.example:443",
    ],
)
def test_nothing_inside_is_reached(origin: Origin, target: str) -> None:
    guarded = resolver(inside_example=["127.0.0.1"], outside_example=["8.8.8.8"])
    where = target.format(port=origin.port)
    before = len(origin.asked)

    async def both(way: Gateway) -> list[int]:
        tunnel, plain = await ask(way, f"CONNECT {where}"), await ask(way, f"GET http://{where}/")
        assert len(way.passage.refusals) == 2
        return [status(tunnel), status(plain)]

    assert through(guarded, both) == [403, 403]
    assert len(origin.asked) == before


def test_a_name_is_resolved_once_for_a_connection_and_judged_each_time(origin: Origin) -> None:
    name = f"news.example:{origin.port}"
    guarded = resolver((name,), news_example=["127.0.0.1"])
    names = guarded._inner

    async def twice(way: Gateway) -> list[int]:
        return [status(await ask(way, f"GET http://{name}/data")) for _ in range(2)]

    assert through(guarded, twice) == [200, 200]
    assert names.asked == ["news.example", "news.example"]

    turning = resolver(turns_example=["127.0.0.2", "127.0.0.1"])
    assert status(through(turning, lambda way: ask(way, "CONNECT turns.example:443"))) == 403
    assert turning._inner.asked == ["turns.example"], "what was judged is not asked for again"


def test_a_request_without_the_secret_of_the_look_goes_nowhere(origin: Origin) -> None:
    before = len(origin.asked)

    async def unasked(way: Gateway) -> bytes:
        host, port = way.address.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(f"GET {origin.at('/data')} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        said = await reader.readuntil(b"\r\n\r\n")
        writer.close()
        return said

    assert status(through(resolver((origin.host,)), unasked)) == 407
    assert len(origin.asked) == before


def test_a_plain_answer_comes_whole_and_the_server_never_sees_the_key(origin: Origin) -> None:
    said = through(resolver((origin.host,)), lambda way: ask(way, f"GET {origin.at('/data')}"))
    assert status(said) == 200
    assert said.endswith(b"\r\n\r\nthe data")
    assert origin.requests[-1].startswith("GET /data HTTP/1.1\r\n")
    assert "proxy-authorization" not in origin.requests[-1].lower()


def test_a_redirect_is_the_browsers_to_follow_and_is_judged_as_any_request(origin: Origin) -> None:
    said = through(resolver((origin.host,)), lambda way: ask(way, f"GET {origin.at('/away')}"))
    assert status(said) == 302


def test_a_connection_carries_one_plain_request(origin: Origin) -> None:
    second = f"GET {origin.at('/second')} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    said = through(
        resolver((origin.host,)), lambda way: ask(way, f"GET {origin.at('/stays')}", second)
    )
    assert said.count(b"HTTP/1.1") == 1
    assert b"Connection: close" in said
    assert b"keep-alive" not in said
    assert "/second" not in origin.asked


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "TRACE"])
def test_what_would_change_something_at_the_server_is_not_sent(origin: Origin, method: str) -> None:
    before = len(origin.asked)
    said = through(resolver((origin.host,)), lambda way: ask(way, f"{method} {origin.at('/data')}"))
    assert status(said) == 405
    assert len(origin.asked) == before


def test_bytes_and_connections_of_a_look_are_bounded(
    origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway, "MOST_BYTES", 100_000)
    monkeypatch.setattr(gateway, "MOST_CONNECTIONS", 3)

    async def much(way: Gateway) -> tuple[int, bool, int]:
        said = await ask(way, f"GET {origin.at('/long')}")
        return len(said), way.passage.is_spent, status(await ask(way, f"GET {origin.at('/data')}"))

    length, is_spent, after = through(resolver((origin.host,)), much)
    assert length < 200_000
    assert is_spent
    assert after == 429

    async def many(way: Gateway) -> list[int]:
        return [status(await ask(way, f"GET {origin.at('/data')}")) for _ in range(5)]

    assert through(resolver((origin.host,)), many) == [200, 200, 200, 429, 429]


@pytest.mark.parametrize("head", [b"\r\n\r\n", b"GET\r\n\r\n", b"\x16\x03\x01" + b"x" * 200_000])
def test_what_is_no_request_ends_the_connection(head: bytes) -> None:
    async def send(way: Gateway) -> bytes:
        host, port = way.address.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(head)
        writer.write_eof()
        try:
            return await asyncio.wait_for(reader.read(), 20)
        except ConnectionError:
            return b""
        finally:
            writer.close()

    assert through(resolver(), send)[:12] in {b"", b"HTTP/1.1 407"}


def test_leaving_ends_every_connection(origin: Origin) -> None:
    async def leave(way: Gateway) -> bytes:
        host, port = way.address.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        pair = base64.b64encode(f"{way.user}:{way.secret}".encode()).decode()
        writer.write(
            f"CONNECT {origin.host} HTTP/1.1\r\nProxy-Authorization: Basic {pair}\r\n\r\n".encode()
        )
        said = await reader.readuntil(b"\r\n\r\n")
        await way.shut()
        rest = await asyncio.wait_for(reader.read(), 20)
        writer.close()
        return said + rest

    assert status(through(resolver((origin.host,)), leave)) == 200
