"""Small archives with a known history, for tests of what reads an archive."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from store.address import article_id
from store.alerts import DEFAULT_RULES
from store.archive import Archive, open_archive
from store.model import (
    Block,
    BlockKind,
    Claims,
    Document,
    Fetch,
    Note,
    NoteKind,
    Outcome,
    Place,
    Rule,
    Snapshot,
    Why,
)
from store.telling import Telling

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ADDRESS = "https://harbour.example/ferries"
LINK_BASE = "http://127.0.0.1:8501"
CORRECTION = "Correction: An earlier version of this article said 14 ferries were found; it was 15."
TEXT = (
    "The port of Harbour counted its ferries on Sunday and found 12 of them in good order.",
    "The mayor said the fleet would be shown to the public in the spring of next year.",
    "Nobody was hurt when the oldest ship left the yard late in the evening.",
)


def document(
    *paragraphs: str,
    note: str | None = None,
    headline: str = "Port counts its ferries",
    address: str = ADDRESS,
    outlet: str = "The Harbour Gazette",
) -> Document:
    """An article of these paragraphs, with a correction at its foot where ``note`` is given."""
    blocks = [Block(BlockKind.PARAGRAPH, text) for text in paragraphs]
    notes = ()
    if note:
        blocks.append(Block(BlockKind.NOTE, note))
        cue = "en/correction-label"
        place = len(blocks) - 1
        notes = (Note(NoteKind.CORRECTION, note, Place.END, "en", cue, block=place),)
    return Document(
        address=address,
        headline=headline,
        blocks=tuple(blocks),
        language="en",
        notes=notes,
        claims=Claims(outlet=outlet),
        extractor="test-1",
    )


def snapshot(at: datetime, seen: Document | Outcome, address: str = ADDRESS) -> Snapshot:
    """One check: an article that was read, or another outcome."""
    read = isinstance(seen, Document)
    outcome = Outcome.READ if read else seen
    status = 200 if read else 404
    fetch = Fetch(
        article_id=article_id(address),
        started_at=at,
        finished_at=at + timedelta(seconds=1),
        why=Why.DUE,
        outcome=outcome,
        detail="article" if read else f"http_{status}",
        reason="The page reads as an article." if read else "The server answered 404.",
        status=status,
        final_address=address,
    )
    return Snapshot(fetch, document=seen if read else None)


def archive_of(
    folder,
    *seen: Document | Outcome,
    address: str = ADDRESS,
    rules: tuple[Rule, ...] = DEFAULT_RULES,
) -> Archive:
    """An archive in ``folder`` that looked at one article every hour from START on."""
    archive = open_archive(folder / "test.duckdb", create=True)
    archive.watch_article(address, acted_at=START)
    for hours, one in enumerate(seen):
        at = START + timedelta(hours=hours)
        archive.record([snapshot(at, one, address)], Telling(rules, LINK_BASE))
    return archive


def corrected(folder, **settings) -> Archive:
    """A number that changes in silence, then with a correction, then the article is removed."""
    silent = (TEXT[0].replace("12", "14"), *TEXT[1:])
    once_more = (TEXT[0].replace("12", "15"), *TEXT[1:])
    return archive_of(
        folder,
        document(*TEXT),
        document(*silent),
        document(*silent),
        document(*once_more, note=CORRECTION),
        Outcome.GONE,
        Outcome.GONE,
        **settings,
    )


@contextmanager
def served(routes: list[BaseRoute], port: int = 0) -> Iterator[httpx.Client]:
    """A real server on loopback with these routes, and a client of it."""
    config = uvicorn.Config(Starlette(routes=routes), port=port, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.005)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
            yield client
    finally:
        server.should_exit = True
        thread.join()
