"""The crawl, whole, against servers that misbehave; every single fault is in test_faults.py."""

from __future__ import annotations

import gzip
import hashlib
import json
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import brotli
import pytest
import zstandard

from crawl_origin import crawl_addresses, crawled
from fault_origin import PAGE, Origin, answer, redirect

ROOT = Path(__file__).parent.parent
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
BOMB = b"\0" * (64 * 2**20)
RSS = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>Harbour</title>
<item><title>One</title><link>/one</link></item><item><title>Two</title><link>/two</link></item>
</channel></rss>"""


ROUTES: dict[str, Any] = {
    "/whole": lambda _: answer(),
    "/gzip": lambda _: answer(gzip.compress(PAGE), Content_Encoding="gzip"),
    "/br": lambda _: answer(brotli.compress(PAGE), Content_Encoding="br"),
    "/zstd": lambda _: answer(zstandard.compress(PAGE), Content_Encoding="zstd"),
    "/moved": lambda _: redirect("/whole", 301),
    "/for-now": lambda _: redirect("/whole", 302),
    "/secret": lambda _: answer(),
    "/to-file": lambda _: redirect("file:///etc/passwd"),
    "/to-two-hosts": lambda _: redirect("http://example.com\\@127.0.0.1/"),
    "/odd-coding": lambda _: answer(Transfer_Encoding="rot13"),
    "/odd-header": lambda _: answer(**{"X-\0": "a"}),
    "/coded-as-none": lambda _: answer(Content_Encoding="none"),
}
ODD = {
    "/to-file": ("refused", "guard"),
    "/to-two-hosts": ("refused", "guard"),
    "/odd-coding": ("failed", "bad_http"),
    "/odd-header": ("failed", "bad_http"),
    "/coded-as-none": ("read", "read"),
}
ELSEWHERE = {
    "http://10.0.0.1/": ("refused", "guard"),
    "http://0x7f.1/": ("refused", "guard"),
    "http://127.0.0.1:1/": ("refused", "guard"),
    "http://name.invalid/": ("failed", "dns"),
    "file:///etc/passwd": ("refused", "address"),
    "http://user@example.com/": ("refused", "address"),
    "http://example.com:22/": ("refused", "guard"),
}


@pytest.fixture(scope="module")
def origin() -> Iterator[Origin]:
    robots = answer(b"User-agent: *\nDisallow: /secret\n", content_type="text/plain")
    origin = Origin({**ROUTES, "/robots.txt": lambda _: robots})
    yield origin
    origin.close()


@pytest.fixture(scope="module")
def seen(origin: Origin) -> dict[str, dict[str, Any]]:
    addresses = [*(origin.at(path) for path in ROUTES), *ELSEWHERE]
    found = crawl_addresses(addresses, [origin.host], timeout_seconds=5)
    return {address.removeprefix(origin.at("")): each for address, each in found.items()}


@pytest.mark.parametrize("path", ODD)
def test_an_odd_answer_ends_as_what_it_is(seen: dict[str, Any], path: str) -> None:
    assert (seen[path]["outcome"], seen[path]["detail"]) == ODD[path], seen[path]


@pytest.mark.parametrize("address", ELSEWHERE)
def test_what_lies_elsewhere_is_refused_or_named(seen: dict[str, Any], address: str) -> None:
    assert (seen[address]["outcome"], seen[address]["detail"]) == ELSEWHERE[address], seen[address]


def test_every_reason_is_one_sentence_that_betrays_no_password(seen: dict[str, Any]) -> None:
    for path, each in seen.items():
        reason = each["reason"]
        assert reason[0].isupper() or reason[0].isdigit(), (path, reason)
        assert reason.endswith("."), (path, reason)
        assert "\n" not in reason
        assert "secret@" not in reason


def test_a_disallowed_path_is_never_asked_for(seen: dict[str, Any], origin: Origin) -> None:
    assert "/secret" not in origin.asked


def test_a_moved_article_names_where_it_went(seen: dict[str, Any], origin: Origin) -> None:
    there = origin.at("/whole")
    led = {path: (seen[path]["final_address"], seen[path]["moved_to"]) for path in ROUTES}
    assert led["/moved"] == (there, there)
    assert led["/for-now"] == (there, None)
    assert led["/whole"] == (None, None)


def test_the_digest_is_of_the_decoded_body_whatever_its_coding(seen: dict[str, Any]) -> None:
    digests = {seen[path]["body_digest"] for path in ("/whole", "/gzip", "/br", "/zstd")}
    assert digests == {hashlib.sha256(PAGE).hexdigest()}
    assert seen["/whole"]["headline"] == "The weir holds, its keeper says"


def test_requests_name_us_and_carry_no_cookie_or_referer(
    seen: dict[str, Any], origin: Origin
) -> None:
    for request in origin.requests:
        head = request.lower()
        assert "user-agent: storylapse/" in head
        assert "\r\ncookie:" not in head
        assert "\r\nreferer:" not in head


def test_validators_are_sent_and_unchanged_pages_are_not_read_again() -> None:
    etag = '"one"'
    origin = Origin(
        {
            "/tagged": lambda request: (
                answer(b"", 304) if f"If-None-Match: {etag}" in request else answer(ETag=etag)
            ),
            "/plain": lambda _: answer(),
            "/odd": lambda _: answer(),
        }
    )
    digest = hashlib.sha256(PAGE).hexdigest()
    dues = [
        {"article_id": 1, "address": origin.at("/tagged"), "why": "due", "etag": etag},
        {"article_id": 2, "address": origin.at("/plain"), "why": "due", "body_digest": digest},
        {"article_id": 3, "address": origin.at("/odd"), "why": "confirm", "body_digest": digest},
        {"article_id": 3, "address": origin.at("/odd"), "why": "due", "body_digest": digest},
        {"article_id": 4, "address": origin.at("/never"), "why": "due", "etag": "\ud800"},
    ]
    seen = crawled({"dues": dues, "config": {"allow_hosts": [origin.host]}})
    origin.close()
    details = {each["article_id"]: (each["outcome"], each["detail"]) for each in seen}
    assert details[1] == ("unchanged", "http_304")
    assert details[2] == ("unchanged", "same_bytes")
    assert details[3] == ("read", "read"), "a second look at something odd reads the page again"
    assert details[4] == ("failed", "internal"), "what cannot be asked ends nobody else's crawl"
    assert origin.asked.count("/odd") == 1, "work under way is not done twice"


def test_nothing_passes_while_robots_txt_is_on_its_way() -> None:
    rules = answer(b"User-agent: *\nDisallow: /\n", content_type="text/plain")
    slow = Origin({"/robots.txt": lambda _: [0.7, *rules]})
    seen = crawl_addresses((slow.at(f"/{n}") for n in range(16)), [slow.host])
    slow.close()
    assert slow.asked == ["/robots.txt"]
    assert {each["detail"] for each in seen.values()} == {"robots"}


@pytest.mark.parametrize(
    ("route", "detail"),
    [
        (lambda _: answer(b"", 500), "robots_unreachable"),
        (lambda _: answer(b"", 429), "robots_unreachable"),
        (lambda _: [], "connection_lost"),
        (lambda _: redirect("http://10.0.0.1/robots.txt"), "guard"),
        (lambda _: redirect("/robots.txt"), "redirects"),
        (lambda _: answer(b"no gzip", Content_Encoding="gzip"), "bad_encoding"),
        (lambda _: answer(b"", 404), "read"),
        (lambda _: answer(b"<html>no rules here</html>"), "read"),
    ],
    ids=["500", "429", "reset", "leads-inside", "loop", "not-packed", "404", "html"],
)
def test_robots_txt_that_cannot_be_had_closes_the_host(route: Any, detail: str) -> None:
    origin = Origin({"/robots.txt": route, "/a": lambda _: answer()})
    seen = crawl_addresses([origin.at("/a")], [origin.host], timeout_seconds=2)
    origin.close()
    assert seen[origin.at("/a")]["detail"] == detail, seen
    assert seen[origin.at("/a")]["outcome"] in {"failed", "refused", "read"}, "it hides no article"
    assert ("/a" in origin.asked) == (detail == "read")


def test_a_host_that_asks_for_a_pause_gets_it_and_others_go_on() -> None:
    busy = Origin({f"/{n}": lambda _: answer(b"", 429, Retry_After="120") for n in range(4)})
    good = Origin({f"/{n}": lambda _: answer() for n in range(4)})
    addresses = [o.at(f"/{n}") for n in range(4) for o in (busy, good)]
    seen = crawl_addresses(addresses, [busy.host, good.host])
    busy.close()
    good.close()
    details = [seen[busy.at(f"/{n}")]["detail"] for n in range(4)]
    assert sorted(details) == ["host_paused", "host_paused", "host_paused", "http_429"]
    assert len([path for path in busy.asked if path != "/robots.txt"]) == 1
    assert {seen[good.at(f"/{n}")]["detail"] for n in range(4)} == {"read"}


def test_a_silent_host_delays_nobody_even_on_the_same_machine() -> None:
    silent = Origin({f"/{n}": lambda _: [30.0] for n in range(3)})
    good = Origin({f"/{n}": lambda _: answer() for n in range(3)})
    addresses = [origin.at(f"/{n}") for n in range(3) for origin in (silent, good)]
    seen = crawl_addresses(addresses, [silent.host, good.host], timeout_seconds=4)
    silent.close()
    good.close()
    assert {seen[silent.at(f"/{n}")]["detail"] for n in range(3)} == {"timeout"}
    assert {seen[good.at(f"/{n}")]["detail"] for n in range(3)} == {"read"}
    second_silent = silent.times[silent.asked.index("/1")]
    assert max(good.times) < second_silent, "the good host was done before the first time-out"


READ_IN_VAIN = """
import sys, threading
from datetime import UTC, datetime
from crawler.parsers import Unreadable
from crawler.reading import Reading
from crawler.run import Calls, CrawlThread
from crawler.sketches import UNKNOWN
from store.config import CrawlConfig
from store.model import Due, Why
hanging, quick = sys.argv[1].split(","), sys.argv[2]
read_all = threading.Event()
class Hangs:
    def look(self, body, url, content_type, known):
        if quick not in url:
            over = read_all.wait(20)
            raise Unreadable("until the others were read" if over else "for too long", "too_slow")
        return Reading(Document(url, "Short", ()), UNKNOWN)
