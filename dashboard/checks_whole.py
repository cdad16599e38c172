"""Doctor's look at the archive itself: findings against facts, texts and responses read whole."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from dashboard.finding import Finding, Status

if TYPE_CHECKING:
    from store.archive import Archive

Progress = Callable[[int, int | None], None]

LOOKED_AT = 20
"""Newest versions and responses read whole; all of them would take long on a large archive."""
_SHARE = 200  # read in one session: the others wait no longer than that takes
_SHOWN = 5
_LIMIT_SECONDS = 600.0

# What must not be there: its name, and how to count it.
_ORPHANS = (
    (
        "versions without their document",
        "FROM versions ANTI JOIN documents USING (document_id)",
    ),
    (
        "versions without the check or capture that showed them",
        (
            "FROM versions v ANTI JOIN (SELECT fetch_id FROM fetches UNION ALL SELECT capture_id "
            "FROM captures) f USING (fetch_id)"
        ),
    ),
    (
        "versions of no article",
        "FROM versions ANTI JOIN articles USING (article_id)",
    ),
    (
        "versions that are there twice",
        "FROM (SELECT 1 FROM versions GROUP BY article_id, number HAVING count(*) > 1)",
    ),
    (
        "checks that are there twice",
        "FROM (SELECT 1 FROM fetches GROUP BY fetch_id HAVING count(*) > 1)",
    ),
    (
        "changes without their comparison",
        "FROM changes ANTI JOIN comparisons USING (article_id, new_number)",
    ),
    (
        "comparisons without a version of theirs",
        (
            "FROM comparisons c WHERE NOT EXISTS (FROM versions v "
            "WHERE v.article_id = c.article_id AND v.number = c.new_number) OR NOT EXISTS "
            "(FROM versions v WHERE v.article_id = c.article_id AND v.number = c.old_number)"
        ),
    ),
    (
        "articles whose newest version is missing",
        (
            "FROM article_states s ANTI JOIN versions v ON v.article_id = s.article_id AND "
            "v.number = s.current_version WHERE s.current_version IS NOT NULL"
        ),
    ),
    (
        "responses packed against one that is missing",
        (
            "FROM bodies b ANTI JOIN bodies k ON k.digest = b.base_digest "
            "WHERE b.base_digest IS NOT NULL"
        ),
    ),
    (
        "deliveries of no alert",
        "FROM deliveries ANTI JOIN alerts USING (alert_id)",
    ),
)
_SET_BACK = """
    SELECT count(*) FROM (SELECT started_at < lag(started_at) OVER (
        PARTITION BY article_id ORDER BY rowid) AS back FROM fetches) WHERE back
"""
_TABLES = """
    SELECT table_name FROM duckdb_tables() WHERE database_name = 'archive' ORDER BY table_name
"""
_VERSIONS = """
    SELECT lower(hex(article_id)) || '@' || number AS name, document_id FROM versions
    ORDER BY seen_first_at DESC
