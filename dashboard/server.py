"""``storylapse up``: the dashboard, the feeds, the API, the schedule and the crawl in one process.

Streamlit's ASGI application serves people in the main thread; the crawl has a thread of
its own with its own loop; the parser children are processes. All of them meet in the archive.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import sys
import time
import webbrowser
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import uvicorn
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import Route

import dashboard
from crawler.deliver import Postman, channel_addresses
from crawler.parsers import ParserPool
from crawler.practice import Practice
from crawler.reserve import Reserve
from crawler.run import Calls, CrawlThread
from crawler.websub import Subscriber
from crawler.work import Work
from dashboard import api, feeds, hubs, memento, outlook
from dashboard.keyhole import Keyhole
from dashboard.outlook import Outlook
from dashboard.theme import allowed_hosts, streamlit_options
from dashboard.watchdog import Owner, Pulse, Watchdog
from store.archive import Archive, open_archive
from store.config import Config
from store.errors import StorylapseError
from store.model import Due
from store.rules import configured
from store.stories import stories_of

_APP = Path(dashboard.__file__).with_name("app.py")
_WEBSOCKET_BYTES = 50 * 2**20  # as Streamlit's server.maxMessageSize


def serve(config: Config, *, open_browser: bool = False) -> None:
    """Run until SIGTERM or Ctrl-C.

    Raises StorylapseError when the archive cannot be opened, another ``up`` runs on it, the
    port is taken, the configuration is wrong, or the crawl ended in an error: a dashboard that
    shows nothing new for ever would be worse.
    """
    archive = open_archive(config.archive, create=True)
    with archive.alone("up"), _listening(config) as listener, _sigterm_is_an_exit():
        address = _address(config, listener)
        with _crawling(archive, config, address) as (crawl_trouble, call):
            doors = hubs.routes(archive, call, _now) if config.crawl.websub_address else []
            application = _application(archive, config, listener, address, doors)
            _say(archive, address)
            if open_browser:
                webbrowser.open(address)
            trouble = _serve(application, listener, crawl_trouble)
    if trouble is not None:
        raise StorylapseError(
            f"The crawl ended in an error ({trouble}); the log says more. Nothing that was "
            "recorded is lost. Start 'storylapse up' again."
        )


def _now() -> datetime:
    """The one clock of ``up``, made at the edge."""
    return datetime.now(UTC)


@contextlib.contextmanager
def _crawling(
    archive: Archive, config: Config, address: str
) -> Iterator[tuple[Callable[[], BaseException | None], Callable[[int], None]]]:
    """Start everything that looks and tells, and stop it in the opposite order.

    Yields a question: why the crawl ended by itself, or None while it runs; and how to have a
    source asked soon.
    """
    stories = stories_of(archive, config.stories)
    telling = configured(config, address, stories)
    channels = channel_addresses(config.alerts, os.environ)
    with contextlib.ExitStack() as stack:
        stack.callback(archive.leave_whole)
        practice = stack.enter_context(Practice(archive, config, _now))
        crawl_config = practice.allowed(config.crawl)
        pool = stack.enter_context(
            ParserPool(crawl_config.parser_workers, layouts=crawl_config.layouts)
        )
        postman = stack.enter_context(Postman(archive, channels, _now, stories, telling.rules))
        work = Work(archive, crawl_config, telling, _now, lambda _: None, reader=pool)
        stack.callback(work.close)
        outlook.tell(Outlook(work.plan.next_looks, work.sources.next_polls, work.plan.budget_of))
        reserve = Reserve(archive.path)

        pulse = Pulse(time.monotonic)

        def due() -> list[Due]:
            pulse.beat()
            return work.due(crawl.paused())

        fresh = partial(secrets.token_urlsafe, 32)
        subscriber = Subscriber(archive, crawl_config, _now, fresh)
        calls = Calls(
            seen=work.seen,
            polled=work.polled,
            due_work=reserve.kept(due),
            due_polls=reserve.kept(work.sources.due),
            deliver=postman.tick,
            remember=archive.remember,
            learn=work.plan.learn,
            step_prices=work.plan.step_prices,
            subscribe=subscriber.tick if crawl_config.websub_address else None,
            tidy=_tidying(archive, config.keep_responses_days),
        )
        crawl = CrawlThread(crawl_config, pool, calls, _now, archive.remembered(_now()))
        crawl.start()
        stack.callback(crawl.stop)
        owner = Owner(config.alerts.owner or tuple(channels), address)
        stack.enter_context(Watchdog(archive, owner, pulse, _now, postman.tick))
        yield (
            lambda: None if crawl.is_alive() else crawl.trouble or RuntimeError("it stopped"),
            work.sources.call,
        )


def _tidying(archive: Archive, days: int | None) -> Callable[[], object] | None:
    """What lets old responses go, where the configuration bounds how long they are kept."""
    if days is None:
        return None
    return lambda: archive.let_go(_now() - timedelta(days=days))


def _application(
    archive: Archive,
    config: Config,
    listener: socket.socket,
    address: str,
    doors: Sequence[Route],
) -> Any:
    """Make Streamlit's application, with our routes on it and its unsafe defaults off.

    ``doors`` are those of hubs, where hubs may reach us.
    """
    import streamlit  # noqa: PLC0415  (its options must be set before it is used)
    from streamlit import config as options  # noqa: PLC0415

    os.environ["STORYLAPSE_ARCHIVE"] = str(archive.path.absolute())
    host, port = listener.getsockname()[:2]
    public = config.dashboard.public_address
    for name, value in streamlit_options(host, port, public).items():
        options.set_option(name, value)
    return streamlit.App(
        str(_APP),
        lifespan=_lifespan,
        routes=[
            *feeds.routes(archive, address, config),
            *api.routes(archive, address),
            *memento.routes(archive, address),
            *doors,
        ],
        middleware=[
            Middleware(
                TrustedHostMiddleware,
                allowed_hosts=allowed_hosts(host, public, config.crawl.websub_address),
                www_redirect=False,
            ),
            *_keyholes(config),
        ],
    )


def _keyholes(config: Config) -> list[Middleware]:
    """What keeps programs out where people have to sign in, unless they show the key."""
    from dashboard import signin  # noqa: PLC0415  (Streamlit's options must be set before)

    if not signin.configured():
        return []
    key = config.dashboard.key
    return [Middleware(Keyhole, key=key.get_secret_value() if key else None)]


@contextlib.asynccontextmanager
async def _lifespan(_application: Any) -> AsyncIterator[None]:
    yield


@contextlib.contextmanager
def _listening(config: Config) -> Iterator[socket.socket]:
    host, port = config.dashboard.host, config.dashboard.port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            raise StorylapseError(
                f"The dashboard cannot listen on {host}:{port}: {error.strerror}. "
                "Choose another with --port, or --port 0 for any free one."
            ) from error
        yield listener


def _address(config: Config, listener: socket.socket) -> str:
    if config.dashboard.public_address:
        return config.dashboard.public_address.rstrip("/")
    host, port = listener.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104
    return f"http://{shown}:{port}"


def _say(archive: Archive, address: str) -> None:
    print(f"Dashboard: {address}", flush=True)
    print(f"Archive:   {archive.path.absolute()}", file=sys.stderr)
    print("Ctrl-C ends it; every other command works meanwhile.", file=sys.stderr)


def _serve(
    application: Any, listener: socket.socket, crawl_trouble: Callable[[], BaseException | None]
) -> BaseException | None:
    """Serve until a signal, or until the crawl has ended by itself; return what ended it."""
    settings = uvicorn.Config(
        application,
        ws="websockets-sansio",
        ws_max_size=_WEBSOCKET_BYTES,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=3,  # an open dashboard must not keep the process
    )
    server = _Server(settings, crawl_trouble)
    with server.stopped_by(signal.SIGTERM, signal.SIGINT):
        server.run(sockets=[listener])
    return server.trouble


class _Server(uvicorn.Server):
    """Uvicorn, ended by our signals: its own way raises SIGTERM again and skips our clean-up."""

    def __init__(
        self, settings: uvicorn.Config, crawl_trouble: Callable[[], BaseException | None]
    ) -> None:
        super().__init__(settings)
        self._crawl_trouble = crawl_trouble
        self.trouble: BaseException | None = None

    async def on_tick(self, counter: int) -> bool:
        """Say whether to end; uvicorn asks ten times a second."""
        self.trouble = self._crawl_trouble()
        return self.trouble is not None or await super().on_tick(counter)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    @contextlib.contextmanager
    def stopped_by(self, *signals: signal.Signals) -> Iterator[None]:
        """End the server on the first of ``signals``; a second one ends it at once."""
        before = {number: signal.signal(number, self._stop) for number in signals}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _stop(self, _number: int, _frame: object) -> None:
        self.force_exit = self.should_exit
        self.should_exit = True


@contextlib.contextmanager
def _sigterm_is_an_exit() -> Iterator[None]:
    """Make SIGTERM unwind the stack while we start and stop, as Ctrl-C does."""

    def leave(_number: int, _frame: object) -> None:
        raise SystemExit(0)

    before: Callable[..., Any] | int | None = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
