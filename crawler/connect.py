"""The guard at the place that everything passes: between a name and the connection to it.

Twisted resolves a name here and connects to exactly the addresses that this resolver hands on,
so a name that answers one thing to a check and another to the connection has no second answer.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import Any

from scrapy.settings import BaseSettings
from scrapy.utils.misc import load_object
from twisted.internet.interfaces import IHostnameResolver, IResolutionReceiver
from zope.interface import implementer  # type: ignore[import-untyped]

from crawler.guard import is_allowed, judge_ip
from crawler.handler import CappedHandler

NOWHERE = "http://127.0.0.1:9"
"""The proxy of a browser that runs scripts, where nobody listens: each page gets another one."""
MOST_REFUSALS_KEPT = 1_000
NAME_SECONDS = 8.0
"""How long a name may take to resolve, in seconds."""


@implementer(IResolutionReceiver)
class _Judged:
    """Collects the addresses of one name and passes on all of them, or none."""

    def __init__(self, resolver: GuardedResolver, receiver: Any, host: str, port: int) -> None:
        self._resolver = resolver
        self._receiver = receiver
        self._host, self._port = host, port
        self._addresses: list[Any] = []
        self._over = False
        self._timer = resolver.reactor.callLater(NAME_SECONDS, self._finish)

    def resolutionBegan(self, resolution: Any) -> None:  # noqa: N802 - Twisted's name
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: Any) -> None:  # noqa: N802 - Twisted's name
        self._addresses.append(address)

    def resolutionComplete(self) -> None:  # noqa: N802 - Twisted's name
        if self._timer.active():
            self._timer.cancel()
        self._finish()

    def _finish(self) -> None:
        if self._over:
            return
        self._over = True
        # One inside address refuses the whole name: the next answer may put it first.
        if not self._refused():
            for address in self._addresses:
                self._receiver.addressResolved(address)
        self._receiver.resolutionComplete()

    def _refused(self) -> bool:
        if is_allowed(self._host, self._port, self._resolver.allow_hosts):
            return False
        for address in self._addresses:
            reason = judge_ip(address.host)
            if reason is not None:
                self._resolver.remember(self._host, self._port, reason)
                return True
        return False


@implementer(IHostnameResolver)
class GuardedResolver:
    """Resolves names with the reactor's own resolver and hands on public addresses only."""

    def __init__(self, reactor: Any, allow_hosts: tuple[str, ...]) -> None:
        self.reactor = reactor
        self.allow_hosts = allow_hosts
        self._inner = reactor.nameResolver
        self._refusals: OrderedDict[tuple[str, int], str] = OrderedDict()

    def resolveHostName(  # noqa: N802 - Twisted's name
        self,
        resolutionReceiver: Any,  # noqa: N803 - Twisted's name
        hostName: str,  # noqa: N803 - Twisted's name
        portNumber: int = 0,  # noqa: N803 - Twisted's name
        addressTypes: Any = None,  # noqa: N803 - Twisted's name
        transportSemantics: str = "TCP",  # noqa: N803 - Twisted's name
    ) -> Any:
        """Resolve ``hostName``; the receiver hears of public or allowed addresses only."""
        judged = _Judged(self, resolutionReceiver, hostName.lower(), portNumber)
        return self._inner.resolveHostName(
            judged, hostName, portNumber, addressTypes, transportSemantics
        )

    def remember(self, host: str, port: int, reason: str) -> None:
        """Keep why a name was refused, since Twisted only says that it did not resolve."""
        self._refusals[host, port] = reason
        while len(self._refusals) > MOST_REFUSALS_KEPT:
            self._refusals.popitem(last=False)

    def refusal(self, host: str, port: int) -> str | None:
        """Return why the name was refused at its last look-up, or None."""
        return self._refusals.get((host, port))


@implementer(IResolutionReceiver)
class _Collected:
    """Holds the addresses that the guard hands on until there are no more."""

    def __init__(self) -> None:
        self.addresses: list[str] = []
        self.complete: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def resolutionBegan(self, resolution: Any) -> None:  # noqa: N802 - Twisted's name
        pass

    def addressResolved(self, address: Any) -> None:  # noqa: N802 - Twisted's name
        self.addresses.append(address.host)

    def resolutionComplete(self) -> None:  # noqa: N802 - Twisted's name
        if not self.complete.done():
            self.complete.set_result(None)


async def judged_addresses(resolver: GuardedResolver, host: str, port: int) -> list[str]:
    """Return the addresses of ``host`` that may be connected to; none where the guard refuses it.

    For what does not connect through Twisted; ``resolver.refusal`` says why there are none.
    """
    found = _Collected()
    resolver.resolveHostName(found, host, port)
    await found.complete
    return found.addresses


def install_guard(reactor: Any, allow_hosts: tuple[str, ...]) -> None:
    """Put the guard between every name and its connection in this process's reactor."""
    reactor.installNameResolver(GuardedResolver(reactor, allow_hosts))


def assert_guarded(reactor: Any, settings: BaseSettings) -> None:
    """Raise RuntimeError where anything could fetch without passing the guard."""
    if not isinstance(reactor.nameResolver, GuardedResolver):
        raise RuntimeError(  # noqa: TRY004 - a wrong set-up, not a wrong argument
            "The crawler's name resolver is not the guarded one; refusing to start."
        )
    handlers = settings.getwithbase("DOWNLOAD_HANDLERS")
    live = {scheme: load_object(path) for scheme, path in handlers.items() if path is not None}
    if live != {"http": CappedHandler, "https": CappedHandler}:
        raise RuntimeError(
            f"Download handlers other than our own are switched on ({sorted(live)}); "
            "they would connect past the guard, so the crawler does not start."
        )
    if settings.getbool("HTTPPROXY_ENABLED") or not settings.getbool("TWISTED_REACTOR_ENABLED"):
        raise RuntimeError("A proxy or another reactor would go round the guard; not starting.")
    if _has_way_out(settings):
        raise RuntimeError("The browser would have a way out of its own; not starting.")
    if settings.getbool("TELNETCONSOLE_ENABLED") or settings.getbool("REMOTE_CONTROL_ENABLED"):
        raise RuntimeError("A console of Scrapy's, which runs code, is switched on; not starting.")
    if not settings.getbool("DOWNLOAD_VERIFY_CERTIFICATES"):
        raise RuntimeError("The check of certificates is switched off; not starting.")


def _has_way_out(settings: BaseSettings) -> bool:
    """Whether a browser would be used that reaches the network by itself."""
    launch = settings.getdict("PLAYWRIGHT_LAUNCH_OPTIONS")
    elsewhere = settings.get("PLAYWRIGHT_CDP_URL") or settings.get("PLAYWRIGHT_CONNECT_URL")
    return bool(elsewhere) or bool(launch and launch.get("proxy") != {"server": NOWHERE})
