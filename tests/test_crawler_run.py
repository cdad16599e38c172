"""The crawl, whole, against a server that misbehaves: every fault ends in its named outcome."""

from __future__ import annotations

import gzip
import hashlib
import json
import signal
import ssl
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from itertools import pairwise
from pathlib import Path
from typing import Any

import brotli
import pytest
import zstandard
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from crawl_origin import PAGE, Origin, answer, crawl_addresses, crawled, endless

ROOT = Path(__file__).parent.parent
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
BOMB = b"\0" * (64 * 2**20)
RSS = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>Harbour</title>
<item><title>One</title><link>/one</link></item><item><title>Two</title><link>/two</link></item>
</channel></rss>"""


def redirect(to: str, status: int = 302) -> list[Any]:
    return answer(b"", status, Location=to)


FAULTS: dict[str, tuple[Any, str, str]] = {
    # the route at each path, then outcome and detail of fetching it
    "/whole": (lambda _: answer(), "read", "read"),
    "/gzip": (lambda _: answer(gzip.compress(PAGE), Content_Encoding="gzip"), "read", "read"),
    "/br": (lambda _: answer(brotli.compress(PAGE), Content_Encoding="br"), "read", "read"),
    "/zstd": (
        lambda _: answer(zstandard.compress(PAGE), Content_Encoding="zstd"),
        "read",
        "read",
    ),
    "/gzip-cut": (
        lambda _: answer(gzip.compress(PAGE)[:-40], Content_Encoding="gzip"),
        "failed",
        "cut_short",
    ),
    "/br-cut": (
        lambda _: answer(brotli.compress(PAGE)[:-9], Content_Encoding="br"),
        "failed",
        "cut_short",
    ),
    "/zstd-cut": (
        lambda _: answer(zstandard.compress(PAGE)[:-9], Content_Encoding="zstd"),
        "failed",
        "cut_short",
    ),
    "/gzip-lie": (lambda _: answer(Content_Encoding="gzip"), "unreadable", "bad_encoding"),
    "/gzip-bomb": (
        lambda _: answer(gzip.compress(BOMB), Content_Encoding="gzip"),
        "unreadable",
        "too_large",
    ),
    "/br-bomb": (
        lambda _: answer(brotli.compress(BOMB, quality=1), Content_Encoding="br"),
        "unreadable",
        "too_large",
    ),
    "/zstd-bomb": (
        lambda _: answer(zstandard.compress(BOMB), Content_Encoding="zstd"),
        "unreadable",
        "too_large",
    ),
    "/gzip-thrice": (
        lambda _: answer(PAGE, Content_Encoding="gzip, gzip, gzip"),
        "unreadable",
        "bad_encoding",
    ),
    "/endless": (
        lambda _: endless(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", b"a" * 65536),
        "failed",
        "too_large",
    ),
    "/huge-promise": (
        lambda _: [b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nabc"],
        "failed",
        "too_large",
    ),
    "/endless-head": (
        lambda _: endless(b"HTTP/1.1 200 OK\r\n", b"X-More: " + b"a" * 4000 + b"\r\n"),
        "failed",
        "head_too_large",
    ),
    "/interim-flood": (
        lambda _: endless(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 400),
        "failed",
        "head_too_large",
    ),
    "/drip": (
        lambda _: (p for n in range(400) for p in (b"H" if n else b"HTTP/1.1 200 O", 0.1)),
        "failed",
        "timeout",
    ),
    "/silent": (lambda _: [20.0], "failed", "timeout"),
    "/hang-up": (lambda _: [], "failed", "connection_lost"),
    "/short": (
        lambda _: [
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 9999\r\n\r\n<p>"
        ],
        "failed",
        "cut_short",
    ),
    "/close-cut": (
        lambda _: [b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + PAGE[:900]],
        "failed",
        "cut_short",
    ),
    "/close-whole": (
        lambda _: [b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + PAGE],
        "read",
        "read",
    ),
    "/bad-chunk": (
        lambda _: [OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"],
        "failed",
        "bad_http",
    ),
    "/not-http": (lambda _: [b"220 mail.example ESMTP ready\r\n" * 3], "failed", "bad_http"),
    "/loop": (lambda _: redirect("/loop"), "failed", "redirects"),
    "/to-file": (lambda _: redirect("file:///etc/passwd"), "failed", "http_302"),
    "/to-inside": (lambda _: redirect("http://127.0.0.1:9/"), "refused", "guard"),
    "/to-private": (lambda _: redirect("http://10.1.2.3/"), "refused", "guard"),
    "/to-metadata": (lambda _: redirect("http://169.254.169.254/latest/"), "refused", "guard"),
    "/to-decimal": (lambda _: redirect("http://2130706433/"), "refused", "guard"),
    "/to-six": (lambda _: redirect("http://[::1]/"), "refused", "guard"),
    "/to-mapped": (lambda _: redirect("http://[::ffff:127.0.0.1]/"), "refused", "guard"),
    "/to-localhost": (lambda _: redirect("http://localhost/"), "refused", "guard"),
    "/to-user": (lambda _: redirect("http://user:secret@example.com/"), "refused", "guard"),
    "/moved": (lambda _: redirect("/whole", 301), "read", "read"),
    "/to-home": (lambda _: redirect("/"), "gone", "redirect_home"),
    "/": (lambda _: answer(), "read", "read"),
    "/401": (lambda _: answer(b"", 401), "blocked", "http_401"),
    "/403": (lambda _: answer(b"", 403), "blocked", "http_403"),
    "/404": (lambda _: answer(b"", 404), "gone", "http_404"),
    "/410": (lambda _: answer(b"", 410), "gone", "http_410"),
    "/451": (lambda _: answer(b"", 451), "refused", "legal"),
    "/500": (lambda _: answer(b"", 500), "failed", "http_500"),
    "/204": (lambda _: answer(b"", 204), "unreadable", "http_204"),
    "/206": (lambda _: answer(PAGE[:500], 206), "unreadable", "http_206"),
    "/299": (lambda _: answer(PAGE, 299), "unreadable", "http_299"),
    "/600": (lambda _: answer(PAGE, 600), "unreadable", "http_600"),
    "/empty": (lambda _: answer(b"  \n"), "unreadable", "empty"),
    "/picture": (
        lambda _: answer(b"\x89PNG\r\n", content_type="image/png"),
        "unreadable",
        "not_html",
    ),
    "/json": (lambda _: answer(b"{}", content_type="application/json"), "unreadable", "not_html"),
    "/feed": (
        lambda _: answer(RSS, content_type="application/rss+xml"),
        "unreadable",
        "is_feed",
    ),
    "/feed-as-html": (lambda _: answer(RSS), "unreadable", "is_feed"),
    "/secret": (lambda _: answer(), "refused", "robots"),
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
    routes = {path: route for path, (route, _, _) in FAULTS.items()}
    robots = answer(b"User-agent: *\nDisallow: /secret\n", content_type="text/plain")
    origin = Origin({**routes, "/robots.txt": lambda _: robots})
    yield origin
    origin.close()


@pytest.fixture(scope="module")
def seen(origin: Origin) -> dict[str, dict[str, Any]]:
    addresses = [*(origin.at(path) for path in FAULTS), *ELSEWHERE]
    found = crawl_addresses(addresses, [origin.host], timeout_seconds=2)
    return {address.removeprefix(origin.at("")): each for address, each in found.items()}


@pytest.mark.parametrize("path", FAULTS)
def test_every_fault_ends_in_its_named_outcome(seen: dict[str, Any], path: str) -> None:
    _, outcome, detail = FAULTS[path]
    assert (seen[path]["outcome"], seen[path]["detail"]) == (outcome, detail), seen[path]


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
    assert seen["/moved"]["final_address"] == origin.at("/whole")
    assert seen["/whole"]["final_address"] is None


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
        (lambda _: answer(b"", 404), "read"),
        (lambda _: answer(b"<html>no rules here</html>"), "read"),
    ],
    ids=["500", "429", "reset", "leads-inside", "loop", "404", "html"],
)
def test_robots_txt_that_cannot_be_had_closes_the_host(route: Any, detail: str) -> None:
    origin = Origin({"/robots.txt": route, "/a": lambda _: answer()})
    seen = crawl_addresses([origin.at("/a")], [origin.host], timeout_seconds=2)
    origin.close()
    assert seen[origin.at("/a")]["detail"] == detail, seen
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


def test_a_crawl_delay_is_kept_between_requests() -> None:
    robots = answer(b"User-agent: *\nCrawl-delay: 1\n", content_type="text/plain")
    routes = {f"/{n}": lambda _: answer() for n in range(3)}
    origin = Origin({"/robots.txt": lambda _: robots, **routes})
    crawl_addresses([origin.at(f"/{n}") for n in range(3)], [origin.host])
    origin.close()
    times = [time for path, time in zip(origin.asked, origin.times, strict=True) if path in routes]
    assert all(later - earlier >= 1.0 for earlier, later in pairwise(times))


def test_a_certificate_that_proves_nothing_is_refused(tmp_path: Path) -> None:
    pem = tmp_path / "self-signed.pem"
    pem.write_bytes(_self_signed())
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(pem)
    origin = Origin({"/a": lambda _: answer()}, tls)
    plain = Origin({"/a": lambda _: answer()})
    named = f"localhost:{origin.port}"
    addresses = [f"https://{origin.host}/a", f"https://{named}/a", f"https://{plain.host}/a"]
    seen = crawl_addresses(addresses, [origin.host, named, plain.host], timeout_seconds=5)
    origin.close()
    plain.close()
    details = [seen[address]["detail"] for address in addresses]
    assert details[:2] == ["tls_certificate", "tls_name"]
    assert seen[addresses[2]]["outcome"] == "failed"
    assert origin.asked == []


def _self_signed() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "nobody")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
    alternative = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    signed = made.add_extension(alternative, critical=False).sign(key, hashes.SHA256())
    unlocked = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    encoded = key.private_bytes(serialization.Encoding.PEM, form, unlocked)
    return encoded + signed.public_bytes(serialization.Encoding.PEM)


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
    began = time.monotonic()
    out, err = process.communicate("stop\n", timeout=60)
    took = time.monotonic() - began
    origin.close()
    assert process.returncode == 0, err
    assert "seen read" in out
    assert "deliver" in out
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
        crawler.run.scrapy_settings = lambda config: {
            **scrapy_settings(config), "DOWNLOAD_HANDLERS": {"http": handler}
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
