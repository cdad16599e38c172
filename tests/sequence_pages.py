# ruff: noqa: E501 - templates read better as the lines of HTML that they are
"""Pages of invented stories in four templates, with furniture that changes at every fetch."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

_STORIES = Path(__file__).with_name("sequence_stories.toml")

FURNITURE = ("related", "ago", "counters", "ads", "tokens", "readnext", "newsletter", "comments")
"""What surrounds a story and may change by itself."""


@dataclass(frozen=True, slots=True)
class Story:
    """An invented story, and what may happen to it (sequence_stories.toml)."""

    slug: str
    language: str
    outlet: str
    headline: str
    test_headline: str
    rewritten: str
    standfirst: str
    byline: str
    paragraphs: tuple[str, ...]
    edit: tuple[str, str]
    quote: tuple[str, str]
    added: str
    notes: dict[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Placed:
    """A note on a page: ``place`` is top, inline or end; ``style`` one of NOTE_STYLES."""

    label: str
    words: str
    place: str
    style: str


@dataclass(frozen=True, slots=True)
class Page:
    """One state of a story: what an editor would call its text."""

    story: Story
    headline: str
    standfirst: str
    paragraphs: tuple[str, ...]
    notes: tuple[Placed, ...] = ()


@dataclass(frozen=True, slots=True)
class Dress:
    """What is around a story at one fetch: ``turn`` for the furniture named in ``moving``."""

    turn: int = 0
    moving: frozenset[str] = frozenset()
    modified: int = 0

    def of(self, name: str) -> int:
        return self.turn if name in self.moving else 0


@lru_cache(maxsize=1)
def stories() -> dict[str, Story]:
    """All stories by slug."""
    rows = tomllib.loads(_STORIES.read_text("utf-8"))["story"]
    return {row["slug"]: _story(row) for row in rows}


def _story(row: dict[str, Any]) -> Story:
    pairs = {"edit": tuple(row["edit"]), "quote": tuple(row["quote"])}
    notes = {kind: tuple(note) for kind, note in row["notes"].items()}
    return Story(**{**row, **pairs, "paragraphs": tuple(row["paragraphs"]), "notes": notes})


def base(story: Story) -> Page:
    """The story as it was first published."""
    return Page(story, story.headline, story.standfirst, story.paragraphs)


NOTE_STYLES: dict[str, Callable[[str, str], str]] = {
    "plain": lambda label, words: f"<p>{label}: {words}</p>",
    "strong": lambda label, words: f"<p><strong>{label}:</strong> {words}</p>",
    "italic": lambda label, words: f"<p><em>{label}: {words}</em></p>",
    "box": lambda label, words: (
        f'<div class="article-note"><h4 class="article-note__label">{label}</h4><p>{words}</p></div>'
    ),
    "spans": lambda label, words: (
        f'<div class="note"><span class="note-label">{label}</span> <span>{words}</span></div>'
    ),
    "dated": lambda label, words: f"<p><b>{label} (14 March 2026):</b> {words}</p>",
}


def _notes(page: Page, place: str) -> list[str]:
    return [
        NOTE_STYLES[note.style](escape(note.label, quote=False), escape(note.words, quote=False))
        for note in page.notes
        if note.place == place
    ]


def _body(page: Page, dress: Dress) -> list[str]:
    """The body's blocks as HTML: paragraphs, notes, and the furniture set between them."""
    blocks = [f"<p>{escape(text, quote=False)}</p>" for text in page.paragraphs]
    middle = min(3, len(blocks) - 1)
    read_next = f'<p><strong>READ NEXT: <a href="/r{dress.of("readnext")}">{_tease(dress.of("readnext"))}</a></strong></p>'
    inside = [_ad(dress.of("ads")), read_next, *_notes(page, "inline")]
    return [*_notes(page, "top"), *blocks[:middle], *inside, *blocks[middle:], *_notes(page, "end")]


_TEASES = (
    "The lighthouse keeper who stayed",
    "Five walks along the coast for a rainy Sunday",
    "Bakers warn of dearer bread before the holidays",
    "How a village choir won a prize nobody had heard of",
    "What the new parking rules mean for visitors",
    "Museum shows the toys of three centuries",
    "Storm warning lifted for the northern islands",
)


def _tease(turn: int) -> str:
    return _TEASES[turn % len(_TEASES)]


def _teases(turn: int, count: int = 4) -> str:
    return "".join(f'<li><a href="/s/{turn + n}">{_tease(turn + n)}</a></li>' for n in range(count))


