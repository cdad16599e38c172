"""Articles out of WARC and WACZ files: every page the gate takes for one, or those asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO

from crawler.archives import wacz
from crawler.archives.reading import read_page
from crawler.archives.trouble import ArchiveTrouble, Unusable
from crawler.archives.warc import Page, pages, unpacked
from crawler.rereading import Desk, catch_up
from store.address import AddressError, canonical, host_of
from store.captures import capture_id
from store.model import Capture, Captured, Outcome

BATCH = 20
_HTML = ("text/html", "application/xhtml+xml")

MEANINGS: dict[str, str] = {
    # Why a record made no capture, as the summary says it; what is not here counts as damaged.
    "elsewhere": "of other addresses",
    "kept_before": "already in the archive",
    "forgotten": "of articles that were forgotten (--article takes one in again)",
    "not_html": "no web pages",
    "status": "answers other than 200",
    "no_article": "pages that are no article",
    "no_original": "revisits whose original is not at hand",
    "in_future": "stamped later than now",
    "too_large": "larger than the largest that is read",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """Whose pages are taken: these articles, all of these hosts; everything where none is named."""

    articles: frozenset[int] = frozenset()
    hosts: frozenset[str] = frozenset()

    def takes(self, article: int, host: str) -> bool:
        """Whether pages of this article are wanted."""
        named = self.articles or self.hosts
        return not named or article in self.articles or host in self.hosts


@dataclass(slots=True)
class ImportTally:
    """What came of the records of one file; ``left_out`` counts by the words of MEANINGS."""

    read: int = 0
    no_article: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    troubles: list[str] = field(default_factory=list)


Told = Callable[[Captured], object]


def import_file(desk: Desk, path: Path, choice: Choice, most_bytes: int, told: Told) -> ImportTally:
    """Read the articles of a WARC or WACZ file into the archive; ``told`` hears of each capture.

    What was imported before is left out. What keeps a part of the file from being read stands in
    ``troubles``; where nothing of it could be, ArchiveTrouble is raised.
    """
    tally = ImportTally()
    taking = _Taking(desk, tally, told, name=path.name, choice=choice, most_bytes=most_bytes)
    if not _is_zip(path):
        with path.open("rb") as file:
            taking.take(file, path.name)
    else:
        with wacz.opened(path) as file:
            for name, stream in wacz.warcs(file):
                if isinstance(stream, str):
                    tally.troubles.append(f"{name} was not read: {stream}.")
                else:
                    taking.take(stream, f"{path.name}#{name}")
    catch_up(desk)
    if tally.troubles and not tally.read + tally.no_article + tally.left_out.total():
        raise ArchiveTrouble(f"{path}: {tally.troubles[0]}")
    return tally


def _is_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"PK\x03\x04"


class _Taking:
    """The way of one file's pages into the archive, a batch at a time."""

    def __init__(
        self,
        desk: Desk,
        tally: ImportTally,
        told: Told,
        *,
        name: str,
        choice: Choice,
        most_bytes: int,
    ) -> None:
        self._desk = desk
        self._name = name
        self._choice = choice
        self._most_bytes = most_bytes
        self._tally = tally
        self._told = told
        self._batch: list[Captured] = []
        self._watched = {
            row["article_id"] for row in desk.archive.query("SELECT article_id FROM article_list")
        }
        self._forgotten = {
            row["article_id"] for row in desk.archive.query("SELECT article_id FROM forgotten_list")
        }

    def take(self, stream: IO[bytes], place: str) -> None:
        """Read one WARC; ``place`` names it in the captures' addresses."""
        try:
            for page in self._pages(stream):
                try:
                    self._take(page, place)
                except Unusable as error:
                    self._tally.left_out[error.detail] += 1
        except (ArchiveTrouble, OSError) as error:
            self._tally.troubles.append(str(error))
        finally:
            self._record()

    def _pages(self, stream: IO[bytes]) -> Iterator[Page]:
        for found in pages(stream, self._most_bytes):
            if isinstance(found, Page):
                yield found
            else:
                self._tally.left_out[found.detail] += 1

    def _take(self, page: Page, place: str) -> None:
        article, address = self._article(page)
        frame = Capture(
            article_id=article,
            article_address=address,
            captured_at=page.captured_at,
            read_at=self._desk.now(),
            archive=self._name,
            address=f"{place}#{page.record_id or page.captured_at.isoformat()}",
            captured_address=page.address,
            outcome=Outcome.READ,
            detail="read",
            reason="",
            record_id=page.record_id,
            digest=page.digest,
            status=page.status,
            headers=page.headers,
        )
        if self._is_kept(frame):
            raise Unusable("kept_before", "It is in the archive already.")
        captured = self._again(frame) if page.wire is None else self._read(frame, page)
        read = captured.capture.outcome is Outcome.READ
        if not read and article not in self._watched | self._choice.articles:
            raise Unusable("no_article", captured.capture.reason)
        self._tally.read += read
        self._tally.no_article += not read
        self._told(captured)
        self._batch.append(captured)
        if len(self._batch) >= BATCH:
            self._record()

    def _article(self, page: Page) -> tuple[int, str]:
        """Return the page's article where it is wanted and may be one. Raises Unusable."""
        try:
            article, address = self._known_as(canonical(page.address))
            host = host_of(address)
        except AddressError as error:
            raise Unusable("not_html", str(error)) from None
        if not self._choice.takes(article, host):
            raise Unusable("elsewhere", "It is of another address.")
        if page.status != 200:
            raise Unusable("status", f"The server had answered {page.status}.")
        if page.wire is not None and not page.header("content-type").startswith(_HTML):
            raise Unusable("not_html", "It is no web page.")
        if page.captured_at > self._desk.now():
            raise Unusable("in_future", "It is stamped later than now.")
        return article, address

    def _known_as(self, address: str) -> tuple[int, str]:
        """Return the article at an address; one known under http is the same under https.

        Raises Unusable for one that was forgotten.
        """
        scheme, _, rest = address.partition("://")
        other = f"{'http' if scheme == 'https' else 'https'}://{rest}"
        for known in (address, other):
            article = self._desk.archive.owner(known)
            if article in self._watched | self._choice.articles:
                return article, known
            if article in self._forgotten:
                raise Unusable("forgotten", "Its article was forgotten.")
        return self._desk.archive.owner(address), address

    def _is_kept(self, frame: Capture) -> bool:
        number = capture_id(frame)
        return any(capture_id(one.capture) == number for one in self._batch) or bool(
            self._desk.archive.query("SELECT 1 FROM capture_list WHERE capture_id = ?", [number])
        )

    def _read(self, frame: Capture, page: Page) -> Captured:
        body = unpacked(page, self._most_bytes)
        label = page.header("content-type")
        return read_page(self._desk.reader, frame, frame.article_address, body, label)

    def _again(self, frame: Capture) -> Captured:
        """A revisit: the page had the bytes of one captured before, known by its digest."""
        if frame.digest is None:
            raise Unusable("no_original", "The revisit does not say what it repeats.")
        same = next((one for one in self._batch if _shows(one, frame)), None)
        same = same or self._desk.archive.captured(frame.article_id, frame.digest)
        if same is None:
            raise Unusable("no_original", "The original of the revisit is not at hand.")
        reason = "The record says that the page had the bytes of one that was read."
        capture = replace(frame, reason=reason, body_digest=same.capture.body_digest)
        return Captured(capture, same.body, same.document)

    def _record(self) -> None:
        if self._batch:
            self._desk.archive.record_captures(
                self._batch, acted_at=self._desk.now(), asked=self._choice.articles
            )
            self._batch.clear()


def _shows(one: Captured, frame: Capture) -> bool:
    known = one.capture
    same = (known.article_id, known.digest) == (frame.article_id, frame.digest)
    return same and known.outcome is Outcome.READ


def in_words(left_out: Counter[str]) -> Sequence[str]:
    """Say how many records were left out, and why, most first."""
    counts: Counter[str] = Counter()
    for detail, count in left_out.items():
        counts[MEANINGS.get(detail, "damaged")] += count
    return [f"{count} {meaning}" for meaning, count in counts.most_common()]
