# ruff: noqa: E501 - a table is easier to read with one source a line
"""Sources as sites really write them: what each brings, through real HTTP and the whole product."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest

from origin import Answer, Origin, Page
from product import Product
from store.archive import open_archive

SPACE = "xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'"
NEWS = "xmlns:news='http://www.google.com/schemas/sitemap-news/0.9'"
DATE = "<pubDate>Fri, 01 Jan 2038 12:00:00 GMT</pubDate>"


def rss(items: str, *, head: str = "", declaration: str = "", attributes: str = "") -> str:
    return (
        f"{declaration}<rss version='2.0' {attributes}><channel><title>H</title>{head}{items}"
        "</channel></rss>"
    )


def item(link: str, more: str = "") -> str:
    return f"<item><title>T</title><link>{link}</link>{more}</item>"


def sitemap(*places: str) -> str:
    return (
        f"<urlset {SPACE}>"
        + "".join(f"<url><loc>{one}</loc></url>" for one in places)
        + "</urlset>"
    )


def index(*places: str) -> str:
    entries = "".join(f"<sitemap><loc>{one}</loc></sitemap>" for one in places)
    return f"<sitemapindex {SPACE}>{entries}</sitemapindex>"


def xml(body: str | bytes, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    packed = body if isinstance(body, bytes) else body.encode()
    return Answer(packed, headers={"Content-Type": "text/xml"} | named)


def html(head: str, body: str = "") -> str:
    return f"<!doctype html><html><head><title>N</title>{head}</head><body>{body}</body></html>"


RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"><title>H</title></channel>
<item rdf:about="/x"><title>T</title><link>/rdf/one</link><dc:date>2026-05-14T12:00:00Z</dc:date></item></rdf:RDF>"""
ATOM = """<a:feed xmlns:a="http://www.w3.org/2005/Atom" xml:base="/atom/deep/"><a:title>H</a:title>
<a:entry><a:title>T</a:title><a:id>urn:1</a:id><a:link rel="edit" href="/edit"/>
<a:link rel="alternate" href="one"/><a:updated>2026-05-14T12:00:00Z</a:updated></a:entry></a:feed>"""
# name: kind, the source's own answer, and the articles it brings; other paths it needs stand in MORE.
WILD: dict[str, tuple[str, Page, set[str]]] = {
    "relative": ("feed", xml(rss(item("/relative/one") + item("two"))), {"/relative/one", "/two"}),
    "blank": ("feed", xml(rss(item("\n  /blank/one\n"))), {"/blank/one"}),
    "same-guid": ("feed", xml(rss("".join(item(f"/same-guid/{n}", "<guid>1</guid>") for n in (1, 2)))), {"/same-guid/1", "/same-guid/2"}),
    "guid-is-name": ("feed", xml(rss("<item><title>T</title><guid isPermaLink='false'>post-17</guid></item>")), set()),
    "guid-is-link": ("feed", xml(rss("<item><guid>HOST/guid-is-link/one</guid></item>")), {"/guid-is-link/one"}),
    "no-id": ("feed", xml(rss("<item><title>T</title></item>" + item("/no-id/one"))), {"/no-id/one"}),
    "future": ("feed", xml(rss(item("/future/one", DATE))), {"/future/one"}),
    "bad-date": ("feed", xml(rss(item("/bad-date/one", "<pubDate>32 Foo 20266</pubDate>"))), {"/bad-date/one"}),
    "content": ("feed", xml(rss(item("/content/one", "<content:encoded><![CDATA[<a href='/x/y'>y</a>]]></content:encoded>"), attributes="xmlns:content='http://purl.org/rss/1.0/modules/content/'")), {"/content/one"}),
    "undeclared": ("feed", xml(rss(item("/undeclared/one", "<media:thumbnail url='/t.png'/>"))), {"/undeclared/one"}),
    "rdf": ("feed", xml(RDF), {"/rdf/one"}),
    "atom": ("feed", xml(ATOM), {"/atom/deep/one"}),
    "latin": ("feed", xml(rss(item("/latin/één"), declaration="<?xml version='1.0' encoding='utf-8'?>").encode("latin-1")), {"/latin/%C3%A9%C3%A9n"}),
    "cyrillic": ("feed", xml(rss(item("/cyrillic/one", "<description>Новости</description>")).encode("koi8-r"), Content_Type="text/xml; charset=koi8-r"), {"/cyrillic/one"}),
    "wide": ("feed", xml(rss(item("/wide/one"), declaration="<?xml version='1.0' encoding='utf-16'?>").encode("utf-16")), {"/wide/one"}),
    "mark": ("feed", xml(b"\xef\xbb\xbf\n" + rss(item("/mark/one")).encode()), {"/mark/one"}),
    "under-html": ("feed", Answer(rss(item("/under-html/one")).encode(), headers={"Content-Type": "text/html"}), {"/under-html/one"}),
    "broken": ("feed", xml(rss(item("/broken/one") + "<item><title>a & b <br> c</title><link>/broken/two</link>")), {"/broken/one", "/broken/two"}),
    "moved": ("feed", Answer(b"", 301, {"Location": "/moved/deep/feed"}), {"/moved/deep/one"}),
    "tracking": ("feed", xml(rss(item("/tracking/one?utm_source=rss&amp;id=4#c") + item("/tracking/one?id=4&amp;fbclid=1"))), {"/tracking/one?id=4"}),
    "escaped": ("feed", xml(rss(item("/escaped/a%c3%a4%7eb") + item("/escaped/a%C3%A4~b"))), {"/escaped/a%C3%A4~b"}),
    "json": ("feed", Answer(json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "7", "url": "/json/one"}, {"id": "8"}, {"id": "HOST/json/two"}, {"id": 9, "external_url": "/json/three"}]}).encode(), headers={"Content-Type": "application/json"}), {"/json/one", "/json/two", "/json/three"}),
    "map": ("sitemap", xml(sitemap("/map/one", " HOST/map/two ")), {"/map/one", "/map/two"}),
    "map-gz": ("sitemap", Answer(gzip.compress(sitemap("/map-gz/one").encode()), headers={"Content-Type": "application/x-gzip"}), {"/map-gz/one"}),
    "map-twice-gz": ("sitemap", Answer(gzip.compress(gzip.compress(sitemap("/map-twice-gz/one").encode())), headers={"Content-Encoding": "gzip"}), {"/map-twice-gz/one"}),
    "map-bare": ("sitemap", xml("<urlset><url><loc>/map-bare/one</loc></url></urlset>"), {"/map-bare/one"}),
    "map-prefix": ("sitemap", xml(f"<s:urlset {SPACE.replace('xmlns', 'xmlns:s')}><s:url><s:loc>/map-prefix/one</s:loc></s:url></s:urlset>"), {"/map-prefix/one"}),
    "map-text": ("sitemap", Answer(b"HOST/map-text/one\nHOST/map-text/two\n", headers={"Content-Type": "text/plain"}), {"/map-text/one", "/map-text/two"}),
    "map-feed": ("sitemap", xml(rss(item("/map-feed/one"))), {"/map-feed/one"}),
    "map-news": ("sitemap", xml(f"<urlset {SPACE} {NEWS}><url><loc>/map-news/one</loc><news:news><news:title>T</news:title><news:publication_date>2026-05-14</news:publication_date></news:news></url></urlset>"), {"/map-news/one"}),
    "map-cut": ("sitemap", xml(sitemap("/map-cut/one", "/map-cut/two")[:-30]), {"/map-cut/one"}),
    "map-deep": ("sitemap", xml(index("/map-deep/2")), {"/map-deep/one"}),
    "map-circle": ("sitemap", xml(index("/map-circle", "/map-circle/2")), {"/map-circle/one"}),
    "page": ("page", html("<base href='/page/deep/'>", "<a href='a-story-with-words'>A</a><a href='/about'>B</a><a href='/page'>C</a>"), {"/page/deep/a-story-with-words"}),
    "home": ("page", html("<link rel=alternate type='application/rss+xml; charset=utf-8' title='Comments' href='/home/comments'><link rel='Alternate' type='application/rss+xml' href='home/feed'>", "<a href='/home/2026/05/14/one'>A</a>"), {"/home/2026/05/14/one", "/home/only-in-the-feed"}),
    "list": ("list", Answer(b"\xef\xbb\xbf# mine\r\nHOST/list/one\r\n\r\nnot an address\r\nHOST/list/two", headers={"Content-Type": "text/plain"}), {"/list/one", "/list/two"}),
    "opml": ("list", xml("<opml version='2.0'><body><outline text='P'><outline text='N' xmlUrl='HOST/opml/feed'/></outline></body></opml>"), {"/opml/one"}),
}  # fmt: skip
MORE: dict[str, Page] = {
    "/moved/deep/feed": xml(rss(item("one"))),
    "/map-deep/2": xml(index("/map-deep/3")),
    "/map-deep/3": xml(sitemap("/map-deep/one")),
    "/map-circle/2": xml(index("/map-circle", "/map-circle/3")),
    "/map-circle/3": xml(sitemap("/map-circle/one")),
    "/home/feed": xml(rss(item("/home/only-in-the-feed"))),
    "/home/comments": xml(rss(item("/home/a-comment"))),
    "/opml/feed": xml(rss(item("/opml/one"))),
}
# What cannot be read: the kind, the answer, and what the reason has to name.
TROUBLE: dict[str, tuple[str, Page, str]] = {
    "page-as-feed": ("feed", html("<link rel=alternate type='application/atom+xml' href='/real/feed'>"), "HOST/real/feed"),
    "page-as-map": ("sitemap", html(""), "is not a sitemap"),
    "circle": ("feed", Answer(b"", 302, {"Location": "/circle"}), "without ever arriving"),
    "wide-laughs": ("feed", xml("<!DOCTYPE l [<!ENTITY a 'ha'>]><rss><channel><title>&a;</title></channel></rss>".encode("utf-16")), "entities"),
    "list-of-words": ("list", Answer(b"one\ntwo\n", headers={"Content-Type": "text/plain"}), "http"),
    "bomb": ("sitemap", Answer(gzip.compress(b"<urlset>" + b" " * 120 * 2**20), headers={"Content-Type": "application/gzip"}), "unpacked"),
}  # fmt: skip


