"""Uniting archives by content: a crawl that was split over several machines, one history again.

The other archive is only read: a copy of it is worked on, migrated where it is older. Articles
come over some thousand at a time, each transaction whole in itself, so that nobody who writes
waits for long; stopped on the way and started again, it goes on. What both have seen is judged
again at the end (``store.rejudging``), and nothing is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb

from store import uniting
from store.archive import Archive, open_archive
from store.errors import ArchiveError, ArchiveTooNew, NoArchive
from store.export.scratch import copied, scratch
from store.forgetting import forget
from store.moved import Moved
from store.session import Sessions

AT_ONCE = 1_000
"""Articles of one transaction: about a second of writing."""

Advance = Callable[[int, int | None], None]


@dataclass(slots=True)
class Merged:
    """What an archive got from another: new rows by kind, and what became of shared histories.

    ``new`` counts articles, checks, captures, versions' sentences, responses, alerts and marks;
    ``forgotten`` are articles removed here because they were forgotten there, ``shared`` those
    judged again.
    """

    new: dict[str, int] = field(default_factory=dict)
    forgotten: int = 0
    shared: int = 0
    moved: Moved = field(default_factory=Moved)

    def count(self, new: dict[str, int]) -> None:
        """Add new rows by kind."""
        for kind, rows in new.items():
            self.new[kind] = self.new.get(kind, 0) + rows


def merge(
    archive: Archive, other: Path, acted_at: datetime, advance: Advance, *, dry_run: bool = False
) -> Merged:
    """Take in all that another archive holds; with ``dry_run`` into a copy that is thrown away.

    ``advance`` is told how many articles are done, of how many. Merging the same again changes
    nothing. Raises NoArchive, ArchiveTooNew, ArchiveBusy, ArchiveDamaged, ExportError where the
    disk has no room for the copies, and ArchiveError for an archive that is the same file.
    """
    with scratch(archive) as folder:
        theirs = _copy_of(archive, other, folder)
        ours = copied(archive, _folder(folder, "ours")) if dry_run else archive
        made = Merged(forgotten=_forget(ours, theirs, acted_at))
        _unite(ours, theirs, made, acted_at, advance)
        waiting = ours.unjudged()
        for done, article in enumerate(waiting, 1):
            made.moved.add(ours.judge_again(article))
            advance(done, len(waiting))
        made.shared = len(waiting)
    return made


def _copy_of(archive: Archive, other: Path, folder: Path) -> Archive:
    sessions = Sessions(other)
    if not sessions.path.exists():
        raise NoArchive(f"There is no archive {other}; check its name.")
    if sessions.path == archive.path:
        raise ArchiveError(f"{other} is the archive itself. Name another one to be merged into it.")
    try:
        theirs = copied(Archive(sessions), _folder(folder, "theirs"))
    except ArchiveTooNew:
        raise ArchiveTooNew(
            f"{other} was written by a newer Storylapse. Update this one; nothing was changed."
        ) from None
    theirs.fold_in()
    return open_archive(theirs.path)


def _folder(parent: Path, name: str) -> Path:
    made = parent / name
    made.mkdir()
    return made


def _forget(ours: Archive, theirs: Archive, acted_at: datetime) -> int:
    """Forget here what was forgotten there, unless somebody asked for it here since then."""
    graves = theirs.query("SELECT article_id, forgotten_at FROM forgotten_list")
    with ours.reading() as connection:
        gone = [
            number
            for (number,) in connection.execute(
                """WITH graves AS (
                       SELECT unnest(?::UBIGINT[]) AS number, unnest(?::TIMESTAMPTZ[]) AS at_time)
                   SELECT DISTINCT a.article_id FROM graves
                   LEFT JOIN aliases l ON l.alias_id = number
                   JOIN articles a ON a.article_id IN (number, l.article_id)
                   WHERE a.source_id IS NOT NULL OR a.added_at <= at_time::TIMESTAMP""",
                [[one["article_id"] for one in graves], [one["forgotten_at"] for one in graves]],
            ).fetchall()
        ]
    if gone:
        forget(Sessions(ours.path), gone, acted_at)
    return len(gone)


def _unite(
    ours: Archive, theirs: Archive, made: Merged, acted_at: datetime, advance: Advance
) -> None:
    session = _Session(Sessions(ours.path), theirs.path)  # its one connection keeps them attached
    with session.writing() as connection:
        uniting.begin(connection)
    wanted = [
        row["article_id"] for row in theirs.query("SELECT article_id FROM articles ORDER BY 1")
    ]
    for start in range(0, len(wanted), AT_ONCE):
        with session.writing() as connection:
            made.count(uniting.articles(connection, wanted[start : start + AT_ONCE]))
        advance(min(start + AT_ONCE, len(wanted)), len(wanted))
    with session.writing() as connection:
        uniting.end(connection, acted_at)


@dataclass(frozen=True, slots=True)
class _Session:
    """Writing sessions that see the other archive as ``theirs``."""

    sessions: Sessions
    theirs: Path

    @contextmanager
    def writing(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with self.sessions.writing() as connection:
            quoted = str(self.theirs).replace("'", "''")
            connection.execute(f"ATTACH IF NOT EXISTS '{quoted}' AS theirs (READ_ONLY)")
            yield connection