def _token(turn: int, salt: str) -> str:
    return hashlib.sha256(f"{salt}{turn}".encode()).hexdigest()[:16]


def _ad(turn: int) -> str:
    return (
        f'<div class="ad-slot ad-{turn}" id="ad-{_token(turn, "ad")}"><span>Advertisement</span>'
        f'<a href="https://ads.invalid/c?{turn}"><img src="/ad{turn}.png" alt=""></a>'
        f"<script>window.ad={turn};</script></div>"
    )


def _comments(turn: int) -> str:
    said = [
        "I cross there every day and nobody told us anything.",
        "Correction: it was my aunt who chaired that board, not Ida.",
        "Update: I asked at the office and they know nothing.",
        "Typical. The headline does not even match the story.",
        "Thanks for reporting on this, it matters to many of us.",
    ]
    items = "".join(
        f'<li class="comment depth-1" id="comment-{n}"><article class="comment-body">'
        f'<cite class="fn">reader{n}</cite><time>{turn - n} hours ago</time>'
        f"<p>{said[n % len(said)]}</p></article></li>"
        for n in range(turn + 2)
    )
    return (
        f'<div id="comments" class="comments-area"><h2 class="comments-title">{turn + 2} comments</h2>'
        f'<ol class="comment-list">{items}</ol></div>'
    )


def _newsletter(turn: int) -> str:
    offers = (
        "Get our morning letter.",
        "Join 20,000 readers of our weekly letter.",
        "Never miss a story.",
    )
    return (
        f'<div class="newsletter-signup"><p>{offers[turn % 3]}</p>'
        '<form><input type="email"><button>Sign up</button></form></div>'
    )


def _counters(turn: int) -> str:
    return (
        f'<div class="share-bar"><span class="views">{1200 + 37 * turn} views</span> '
        f'<span class="shares">{14 + turn} shares</span></div>'
    )


def _ago(turn: int) -> str:
    return f'<span class="posted-on"><time datetime="2026-03-10T08:00:00Z">{3 + turn} hours ago</time></span>'


def wordpress(page: Page, dress: Dress) -> str:
    """A blog's page: entry-content, a sidebar of widgets, a comment thread."""
    story = page.story
    title = escape(page.headline)
    lead = (
        f'<p class="entry-excerpt"><em>{escape(page.standfirst)}</em></p>'
        if page.standfirst
        else ""
    )
    return f"""<!DOCTYPE html><html lang="{story.language}"><head><meta charset="utf-8">
<title>{title} - {escape(story.outlet)}</title><meta name="nonce" content="{_token(dress.of("tokens"), "n")}">
<meta property="og:type" content="article"><meta property="og:site_name" content="{escape(story.outlet)}">
<meta property="article:published_time" content="2026-03-10T08:00:00+00:00">
<link rel="stylesheet" href="/style.css?ver={_token(dress.of("tokens"), "css")}"></head>
<body class="post-template-default single single-post">
<header class="site-header"><p class="site-title"><a href="/">{escape(story.outlet)}</a></p>
<nav class="main-navigation"><ul><li><a href="/">Home</a></li><li><a href="/news">News</a></li></ul></nav></header>
<main id="main"><article id="post-77" class="post type-post status-publish hentry">
<header class="entry-header"><h1 class="entry-title">{title}</h1>
<div class="entry-meta">{_ago(dress.of("ago"))} <span class="byline">by <span class="author vcard">
<a class="url fn n" rel="author" href="/author/x">{escape(story.byline)}</a></span></span></div></header>
<div class="entry-content">{lead}{"".join(_body(page, dress))}
{_counters(dress.of("counters"))}{_newsletter(dress.of("newsletter"))}</div>
</article>{_comments(dress.of("comments"))}</main>
<aside class="sidebar widget-area"><section class="widget"><h2 class="widget-title">Most read</h2>
<ul>{_teases(dress.of("related"))}</ul></section></aside>
<footer class="site-footer"><p>© 2026 {escape(story.outlet)}</p></footer>
<script>var token="{_token(dress.of("tokens"), "t")}";</script></body></html>"""


