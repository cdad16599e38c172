"""The archive: the one door to what is kept.

A list of short methods. Reading goes through the views of ``schema/views.sql``; writing
through ``recording`` (what was seen) and the acts below (what people asked for).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from store import aliases, bodies, captures, documents, hosts, migrate
from store.address import AddressError, article_id, canonical, host_of
from store.errors import UnknownArticle, UnknownVersion
from store.hosts import HostState, Remembered, RobotsFile
from store.model import (
    Alert,
    Captured,
    Delivery,
    Document,
    Link,
    PendingDelivery,
    Recorded,
    Snapshot,
    SourceKind,
)
from store.outbox import is_due
from store.recording import record
from store.rejudging import rejudge
from store.rows import insert, select, to_column, to_row
from store.session import Sessions
from store.telling import Telling

_HEX = 16  # digits at most in an article's number


def open_archive(path: Path, *, create: bool = False) -> Archive:
    """Open the archive at ``path``; with ``create`` make it where there is none.

    Raises NoArchive, ArchiveTooNew, ArchiveDamaged, ArchiveBusy, each with the next step.
    """
    sessions = Sessions(path)
    now = datetime.now(UTC)  # the edge: migrations are stamped with it
    if create:
        migrate.create(sessions, now)
    migrate.bring_up_to_date(sessions, now)
    return Archive(sessions)


class Archive:
    """Everything kept about the watched articles. Safe from any thread."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    @property
    def path(self) -> Path:
        """The archive's file."""
        return self._sessions.path

    # -- reading ------------------------------------------------------------------------------

    @contextmanager
    def reading(self, limit_seconds: float = 30.0) -> Iterator[duckdb.DuckDBPyConnection]:
        """Yield one read session for several questions about one moment."""
        with self._sessions.reading(limit_seconds) as connection:
            yield connection

    def alone(self, role: str) -> AbstractContextManager[None]:
        """Hold a role of which the archive has one holder at a time. Raises ArchiveBusy."""
        return self._sessions.alone(role)

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Ask the views; return rows as dictionaries, times aware and in UTC."""
        with self.reading() as connection:
            return select(connection, sql, parameters)

    def answer(
        self, sql: str, *, limit_seconds: float, most_rows: int
    ) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Answer SQL that somebody else wrote: names of columns and rows, in a sandbox.

        Raises duckdb.Error for what is wrong with the SQL, ArchiveError where it takes too long.
        """
        with self._sessions.sandboxed(limit_seconds) as connection:
            connection.execute(sql)
            names = [column[0] for column in connection.description or ()]
            return names, connection.fetchmany(most_rows)

    def article_id(self, text: str) -> int:
        """Return the number of an article, given its address or its hex number.

        Raises UnknownArticle when the archive does not hold it.
        """
        wanted = _number(text)
        with self.reading() as connection:
            owner = aliases.owners(connection, [wanted]).get(wanted)
        if owner is None:
            raise UnknownArticle(
                f"{text} is not in {self.path}. 'storylapse list' shows what is; "
                "'storylapse watch ADDRESS' adds it."
            )
        return owner

    def owner(self, address: str) -> int:
        """Return the article that an address belongs to, or the number it would have.

        Raises AddressError.
        """
        number = article_id(address)
        with self.reading() as connection:
            return aliases.owners(connection, [number]).get(number, number)

    def document(self, article: int, version: int) -> Document:
        """Return what one version says. Raises UnknownVersion."""
        with self.reading() as connection:
            row = connection.execute(
                "SELECT document_id FROM version_list WHERE article_id = ? AND version = ?",
                [article, version],
            ).fetchone()
            if row is None:
                raise UnknownVersion(
                    f"Article {article:x} has no version {version}. "
                    f"'storylapse log {article:x}' lists its versions."
                )
            return documents.load(connection, row[0])

    def body(self, digest: str) -> bytes | None:
        """Return a kept response by its SHA-256 (hex), or None."""
        with self.reading() as connection:
            return bodies.load(connection, digest)

    def captured(self, article: int, digest: str) -> Captured | None:
        """Return a kept capture whose archive states this payload digest, without its page."""
        with self.reading() as connection:
            return captures.with_digest(connection, article, digest)

    # -- what was seen ------------------------------------------------------------------------

    def record(self, snapshots: Sequence[Snapshot], telling: Telling) -> list[Recorded]:
        """File what was seen, in one transaction with the alerts it raises.

        Snapshots of articles that are not in the archive are left out.
        """
        with self._sessions.writing() as connection:
            return record(connection, snapshots, telling)

    def record_captures(self, captured: Sequence[Captured], *, acted_at: datetime) -> int:
        """File what archives saw, and make the findings of its articles again; tell nothing.

        Articles that are not in the archive are added, unwatched. Captures that are kept already
        are left out; returns how many were new.
        """
        with self._sessions.writing() as connection:
            fresh = captures.new(connection, captured)
            captures.keep(connection, fresh, acted_at)
            for article in sorted({one.capture.article_id for one in fresh}):
                rejudge(connection, article)
        return len(fresh)

    def record_poll(self, row: Sequence[Any], links: Sequence[Link]) -> list[int]:
        """File a look at a source and watch the new articles it offers; return their numbers.

        ``row`` is the row of ``polls`` without its count of new articles. What the first look
        offers was there already, and comes in as a baseline.
        """
        source, moment = row[0], row[1]
        with self._sessions.writing() as connection:
            offered = {article_id(link.address): link.address for link in reversed(links)}
            known = aliases.owners(connection, offered)
            fresh = {number: offered[number] for number in reversed(offered) if number not in known}
            first = connection.execute(
                "SELECT 1 FROM polls WHERE source_id = ? AND outcome = 'read'", [source]
            ).fetchone()
            stamped = [*to_row(row), len(fresh)]
            insert(connection, "polls", [stamped])
            _add_articles(connection, fresh, moment, source, baseline=first is None)
        return list(fresh)

    def remember(self, *found: HostState | RobotsFile) -> None:
        """Keep what was learned of hosts, for the runs to come."""
        with self._sessions.writing() as connection:
            hosts.remember(connection, found)

    def remembered(self, now: datetime) -> Remembered:
        """Return what earlier runs learned of hosts and what of it still matters at ``now``."""
        with self.reading() as connection:
            return hosts.remembered(connection, now)

    # -- what people asked for ----------------------------------------------------------------

    def watch_article(self, address: str, *, acted_at: datetime) -> int:
        """Watch one article from now on; return its number. Raises AddressError."""
        return self.watch_articles([address], acted_at=acted_at)[0]

    def watch_articles(self, addresses: Sequence[str], *, acted_at: datetime) -> list[int]:
        """Watch articles from now on, in one session; return their numbers in order.

        Raises AddressError for the first address that cannot be used; then none is watched.
        """
        numbers = [article_id(address) for address in addresses]
        with self._sessions.writing() as connection:
            known = aliases.owners(connection, numbers)
            fresh = dict(zip(numbers, addresses, strict=True))
            _act(connection, "article", sorted(set(known.values())), "watch", acted_at)
            new = {number: fresh[number] for number in fresh if number not in known}
            _add_articles(connection, new, acted_at, None, baseline=False)
        return [known.get(number, number) for number in numbers]

    def watch_source(self, address: str, kind: SourceKind, *, acted_at: datetime) -> int:
        """Watch a feed, sitemap, section page or list from now on; return its number."""
        number = article_id(address)
        with self._sessions.writing() as connection:
            known = connection.execute(
                "SELECT 1 FROM sources WHERE source_id = ?", [number]
            ).fetchone()
            if known is None:
                row = (number, kind.value, canonical(address), to_column(acted_at))
                insert(connection, "sources", [row])
            _act(connection, "source", [number], "watch", acted_at)
        return number

    def unwatch(self, text: str, *, acted_at: datetime) -> None:
        """Stop watching an article, or a source with every article it offered; keep all history.

        Raises UnknownArticle when neither is known.
        """
        number = _number(text)
        with self._sessions.writing() as connection:
            source = connection.execute(
                "SELECT 1 FROM sources WHERE source_id = ?", [number]
            ).fetchone()
            owner = aliases.owners(connection, [number]).get(number, number)
            offered = connection.execute(
                "SELECT article_id FROM articles WHERE source_id = ? OR article_id = ?",
                [number, owner],
            ).fetchall()
            if source is None and not offered:
                raise UnknownArticle(f"{text} is not watched. 'storylapse list' shows what is.")
            if source is not None:
                _act(connection, "source", [number], "unwatch", acted_at)
            articles = [article for (article,) in offered]
            _act(connection, "article", articles, "unwatch", acted_at)

    # -- alerts -------------------------------------------------------------------------------

    def pending_alerts(self, channels: Sequence[str], now: datetime) -> list[PendingDelivery]:
        """Return what is to be sent now: alerts some channel has neither taken nor given up on."""
        with self.reading() as connection:
            rows = select(
                connection,
                """SELECT a.*, c.channel, coalesce(d.tries, 0) AS tries, d.last_try_at
                   FROM alerts a
                   JOIN (SELECT unnest(?::VARCHAR[]) AS channel) c
                     ON list_contains(a.channels, c.channel)
                   LEFT JOIN (
                     SELECT alert_id, channel, count(*) AS tries, max(finished_at) AS last_try_at,
                            bool_or(outcome = 'sent') AS sent
                     FROM deliveries GROUP BY alert_id, channel
                   ) d ON d.alert_id = a.alert_id AND d.channel = c.channel
                   WHERE NOT coalesce(d.sent, false)
                   ORDER BY a.raised_at, a.alert_id""",
                [list(channels)],
            )
        pending = [_pending(row) for row in rows]
        return [one for one in pending if is_due(one, now)]

    def record_deliveries(self, deliveries: Sequence[Delivery]) -> None:
        """File attempts to send alerts."""
        rows = [
            (
                one.alert_id,
                one.channel,
                one.attempt,
                one.outcome,
                one.reason,
                to_column(one.finished_at),
            )
            for one in deliveries
        ]
        with self._sessions.writing() as connection:
            insert(connection, "deliveries", rows)


