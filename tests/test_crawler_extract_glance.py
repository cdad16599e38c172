# ruff: noqa: E501 - a page is easier to read on one line
"""A glance takes no page for unchanged that the sketch, or a full reading, would not."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.extract import read_page
from crawler.extract.glance import Glance, glance, learn, seen_at_a_glance
from crawler.extract.sketch import same_article, sketch
from lifelike import plans
from origin import Answer
from sequences import Course, every_sequence
from store.judge import document_print

URL = "https://herald.example/story"
STORY = """<html lang="en"><head><title>Bridge shut</title>
<meta name="author" content="Ada Roe"><script>var now = 1;</script>
<meta property="article:modified_time" content="2026-05-14T09:00:00Z">
<script type="application/ld+json">{"headline": "Bridge shut for repairs"}</script></head><body>
<nav><a href="/">Home</a> <a href="/news">News</a><svg><path d="M1"></svg></nav>
<main><article id="x1"><p class="author">Ada Roe</p><h1>Bridge shut for repairs</h1>
<p>The old bridge over the Lune was shut on Monday after a crack was found, the council said.</p>
<div class="bar" data-id="77"><b>12 comments</b></div><script>show("ad-1")</script>
<p>Some <b>340</b> people cross it each day, and the <a href="/report?id=1">report</a> names two
faults that will take until August to mend.</p></article></main>
<aside><h3>Most read 10:05</h3><p>In 2019 some 400 readers wrote to us about this bridge and its cracks.</p>
<a href="/x">Ten walks along the Lune, and where to eat on the way</a></aside>
<script>track(1)</script><footer>Herald, 2 Mill Lane <a href="/terms">Terms</a></footer></body></html>
"""

SEEN = [
    ('<article id="x1">', '<article id="x2">'),
    ('data-id="77"', 'data-id="ab" hidden-from="bots"'),
    ('show("ad-1")', 'show("ad-2")'),
    ("var now = 1", "var now = 2"),
    ("track(1)", "track(21)"),
    ("Most read 10:05", "Most read 11:45"),
    (
        "Ten walks along the Lune, and where to eat on the way",
        "A mayor resigns, and nobody knows why",
    ),
    ("<nav>", '<nav data-token="c4f1">'),
    ('<a href="/news">News</a>', '<a href="/news">News</a> <a href="/sport">Sport</a>'),
    ("</footer>", "</footer><script>var now = 1234567;</script>"),
]
NOT_SEEN = [
    ("<b>340</b>", "<b>430</b>"),
    ("shut on Monday", "shut on Tuesday"),
    ("Bridge shut for repairs</h1>", "Bridge shut for months</h1>"),
    ("shut for repairs</h1>", "shut for repairs, again</h1>"),
    ('href="/report?id=1"', 'href="/other?id=1"'),
    ('<a href="/report?id=1">', '<b>a href="/report?id=1">'),
    ("mend.</p>", "mend.</p><p>The council met again on Friday to talk about the costs.</p>"),
    ("mend.</p>", "mend.</p><p>Correction: it is 34.</p>"),
    ("<main>", '<main><div class="correction-box">It is 34.</div>'),
    ("<b>12 comments</b>", '<b class="correction">12 comments</b>'),
    ("09:00:00Z", "11:00:00Z"),
    ('"headline": "Bridge shut', '"headline": "Bridge open'),
    ("<title>Bridge shut", "<title>Bridge open"),
    ("some 400 readers", "some 500 readers"),
    ("Some <b>340</b> people cross it each day, and", "And"),
    ("<h1>", "<svg><h1>"),
    ("<p>Some", "<template><p>Some"),
    ('<script>show("ad-1")</script>', '<script>show("ad-1")'),
    ("</nav>", "</nav><noscript>"),
]


@lru_cache(maxsize=64)
def known(page: str | bytes) -> tuple[bytes, Glance | None]:
    """What knows a page later: its sketch, and its glance."""
    body = page.encode() if isinstance(page, str) else page
    made = sketch(body, read_page(body, URL))
    return made, glance(body, made, learn(body, made))


def seen(old: str | bytes, new: bytes) -> bool:
    """Whether a glance sees the article of the old page in the new; then the sketch does too."""
    made, quick = known(old)
    found = quick is not None and seen_at_a_glance(quick, new)
    assert not found or same_article(made, new)
    return found


def test_the_page_itself_is_seen() -> None:
    assert seen(STORY, STORY.encode())


@pytest.mark.parametrize(("old", "new"), SEEN)
def test_furniture_that_moved_is_seen_past(old: str, new: str) -> None:
    assert old in STORY
    assert seen(STORY, STORY.replace(old, new, 1).encode())


@pytest.mark.parametrize(("old", "new"), NOT_SEEN)
def test_what_may_matter_is_looked_into(old: str, new: str) -> None:
    assert old in STORY
    assert not seen(STORY, STORY.replace(old, new, 1).encode())


def test_no_digit_counts_as_folded_that_stands_so_in_the_page() -> None:
    nines = re.sub(r"\d", "9", STORY)
    for old, new in (
        ("In 9999 some", "In 2019 some"),
        ("99:99:99Z", "11:00:00Z"),
        ("<b>999</b>", "<b>340</b>"),
    ):
        assert old in nines
        assert not seen(nines, nines.replace(old, new).encode())


def test_an_article_that_begins_in_a_link_is_seen_while_the_link_is_the_same() -> None:
    linked = STORY.replace('<p class="author">Ada Roe</p><h1>', '<a href="/story"><h1>')
    linked = linked.replace("repairs</h1>", "repairs</h1></a>")
    assert seen(linked, linked.replace("10:05", "11:45").encode())
    assert seen(linked, linked.replace("/news", "/all-news").encode())
    assert not seen(linked, linked.replace("/story", "/other").encode())
    numbered = re.sub(r"<title>.*</head>", "</head>", linked, flags=re.DOTALL)
    numbered = numbered.replace("/story", "/story-7")
    assert seen(numbered, numbered.replace("<nav>", '<nav data-n="8">').encode())
    assert not seen(numbered, numbered.replace("/story-7", "/story-8").encode())


def test_a_page_of_nothing_but_links_is_not_kept() -> None:
    assert known(STORY.replace("<nav>", '<nav><a href="/">Home</a>' * 4_001))[1] is None


def test_where_nothing_knows_an_article_there_is_no_glance() -> None:
    assert known("<html><body><p>Hello</p></body></html>") == (b"", None)


PIECES = [
    *("<p>The mayor of the town said on Friday that the bridge will never open.</p>", "340 "),
    *(
        "<p>Correction: it is 34.</p>",
        "Updated",
        "</a>",
        "</script>",
        "<script>",
        "<style>",
        "<svg>",
    ),
    *(
        "</svg>",
        "<template>",
        "<noscript>",
        "<title>",
        "</title>",
        '<a href="/report">',
        "<",
        ">",
        "<b>",
    ),
    *('<div class="correction">', "<!--", "-->", '"', '<script type="application/ld+json">', "é"),
    *('<meta property="og:title" content="Bridge">', '<meta name="theme-color" content="1">'),
    *(
        "<h1>Bridge shut for repairs</h1>",
        "Ada Roe",
        "12",
        "\n",
        " " * 30,
        "a > b ",
        "<a1 x>",
        "</ab>",
    ),
]


@st.composite
def altered(draw: st.DrawFn, page: str) -> str:
    """A page with pieces put in, taken out, moved or overwritten, anywhere."""
    for _ in range(draw(st.integers(1, 3))):
        at, to = sorted((draw(st.integers(0, len(page))), draw(st.integers(0, len(page)))))
        to = min(to, at + draw(st.sampled_from([0, 0, 1, 12, 200])))
        piece = draw(st.sampled_from([*PIECES, page[at:to], ""]) | st.text(max_size=12))
        page = page[:at] + piece + page[to:]
    return page


@settings(max_examples=1_500, deadline=None)
@given(altered(STORY))
def test_whatever_is_altered_a_glance_sees_no_more_than_the_sketch(page: str) -> None:
    seen(STORY, page.encode("utf-8", "replace"))


LIFELIKE = [str(page) for _, plan in plans(24, 7) for page in plan.pages if isinstance(page, str)][
    ::5
]


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_nor_in_pages_as_large_as_real_ones(data: st.DataObject) -> None:
    old = data.draw(st.sampled_from(LIFELIKE))
    seen(old, data.draw(altered(old)).encode("utf-8", "replace"))


@given(st.binary(max_size=400), st.integers(0, len(STORY)))
def test_no_bytes_break_it(noise: bytes, place: int) -> None:
    seen(STORY, STORY.encode()[:place] + noise + STORY.encode()[place:])


def test_over_all_kinds_of_pages_what_a_glance_sees_reads_the_same() -> None:
    times = 0
    for name, old, new in _pairs():
        if old == new or not seen(old, new):
            continue
        before = read_page(old, URL)
        if before.quality.is_article:
            times += 1
            assert document_print(read_page(new, URL)) == document_print(before), name
    assert times > 8


def _pairs() -> Iterator[tuple[str, bytes, bytes]]:
    """Pages that follow each other in the sequences, and in lifelike ones."""
    for course in every_sequence():
        if zlib.crc32(course.name.encode()) % 32 == 1:
            for old, new in pairwise(_pages(course)):
                yield course.name, old, new
    for name, plan in plans(60, 11):
        pages = [page.encode() for page in plan.pages if isinstance(page, str)]
        for old, new in pairwise(pages):
            yield name, old, new


def _pages(course: Course) -> list[bytes]:
    answers = [step(0) if callable(step) else step for step in course.steps]
    return [
        one.body
        for one in answers
        if isinstance(one, Answer) and one.status == 200 and one.body[:2] != b"\x1f\x8b"
    ]
