"""The archive: the one door to what is kept.

A list of short methods. Reading goes through the views of ``schema/views.sql``; writing
through ``recording`` (what was seen) and the acts below (what people asked for).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from store import (
    aliases,
    bodies,
    captures,
    deliveries,
    documents,
    hosts,
    migrate,
    polls,
    readings,
    rejudging,
    reviews,
    rules,
    subscriptions,
    troubles,
)
from store.acts import act, pause, resume
from store.address import AddressError, article_id
from store.errors import ArchiveError, UnknownArticle, UnknownVersion
from store.filters import Advance
from store.forgetting import forget, lift
from store.hosts import HostState, Remembered, RobotsFile
from store.model import (
    Captured,
    Delivery,
    Document,
    PendingDelivery,
    Recorded,
    Snapshot,
    SourceKind,
)
from store.moved import Moved
from store.outbox import is_due
from store.pacing import Parcel, Waiting
from store.polls import Poll
from store.readings import Kept, ReadAgain
from store.recording import record
from store.retention import let_go
from store.reviews import Finding, Review
from store.rows import select
from store.rules import RuleAct
from store.search import Hit, Wanted, search
from store.session import Sessions
from store.subscriptions import Subscription
from store.telling import Telling
from store.troubles import Trouble

_HEX = 16  # digits at most in an article's number


def open_archive(path: Path, *, create: bool = False) -> Archive:
    """Open the archive at ``path``; with ``create`` make it where there is none.

    Raises NoArchive, ArchiveTooNew, ArchiveDamaged, ArchiveBusy, each with the next step.
    """
    sessions = Sessions(path)
    now = datetime.now(UTC)  # the edge: migrations are stamped with it
    if create:
        migrate.create(sessions, now)
    sessions.recover(now)
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

    def address(self, article: int) -> str:
        """Return the address of an article of the archive."""
        row = self.query("SELECT address FROM article_list WHERE article_id = ?", [article])[0]
        return str(row["address"])

    def owner(self, address: str) -> int:
        """Return the article that an address belongs to, or the number it would have.

        Raises AddressError.
        """
        return self.owners([address])[address]

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

    def pair(self, article: int, old: int, new: int) -> tuple[Document, Document]:
        """Return what two versions say, both by one reading where there is one.

        Raises UnknownVersion.
        """
        with self.reading() as connection:
            found = readings.pair(connection, article, (old, new))
            if len(found) == 2:
                return documents.load(connection, found[0]), documents.load(connection, found[1])
        return self.document(article, old), self.document(article, new)

    def body(self, digest: str) -> bytes | None:
        """Return a kept response by its SHA-256 (hex), or None."""
        with self.reading() as connection:
            return bodies.load(connection, digest)

    def search(self, wanted: Wanted, advance: Advance) -> Iterator[Hit]:
        """Yield what any version said that holds a query, newest first; see ``search``."""
        return search(self._sessions, wanted, advance)

    def captured(self, article: int, digest: str) -> Captured | None:
        """Return a kept capture whose archive states this payload digest, without its page."""
        with self.reading() as connection:
            return captures.with_digest(connection, article, digest)

    def owners(self, addresses: Iterable[str]) -> dict[str, int]:
        """Return, for each address, the article it belongs to, or the number it would have.

        Raises AddressError.
        """
        numbers = {address: article_id(address) for address in addresses}
        with self.reading() as connection:
            known = aliases.owners(connection, numbers.values())
        return {address: known.get(number, number) for address, number in numbers.items()}

    # -- what was seen ------------------------------------------------------------------------

    def record(self, snapshots: Sequence[Snapshot], telling: Telling) -> list[Recorded]:
        """File what was seen, in one transaction with the alerts it raises.

        Snapshots of articles that are not in the archive are left out.
        """
        with self._sessions.writing() as connection:
            return record(connection, snapshots, telling)

    def record_captures(
        self,
        captured: Sequence[Captured],
        *,
        acted_at: datetime,
        asked: AbstractSet[int] = frozenset(),
    ) -> int:
        """File what archives saw. It is in no finding until its articles are judged again.

        Articles that are not in the archive are added, unwatched; one that was forgotten only
        where somebody ``asked`` for it. Captures that are kept already are left out; returns how
        many were new.
        """
        with self._sessions.writing() as connection:
            fresh = captures.new(connection, captured, asked)
            captures.keep(connection, fresh, acted_at)
            rejudging.mark_unjudged(connection, {one.capture.article_id for one in fresh})
        return len(fresh)

    # -- findings made again ------------------------------------------------------------------

    def unjudged(self) -> list[int]:
        """Return the articles with facts that are in no finding yet."""
        with self.reading() as connection:
            return rejudging.unjudged(connection)

    def judged_by_another(self, engine: str) -> list[int]:
        """Return the articles with findings that another engine made, or with facts in none."""
        with self.reading() as connection:
            return rejudging.judged_by_another(connection, engine)

    def judge_again(
        self, article: int, fresh: Sequence[ReadAgain] = (), *, dry_run: bool = False
    ) -> Moved:
        """Make all findings of an article again from its facts and ``fresh`` readings of them.

        Tells nothing. Returns what moved; with ``dry_run`` what would.
        """
        return rejudging.judge_again(self._sessions, article, fresh, dry_run=dry_run)

    def read_by_another(self, extractor: str, others: Mapping[str, str]) -> list[int]:
        """Return the articles that keep a response which ``extractor`` has not read.

        For the hosts among ``others`` it is the revision named there.
        """
        with self.reading() as connection:
            return readings.stale(connection, extractor, others)

    def unread(self, article: int, extractor: str) -> list[Kept]:
        """Return the kept responses of an article that ``extractor`` has not read."""
        with self.reading() as connection:
            return readings.unread(connection, article, extractor)

    def unread_states(self, snapshots: Sequence[Snapshot]) -> list[Kept]:
        """Return the responses to be read again before these snapshots are recorded.

        They showed the state that a snapshot differs from, as read by another reader.
        """
        with self.reading() as connection:
            return readings.needed(connection, snapshots)

    def keep_readings(self, fresh: Sequence[ReadAgain]) -> None:
        """Add what kept responses say by another reader; findings stay as they are."""
        with self._sessions.writing() as connection:
            readings.keep(connection, fresh)

    def record_poll(self, poll: Poll) -> list[int]:
        """File a look at a source and watch the new articles it offers; return their numbers.

        What the first look offers was there already, and comes in as a baseline.
        """
        with self._sessions.writing() as connection:
            return polls.record(connection, poll)

    def subscriptions(self) -> list[tuple[Subscription, bool]]:
        """Return the subscriptions to hubs, and of each whether its source is watched."""
        with self.reading() as connection:
            return subscriptions.watched(connection)

    def subscription(self, token: str) -> Subscription | None:
        """Return the subscription of which a hub knows this token."""
        with self.reading() as connection:
            return subscriptions.with_token(connection, token)

    def keep_subscription(self, one: Subscription) -> None:
        """Keep how far a subscription to a hub is."""
        with self._sessions.writing() as connection:
            subscriptions.keep(connection, one)

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

        One that was forgotten begins anew: somebody asks for it.
        Raises AddressError for the first address that cannot be used; then none is watched.
        """
        numbers = [article_id(address) for address in addresses]
        with self._sessions.writing() as connection:
            known = aliases.owners(connection, numbers)
            fresh = dict(zip(numbers, addresses, strict=True))
            act(connection, "article", sorted(set(known.values())), "watch", acted_at)
            new = {number: fresh[number] for number in fresh if number not in known}
            polls.add_articles(connection, new, acted_at, None, baseline=False)
            lift(connection, new)
        return [known.get(number, number) for number in numbers]

    def watch_source(
        self, address: str, kind: SourceKind, *, acted_at: datetime, pattern: str | None = None
    ) -> int:
        """Watch a feed, sitemap, section page or list from now on; return its number.

        ``pattern`` is text that an article's address must contain, with ``*`` for anything.
        """
        with self._sessions.writing() as connection:
            return polls.add_source(connection, address, kind, acted_at, pattern)

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
                act(connection, "source", [number], "unwatch", acted_at)
            articles = [article for (article,) in offered]
            act(connection, "article", articles, "unwatch", acted_at)

    def pause(self, source: int, *, acted_at: datetime) -> None:
        """Let a source and its articles rest until ``resume``; keep all history."""
        with self._sessions.writing() as connection:
            pause(connection, source, acted_at)

    def resume(self, source: int, *, acted_at: datetime) -> None:
        """Watch a source again, with the articles that rested with it."""
        with self._sessions.writing() as connection:
            resume(connection, source, acted_at)

    def reviews(self, articles: Iterable[int]) -> dict[Finding, list[Review]]:
        """Return people's marks on findings of these articles, each finding's oldest first."""
        with self.reading() as connection:
            return reviews.acts_on(connection, articles)

    def record_reviews(self, made: Sequence[Review]) -> int:
        """File people's marks as far as they say something new; return how many.

        Raises ValueError for a mark or status that does not exist, or a text that is too long.
        """
        with self._sessions.writing() as connection:
            return reviews.keep(connection, made)

    def forget(self, article: int, *, acted_at: datetime) -> None:
        """Remove an article everywhere, for good; see ``forgetting``. Raises UnknownArticle."""
        forget(self._sessions, [article], acted_at)

    def let_go(self, before: datetime) -> int:
        """Remove the responses that were kept before a moment; see ``retention``."""
        with self._sessions.writing() as connection:
            return let_go(connection, before)

    def fold_in(self) -> None:
        """Fold what was committed last into the file, so that it alone is the archive."""
        self._sessions.fold_in()

    def leave_whole(self) -> None:
        """Fold in where the disk and others at work allow it: at the end, files get copied."""
        with suppress(ArchiveError):
            self.fold_in()

    # -- alerts -------------------------------------------------------------------------------

    def waiting(self, channel: str) -> list[Waiting]:
        """Return what a channel has not taken, rule by rule."""
        with self.reading() as connection:
            return deliveries.waiting(connection, channel)

    def pending_alerts(self, channels: Sequence[str], now: datetime) -> list[PendingDelivery]:
        """Return what is to be sent now: alerts some channel has neither taken nor given up on."""
        with self.reading() as connection:
            pending = deliveries.pending(connection, channels)
        return [one for one in pending if is_due(one, now)]

    def record_deliveries(
        self,
        channel: str,
        made: Sequence[Delivery],
        refused: Parcel = (),
        begun: Sequence[Parcel] = (),
    ) -> None:
        """File attempts to send alerts, and which messages are under way; see ``deliveries``."""
        with self._sessions.writing() as connection:
            deliveries.step(connection, channel, made, refused, begun)

    def try_again(
        self, alerts: Collection[str], *, acted_at: datetime, channel: str | None = None
    ) -> int:
        """Have alerts that a channel (None: any) refused tried again now; return how many tries.

        Their tries are counted anew: eight more, under the same ids.
        """
        with self._sessions.writing() as connection:
            return deliveries.try_again(connection, alerts, channel, acted_at)

    def note_troubles(
        self, found: Sequence[Trouble], channels: Sequence[str], link: str, now: datetime
    ) -> int:
        """Keep what is wrong with the watching now; raise what is to be told, return how many."""
        with self._sessions.writing() as connection:
            return troubles.note(connection, found, channels, link, now)

    def acts_on_rules(self) -> list[RuleAct]:
        """Return what people last did to each rule on the dashboard."""
        with self.reading() as connection:
            return rules.acts_on(connection)

    def act_on_rule(self, act: RuleAct) -> None:
        """Keep, drop or reset a rule from now on. Raises ConfigError for one that is no good."""
        with self._sessions.writing() as connection:
            rules.keep(connection, act)


def _number(text: str) -> int:
    if 0 < len(text) <= _HEX and all(letter in "0123456789abcdef" for letter in text):
        return int(text, 16)
    try:
        return article_id(text)
    except AddressError as error:
        raise UnknownArticle(str(error)) from None
