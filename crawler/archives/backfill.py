"""An article's past, out of a web archive: list what it holds, read what we do not have yet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from crawler.archives.memento import MOST_LISTED, Listed, from_cdx, from_timemap
from crawler.archives.reading import bounded_headers, read_page, same_page
from crawler.archives.session import Answer, Archivist
from crawler.archives.trouble import ArchiveTrouble, Unusable
from crawler.rereading import Desk, catch_up
from store.address import canonical
from store.archive import Archive
from store.model import Capture, Captured, Outcome

BATCH = 25
"""Captures recorded at once: what a broken connection, or Ctrl-C, costs at most."""
_NO_CDX = frozenset({400, 401, 403, 404, 405, 406, 501})


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which captures: from and up to a moment, and how many at most of each article."""

    since: datetime | None = None
    until: datetime | None = None
    limit: int | None = None


@dataclass(slots=True)
class Tally:
    """What came of one article's captures."""

    listed: int = 0
    kept_before: int = 0
    read: int = 0
    no_article: int = 0
    unusable: int = 0

    def add(self, one: Captured) -> None:
        """Count a capture that was looked at."""
        self.read += one.capture.outcome is Outcome.READ
        self.no_article += one.capture.outcome is not Outcome.READ


Told = Callable[[Captured, int, int], object]


def backfill(desk: Desk, archivist: Archivist, address: str, wanted: Wanted, told: Told) -> Tally:
    """Read an article's captures out of one archive, oldest first; those kept are not asked again.

    ``told`` hears of every capture that was read, with how many are done and how many there are.
    Raises ArchiveTrouble; what was read until then is kept.
    """
    article = canonical(address)
    listed = _listed(archivist, article, wanted, desk.now())
    known = _known(desk.archive, article, archivist.end.name)
    due = [one for one in listed if one.address not in known][: wanted.limit]
    tally = Tally(listed=len(listed), kept_before=len(listed) - len(set(_places(listed)) - known))
    batch: list[Captured] = []
    try:
        for done, one in enumerate(_read(desk, archivist, article, due, tally), start=1):
            batch.append(one)
            told(one, done, len(due))
            if len(batch) >= BATCH:
                _record(desk, batch)
    finally:
        _record(desk, batch)
        catch_up(desk)
    return tally


def _places(listed: Sequence[Listed]) -> Iterator[str]:
    return (one.address for one in listed)


def _known(archive: Archive, article: str, name: str) -> set[str]:
    rows = archive.query(
        "SELECT address FROM capture_list WHERE article_id = ? AND archive = ?",
        [archive.owner(article), name],
    )
    return {row["address"] for row in rows}


def _record(desk: Desk, batch: list[Captured]) -> None:
    if batch:
        asked = {one.capture.article_id for one in batch}
        desk.archive.record_captures(batch, acted_at=desk.now(), asked=asked)
        batch.clear()


# --------------------------------------------------------------------------
# What there is


def _listed(archivist: Archivist, article: str, wanted: Wanted, now: datetime) -> list[Listed]:
    """Return the captures of the page that may show it, oldest first, each once."""
    found = {one.address: one for one in _asked(archivist, article, wanted)}
    since = wanted.since or datetime.min.replace(tzinfo=UTC)
    until = min(wanted.until or now, now)
    fit = [
        one
        for one in found.values()
        if one.status in {200, None}
        and since <= one.captured_at <= until
        and same_page(one.captured_address, article)
    ]
    return sorted(fit, key=lambda one: one.captured_at)


def _asked(archivist: Archivist, article: str, wanted: Wanted) -> list[Listed]:
    try:
        answer = archivist.ask(archivist.end.cdx, _question(article, wanted))
        if answer.status == 200:
            return from_cdx(archivist.end, _text(answer))
        if answer.status not in _NO_CDX:
            raise _refused(answer)
    except ValueError:
        pass  # no CDX stands there; every Memento archive has a TimeMap
    except Unusable as error:
        raise ArchiveTrouble(f"{error.reason} Narrow the list with --from and --to.") from None
    return _mementos(archivist, article)