left = set(range(100, 106))
def seen(snapshot):
    print(snapshot.fetch.reason, flush=True)
    left.discard(snapshot.fetch.article_id)
    if not left:
        read_all.set()
dues = [Due(n, f"http://{host}/{n}", Why.FIRST) for n, host in enumerate(hanging)]
dues += [Due(100 + n, f"http://{quick}/{n}", Why.FIRST) for n in range(6)]
config = CrawlConfig(allow_hosts=(*hanging, quick))
crawl = CrawlThread(config, Hangs(), Calls(seen, print), lambda: datetime.now(UTC))
crawl.start()
crawl.submit(dues)
crawl.finish()
"""


def test_large_pages_that_are_long_being_read_hold_up_no_request_of_another_site() -> None:
    """Scrapy by itself asks nobody anything while 5 MB of answers wait: eight such pages did it."""
    large = answer(PAGE + b" " * 1_000_000)
    hanging = [Origin({f"/{n}": lambda _: large}) for n in range(8)]
    quick = Origin({f"/{n}": lambda _: answer() for n in range(6)})
    hosts = ",".join(each.host for each in hanging)
    done = subprocess.run(
        [sys.executable, "-c", READ_IN_VAIN, hosts, quick.host],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=90,
        check=True,
    )
    for each in (*hanging, quick):
        each.close()
    assert done.stdout.count("until the others were read\n") == 8, done.stdout


def test_a_crawl_delay_is_kept_between_requests() -> None:
    robots = answer(b"User-agent: *\nCrawl-delay: 1\n", content_type="text/plain")
    routes = {f"/{n}": lambda _: answer() for n in range(3)}
    origin = Origin({"/robots.txt": lambda _: robots, **routes})
    crawl_addresses([origin.at(f"/{n}") for n in range(3)], [origin.host])
    origin.close()
    times = [time for path, time in zip(origin.asked, origin.times, strict=True) if path in routes]
    assert all(later - earlier >= 1.0 for earlier, later in pairwise(times))


def test_sources_are_polled_and_an_index_of_sitemaps_is_followed() -> None:
    space = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
    index = f"<sitemapindex {space}><sitemap><loc>/part.xml</loc></sitemap></sitemapindex>"
    part = gzip.compress(f"<urlset {space}><url><loc>/three</loc></url></urlset>".encode())
    origin = Origin(
        {
            "/feed": lambda _: answer(RSS, content_type="text/html", ETag='"f"'),
            "/map.xml": lambda _: answer(index.encode(), content_type="text/xml"),
            "/part.xml": lambda _: answer(part, content_type="application/gzip"),
            "/broken": lambda _: answer(b"<!DOCTYPE x [<!ENTITY a 'b'>]><rss/>"),
        }
    )
    polls = [
        {"source_id": 1, "address": origin.at("/feed"), "kind": "feed"},
        {"source_id": 2, "address": origin.at("/map.xml"), "kind": "sitemap"},
        {"source_id": 3, "address": origin.at("/broken"), "kind": "feed"},
        {"source_id": 4, "address": origin.at("/missing"), "kind": "feed"},
    ]
    seen = crawled({"polls": polls, "config": {"allow_hosts": [origin.host]}})
    origin.close()
    by_source: dict[int, list[dict[str, Any]]] = {}
    for each in seen:
        by_source.setdefault(each["source_id"], []).append(each)
    assert by_source[1][0]["links"] == [origin.at("/one"), origin.at("/two")]
    assert by_source[1][0]["etag"] == '"f"'
    assert [poll["links"] for poll in by_source[2]] == [[], [origin.at("/three")]]
    assert (by_source[3][0]["outcome"], by_source[3][0]["detail"]) == ("unreadable", "entities")
    assert (by_source[4][0]["outcome"], by_source[4][0]["detail"]) == ("gone", "http_404")


def test_a_poll_may_bring_work_that_is_done_in_the_same_pass() -> None:
    origin = Origin({"/feed": lambda _: answer(RSS), "/one": lambda _: answer()})
    program = textwrap.dedent(
        f"""
        import sys
        from datetime import UTC, datetime
        from crawler.discovery import PollDue
        from crawler.parsers import ParserPool
        from crawler.run import Calls, CrawlThread
        from store.config import CrawlConfig
        from store.model import Due, SourceKind, Why
        def polled(poll):
            return [Due(n, link.address, Why.FIRST) for n, link in enumerate(poll.links)]
        def seen(snapshot):
            print(snapshot.fetch.article_id, snapshot.fetch.outcome)
        config = CrawlConfig(allow_hosts=({origin.host!r},))
        with ParserPool(1) as pool:
            job = PollDue(1, {origin.at("/feed")!r}, SourceKind.FEED)
            crawl = CrawlThread(config, pool, Calls(seen, polled), lambda: datetime.now(UTC))
            crawl.start()
            crawl.submit([job])
            crawl.finish()
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True
    )
    origin.close()
    assert sorted(done.stdout.split("\n")[:-1]) == ["0 read", "1 gone"]


