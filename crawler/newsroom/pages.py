"""The newsroom's pages: pure functions from a moment and a count of showings to bytes."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from feedgen.feed import FeedGenerator

from crawler.newsroom.stories import Paragraph, State, Story

OUTLETS = {"courier": "The Harbour Courier", "northline": "Northline"}
_FOLDER = Path(__file__).parent
_APPEAL = (
    "Good local reporting costs money. If you can, support The Harbour Courier "
    "from two crowns a month."
)
_GONE = "<!DOCTYPE html><html><head><title>Gone</title></head><body><h1>410 Gone</h1></body></html>"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the newsroom answers to one request."""

    status: int
    content_type: str
    body: bytes
    etag: str | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """When and where a page is asked for. ``hits`` counts its showings before this one."""

    started_at: datetime
    elapsed: float
    base: str
    hits: int = 0

    @property
    def now(self) -> datetime:
        """The newsroom's time."""
        return self.started_at + timedelta(seconds=self.elapsed)


def page(stories: tuple[Story, ...], path: str, moment: Moment) -> Answer:
    """Return the answer to a GET of ``path`` at ``moment``."""
    for story in stories:
        if story.path == path:
            return article(story, stories, moment)
    outlet, _, rest = path.removeprefix("/").partition("/")
    if outlet in OUTLETS and rest in {"", "feed.xml"}:
        return (feed if rest else front)(outlet, stories, moment)
    return _site(stories, path, moment)


def _site(stories: tuple[Story, ...], path: str, moment: Moment) -> Answer:
    """Return what belongs to neither outlet."""
    if path == "/sitemap.xml":
        return sitemap(stories, moment)
    if path == "/robots.txt":
        rules = f"User-agent: *\nDisallow: /courier/search\nSitemap: {moment.base}/sitemap.xml\n"
        return Answer(200, "text/plain; charset=utf-8", rules.encode())
    if path == "/":
        return _html(200, "".join(f"<p><a href='/{o}/'>{n}</a></p>" for o, n in OUTLETS.items()))
    return _html(404, "<h1>Not found</h1>")


def article(story: Story, stories: tuple[Story, ...], moment: Moment) -> Answer:
    """Return an article's page as it is at ``moment``."""
    state = story.state(moment.elapsed, moment.hits)
    if state.status != 200:
        return Answer(state.status, "text/html; charset=utf-8", _GONE.encode())
    template = Template((_FOLDER / f"{story.outlet}.html").read_text())
    body = template.substitute(_values(story, state, stories, moment)).encode()
    etag = f'"{hashlib.sha256(body).hexdigest()[:20]}"' if story.stable else None
    return Answer(200, "text/html; charset=utf-8", body, etag)


def feed(outlet: str, stories: tuple[Story, ...], moment: Moment) -> Answer:
    """Return an outlet's RSS feed; articles that were taken down are no longer in it."""
    made = FeedGenerator()
    made.title(OUTLETS[outlet])
    made.link(href=f"{moment.base}/{outlet}/", rel="alternate")
    made.description(f"News from {OUTLETS[outlet]}, an invented outlet")
    for story, state in _shown(stories, moment, outlet):
        entry = made.add_entry(order="append")
        entry.id(moment.base + story.path)
        entry.link(href=moment.base + story.path)
        entry.title(state.headline)
        entry.description(story.standfirst)
        entry.published(_published(story, moment))
    return Answer(200, "application/rss+xml; charset=utf-8", made.rss_str(pretty=True))


def front(outlet: str, stories: tuple[Story, ...], moment: Moment) -> Answer:
    """Return an outlet's front page, which announces its feed."""
    items = "".join(
        f'<h2><a href="{story.path}">{escape(state.headline)}</a></h2>'
        f"<p>{escape(story.standfirst)}</p>"
        for story, state in _shown(stories, moment, outlet)
    )
    head = (
        f"<title>{OUTLETS[outlet]}</title><link rel='alternate' type='application/rss+xml' "
        f"title='{OUTLETS[outlet]}' href='/{outlet}/feed.xml'>"
    )
    return _html(200, f"<h1>{OUTLETS[outlet]}</h1>{items}", head)


def sitemap(stories: tuple[Story, ...], moment: Moment) -> Answer:
    """Return the sitemap of both outlets."""
    entries = "".join(
        f"<url><loc>{escape(moment.base + story.path)}</loc>"
        f"<lastmod>{_modified(story, state, moment).isoformat()}</lastmod></url>"
        for story, state in _shown(stories, moment)
    )
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    text = f'<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="{space}">{entries}</urlset>'
    return Answer(200, "application/xml; charset=utf-8", text.encode())


def _shown(
    stories: tuple[Story, ...], moment: Moment, outlet: str | None = None
) -> list[tuple[Story, State]]:
    """Return the articles that are there at ``moment``, with their first headline."""
    both = [(s, s.state(moment.elapsed)) for s in stories if outlet in {None, s.outlet}]
    return [(story, state) for story, state in both if state.status == 200]


def _values(
    story: Story, state: State, stories: tuple[Story, ...], moment: Moment
) -> dict[str, str]:
    published = _published(story, moment)
    return {
        "language": story.language,
        "headline": escape(state.headline),
        "standfirst": escape(story.standfirst),
        "section": escape(story.section),
        "section_id": escape(story.section.lower()),
        "byline": escape(story.byline),
        "address": escape(moment.base + story.path),
        "published": published.isoformat(timespec="seconds"),
        "published_words": f"{published:%d %B %Y, %H:%M}",
        "modified": _modified(story, state, moment).isoformat(timespec="seconds"),
        "json_ld": _json_ld(story, state, moment),
        "figure": _figure(story),
        "top_notes": "\n".join(_note(note) for note in state.top_notes),
        "body": "\n".join(_body(story, state)),
        "end_notes": "\n".join(_note(note) for note in state.end_notes),
        "comments": _comments(story, moment),
        "token": "stable" if story.stable else _token(story, moment),
        "ticker": "" if story.stable else _ticker(moment),
        "relative": "" if story.stable else f" &middot; {_ago(story, moment)}",
        "furniture": "" if story.stable else _furniture(story, stories, moment),
    }


