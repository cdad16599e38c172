"""The newsroom says what its script says, when it says it."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from lxml import html

from crawler.discovery import feeds_of
from crawler.feeds import read_feed
from crawler.newsroom.pages import OUTLETS, Moment, page
from crawler.newsroom.server import Newsroom
from crawler.newsroom.stories import FLIPS, Story, load, oracle
from crawler.sitemaps import read_sitemap

STORIES = load()
START = datetime(2026, 5, 14, 9, tzinfo=UTC)
BASE = "http://127.0.0.1:8533"


def _moment(elapsed: float, hits: int = 0) -> Moment:
    return Moment(START, elapsed, BASE, hits)


def _story(name: str) -> Story:
    return next(story for story in STORIES if story.name == name)


def _body(story: Story, elapsed: float, hits: int = 0) -> str:
    answer = page(STORIES, story.path, _moment(elapsed, hits))
    assert answer.status == 200
    return answer.body.decode()


def test_there_are_enough_articles_of_real_length_in_both_outlets() -> None:
    assert len(STORIES) >= 10
    assert {story.outlet for story in STORIES} == set(OUTLETS)
    assert len({story.language for story in STORIES}) > 1
    for story in STORIES:
        assert 8 <= len(story.opening.paragraphs) <= 15, story.name


def test_the_first_cues_come_within_half_a_minute_and_all_within_four() -> None:
    times = [each.after_seconds for each in oracle(STORIES)]
    assert 20 <= times[0] <= 30
    assert times[-1] <= 240


def test_every_kind_of_change_is_in_the_script() -> None:
    kinds = {(each.kind, each.declared) for each in oracle(STORIES)}
    assert kinds >= {
        ("update", True),
        ("correction", True),
        ("clarification", True),
        ("retraction", True),
        ("edited", False),
        ("headline", False),
        ("moved", False),
        ("removed", False),
    }


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_between_its_cues_an_article_stays_word_for_word_the_same(story: Story) -> None:
    times = [0.0, *(cue.after_seconds for cue in story.cues)]
    for start, end in zip(times, [*times[1:], start_of_nothing := 10_000.0], strict=True):
        assert start_of_nothing >= end
        assert story.state(start) == story.state(end - 0.01)
    assert len({story.state(time) for time in times}) == len(times), "every cue changes something"


def test_a_correction_fixes_the_number_and_admits_it() -> None:
    story = _story("footbridge")
    before, after = _body(story, 21.9), _body(story, 22)
    assert "hurting 12 people" in before
    assert "hurting 11 people" in after
    assert "Correction:" in after
    assert "Correction:" not in before


def test_a_silent_change_moves_neither_note_nor_stamp() -> None:
    for name, old, new in (
        ("warehouse", "Four people died", "Seven people died"),
        ("inspection", "was not told of the crack", "was told of the crack"),
    ):
        story = _story(name)
        before, after = _body(story, 0), _body(story, 300)
        assert old in before
        assert new in after
        assert old not in after
        stamp = re.compile(r'"dateModified": "[^"]+"')
        assert stamp.findall(before) == stamp.findall(after)


def test_a_declared_change_moves_the_stamp() -> None:
    data = html.fromstring(_body(_story("footbridge"), 60)).findtext(".//script")
    stamped = datetime.fromisoformat(json.loads(data or "")["dateModified"])
    assert stamped == START + timedelta(seconds=22)


def test_a_moved_paragraph_is_the_same_paragraph_elsewhere() -> None:
    story = _story("rents")
    before, after = story.state(0).paragraphs, story.state(300).paragraphs
    assert before != after
    assert sorted(p.text for p in before) == sorted(p.text for p in after)


def test_a_removed_article_is_gone_from_page_feed_and_sitemap() -> None:
    story = _story("tender")
    assert page(STORIES, story.path, _moment(139)).status == 200
    assert page(STORIES, story.path, _moment(140)).status == 410
    for path in ("/courier/feed.xml", "/sitemap.xml", "/courier/"):
        assert story.path in page(STORIES, path, _moment(139)).body.decode()
        assert story.path not in page(STORIES, path, _moment(140)).body.decode()


def test_a_retraction_withdraws_the_body() -> None:
    after = _body(_story("lunches"), 300)
    assert "Retraction: " in html.fromstring(after).text_content()
    assert "Rukmini Vale" not in after


def test_an_a_b_headline_flips_and_never_twice_the_same_way() -> None:
    story = _story("storm")
    shown = [story.state(0, hits).headline for hits in range(4 * len(FLIPS))]
    assert set(shown) == {story.opening.headline, story.other_headline}
    for one, two in pairwise(shown):
        assert (one, two) != (story.other_headline, story.other_headline)


def test_furniture_differs_at_every_showing_and_the_article_does_not() -> None:
    story = _story("warehouse")
    one, two = (_body(story, 10, hits) for hits in (0, 1))
    assert one != two
    texts = [
        [p.text_content() for p in html.fromstring(each).iterfind(".//div[@class]/p")]
        for each in (one, two)
    ]
    assert [t for t in texts[0] if "shares so far" not in t] == [
        t for t in texts[1] if "shares so far" not in t
    ]


def test_a_stable_page_is_the_same_bytes_and_carries_a_validator() -> None:
    story = _story("ferry")
    one = page(STORIES, story.path, _moment(0, 0))
    two = page(STORIES, story.path, _moment(500, 9))
    assert one == two
    assert one.etag is not None


def test_comments_grow_outside_the_article() -> None:
    story = _story("convoy")
    counts = [len(story.comments_by(t)) for t in (0, 60, 300)]
    assert counts == sorted(set(counts))
    tree = html.fromstring(_body(story, 300))
    assert "headline is misleading" in tree.get_element_by_id("comments").text_content()
    body = tree.find_class("story-body")[0].text_content()
    assert "headline is misleading" not in body


def test_json_ld_and_canonical_agree_with_the_page() -> None:
    for story in STORIES:
        tree = html.fromstring(_body(story, 0))
        assert tree.find(".//link[@rel='canonical']").get("href") == BASE + story.path
        data = json.loads(tree.findtext(".//script[@type='application/ld+json']"))
        news = data["@graph"][1] if "@graph" in data else data
        assert news["headline"] == story.opening.headline
        assert tree.get("lang") == story.language


def test_feeds_front_pages_and_sitemap_name_every_article() -> None:
    for outlet in OUTLETS:
        own = {BASE + story.path for story in STORIES if story.outlet == outlet}
        feed = page(STORIES, f"/{outlet}/feed.xml", _moment(0)).body
        assert {link.address for link in read_feed(feed, BASE).links} == own
        front = page(STORIES, f"/{outlet}/", _moment(0)).body
        assert [link.address for link in feeds_of(front, BASE)] == [f"{BASE}/{outlet}/feed.xml"]
    sitemap = page(STORIES, "/sitemap.xml", _moment(0)).body
    assert len(read_sitemap(sitemap, BASE).links) == len(STORIES)
    assert page(STORIES, "/nowhere", _moment(0)).status == 404


def test_the_server_goes_on_where_it_was_and_honours_validators() -> None:
    newsroom = Newsroom(START, lambda: START + timedelta(seconds=200))
    newsroom.start()
    base = f"http://{newsroom.host}"
    try:
        with urllib.request.urlopen(base + _story("footbridge").path) as response:
            assert "hurting 11 people" in response.read().decode()
        with urllib.request.urlopen(base + _story("ferry").path) as response:
            etag = response.headers["ETag"]
        again = urllib.request.Request(base + _story("ferry").path, headers={"If-None-Match": etag})
        with pytest.raises(urllib.error.HTTPError) as unchanged:
            urllib.request.urlopen(again)
        assert unchanged.value.code == 304
        with pytest.raises(urllib.error.HTTPError) as gone:
            urllib.request.urlopen(base + _story("tender").path)
        assert gone.value.code == 410
        assert newsroom.feeds == (f"{base}/courier/feed.xml", f"{base}/northline/feed.xml")
    finally:
        newsroom.stop()