LIVING = """
import logging, sys, time
from datetime import UTC, datetime
from crawler.parsers import ParserPool
from crawler.run import Calls, CrawlThread
from store.config import CrawlConfig
from store.model import Due, Why
def due_work():
    return [Due(n, f"http://{sys.argv[1]}/{n}", Why.DUE) for n in range(8)]
def seen(snapshot):
    print("seen", snapshot.fetch.detail, flush=True)
def deliver():
    print("deliver", flush=True)
    raise OSError("the channel is down")
logging.basicConfig(level=logging.WARNING)
config = CrawlConfig(allow_hosts=(sys.argv[1],))
with ParserPool(1) as pool:
    crawl = CrawlThread(config, pool, Calls(seen, lambda poll: (), due_work, deliver=deliver),
        lambda: datetime.now(UTC))
    crawl.start()
    sys.stdin.readline()
    began = time.monotonic()
    print("stopped", crawl.stop(), round(time.monotonic() - began, 1), flush=True)
"""


def test_it_stops_soon_with_downloads_under_way_and_survives_a_failing_job() -> None:
    origin = Origin({"/0": lambda _: answer(), "/1": lambda _: [60.0]})
    process = subprocess.Popen(
        [sys.executable, "-c", LIVING, origin.host],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    deadline = time.monotonic() + 60
    while "/1" not in origin.asked and time.monotonic() < deadline:
        time.sleep(0.05)
    assert process.stdout is not None
    first = iter(process.stdout.readline, "")
    read = next((line for line in first if line.startswith("seen read")), "")
    began = time.monotonic()
    out, err = process.communicate("stop\n", timeout=60)
    took = time.monotonic() - began
    origin.close()
    assert process.returncode == 0, err
    assert read, "the good page was read while the other was under way"
    assert "the channel is down" in err, "what a job raises is logged"
    assert "stopped True" in out
    assert took < 20, "far less than the sixty seconds that the server would have taken"
    assert "Task was destroyed" not in err


def test_a_crawl_that_would_go_round_the_guard_does_not_start() -> None:
    program = textwrap.dedent(
        """
        import crawler.run
        from datetime import UTC, datetime
        from crawler.settings import scrapy_settings
        from store.config import CrawlConfig
        handler = "scrapy.core.downloader.handlers.http11.HTTP11DownloadHandler"
        crawler.run.scrapy_settings = lambda *given: {
            **scrapy_settings(*given), "DOWNLOAD_HANDLERS": {"http": handler}
        }
        calls = crawler.run.Calls(print, print)
        crawl = crawler.run.CrawlThread(CrawlConfig(), None, calls, lambda: datetime.now(UTC))
        try:
            crawl.start()
        except RuntimeError as error:
            print("refused:", error)
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
        check=True,
    )
    assert "refused: Download handlers other than our own" in done.stdout, done.stderr


def test_an_interrupt_ends_a_pass_at_once() -> None:
    origin = Origin({"/slow": lambda _: [60.0]})
    job = {"article_id": 1, "address": origin.at("/slow"), "why": "first"}
    work = {"dues": [job], "config": {"allow_hosts": [origin.host], "timeout_seconds": 50}}
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).parent / "crawl_origin.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(work))
    process.stdin.close()
    deadline = time.monotonic() + 60
    while "/slow" not in origin.asked and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    process.wait(timeout=30)
    assert process.stderr is not None
    origin.close()
    assert "KeyboardInterrupt" in process.stderr.read()


def test_a_redirect_to_a_host_in_a_pause_is_not_followed() -> None:
    busy = Origin({"/b": lambda _: answer(b"", 429, Retry_After="120"), "/c": lambda _: answer()})
    good = Origin({"/slow": lambda _: [3.0, *redirect(busy.at("/c"))]})
    addresses = [busy.at("/b"), good.at("/slow")]
    seen = crawl_addresses(addresses, [busy.host, good.host])
    busy.close()
    good.close()
    assert seen[busy.at("/b")]["detail"] == "http_429"
    assert seen[good.at("/slow")]["detail"] == "host_paused"
    assert "/c" not in busy.asked


def test_slow_redirects_share_the_time_that_a_page_may_take() -> None:
    steps = {f"/{n}": partial(lambda n, _: [1.5, *redirect(f"/{n + 1}")], n) for n in range(5)}
    site = Origin({**steps, "/5": lambda _: answer()})
    seen = crawl_addresses([site.at("/0")], [site.host], timeout_seconds=2)
    site.close()
    assert seen[site.at("/0")]["detail"] == "timeout"
    assert "/5" not in site.asked


def test_a_host_where_nobody_answers_is_left_alone_and_others_go_on() -> None:
    gone = Origin({})
    gone.close()
    good = Origin({f"/{n}": lambda _: answer() for n in range(3)})
    addresses = [gone.at(f"/{n}") for n in range(9)] + [good.at(f"/{n}") for n in range(3)]
    seen = crawl_addresses(addresses, [gone.host, good.host])
    good.close()
    details = sorted(seen[gone.at(f"/{n}")]["detail"] for n in range(9))
    assert details == ["connection_refused"] * 5 + ["host_paused"] * 4
    assert {seen[good.at(f"/{n}")]["detail"] for n in range(3)} == {"read"}
    paused = next(each for each in seen.values() if each["detail"] == "host_paused")
    assert "did not answer 5 times in a row" in paused["reason"]
