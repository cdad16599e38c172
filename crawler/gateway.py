"""The only way out of a browser: a forward proxy on loopback, open for one look, that is guarded.

A browser resolves names itself, so a check before the request lets a name through that answers
differently the second time. Here the name is resolved, every address of it judged as
``crawler.connect`` does, and the connection made to exactly the addresses that were judged.
Redirects, sub-requests, workers, sockets and pop-ups of a page all come through here.
"""

from __future__ import annotations

import asyncio
import base64
import re
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

from crawler.connect import GuardedResolver, judged_addresses
from crawler.guard import host_and_port, judge_address

MOST_BYTES = 32 * 2**20
"""Most bytes that one look's scripts and data may be, packed as they are sent."""
MOST_CONNECTIONS = 200
"""Most connections of one look; a heavy news page without its adverts and pictures needs 40."""
CONNECT_SECONDS = 10.0
_LARGEST_HEAD = 64 * 1024
_PIECE = 64 * 1024
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_OF_THE_HOP = re.compile(rb"(?:proxy-[\w-]+|connection|keep-alive)\s*:", re.IGNORECASE)


class _Refused(Exception):
    """A request that goes no further; the number is the status that the browser is told."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass(slots=True)
class Passage:
    """What went through a gateway: counted, and why anything was refused."""

    connections: int = 0
    received: int = 0
    refusals: list[str] = field(default_factory=list)

    @property
    def is_spent(self) -> bool:
        """Whether the look asked for more than a look may."""
        return self.received > MOST_BYTES or self.connections > MOST_CONNECTIONS


class Gateway:
    """A proxy of its own for one look; leaving it ends every connection of the look."""

    def __init__(self, resolver: GuardedResolver) -> None:
        self.passage = Passage()
        self.user, self.secret = "storylapse", secrets.token_urlsafe(24)
        self._resolver = resolver
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server
        pair = base64.b64encode(f"{self.user}:{self.secret}".encode())
        self._key = b"Basic " + pair

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(
            self._accepted, "127.0.0.1", 0, limit=_LARGEST_HEAD
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.shut()

    async def shut(self) -> None:
        """End every connection, and let no other begin."""
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def address(self) -> str:
        """Where the browser finds this proxy."""
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            await self._serve(reader, writer)
        except _Refused as refused:
            await _answer(writer, refused.status)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
            pass  # the page's trouble: its request has failed, and it sees that
        finally:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), CONNECT_SECONDS)
        while self._key_of(head) != self._key:
            await _answer(writer, 407)  # a browser asks without its key first
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), CONNECT_SECONDS)
        method, target = _request(head)
        address = f"https://{target}/" if method == "CONNECT" else target
        self.passage.connections += 1
        if self.passage.is_spent:
            raise _Refused(429)
        there, onward = await self._connected(address)
        try:
            if method == "CONNECT":
                await _tell(writer, b"HTTP/1.1 200 Connection established\r\n\r\n")
                await self._tunnel(reader, writer, there, onward)
            else:
                await _tell(onward, _in_origin_form(head, method, address))
                await self._one_answer(there, writer)
        finally:
            onward.close()

    @staticmethod
    def _key_of(head: bytes) -> bytes:
        found = re.search(rb"\r\nproxy-authorization:[ \t]*([^\r\n]*)", head, re.IGNORECASE)
        return found[1].strip() if found else b""

    async def _connected(self, address: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect to one of the addresses that were judged, and to no other."""
        refusal = judge_address(address, self._resolver.allow_hosts)
        if refusal is not None:
            raise self._refusal(refusal)
        host, port = host_and_port(address)
        found = await judged_addresses(self._resolver, host, port)
        refusal = None if found else self._resolver.refusal(host, port)
        if refusal is not None:
            raise self._refusal(f"{host} leads inside: {refusal}")
        for ip in found:
            with suppress(OSError, TimeoutError):
                return await asyncio.wait_for(asyncio.open_connection(ip, port), CONNECT_SECONDS)
        raise _Refused(502)

    def _refusal(self, reason: str) -> _Refused:
        self.passage.refusals.append(reason)
        return _Refused(403)

    async def _tunnel(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        there: asyncio.StreamReader,
        onward: asyncio.StreamWriter,
    ) -> None:
        """Pass bytes both ways until one side has ended."""
        ways = [
            asyncio.ensure_future(_pour(reader, onward, lambda _: True)),
            asyncio.ensure_future(_pour(there, writer, self._count)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _one_answer(self, there: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass one answer on; the connection ends with it, so that no second request comes in."""
        head = await there.readuntil(b"\r\n\r\n")
        if self._count(len(head)):
            await _tell(writer, _for_one(head.split(b"\r\n")[:-2]))
            await _pour(there, writer, self._count)

    def _count(self, size: int) -> bool:
        self.passage.received += size
        return not self.passage.is_spent


def _request(head: bytes) -> tuple[str, str]:
    parts = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
    if len(parts) != 3 or not (parts[0] == "CONNECT" or parts[0] in _SAFE):
        raise _Refused(405)
    if parts[0] != "CONNECT" and not parts[1].startswith("http://"):
        raise _Refused(400)
    return parts[0], parts[1]


def _in_origin_form(head: bytes, method: str, address: str) -> bytes:
    """Return a request to a proxy as the request that the server itself is sent."""
    where, _, path = address.removeprefix("http://").partition("/")
    if "?" in where:
        raise _Refused(400)
    first = f"{method} /{path} HTTP/1.1".encode("latin-1")
    return _for_one([first, *head.split(b"\r\n")[1:-2]])


def _for_one(lines: list[bytes]) -> bytes:
    """Return a head with which the connection ends after this one exchange."""
    kept = [line for line in lines[1:] if not _OF_THE_HOP.match(line)]
    return b"\r\n".join([lines[0], *kept, b"Connection: close", b"", b""])


async def _pour(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, count: Callable[[int], bool]
) -> None:
    with suppress(OSError):
        while piece := await reader.read(_PIECE):
            if not count(len(piece)):
                return
            await _tell(writer, piece)


async def _tell(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(data)
    await writer.drain()


async def _answer(writer: asyncio.StreamWriter, status: int) -> None:
    asks = "Proxy-Authenticate: Basic realm=storylapse\r\n" if status == 407 else ""
    close = "" if status == 407 else "Connection: close\r\n"
    with suppress(OSError):
        await _tell(
            writer, f"HTTP/1.1 {status} Refused\r\n{asks}{close}Content-Length: 0\r\n\r\n".encode()
        )
