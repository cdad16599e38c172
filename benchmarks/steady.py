"""An archive in which every wrong answer shows, for what kills it and what hammers it.

Batch ``n`` looks at every article in one transaction and finds a new version that says ``n``. So at
any moment all articles have as many versions as checks, the same number of them, each with its
document, its response, and the comparison with the one before.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from store import bodies, documents
from store.address import article_id
from store.alerts import DEFAULT_RULES
from store.archive import Archive, open_archive
from store.model import Fetch, Outcome, Snapshot, Why
from store.telling import Telling
from store.text import document_from_text

ARTICLES = [f"https://harbour.example/{name}" for name in ("ferries", "bridge", "mayor")]
START = datetime(2026, 1, 1, tzinfo=UTC)
_TEXT = (
    "The port of Harbour counted its ships and found {number} of them in good order this week.\n\n"
    "The mayor said the fleet would be shown to the public in the spring of next year.\n\n"
    "Nobody was hurt when the oldest of them left the yard late in the evening."
)
_COUNTS = """
    SELECT a.address, a.article_id, a.versions AS told, a.checks,
           (SELECT count(*) FROM version_list v WHERE v.article_id = a.article_id) AS versions,
           (SELECT count(*) FROM comparisons c WHERE c.article_id = a.article_id) AS comparisons
    FROM article_list a ORDER BY a.address
"""


def made(place: Path, batches: int) -> Archive:
    """Make an archive with so many batches."""
    archive = open_archive(place, create=True)
    archive.watch_articles(ARTICLES, acted_at=START)
    for number in range(batches):
        add(archive, number)
    return archive


def add(archive: Archive, number: int) -> None:
    """Record batch ``number``, one transaction."""
    archive.record(
        [_snapshot(address, number) for address in ARTICLES], Telling(DEFAULT_RULES, "http://x")
    )


def faults(archive: Archive, *, articles: int = len(ARTICLES)) -> list[str]:
    """Return what is wrong at one moment: half a batch, a version that lacks something."""
    found = []
    with archive.reading() as connection:
        rows = connection.execute(_COUNTS).fetchall()
        if len(rows) != articles:
            found.append(f"{len(rows)} articles instead of {articles}")
        if len({row[2:5] for row in rows}) > 1:
            found.append(f"half a batch: {rows}")
        for address, article, told, checks, versions, comparisons in rows:
            if not told == checks == versions == comparisons + (versions > 0):
                found.append(f"{address}: {told}, {checks}, {versions}, {comparisons}")
            found += _unlike(connection, article, versions)
    return found


def batches(archive: Archive) -> int:
    """Return how many batches are in an archive."""
    return int(archive.query("SELECT max(versions) AS n FROM article_list")[0]["n"] or 0)


def _unlike(connection: duckdb.DuckDBPyConnection, article: int, versions: int) -> list[str]:
    """Whether the first, a middle and the newest version say what was recorded."""
    rows = connection.execute(
        "SELECT v.version, v.document_id, c.body_digest FROM version_list v "
        "JOIN check_list c ON c.check_id = v.first_check WHERE v.article_id = ?",
        [article],
    ).fetchall()
    found = []
    for version, document, digest in rows:
        if version not in {1, versions // 2, versions}:
            continue
        text = documents.load(connection, document).blocks[0].text
        if f" {version - 1 + 100} of them" not in text:
            found.append(f"version {version} says: {text}")
        body = bodies.load(connection, digest)
        if body is None or hashlib.sha256(body).hexdigest() != digest:
            found.append(f"the response of version {version} is not what was received")
    return found


def _snapshot(address: str, number: int) -> Snapshot:
    moment = START + timedelta(hours=number)
    text = _TEXT.format(number=number + 100)
    body = f"<html>{address}{text}</html>".encode()
    fetch = Fetch(
        article_id=article_id(address),
        started_at=moment,
        finished_at=moment + timedelta(seconds=1),
        why=Why.DUE,
        outcome=Outcome.READ,
        detail="article",
        reason="The page reads as an article.",
        status=200,
        final_address=address,
        body_digest=hashlib.sha256(body).hexdigest(),
    )
    return Snapshot(fetch, document=document_from_text(text, address), body=body)
