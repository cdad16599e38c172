"""A page whose article did not change is recognised, and one whose article did never is."""

from __future__ import annotations

import zlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract import read_page
from crawler.extract.sketch import same_article, sketch
from origin import Answer
from sequences import Course, every_sequence
from store.judge import document_print

URL = "https://herald.example/story"
STORY = """<html lang="en"><head><title>Bridge shut</title>
<meta name="author" content="Ada Roe">
<meta property="article:modified_time" content="2026-05-14T09:00:00Z"></head><body>
<nav><a href="/">Home</a> <a href="/news">News</a></nav>
<main><article><p class="author">Ada Roe</p><h1>Bridge shut for repairs</h1>
<p>The old bridge over the Lune was shut on Monday after a crack was found, the council said.</p>
<div class="bar"><b>12 comments</b></div>
<p>Some <b>340</b> people cross it each day, and the <a href="/report?id=1">report</a> names two
faults that will take until August to mend.</p></article></main>
<aside><h3>Most read</h3>
<a href="/x">Ten walks along the Lune, and where to eat on the way</a></aside>
<footer>Herald, 2 Mill Lane</footer></body></html>"""
KNOWN = sketch(STORY.encode(), read_page(STORY, URL))

FURNITURE = [
    ("12 comments", "13 comments"),
    (
        "Ten walks along the Lune, and where to eat on the way",
        "A mayor resigns, and nobody knows why",
    ),
    ('href="/report?id=1"', 'href="/report?id=2&session=ab12"'),
    ("<nav>", '<nav data-token="c4f1">'),
    ("</footer>", "</footer><script>var now = 1234567;</script>"),
    ("<h3>Most read</h3>", "<h3>Popular</h3>"),
    ('<a href="/news">News</a>', '<a href="/news">News</a> <a href="/sport">Sport</a>'),
]
MATTERS = [
    ("<b>340</b>", "<b>430</b>"),
    ("shut on Monday", "shut on Tuesday"),
    ("Bridge shut for repairs", "Bridge shut for months"),
    ('href="/report?id=1"', 'href="/other?id=1"'),
    ("mend.</p>", "mend.</p><p>The council met again on Friday to talk about the costs.</p>"),
    ("mend.</p>", "mend.</p><p>Correction: it is 34.</p>"),
    ("<main>", '<main><div class="correction-box">It is 34.</div>'),
    ("09:00:00Z", "11:00:00Z"),
    ('class="author">Ada Roe', 'class="author">Ida Poe'),
    ("<title>Bridge shut", "<title>Bridge open"),
    ("Some <b>340</b> people cross it each day, and", "And"),
]


@pytest.mark.parametrize(("old", "new"), FURNITURE)
def test_furniture_that_moved_is_no_reason_to_read_a_page_again(old: str, new: str) -> None:
    assert old in STORY
    assert same_article(KNOWN, STORY.replace(old, new).encode())


@pytest.mark.parametrize(("old", "new"), MATTERS)
def test_what_may_matter_is_read_in_full(old: str, new: str) -> None:
    assert old in STORY
    assert not same_article(KNOWN, STORY.replace(old, new).encode())


def test_a_page_that_holds_no_article_is_never_recognised() -> None:
    empty = b"<html><body><p>Hello</p></body></html>"
    assert sketch(empty, read_page(empty, URL)) == b""
    assert not same_article(b"", empty)


@given(st.binary(max_size=400), st.integers(0, len(STORY)))
def test_no_bytes_break_it(noise: bytes, place: int) -> None:
    same_article(KNOWN, STORY.encode()[:place] + noise + STORY.encode()[place:])


def test_over_all_kinds_of_pages_a_recognised_article_reads_the_same() -> None:
    recognised = 0
    for course in _a_sixteenth():
        for old, new in pairwise(_pages(course)):
            before = read_page(old, URL)
            if old != new and before.quality.is_article and same_article(sketch(old, before), new):
                recognised += 1
                assert document_print(read_page(new, URL)) == document_print(before), course.name
    assert recognised > 30


def _a_sixteenth() -> list[Course]:
    return [one for one in every_sequence() if zlib.crc32(one.name.encode()) % 16 == 0]


def _pages(course: Course) -> list[bytes]:
    answers = [step(0) if callable(step) else step for step in course.steps]
    return [
        one.body
        for one in answers
        if isinstance(one, Answer) and one.status == 200 and one.body[:2] != b"\x1f\x8b"
    ]


PICTURED = STORY.replace(
    "</h1>",
    '</h1><h2 class="standfirst">Engineers say the crack is 12 centimetres long.</h2>'
    "<figure><img><figcaption>Some 12 people at the bridge. Photo: Ida Poe</figcaption></figure>",
)
PICTURED_KNOWN = sketch(PICTURED.encode(), read_page(PICTURED, URL))


@pytest.mark.parametrize(
    ("old", "new"),
    [("Some 12 people", "Some 14 people"), ("12 centimetres", "14 centimetres")],
)
def test_a_number_in_a_caption_or_the_standfirst_is_never_a_counter(old: str, new: str) -> None:
    assert same_article(PICTURED_KNOWN, PICTURED.replace("12 comments", "15 comments").encode())
    assert not same_article(PICTURED_KNOWN, PICTURED.replace(old, new).encode())