"""
_BODIES = "SELECT digest FROM bodies ORDER BY kept_at DESC"


def whole(archive: Archive, *, everything: bool, progress: Progress) -> Iterator[Finding]:
    """Say whether all that is listed is there and reads as it was written.

    Findings are held against facts in full; texts and responses are sampled, or, with
    ``everything``, each of them is read, and every table to its last byte.
    """
    yield _counted(archive, _orphans(archive), "facts", "Every finding has its facts.")
    limit = None if everything else LOOKED_AT
    if everything:
        yield _counted(archive, _tables(archive), "tables", "Every table reads to its end.")
        yield _clock(archive)
    broken, read = _read(archive, limit, progress)
    said = "Every version and response" if everything else f"The newest {LOOKED_AT} of each"
    note = "" if everything else "; 'doctor --all' reads every one"
    yield _counted(archive, broken, "whole", f"{said} reads well ({read} read{note}).")


def _counted(archive: Archive, broken: Sequence[str], check: str, good: str) -> Finding:
    if not broken:
        return Finding(check, Status.OK, good)
    shown = "; ".join(broken[:_SHOWN])
    more = f"; and {len(broken) - _SHOWN} more" if len(broken) > _SHOWN else ""
    return Finding(
        check,
        Status.ERROR,
        f"{shown}{more}.",
        f"Keep {archive.path} as it is and restore a backup (docs/operating.md).",
    )


def _orphans(archive: Archive) -> list[str]:
    found = []
    with archive.reading(_LIMIT_SECONDS) as connection:
        for name, source in _ORPHANS:
            row = connection.execute(f"SELECT count(*) {source}").fetchone()
            if row and row[0]:
                found.append(f"{row[0]} {name}")
    return found


def _tables(archive: Archive) -> list[str]:
    """Read every column of every table: DuckDB holds each block against its checksum."""
    from store.errors import ArchiveError  # noqa: PLC0415

    with archive.reading() as connection:
        names = [name for (name,) in connection.execute(_TABLES).fetchall()]
    found = []
    for name in names:
        try:
            with archive.reading(_LIMIT_SECONDS) as connection:
                connection.execute(f"SELECT max(hash(t)) FROM {name} t").fetchall()  # noqa: S608
        except ArchiveError as error:
            found.append(f"the table {name} cannot be read: {error}")
    return found


def _clock(archive: Archive) -> Finding:
    with archive.reading(_LIMIT_SECONDS) as connection:
        row = connection.execute(_SET_BACK).fetchone()
    if row and row[0]:
        return Finding(
            "clock",
            Status.WARNING,
            f"{row[0]} checks bear an earlier time than the check of their article before them: "
            "the clock was set back. Their order is that in which they were recorded.",
            "Have the clock set by network time.",
        )
    return Finding("clock", Status.OK, "The times of all checks follow their order.")


def _read(archive: Archive, limit: int | None, progress: Progress) -> tuple[list[str], int]:
    """Read versions and responses, newest first; return what is broken, and how many were read."""
    broken: list[str] = []
    versions = _listed(archive, _VERSIONS, limit)
    digests = _listed(archive, _BODIES, limit)
    total = len(versions) + len(digests)
    for done in range(0, total, _SHARE):
        progress(done, total)
        broken += _unreadable_versions(archive, versions[done : done + _SHARE])
        start = max(0, done - len(versions))
        stop = max(0, done + _SHARE - len(versions))
        broken += _unreadable_bodies(archive, digests[start:stop])
    progress(total, total)
    return broken, total


def _listed(archive: Archive, sql: str, limit: int | None) -> list[tuple[object, ...]]:
    with archive.reading(_LIMIT_SECONDS) as connection:
        found = connection.execute(sql)
        return found.fetchall() if limit is None else found.fetchmany(limit)


def _unreadable_versions(archive: Archive, versions: Sequence[tuple[object, ...]]) -> Iterator[str]:
    from store import documents  # noqa: PLC0415
    from store.errors import StorylapseError  # noqa: PLC0415

    if not versions:
        return
    with archive.reading(_LIMIT_SECONDS) as connection:
        for name, document in versions:
            try:
                documents.load(connection, int(str(document)))
            except StorylapseError as error:
                yield f"{name}: {error}"


def _unreadable_bodies(archive: Archive, digests: Sequence[tuple[object, ...]]) -> Iterator[str]:
    import zstandard  # noqa: PLC0415

    from store import bodies  # noqa: PLC0415

    if not digests:
        return
    with archive.reading(_LIMIT_SECONDS) as connection:
        for (digest,) in digests:
            try:
                body = bodies.load(connection, str(digest))
            except zstandard.ZstdError as error:
                yield f"the response {digest} cannot be unpacked: {error}"
                continue
            if body is not None and hashlib.sha256(body).hexdigest() != digest:
                yield f"the response {digest} is not what was received"
