"""Links out of feeds, sitemaps, pages and lists, whatever they hold."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.discovery import PollDue, feeds_of, kind_of, offer_of, parts_of
from crawler.feeds import MOST_LINKS
from crawler.offers import LONGEST_TITLE, Hub, Part, Rest
from crawler.opening import DiscoveryError
from crawler.sitemaps import MOST_SITEMAP_LINKS
from store.model import Link, SourceKind

AT = "https://n.example/feed"
RSS = b"""<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>N</title>
<item><title>One &amp; only</title><link>/2026/one?utm_source=rss</link>
<pubDate>Thu, 14 May 2026 12:00:00 GMT</pubDate></item>
<item><title>Two</title><link>https://n.example/2026/two</link></item>
<item><title>Again</title><link>https://n.example/2026/one</link></item>
<item><title>Script</title><link>javascript:alert(1)</link></item>
<item><title>Inside</title><link>file:///etc/passwd</link></item></channel></rss>"""
ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>N</title><entry><title>One</title>
<link href="https://n.example/2026/one"/><updated>2026-05-14T12:00:00Z</updated></entry></feed>"""
JSON_FEED = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "items": [
            {
                "id": "1",
                "url": "/2026/one",
                "title": "One",
                "date_published": "2026-05-14T12:00:00Z",
            }
        ],
    }
).encode()
SPACE = b'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
NEWS = b'xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"'
SITEMAP = (
    b"<?xml version='1.0'?><urlset " + SPACE + b" " + NEWS + b">"
    b"<url><loc> https://n.example/2026/one </loc>"
    b"<lastmod>2026-05-14T14:00:00+02:00</lastmod></url>"
    b"<url><loc>/2026/two</loc><n:news><n:title>Two</n:title>"
    b"<n:publication_date>2026-05-13</n:publication_date></n:news></url></urlset>"
)
INDEX = (
    b"<sitemapindex " + SPACE + b"><sitemap><loc>/old.xml</loc><lastmod>2020-01-01</lastmod>"
    b"</sitemap><sitemap><loc>/new.xml.gz</loc><lastmod>2026-01-01</lastmod></sitemap>"
    b"</sitemapindex>"
)
OPML = b"""<opml version="2.0"><body><outline text="Papers"><outline title="N" type="rss"
xmlUrl="https://n.example/feed"/><outline text="M" xmlUrl="https://m.example/rss"/></outline></body></opml>"""
HOME = b"""<!doctype html><html><head><title>N</title>
<link rel="alternate" type="application/rss+xml" title="All" href="/feed">
<link rel="alternate" type="application/atom+xml" href="https://n.example/atom">
<link rel="stylesheet" href="/style.css"></head><body>
<a href="/2026/05/14/weir-holds"> The <b>weir</b> holds </a>
<a href="/2026/05/14/weir-holds#comments">12 comments</a>
<a href="/world/convoy-hit-near-the-river">Convoy</a><a href="/about">About</a>
<a href="https://other.example/2026/05/14/elsewhere">Elsewhere</a>
<a href="mailto:a@n.example">Mail</a></body></html>"""
NOON = datetime(2026, 5, 14, 12, tzinfo=UTC)
ONE, TWO = "https://n.example/2026/one", "https://n.example/2026/two"


def links_of(
    kind: SourceKind, body: bytes, address: str, pattern: str | None = None
) -> tuple[Link, ...]:
    offer = offer_of(kind, body, address, pattern)
    return offer.feeds or offer.links


def _addresses(links: tuple[Link, ...]) -> list[str]:
    return [link.address for link in links]


@pytest.mark.parametrize("body", [RSS, ATOM, JSON_FEED])
def test_a_feed_gives_addresses_titles_and_stamps(body: bytes) -> None:
    first = links_of(SourceKind.FEED, body, AT)[0]
    assert (first.address, first.stamped_at) == (ONE, NOON)
    assert (first.title or "").startswith("One")


def test_a_feed_gives_each_web_address_once_and_nothing_else() -> None:
    assert _addresses(links_of(SourceKind.FEED, RSS, AT)) == [ONE, TWO]


def test_a_title_is_one_clean_line() -> None:
    body = RSS.replace(b"Two", b"Two\n  lines \xe2\x80\xae and &#xD800; " + b"x" * 5000)
    title = links_of(SourceKind.FEED, body, AT)[1].title or ""
    assert title.startswith("Two lines and")
    assert len(title) <= LONGEST_TITLE
    assert title.isprintable()
    title.encode("utf-8")


@pytest.mark.parametrize("body", [SITEMAP, gzip.compress(SITEMAP, mtime=0)])
def test_a_sitemap_gives_pages_with_their_stamps(body: bytes) -> None:
    links = links_of(SourceKind.SITEMAP, body, AT)
    assert _addresses(links) == [ONE, TWO]
    assert links[0].stamped_at == NOON
    assert (links[1].title, links[1].stamped_at) == ("Two", datetime(2026, 5, 13, tzinfo=UTC))


def test_an_index_names_its_sitemaps_newest_first() -> None:
    assert links_of(SourceKind.SITEMAP, INDEX, AT) == ()
    found = [part.address for part in offer_of(SourceKind.SITEMAP, INDEX, AT).parts]
    assert found == ["https://n.example/new.xml.gz", "https://n.example/old.xml"]
    assert offer_of(SourceKind.SITEMAP, SITEMAP, AT).parts == ()


def test_a_section_page_gives_what_looks_like_articles_of_its_own() -> None:
    links = links_of(SourceKind.PAGE, HOME, AT)
    assert _addresses(links) == [
        "https://n.example/2026/05/14/weir-holds",
        "https://n.example/world/convoy-hit-near-the-river",
    ]
    assert links[0].title == "The weir holds"
    only = links_of(SourceKind.PAGE, HOME, AT, "/world/*river")
    assert _addresses(only) == ["https://n.example/world/convoy-hit-near-the-river"]


def test_a_list_and_an_opml_file_give_their_lines() -> None:
    body = b"# mine\nhttps://n.example/2026/one\n\nnot an address\nhttps://n.example/2026/two\n"
    assert _addresses(links_of(SourceKind.LIST, body, AT)) == [ONE, TWO]
    links = links_of(SourceKind.LIST, OPML, AT)
    assert links == (Link("https://n.example/feed", "N"), Link("https://m.example/rss", "M"))


def test_a_page_announces_its_feeds() -> None:
    found = feeds_of(HOME, "https://n.example/")
    assert found == (Link("https://n.example/feed", "All"), Link("https://n.example/atom"))


@pytest.mark.parametrize(
    ("body", "label", "kind"),
    [
        (RSS, "text/html", SourceKind.FEED),
        (ATOM, "application/xml", SourceKind.FEED),
        (JSON_FEED, "application/json", SourceKind.FEED),
        (SITEMAP, "text/xml", SourceKind.SITEMAP),
        (gzip.compress(SITEMAP, mtime=0), "application/gzip", SourceKind.SITEMAP),
        (INDEX, "text/xml", SourceKind.SITEMAP),
        (OPML, "text/x-opml", SourceKind.LIST),
        (b"https://n.example/a\nhttps://n.example/b\n", "text/plain", SourceKind.LIST),
        (HOME, "text/html", None),
        (HOME.replace(b"<title>N", b"<title>&lt;rss>"), "application/rss+xml", None),
        (b"", "text/plain", None),
        (b"{}", "application/json", None),
    ],
)
def test_a_source_is_told_from_a_page(body: bytes, label: str, kind: SourceKind | None) -> None:
    assert kind_of(body, label) is kind


LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>
<rss version="2.0"><channel><title>&b;</title></channel></rss>"""
XXE = b"""<!DOCTYPE u [<!ENTITY x SYSTEM "file:///etc/passwd">]><urlset><url><loc>&x;</loc></url>
</urlset>"""
HOSTILE = [
    (SourceKind.FEED, LAUGHS, "entities"),
    (SourceKind.SITEMAP, XXE, "entities"),
    (SourceKind.LIST, LAUGHS.replace(b"rss", b"opml"), "entities"),
    (SourceKind.FEED, b"<rss>" + b"<item>" * 250_000, "too_complex"),
    (SourceKind.FEED, b"<rss " + b"a='1' " * 40_000 + b"/>", "too_complex"),
    (SourceKind.FEED, b"<rss>" + b"x" * (3 * 2**20), "too_large"),
    (SourceKind.FEED, b"<html><body>No feed here</body></html>", "not_a_feed"),
    (SourceKind.FEED, b"", "not_a_feed"),
    (SourceKind.FEED, b'{"items": 7}', "unreadable"),
    (SourceKind.FEED, b'{"items": [' * 100_000, "unreadable"),
    (SourceKind.SITEMAP, b"", "unreadable"),
    (SourceKind.SITEMAP, gzip.compress(SITEMAP, mtime=0)[:-20], "cut_short"),
    (SourceKind.SITEMAP, gzip.compress(b" " * (60 * 2**20)), "too_large"),
    (SourceKind.PAGE, b"<html>" + b"<p>" * 300_000, "hostile_markup"),
    (SourceKind.PAGE, b"", "unreadable"),
]