def _published(story: Story, moment: Moment) -> datetime:
    published = moment.started_at - timedelta(minutes=story.age_minutes)
    return published.astimezone(UTC).replace(microsecond=0)


def _modified(story: Story, state: State, moment: Moment) -> datetime:
    """Return what the publisher claims, which silent changes do not move."""
    if state.stamped_after is None:
        return _published(story, moment)
    stamped = moment.started_at + timedelta(seconds=state.stamped_after)
    return stamped.astimezone(UTC).replace(microsecond=0)


def _json_ld(story: Story, state: State, moment: Moment) -> str:
    outlet = OUTLETS[story.outlet]
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": state.headline,
        "description": story.standfirst,
        "inLanguage": story.language,
        "datePublished": _published(story, moment).isoformat(),
        "dateModified": _modified(story, state, moment).isoformat(),
        "author": [{"@type": "Person", "name": story.byline.removeprefix("By ")}],
        "publisher": {"@type": "Organization", "name": outlet},
        "mainEntityOfPage": moment.base + story.path,
        "articleSection": story.section,
    }
    if story.outlet == "northline":
        data.pop("@context")
        site = {"@type": "WebSite", "name": outlet, "url": f"{moment.base}/northline/"}
        data = {"@context": "https://schema.org", "@graph": [site, data]}
    return json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")


def _figure(story: Story) -> str:
    if story.caption is None:
        return ""
    return (
        '<figure><svg width="640" height="300" role="img" aria-label="Picture">'
        '<rect width="640" height="300" fill="#cfd8dc"/></svg>'
        f"<figcaption>{escape(story.caption)}</figcaption></figure>"
    )


def _body(story: Story, state: State) -> list[str]:
    """Return the paragraphs' mark-up, with the boxes that sites put between them."""
    pieces = [_paragraph(story, paragraph) for paragraph in state.paragraphs]
    if story.outlet == "courier" and len(pieces) > 5 and not story.stable:
        pieces.insert(4, f'<div class="promo donate"><p>{_APPEAL}</p></div>')
    return pieces


def _paragraph(story: Story, paragraph: Paragraph) -> str:
    text = escape(paragraph.text, quote=False)
    if paragraph.kind == "heading":
        return f"<h2>{text}</h2>"
    if paragraph.kind == "note":
        label, colon, rest = text.partition(":")
        return f"<p><strong>{label}{colon}</strong>{rest}</p>"
    return f"<p>{text}</p>" if story.outlet == "courier" else f'<p class="nl-p">{text}</p>'


def _note(text: str) -> str:
    label, colon, rest = escape(text, quote=False).partition(":")
    return f'<p class="note"><em><strong>{label}{colon}</strong>{rest}</em></p>'


def _comments(story: Story, moment: Moment) -> str:
    comments = story.comments_by(moment.elapsed)
    if not comments:
        return ""
    items = "".join(
        f'<li class="comment depth-{comment.depth + 1}" id="comment-{number}">'
        '<div class="comment-author vcard">'
        f'<cite class="fn">{escape(comment.author)}</cite> says:</div>'
        f'<div class="comment-content"><p>{escape(comment.text)}</p></div>'
        f'<div class="reply"><a href="#respond">Reply</a></div></li>'
        for number, comment in enumerate(comments, 1)
    )
    return (
        f'<section id="comments" class="comments-area"><h2>{len(comments)} comments</h2>'
        f'<ol class="comment-list">{items}</ol><div id="respond">Log in to comment.</div></section>'
    )


def _ticker(moment: Moment) -> str:
    return (
        f'<div class="ticker" aria-live="polite">{12 + moment.hits * 7 % 31} people are reading '
        f"along &middot; {moment.now:%H:%M:%S}</div>"
    )


def _ago(story: Story, moment: Moment) -> str:
    minutes = story.age_minutes + int(moment.elapsed // 60)
    return f'<span class="ago">{minutes} minutes ago</span>'


def _furniture(story: Story, stories: tuple[Story, ...], moment: Moment) -> str:
    """Return the boxes under an article, which differ at every showing."""
    others = [each for each in stories if each.outlet == story.outlet and each != story]
    turn = moment.hits % len(others)
    related = "".join(
        f'<li class="nl-card"><a href="{each.path}">{escape(each.opening.headline)}</a></li>'
        for each in (others[turn:] + others[:turn])[:3]
    )
    shares = 120 + moment.hits * 3 + int(moment.elapsed)
    return (
        f'<aside class="related"><h3>Read next</h3><ul>{related}</ul></aside>'
        f'<div class="newsletter"><p>Get the evening letter. {shares} shares so far.</p></div>'
        f'<div class="ad-slot" data-ad="{_token(story, moment)[:8]}">Advertisement</div>'
    )


def _token(story: Story, moment: Moment) -> str:
    seed = f"{story.path} {moment.hits} {moment.elapsed}"
    return hashlib.sha256(seed.encode()).hexdigest()[:32]


def _html(status: int, body: str, head: str = "<title>The newsroom</title>") -> Answer:
    text = f'<!DOCTYPE html><html lang="en"><head>{head}</head><body>{body}</body></html>'
    return Answer(status, "text/html; charset=utf-8", text.encode())
