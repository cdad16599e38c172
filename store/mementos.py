"""What an article's history holds for the protocol of web archives (Memento, RFC 7089).

A memento is a look that brought a state and whose answer is kept, so that it can be shown as it
was; or the capture of a web archive, which stays with that archive.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from store.rows import select


@dataclass(frozen=True, slots=True)
class Memento:
    """One prior state of a page, seen at a whole second.

    ``digest`` is that of the kept response and ``content_type`` what the server called it;
    ``address`` is set instead where a web archive holds the capture.
    """

    seen_at: datetime
    digest: str | None = None
    content_type: str = ""
    address: str | None = None


_OWN = """
    SELECT f.started_at AS seen_at, f.body_digest AS digest, f.headers
    FROM fetches f JOIN bodies b ON b.digest = f.body_digest
    WHERE f.article_id = ? AND f.outcome = 'read' ORDER BY f.started_at
"""
_CAPTURED = """
    SELECT captured_at AS seen_at, address FROM captures
    WHERE article_id = ? AND outcome = 'read' AND regexp_matches(address, '^https?://')
"""


def mementos(connection: duckdb.DuckDBPyConnection, article: int) -> list[Memento]:
    """Return an article's mementos in the order of time, one for each second."""
    own = [
        Memento(_second(row["seen_at"]), row["digest"], _content_type(row["headers"]))
        for row in select(connection, _OWN, [article])
    ]
    captured = [
        Memento(_second(row["seen_at"]), address=row["address"])
        for row in select(connection, _CAPTURED, [article])
    ]
    # Where two are of one second the later in this list stays: our own, and of ours the last.
    by_second = {one.seen_at: one for one in [*captured, *own]}
    return [by_second[second] for second in sorted(by_second)]


def negotiated(kept: Sequence[Memento], when: datetime | None) -> Memento:
    """Return the memento for a moment: the state seen last by then, else the first; None: the last.

    ``kept`` holds one at least, in the order of time.
    """
    if when is None:
        return kept[-1]
    return next((one for one in reversed(kept) if one.seen_at <= when), kept[0])


def _second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)


def _content_type(headers: str | None) -> str:
    pairs: list[list[Any]] = json.loads(headers or "[]")
    return next((value for name, value in pairs if name.lower() == "content-type"), "")