@pytest.mark.parametrize(("kind", "body", "detail"), HOSTILE)
def test_a_hostile_source_ends_in_one_named_error(
    kind: SourceKind, body: bytes, detail: str
) -> None:
    with pytest.raises(DiscoveryError) as error:
        links_of(kind, body, AT)
    assert error.value.detail == detail
    assert str(error.value).endswith(".")


def test_the_count_of_links_is_bounded() -> None:
    items = "".join(f"<item><link>https://n.example/{n}</link></item>" for n in range(3000))
    body = f"<rss version='2.0'><channel>{items}</channel></rss>".encode()
    assert len(links_of(SourceKind.FEED, body, AT)) == MOST_LINKS


def test_the_newest_pages_of_a_large_sitemap_are_taken() -> None:
    entries = "".join(
        f"<url><loc>/{n}</loc><lastmod>20{10 + n // 5000:02}-05-14</lastmod></url>"
        for n in range(50_000)
    )
    body = b"<urlset " + SPACE + b">" + entries.encode() + b"</urlset>"
    links = offer_of(SourceKind.SITEMAP, body, AT).links
    assert len(links) == MOST_SITEMAP_LINKS
    assert {link.stamped_at.year for link in links if link.stamped_at} == {2019}
    bare = body.replace(b"<lastmod>", b"<x>").replace(b"</lastmod>", b"</x>")
    ends = _addresses(offer_of(SourceKind.SITEMAP, bare, AT).links)
    assert {ends[0], ends[-1]} == {"https://n.example/0", "https://n.example/49999"}