def _number(text: str) -> int:
    if 0 < len(text) <= _HEX and all(letter in "0123456789abcdef" for letter in text):
        return int(text, 16)
    try:
        return article_id(text)
    except AddressError as error:
        raise UnknownArticle(str(error)) from None


def _add_articles(
    connection: duckdb.DuckDBPyConnection,
    addresses: dict[int, str],
    moment: datetime,
    source: int | None,
    *,
    baseline: bool,
) -> None:
    stamp = to_column(moment)
    articles = [
        (number, canonical(address), host_of(address), source, baseline, stamp)
        for number, address in addresses.items()
    ]
    insert(connection, "articles", articles)
    _act(connection, "article", list(addresses), "watch", moment)


def _act(
    connection: duckdb.DuckDBPyConnection,
    target: str,
    numbers: Sequence[int],
    action: str,
    moment: datetime,
) -> None:
    """Append acts; acts of one moment are ordered by the count of acts so far."""
    row = connection.execute("SELECT count(*) FROM watches").fetchone()
    first = row[0] if row else 0
    stamp = to_column(moment)
    rows = [(target, number, action, stamp, first + n) for n, number in enumerate(numbers)]
    insert(connection, "watches", rows)


def _pending(row: dict[str, Any]) -> PendingDelivery:
    alert = Alert(
        alert_id=row["alert_id"],
        rule=row["rule"],
        article_id=row["article_id"],
        kind=row["kind"],
        title=row["title"],
        reason=row["reason"],
        body=row["body"],
        link=row["link"],
        raised_at=row["raised_at"],
    )
    return PendingDelivery(alert, row["channel"], row["tries"] + 1, row["last_try_at"])
