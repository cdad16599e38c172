"""The guard between the archive clients and the network: judged, bounded, no way round it.

The clients are built on requests; what every request of theirs passes is its adapter, and what
every connection passes is the place below where a name becomes a socket.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, NewConnectionError
from urllib3.util import connection as sockets

from crawler.archives.trouble import ArchiveTrouble, Unusable
from crawler.compression import CompressionError, decoded
from crawler.guard import is_allowed, judge_address, judge_ip

CHUNK_BYTES = 64 * 1024


class GuardedAdapter(HTTPAdapter):
    """Sends one request over one connection of its own, and reads its answer within bounds."""

    def __init__(self, allow_hosts: tuple[str, ...], most_bytes: int, most_seconds: float) -> None:
        """Allow answers of ``most_bytes``, before and after unpacking, and ``most_seconds``."""
        self._allow_hosts = allow_hosts
        self._most_bytes = most_bytes
        self._most_seconds = most_seconds
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Let every connection come from the guarded classes."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _pools(self._allow_hosts, self._most_seconds)

    def send(  # noqa: PLR0917 - requests' signature
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: ARG002, FBT001, FBT002 - requests' signature
        timeout: Any = None,
        verify: bool | str = True,  # noqa: FBT001, FBT002 - requests' signature
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,  # noqa: ARG002 - a proxy goes round the guard
    ) -> requests.Response:
        """Send, and hand back an answer whose body is here, unpacked.

        Raises ArchiveTrouble for an address that is refused, Unusable for an answer that is too
        large, too slow, cut short or wrongly packed.
        """
        refusal = judge_address(request.url or "", self._allow_hosts)
        if refusal is not None:
            raise ArchiveTrouble(refusal)
        ends = time.monotonic() + self._most_seconds
        request.headers["Connection"] = "close"
        response = super().send(request, stream=True, timeout=timeout, verify=verify, cert=cert)
        try:
            wire = _read(response.raw, self._most_bytes, ends)
        except (HTTPError, OSError):
            raise Unusable("cut_short", "The archive's answer ended before it was whole.") from None
        finally:
            response.close()
        codings = tuple(response.headers.get("Content-Encoding", "").lower().split(","))
        try:
            body = decoded(wire, tuple(map(str.strip, codings)), self._most_bytes)
        except CompressionError as error:
            raise Unusable(error.detail, str(error)) from None
        response._content = body  # what requests itself would do, but bounded
        response._content_consumed = True
        return response


def _read(raw: Any, most: int, ends: float) -> bytes:
    whole = bytearray()
    while piece := raw.read1(CHUNK_BYTES, decode_content=False):
        whole += piece
        if len(whole) > most:
            raise Unusable("too_large", f"The archive's answer is larger than {most} bytes.")
        if time.monotonic() > ends:
            raise Unusable("timeout", "The archive did not answer in full within the time.")
    return bytes(whole)


def _judged(host: str, port: int, allow_hosts: tuple[str, ...]) -> str:
    """Return the address to connect to; one inside address refuses the whole name."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(place[0]) for *_, place in found]
    if not is_allowed(host.lower(), port, allow_hosts):
        for address in addresses:
            refusal = judge_ip(address)
            if refusal is not None:
                raise ArchiveTrouble(f"{host} is refused: {refusal}")
    return addresses[0]


def _pools(allow_hosts: tuple[str, ...], most_seconds: float) -> dict[str, Any]:
    """Return connection pools whose connections are judged where the name becomes an address."""

    class _Guarded(HTTPConnection):
        """A connection of one request, which is broken off when that takes too long."""

        _watchdog: threading.Timer | None = None

        def _new_conn(self) -> socket.socket:
            try:
                address = _judged(self.host.strip("[]"), self.port or 0, allow_hosts)
                made = sockets.create_connection((address, self.port or 0), self.timeout)
            except OSError as error:
                raise NewConnectionError(self, f"No connection could be made: {error}") from error
            self._watchdog = threading.Timer(most_seconds, self._break_off)
            self._watchdog.daemon = True
            self._watchdog.start()
            return made

        def _break_off(self) -> None:
            if self.sock is not None:
                with suppress(OSError):  # it has ended by itself
                    self.sock.shutdown(socket.SHUT_RDWR)

        def close(self) -> None:
            if self._watchdog is not None:
                self._watchdog.cancel()
            super().close()

    class _GuardedTLS(_Guarded, HTTPSConnection):
        """The same under TLS."""

    class _Pool(HTTPConnectionPool):
        ConnectionCls = _Guarded

    class _PoolTLS(HTTPSConnectionPool):
        ConnectionCls = _GuardedTLS

    return {"http": _Pool, "https": _PoolTLS}