def test_of_an_index_news_and_the_newest_are_asked_and_circles_end() -> None:
    places = [f"<sitemap><loc>/posts-{n}.xml</loc></sitemap>" for n in range(9)]
    places.append("<sitemap><loc>/sitemap-news.xml</loc></sitemap>")
    body = f"<sitemapindex>{''.join(places)}</sitemapindex>"
    offer = offer_of(SourceKind.SITEMAP, body.encode(), AT)
    asked = [part.address.removeprefix("https://n.example/") for part in offer.parts]
    assert asked[0] == "sitemap-news.xml"
    assert {"posts-0.xml", "posts-8.xml"} < set(asked)
    assert (len(asked), offer.named) == (5, 10)
    due = PollDue(7, AT, SourceKind.SITEMAP, etag='"e"', is_first=True)
    parts = parts_of(due, offer)
    assert {(part.source_id, part.etag, part.depth, part.is_first) for part in parts} == {
        (7, None, 1, True)
    }
    assert parts_of(parts_of(parts[0], offer)[1], offer) == []
    assert parts_of(due, replace(offer, parts=(Part(AT, SourceKind.SITEMAP),))) == []


@pytest.mark.parametrize("kind", [SourceKind.FEED, SourceKind.SITEMAP])
def test_the_last_address_of_a_file_that_was_cut_is_not_believed(kind: SourceKind) -> None:
    whole = RSS if kind is SourceKind.FEED else SITEMAP
    for end in range(len(whole)):
        try:
            found = _addresses(links_of(kind, whole[:end], AT))
        except DiscoveryError:
            continue
        assert set(found) <= {ONE, TWO}


def test_a_feed_says_when_it_wants_to_be_left() -> None:
    asks = (
        b"<ttl> 45 </ttl><skipHours><hour>0</hour><hour>24</hour><hour>13</hour><hour>99</hour>"
        b"</skipHours><skipDays><day>Sunday</day><day>Someday</day></skipDays><item>"
    )
    rest = offer_of(SourceKind.FEED, RSS.replace(b"<item>", asks, 1), AT).rest
    assert rest == Rest(timedelta(minutes=45), frozenset({0, 13}), frozenset({6}))
    odd = RSS.replace(b"<item>", b"<ttl>-1</ttl><skipHours><hour>x</hour></skipHours><item>", 1)
    assert offer_of(SourceKind.FEED, odd, AT).rest == Rest()


def test_a_feed_names_its_hub_and_itself() -> None:
    links = b"<link rel='self' href='/real'/><link rel='hub' href='https://hub.example/'/><entry>"
    found = offer_of(SourceKind.FEED, ATOM.replace(b"<entry>", links, 1), AT).hub
    assert found == Hub("https://hub.example/", "https://n.example/real")
    hubs = b'"hubs": [{"type": "WebSub", "url": "https://hub.example/"}], "items"'
    found = offer_of(SourceKind.FEED, JSON_FEED.replace(b'"items"', hubs, 1), AT).hub
    assert found == Hub("https://hub.example/", AT)
    assert offer_of(SourceKind.FEED, RSS, AT).hub is None


def test_a_pattern_keeps_what_fits_of_any_source() -> None:
    for kind, body in ((SourceKind.FEED, RSS), (SourceKind.SITEMAP, SITEMAP)):
        assert _addresses(links_of(kind, body, AT, "/2026/*wo")) == [TWO]


SEEDS = [RSS, ATOM, JSON_FEED, SITEMAP, INDEX, OPML, HOME]


@settings(deadline=None)  # the machine may be busy
@given(
    st.sampled_from(SEEDS),
    st.sampled_from(list(SourceKind)),
    st.lists(st.tuples(st.integers(0, 2000), st.binary(max_size=12)), max_size=4),
)
def test_a_mutated_source_gives_clean_links_or_a_named_error(
    body: bytes, kind: SourceKind, edits: list[tuple[int, bytes]]
) -> None:
    for at, piece in edits:
        body = body[:at] + piece + body[at + len(piece) // 2 :]
    try:
        links, detail = links_of(kind, body, AT), "links"
    except DiscoveryError as error:
        links, detail = (), error.detail
    assert detail
    for link in links:
        assert link.address.startswith(("http://", "https://"))
        (link.title or "").encode("utf-8")