def _mementos(archivist: Archivist, article: str) -> list[Listed]:
    try:
        answer = archivist.ask(archivist.end.timemap + article)
    except Unusable as error:
        raise ArchiveTrouble(f"{error.reason} Its list of captures cannot be used.") from None
    if answer.status == 404:
        return []
    if answer.status != 200:
        raise _refused(answer)
    return from_timemap(archivist.end, _text(answer))


def _question(article: str, wanted: Wanted) -> dict[str, str]:
    asked = {"url": article, "output": "json", "limit": str(MOST_LISTED)}
    for name, moment in (("from", wanted.since), ("to", wanted.until)):
        if moment is not None:
            asked[name] = f"{moment.astimezone(UTC):%Y%m%d%H%M%S}"
    return asked


def _text(answer: Answer) -> str:
    return answer.body.decode("utf-8", "replace")


def _refused(answer: Answer) -> ArchiveTrouble:
    there = answer.headers.get("Location")
    where = f" and points to {there!r:.200}" if there else ""
    return ArchiveTrouble(
        f"The archive answered {answer.status}{where} when asked what it holds. "
        "Check --archive-url, or try again later."
    )


# --------------------------------------------------------------------------
# What they say


def _read(
    desk: Desk, archivist: Archivist, article: str, due: Sequence[Listed], tally: Tally
) -> Iterator[Captured]:
    """Read one capture after the other; of those with one digest only the first is fetched."""
    by_digest: dict[str, Captured] = {}
    for one in due:
        same = by_digest.get(one.digest or "") or _kept(desk, article, one)
        try:
            if same is None:
                captured = _fetched(desk, archivist, article, one)
            else:
                captured = _again(desk, archivist, one, same)
        except Unusable:
            tally.unusable += 1
            continue
        if one.digest and captured.capture.outcome is Outcome.READ:
            by_digest[one.digest] = replace(captured, body=None)
            if len(by_digest) > BATCH:  # the oldest of them is kept by now
                by_digest.pop(next(iter(by_digest)))
        tally.add(captured)
        yield captured


def _kept(desk: Desk, article: str, one: Listed) -> Captured | None:
    return desk.archive.captured(desk.archive.owner(article), one.digest) if one.digest else None


def _again(desk: Desk, archivist: Archivist, one: Listed, same: Captured) -> Captured:
    """The archive states that this capture has the bytes of one that was read."""
    capture = replace(
        same.capture,
        captured_at=one.captured_at,
        read_at=desk.now(),
        archive=archivist.end.name,
        address=one.address,
        captured_address=one.captured_address,
        record_id=None,
        reason="The archive states the same digest for it as for a capture that was read.",
    )
    return replace(same, capture=capture)


def _fetched(desk: Desk, archivist: Archivist, article: str, one: Listed) -> Captured:
    answer = archivist.ask(one.address)
    if answer.status != 200:
        raise Unusable("not_replayed", f"The archive answered {answer.status} for the capture.")
    if _captured_at(answer) != one.captured_at:
        raise Unusable("another_capture", "The archive sent another capture than was asked for.")
    capture = Capture(
        article_id=desk.archive.owner(article),
        article_address=article,
        captured_at=one.captured_at,
        read_at=desk.now(),
        archive=archivist.end.name,
        address=one.address,
        captured_address=one.captured_address,
        outcome=Outcome.READ,
        detail="read",
        reason="",
        digest=one.digest,
        status=200,
        headers=bounded_headers(answer.headers.items()),
    )
    label = answer.headers.get("Content-Type", "")
    return read_page(desk.reader, capture, article, answer.body, label)


def _captured_at(answer: Answer) -> datetime | None:
    """Return when the archive says it captured what it sent (RFC 7089)."""
    try:
        return parsedate_to_datetime(answer.headers.get("Memento-Datetime", ""))
    except (ValueError, OverflowError):
        return None
