"""Signs of a change that cost no look, trusted as far as they proved themselves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crawler.feeds import read_feed
from crawler.signals import Sign, Signal, precision, signals, wordings
from crawler.sitemaps import read_sitemap
from store.address import article_id
from store.model import Link

NOW = datetime(2026, 5, 14, 12, tzinfo=UTC)
LOOKED = NOW - timedelta(hours=1)
ONE = "https://n.example/one"
OWNERS = {ONE: article_id(ONE)}


def found(link: Link, before: dict[int, int] | None = None) -> list[Sign]:
    return [each.sign for each in signals([link], OWNERS, before or {}, lambda _: LOOKED, NOW)]


def test_a_stamp_after_our_last_look_is_a_sign_and_an_older_one_is_none() -> None:
    assert found(Link(ONE, "One", NOW - timedelta(minutes=9), wording=1)) == [Sign.STAMP]
    assert found(Link(ONE, "One", LOOKED - timedelta(minutes=9), wording=1)) == []
    assert found(Link(ONE, "One", LOOKED + timedelta(seconds=30), wording=1)) == []


def test_a_stamp_in_the_future_is_a_wrong_clock_and_no_sign() -> None:
    assert found(Link(ONE, "One", NOW + timedelta(hours=2), wording=1)) == []


def test_another_title_or_summary_is_a_sign_once() -> None:
    first, second = Link(ONE, "One", wording=1), Link(ONE, "Two", wording=2)
    assert found(second, wordings([first], OWNERS)) == [Sign.WORDING]
    assert found(second, wordings([second], OWNERS)) == []
    assert found(first) == [], "nothing is known of the poll before"


def test_what_is_not_watched_gives_no_sign() -> None:
    link = Link(ONE, "One", NOW, wording=1)
    assert list(signals([link], OWNERS, {}, lambda _: None, NOW)) == []


def test_feeds_and_sitemaps_are_told_apart_by_what_they_say() -> None:
    rss = f"""<rss version="2.0"><channel><item><link>{ONE}</link><title>%s</title>
        <description>%s</description><pubDate>Thu, 14 May 2026 11:30:00 GMT</pubDate></item>
        </channel></rss>"""
    atom = f"""<feed xmlns="http://www.w3.org/2005/Atom"><entry><link href="{ONE}"/><id>{ONE}</id>
        <title>One</title><updated>2026-05-14T11:30:00Z</updated></entry></feed>"""
    jsonfeed = f"""{{"version": "https://jsonfeed.org/version/1.1", "items": [{{"id": "{ONE}",
        "url": "{ONE}", "title": "One", "date_modified": "2026-05-14T11:30:00Z"}}]}}"""
    sitemap = f"""<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>{ONE}</loc>
        <lastmod>2026-05-14T11:30:00Z</lastmod></url></urlset>"""
    feeds = [rss % ("One", "It was so."), rss % ("One", "It was not so."), atom, jsonfeed]
    links = [read_feed(feed.encode(), "https://n.example/feed").links[0] for feed in feeds]
    assert [found(link) for link in links] == [[Sign.STAMP]] * 4
    assert links[0].wording != links[1].wording
    assert found(read_sitemap(sitemap.encode(), "https://n.example/map").links[0]) == [Sign.LASTMOD]
    assert list(signals(links[:1], OWNERS, {}, lambda _: LOOKED, NOW)) == [
        Signal(article_id(ONE), Sign.STAMP)
    ]


def test_a_kind_of_sign_that_never_leads_anywhere_is_ignored_after_thirty_looks() -> None:
    assert precision(0, 0) == 0.5
    assert precision(20, 0) > 0
    assert precision(29, 0) == 0.0
    assert precision(100_000, 100) == 0.0


def test_a_kind_of_sign_that_leads_to_a_change_one_time_in_five_is_kept() -> None:
    assert 0.15 < precision(200, 40) < 0.25
    assert 0.15 < precision(200_000, 40_000) < 0.25


@given(st.integers(1, 5_000), st.integers(0, 5_000))
def test_more_hits_are_never_trusted_less(tries: int, hits: int) -> None:
    hits = min(hits, tries - 1)
    assert 0 <= precision(tries, hits) <= precision(tries, hits + 1) < 1
