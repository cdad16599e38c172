# ruff: noqa: E501 - a table is easier to read with one fault a line
"""Sources and robots.txt files that misbehave: each is a poll or a check with its reason."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fault_origin import Origin, Route, answer, endless, redirect
from product import Product
from store.archive import open_archive

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"
LAUGHS = (
    b"<!DOCTYPE l [<!ENTITY a 'ha'>%s]><rss><channel><title>&z;</title></channel></rss>"
    % b"".join(b"<!ENTITY %c '%s'>" % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
)
OUTSIDE = b"<!DOCTYPE r [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><rss><channel><item><link>&x;</link></item></channel></rss>"
ITEM = "<item><title>A</title><link>{}</link></item>"
SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def rss(items: str) -> bytes:
    return f"<rss version='2.0'><channel><title>H</title>{items}</channel></rss>".encode()


def _served(body: bytes, kind: str = "text/xml") -> Route:
    return lambda _: answer(body, content_type=kind)


FEEDS: dict[str, tuple[str, Route, frozenset[str]]] = {
    # the kind it is watched as, what comes, and the outcomes allowed; none may offer an article
    name: (kind, route, frozenset(outcomes.split()))
    for name, kind, route, outcomes in (
        ("laughs", "feed", _served(LAUGHS), "unreadable"),
        ("outside", "feed", _served(OUTSIDE), "unreadable"),
        ("html", "feed", _served(b"<html><body><p>We moved our feeds.</p></body></html>", "text/html"), "unreadable"),
        ("empty", "feed", _served(b""), "unreadable"),
        ("random", "feed", _served(bytes((n * n + n) % 256 for n in range(9000))), "unreadable"),
        ("cut", "feed", _served(rss("")[:25]), "unreadable read"),
        ("huge", "feed", _served(rss("<item><title>" + "a" * 10 * 2**20 + "</title></item>")), "unreadable failed"),
        ("surrogates", "feed", _served(rss("<item><title>&#xD800;</title></item>")), "read unreadable"),
        ("schemes", "feed", _served(rss(ITEM.format("javascript:alert(1)") + ITEM.format("file:///etc/passwd"))), "read unreadable"),
        ("attributes", "feed", _served(b"<rss " + b" ".join(b"a%d='1'" % n for n in range(40000)) + b"/>"), "unreadable"),
        ("deep", "feed", _served(b"<rss>" + b"<a>" * 100_000), "unreadable read"),
        ("json-garbage", "feed", _served(b'{"items": [1, null, {"url": {}}, []]}', "application/json"), "unreadable read"),
        ("json-deep", "feed", _served(b'{"items":' + b"[" * 200_000, "application/json"), "unreadable"),
        ("json-word", "feed", _served(b'{"version": 1, "items": "none"}', "application/json"), "unreadable read"),
        ("png", "feed", _served(b"\x89PNG\r\n\x1a\n", "image/png"), "unreadable"),
        ("endless", "feed", lambda _: endless(OK + b"\r\n", b"<item/>" * 9000), "failed unreadable"),
        ("missing", "feed", lambda _: answer(b"", 404), "gone"),
        ("broken", "feed", lambda _: answer(b"", 500), "failed"),
        ("inside", "feed", lambda _: redirect("http://10.0.0.1/feed"), "refused"),
        ("unasked-304", "feed", lambda _: answer(b"", 304), "failed"),
        ("map-bomb", "sitemap", _served(gzip.compress(b"<urlset>" + b" " * 64 * 2**20), "application/gzip"), "unreadable"),
        ("map-cut", "sitemap", _served(gzip.compress(b"<urlset></urlset>" * 999)[:-20], "application/gzip"), "unreadable"),
        ("map-laughs", "sitemap", _served(LAUGHS.replace(b"rss", b"urlset")), "unreadable"),
        ("map-html", "sitemap", _served(b"<html><body>Not here.</body></html>", "text/html"), "unreadable"),
        ("map-json", "sitemap", _served(b"{}", "application/json"), "unreadable"),
        ("map-empty", "sitemap", _served(b""), "unreadable"),
        ("map-loop", "sitemap", _served(f"<sitemapindex {SPACE}><sitemap><loc>/map-loop</loc></sitemap></sitemapindex>".encode()), "read unreadable"),
        ("page-attributes", "page", _served(b"<html><body " + b" ".join(b"a%d=1" % n for n in range(40000)) + b">", "text/html"), "unreadable"),
    )
}  # fmt: skip


@pytest.fixture(scope="module")
def polled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Every hostile source asked twice; what the archive says of each, and of what came of it."""
    origin = Origin({f"/{name}": route for name, (_, route, _) in FEEDS.items()})
    product = Product(tmp_path_factory.mktemp("sources") / "a.duckdb", (origin.host,))
    for kind in ("feed", "sitemap", "page"):
        of_kind = [origin.at(f"/{name}") for name, (other, _, _) in FEEDS.items() if other == kind]
        product.run("watch", "--kind", kind, *of_kind)
    for _ in range(2):
        product.run("fetch", "--all", ok=(0, 3))
    doctor = product.run("doctor", "--json", ok=(0, 1)).stdout
    origin.close()
    archive = open_archive(product.archive)
    found = {row["address"].rpartition("/")[2]: row for row in archive.query("FROM source_list")}
    said = [one["message"] for one in json.loads(doctor)["checks"] if one["check"] == "source"]
    for name, row in found.items():
        row["said"] = [one for one in said if one.startswith(f"{origin.at('/')}{name}:")]
    return found | {"": {"articles": archive.query("FROM article_list")}}