def news(page: Page, dress: Dress) -> str:
    """A newspaper's page: JSON-LD, a header with standfirst and byline, related boxes."""
    story = page.story
    title = escape(page.headline)
    data = json.dumps(
        {
            "@context": "https://schema.org",
            "@type": "NewsArticle",
            "headline": page.headline,
            "description": page.standfirst,
            "datePublished": "2026-03-10T08:00:00Z",
            "dateModified": f"2026-03-10T{8 + dress.modified % 12:02}:00:00Z",
            "inLanguage": story.language,
            "author": {"@type": "Person", "name": story.byline},
            "publisher": {"@type": "Organization", "name": story.outlet},
        }
    ).replace("<", "\\u003c")
    lead = (
        f'<p class="article__standfirst">{escape(page.standfirst)}</p>' if page.standfirst else ""
    )
    return f"""<!doctype html><html lang="{story.language}"><head><meta charset="utf-8">
<title>{title} | {escape(story.outlet)}</title><meta name="csrf-token" content="{_token(dress.of("tokens"), "csrf")}">
<meta property="og:title" content="{title}"><meta property="og:type" content="article">
<script type="application/ld+json">{data}</script></head><body>
<div class="masthead"><a href="/">{escape(story.outlet)}</a></div>
<nav><a href="/world">World</a> <a href="/city">City</a> <a href="/sport">Sport</a></nav>
<div class="breaking-ticker"><a href="/live">{_tease(dress.of("related") + 3)}</a></div>
<main><article class="article" data-request="{_token(dress.of("tokens"), "req")}">
<header class="article__header"><h1 class="article__headline">{title}</h1>{lead}
<p class="article__byline">By <a rel="author" href="/by/x">{escape(story.byline)}</a></p>{_ago(dress.of("ago"))}
{_counters(dress.of("counters"))}</header>
<figure><img src="/img.jpg?{_token(dress.of("tokens"), "i")}" alt=""></figure>
<div class="article__body css-{_token(dress.of("tokens"), "c")}">{"".join(_body(page, dress))}</div>
{_newsletter(dress.of("newsletter"))}
<section class="related-stories"><h3>More on this</h3><ul>{_teases(dress.of("related"))}</ul></section>
</article><aside class="most-read"><h3>Most read</h3><ol>{_teases(dress.of("related") + 2, 5)}</ol></aside>
<section class="comments" id="comments">{_comments(dress.of("comments"))}</section></main>
<footer><p>Contact · Imprint · Privacy</p></footer></body></html>"""


def amp(page: Page, dress: Dress) -> str:
    """A stripped page in the manner of AMP."""
    story = page.story
    title = escape(page.headline)
    lead = f'<h2 class="subtitle">{escape(page.standfirst)}</h2>' if page.standfirst else ""
    return f"""<!doctype html><html amp lang="{story.language}"><head><meta charset="utf-8">
<title>{title}</title><meta name="author" content="{escape(story.byline)}">
<meta property="og:site_name" content="{escape(story.outlet)}"></head><body>
<header><a href="/">{escape(story.outlet)}</a></header>
<amp-analytics config="/a?{_token(dress.of("tokens"), "amp")}"></amp-analytics>
<article><h1>{title}</h1>{lead}<p class="author">{escape(story.byline)}</p>{_ago(dress.of("ago"))}
{"".join(_body(page, dress))}
<amp-ad width="300" height="250" data-slot="{dress.of("ads")}"></amp-ad>
<div class="recommended"><h4>You may also like</h4><ul>{_teases(dress.of("related"))}</ul></div>
</article><footer>{_counters(dress.of("counters"))}</footer></body></html>"""


def plain(page: Page, dress: Dress) -> str:
    """A page of divs without any meaning in its mark-up, as small outlets have them."""
    story = page.story
    title = escape(page.headline)
    lead = f"<p><b>{escape(page.standfirst)}</b></p>" if page.standfirst else ""
    return f"""<html lang="{story.language}"><head><meta charset="utf-8"><title>{title}</title></head><body>
<div id="top"><a href="/">{escape(story.outlet)}</a> | <a href="/a">Archive</a> | <a href="/c">Contact</a></div>
<div id="content"><h1>{title}</h1><div class="date">{_ago(dress.of("ago"))}</div>
<div class="by">{escape(story.byline)}</div>{lead}{"".join(_body(page, dress))}</div>
<div id="right"><b>Also read</b><ul>{_teases(dress.of("related"))}</ul>{_counters(dress.of("counters"))}</div>
<div id="foot">Visitor number {90210 + dress.of("counters")}. All rights reserved.</div></body></html>"""


TEMPLATES: dict[str, Callable[[Page, Dress], str]] = {
    "wordpress": wordpress,
    "news": news,
    "amp": amp,
    "plain": plain,
}
