"""Archives that speak other dialects, ask for patience, lie, or point inside."""

import gzip
import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.archives.backfill import Tally, Wanted, backfill
from crawler.archives.memento import KNOWN, endpoint, from_cdx, from_timemap
from crawler.archives.session import LONGEST_WAIT, Archivist
from crawler.archives.trouble import ArchiveTrouble
from crawler.parsers import ParserPool
from crawler.rereading import Desk
from origin import Answer, Origin
from replay_server import page
from shell import STORY
from store.address import article_id
from store.archive import open_archive
from store.config import CrawlConfig

ARTICLE = "https://news.example/bridge"
PAGE = page("Bridge closed", *STORY.split("\n\n"))
NOW = datetime(2026, 11, 22, tzinfo=UTC)
TIMES = ("20260301080000", "20260302080000")


class Library(Origin):
    """An archive of one article; ``index`` and ``replay`` say how it answers."""

    def __init__(self) -> None:
        super().__init__()
        self.index: list[Answer] = [self.wayback(TIMES)]
        self.timemap = Answer(b"", 404)
        self.replay: list[Answer] = [Answer(PAGE)]
        self.asked: list[str] = []
        self.hang_ups = 0

    def answer(self, path: str) -> Answer:
        self.asked.append(path)
        if self.hang_ups:
            self.hang_ups -= 1
            raise ConnectionAbortedError
        if path.startswith("/news/cdx?"):
            return self.index.pop(0) if len(self.index) > 1 else self.index[0]
        if path.startswith("/news/timemap/link/"):
            return self.timemap
        found = self.replay.pop(0) if len(self.replay) > 1 else self.replay[0]
        stamp = datetime.strptime(path.split("/")[2][:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        stated = {"Memento-Datetime": f"{stamp:%a, %d %b %Y %H:%M:%S} GMT"}
        headers = stated | found.headers if found.status == 200 else found.headers
        return Answer(found.body, found.status, headers)

    @staticmethod
    def wayback(times, address: str = ARTICLE, digest: str = "") -> Answer:
        """The Wayback Machine's dialect: one JSON list, its first row the names."""
        names = ["urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length"]
        rows = [
            ["example,news)/bridge", at, address, "text/html", "200", digest or f"D{n}", "9"]
            for n, at in enumerate(times)
        ]
        return Answer(json.dumps([names, *rows]).encode())


@pytest.fixture(scope="module")
def pool() -> Iterator[ParserPool]:
    with ParserPool(1) as running:
        yield running


@pytest.fixture
def library() -> Iterator[Library]:
    with Library() as running:
        yield running


@pytest.fixture
def desk(tmp_path: Path, pool: ParserPool) -> Desk:
    return Desk(open_archive(tmp_path / "a.duckdb", create=True), pool, lambda: NOW)


def fetched(
    desk: Desk, library: Library, slept: list[float] | None = None, **config: object
) -> Tally:
    crawl = CrawlConfig(**{"allow_hosts": (library.host,), "timeout_seconds": 2, **config})
    naps = slept if slept is not None else []
    archivist = Archivist(endpoint(library.address("/news")), crawl, naps.append)
    return backfill(desk, archivist, ARTICLE, Wanted(), lambda *_: None)


def test_the_wayback_machines_dialect_is_read(desk: Desk, library: Library):
    tally = fetched(desk, library)
    assert (tally.listed, tally.read) == (2, 2)
    (version,) = desk.archive.query("FROM version_list")
    assert version["capture_digest"] == "sha1:D0"
    assert library.asked[0].startswith("/news/cdx?url=https%3A%2F%2Fnews.example%2Fbridge&output=")


def test_captures_of_one_digest_are_fetched_once(desk: Desk, library: Library):
    library.index = [library.wayback(TIMES, digest="SAME")]
    assert fetched(desk, library).read == 2
    assert sum("id_/" in path for path in library.asked) == 1
    assert len(desk.archive.query("FROM capture_list")) == 2


def test_an_archive_without_cdx_is_asked_for_its_timemap(desk: Desk, library: Library):
    library.index = [Answer(b"<h1>no such page</h1>", 404)]
    place = library.address("/news/")
    library.timemap = Answer(
        (
            f'<{ARTICLE}>; rel="original",\n<{place}20260301080000mp_/{ARTICLE}>; '
            'rel="first memento"; datetime="Sun, 01 Mar 2026 08:00:00 GMT",\n'
            f'<{place}20260302080000/{ARTICLE}>; rel="memento"; datetime="no"'
        ).encode()
    )
    tally = fetched(desk, library)
    assert (tally.listed, tally.read) == (1, 1)
    assert library.asked[-1] == f"/news/20260301080000id_/{ARTICLE}"


def test_captures_of_other_pages_and_other_answers_are_passed_over(desk: Desk, library: Library):
    library.index = [library.wayback(TIMES, address="https://news.example/another")]
    assert fetched(desk, library).listed == 0
    library.index = [Answer(library.index[0].body.replace(b'"200"', b'"301"'))]
    assert fetched(desk, library).listed == 0
    library.index = [library.wayback(["20360301080000", "not a time", "20261399000000"])]
    assert fetched(desk, library).listed == 0


def test_another_capture_than_was_asked_for_is_not_taken_for_it(desk: Desk, library: Library):
    library.replay = [Answer(PAGE, 200, {"Memento-Datetime": "Sun, 01 Feb 2026 08:00:00 GMT"})]
    tally = fetched(desk, library)
    assert (tally.read, tally.unusable) == (0, 2)
    library.replay = [Answer(PAGE, 302, {"Location": "http://127.0.0.1:1/"}), Answer(PAGE)]
    tally = fetched(desk, library)
    assert (tally.read, tally.unusable) == (1, 1)


def test_an_archive_that_asks_for_patience_gets_it(desk: Desk, library: Library):
    library.index = [Answer(b"slow down", 429, {"Retry-After": "7"}), library.wayback(TIMES)]
    slept: list[float] = []
    assert fetched(desk, library, slept).read == 2
    assert slept == [7.0]


def test_an_archive_that_hangs_up_is_asked_again(desk: Desk, library: Library):
    library.hang_ups = 2
    assert fetched(desk, library).read == 2
    assert library.asked[0] == library.asked[1] == library.asked[2]


def test_an_archive_that_asks_for_hours_is_left_in_peace(desk: Desk, library: Library):
    library.replay = [Answer(PAGE), Answer(b"", 429, {"Retry-After": "7200"})]
    slept: list[float] = []
    with pytest.raises(ArchiveTrouble, match=r"asks to be left in peace\. Run the same command"):
        fetched(desk, library, slept)
    assert slept == []
    assert len(desk.archive.query("FROM capture_list")) == 1  # what was read before is kept
    library.replay = [Answer(PAGE)]
    assert fetched(desk, library).kept_before == 1


def test_a_wait_is_never_longer_than_the_longest(library: Library):
    archivist = Archivist(endpoint(library.address("/news")), CrawlConfig())

    class Absurd:
        status_code = 503

        def __init__(self) -> None:
            self.headers = {"Retry-After": "99999999"}

    assert archivist._session.get_retry_delay(0, Absurd()) == LONGEST_WAIT


def test_too_large_packed_or_endless_answers_are_not_taken(desk: Desk, library: Library):
    bomb = gzip.compress(bytes(2**24))
    library.replay = [Answer(bomb, 200, {"Content-Encoding": "gzip"}), Answer(bytes(2**17))]
    tally = fetched(desk, library, largest_body_bytes=2**16)
    assert (tally.read, tally.unusable) == (0, 2)
    library.index = [Answer(bytes(2**17))]
    with pytest.raises(ArchiveTrouble, match="Narrow the list with --from and --to"):
        fetched(desk, library, largest_body_bytes=2**16)


def test_an_archive_inside_is_refused_unless_it_is_allowed(desk: Desk, library: Library):
    with pytest.raises(ArchiveTrouble, match=r"unless .* stands in allow_hosts"):
        fetched(desk, library, allow_hosts=())
    assert library.asked == []


def test_a_name_that_leads_inside_is_refused_at_the_connection(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    inside = [(2, 1, 6, "", ("93.184.216.34", 80)), (2, 1, 6, "", ("10.0.0.7", 80))]
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: inside)
    archivist = Archivist(endpoint("http://archive.example/news"), CrawlConfig())
    with pytest.raises(
        ArchiveTrouble, match=r"archive\.example is refused: 10\.0\.0\.7 is a private"
    ):
        archivist.ask("http://archive.example/news/cdx")


def test_no_proxy_of_the_environment_is_used(
    desk: Desk, library: Library, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert fetched(desk, library).read == 2


def test_an_archive_that_is_not_there_is_said_so(desk: Desk):
    crawl = CrawlConfig(allow_hosts=("127.0.0.1:9",))
    archivist = Archivist(endpoint("http://127.0.0.1:9/news"), crawl)
    with pytest.raises(ArchiveTrouble, match="could not be reached"):
        backfill(desk, archivist, ARTICLE, Wanted(), lambda *_: None)


def test_what_is_no_archive_is_said_so():
    with pytest.raises(ArchiveTrouble, match="give --archive-url the address of a collection"):
        endpoint("wayback")
    assert endpoint("https://web.archive.org/web") is KNOWN["web.archive.org"]
    assert endpoint("arquivo.pt").cdx == "https://arquivo.pt/wayback/cdx"


@pytest.mark.parametrize(
    "text", ["", "[]", "null", "[[]]", "[1, 2]", '[["timestamp"], ["x"]]', "{}", "{]", "[" * 9_999]
)
def test_strange_lists_hold_no_captures(text: str):
    end = endpoint("https://archive.example/news")
    with suppress(ValueError):  # it is asked for its TimeMap then
        assert from_cdx(end, text) == []
    assert from_timemap(end, text) == []


def test_our_user_agent_is_sent(desk: Desk, library: Library):
    seen: list[str | None] = []
    handler = library._servers[0].RequestHandlerClass
    answer = handler.do_GET

    def do_GET(self) -> None:  # noqa: N802
        seen.append(self.headers["User-Agent"])
        answer(self)

    handler.do_GET = do_GET
    fetched(desk, library, user_agent="Harbour Watch (watch@harbour.example)")
    assert set(seen) == {"Harbour Watch (watch@harbour.example)"}


def test_times_asked_for_reach_the_index(desk: Desk, library: Library):
    crawl = CrawlConfig(allow_hosts=(library.host,))
    archivist = Archivist(endpoint(library.address("/news")), crawl)
    span = Wanted(since=NOW - timedelta(days=300), until=NOW - timedelta(days=264))
    tally = backfill(desk, archivist, ARTICLE, span, lambda *_: None)
    assert "&from=20260126000000&to=20260303000000" in library.asked[0]
    assert tally.read == 2
    assert article_id(ARTICLE) == desk.archive.query("FROM article_list")[0]["article_id"]