@pytest.mark.slow
@pytest.mark.parametrize("name", FEEDS)
def test_every_hostile_source_ends_in_its_outcome(polled: Any, name: str) -> None:
    row, allowed = polled[name], FEEDS[name][2]
    assert row["last_outcome"] in allowed, row["last_reason"]
    assert row["last_reason"].endswith(".")
    assert row["articles"] == 0
    if row["last_outcome"] not in {"read", "unchanged"}:
        assert len(row["said"]) == 1, "one line in doctor"


@pytest.mark.slow
def test_no_hostile_source_brings_an_article(polled: Any) -> None:
    assert polled[""]["articles"] == []


RULES = b"User-agent: *\nDisallow: /a\n"
ROBOTS: dict[str, tuple[Route, frozenset[str]]] = {
    name: (route, frozenset(ends.split()))
    for name, route, ends in (
        ("missing", lambda _: answer(b"", 404), "read"),
        ("forbidden", lambda _: answer(b"", 403), "read"),
        ("gone", lambda _: answer(b"", 410), "read"),
        ("empty", lambda _: answer(b""), "read"),
        ("html", lambda _: answer(b"<html><body>Disallow: not rules</body></html>"), "read"),
        ("binary", lambda _: answer(bytes(range(256)) * 40), "read"),
        ("closed", lambda _: answer(RULES), "robots"),
        ("mark-in-front", lambda _: answer(b"\xef\xbb\xbf" + RULES), "robots"),
        ("old-line-ends", lambda _: answer(RULES.replace(b"\n", b"\r")), "robots"),
        ("wide", lambda _: answer(RULES.decode().encode("utf-16")), "robots read"),
        ("compressed", lambda _: answer(gzip.compress(RULES), Content_Encoding="gzip"), "robots"),
        ("rules-first", lambda _: answer(RULES + b"# more\n" * 200_000), "robots"),
        ("huge-delay", lambda _: answer(b"User-agent: *\nCrawl-delay: 99999999\n"), "read"),
        ("nonsense-delay", lambda _: answer(b"User-agent: *\nCrawl-delay: soon\n"), "read"),
        ("long-line", lambda _: answer(b"Disallow: " + b"a" * 400_000 + b"\n" + RULES), "robots"),
        ("stars", lambda _: answer(b"User-agent: *\nDisallow: /" + b"*a" * 2000 + b"$\n"), "read"),
        ("away", lambda _: redirect("/other"), "robots"),
        ("500", lambda _: answer(b"", 500), "robots_unreachable"),
        ("503", lambda _: answer(b"", 503, Retry_After="120"), "robots_unreachable"),
        ("429", lambda _: answer(b"", 429), "robots_unreachable"),
        ("reset", lambda _: [None], "connection_lost"),
        ("silent", lambda _: [30.0], "timeout"),
        ("endless", lambda _: endless(OK + b"\r\n", b"#" * 65536), "too_large"),
        ("cut", lambda _: answer(gzip.compress(RULES)[:-9], Content_Encoding="gzip"), "cut_short"),
        ("inside", lambda _: redirect("http://10.0.0.1/robots.txt"), "guard"),
        ("loop", lambda _: redirect("/robots.txt"), "redirects"),
        ("not-http", lambda _: [b"hello\r\n" * 9], "bad_http bad_answer connection_lost"),
    )
}


@pytest.fixture(scope="module")
def allowed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """One host for every robots.txt; the check of the one article at each, and what was asked."""
    origins = {
        name: Origin(
            {"/robots.txt": route, "/other": lambda _: answer(RULES), "/a": lambda _: answer()}
        )
        for name, (route, _) in ROBOTS.items()
    }
    hosts = tuple(origin.host for origin in origins.values())
    limit = {"STORYLAPSE__CRAWL__TIMEOUT_SECONDS": "5"}
    product = Product(tmp_path_factory.mktemp("robots") / "a.duckdb", hosts, limit)
    product.run("watch", *(origin.at("/a") for origin in origins.values()))
    product.run("fetch", "--all", ok=(0, 3))
    archive = open_archive(Path(product.archive))
    rows = {row["host"]: row for row in archive.query("FROM article_list")}
    yield {name: (rows[origin.host], "/a" in origin.asked) for name, origin in origins.items()}
    for origin in origins.values():
        origin.close()


@pytest.mark.slow
@pytest.mark.parametrize("name", ROBOTS)
def test_every_robots_txt_opens_or_closes_its_host(allowed: Any, name: str) -> None:
    row, was_asked = allowed[name]
    ends = ROBOTS[name][1]
    detail = "read" if row["last_outcome"] == "read" else row["last_detail"]
    assert detail in ends, row["last_reason"]
    assert was_asked == (detail == "read"), "what is closed is never asked for"