def placed(page: Page, origin: Origin) -> Page:
    base = origin.address("")
    if isinstance(page, str):
        return page.replace("HOST", base)
    assert isinstance(page, Answer)
    return Answer(page.body.replace(b"HOST", base.encode()), page.status, page.headers)


@pytest.fixture(scope="module")
def wild(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    with Origin() as origin:
        sources = {**WILD, **TROUBLE}
        pages = {f"/{name}": page for name, (_, page, _) in sources.items()} | MORE
        origin.pages |= {path: placed(page, origin) for path, page in pages.items()}
        product = Product(tmp_path_factory.mktemp("wild") / "a.duckdb", (origin.host,))
        for kind in ("feed", "sitemap", "page", "list"):
            mine = [f"/{name}" for name, (other, _, _) in sources.items() if other == kind]
            product.run("watch", "--kind", kind, *(origin.address(path) for path in mine))
        product.run("fetch", "--all", ok=(0, 3))
        product.run("fetch", "--all", ok=(0, 3))
        archive = open_archive(product.archive)
        rows = archive.query("SELECT address, baseline FROM articles")
        reasons = archive.query("SELECT address, last_outcome, last_reason FROM source_list")
        base = origin.address("")
        yield {
            "articles": {row["address"].removeprefix(base): row["baseline"] for row in rows},
            "sources": {row["address"].removeprefix(base): row for row in reasons},
            "base": base,
        }


@pytest.mark.slow
@pytest.mark.parametrize("name", WILD)
def test_every_source_brings_its_articles(wild: dict[str, Any], name: str) -> None:
    reason = wild["sources"][f"/{name}"]["last_reason"]
    wanted = WILD[name][2]
    assert wanted <= set(wild["articles"]), reason


@pytest.mark.slow
def test_no_source_brings_anything_else(wild: dict[str, Any]) -> None:
    assert set(wild["articles"]) == {path for _, _, paths in WILD.values() for path in paths}


@pytest.mark.slow
def test_what_a_source_offers_first_is_a_baseline(wild: dict[str, Any]) -> None:
    assert all(wild["articles"][path] for _, _, paths in WILD.values() for path in paths)


@pytest.mark.slow
def test_feeds_of_a_remote_list_become_sources_of_their_own(wild: dict[str, Any]) -> None:
    assert wild["sources"]["/opml/feed"]["last_outcome"] == "read"


@pytest.mark.slow
@pytest.mark.parametrize("name", TROUBLE)
def test_every_trouble_is_said_with_its_next_step(wild: dict[str, Any], name: str) -> None:
    row = wild["sources"][f"/{name}"]
    assert row["last_outcome"] in {"unreadable", "failed"}
    assert TROUBLE[name][2].replace("HOST", wild["base"]) in row["last_reason"]
    assert row["last_reason"].endswith((".", "feed"))
