"""Pages of ten outlets in 28 languages, drawn anew at every look: frames, furniture, walls.

The data stand beside this: ``lifelike_frames.toml`` (mark-up), ``lifelike_stories.toml``,
``lifelike_furniture.toml`` (what rotates, counts and advertises), ``lifelike_walls.toml`` and
``lifelike_visits.toml`` (what stands in an article's place) and ``lifelike_decoys.toml`` (short
articles about such things). Nothing here is a page of anybody's.
"""

from __future__ import annotations

import json
import random
import re
import tomllib
from dataclasses import dataclass, field, replace
from html import escape
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads((_HERE / f"lifelike_{name}.toml").read_text(encoding="utf-8"))


FRAMES: dict[str, dict[str, str]] = {row["name"]: row for row in _table("frames")["frame"]}
STORIES: list[dict[str, Any]] = _table("stories")["story"]
# What is said in an article's place in each language: the details that name it, how it may stand.
_VISITS: dict[str, tuple[list[str], str]] = {
    "consent": (["cookie_wall"], "bare inside kept"),
    "captcha": (["captcha"], "bare inside"),
    "geo": (["block_page"], "bare inside kept"),
    "paywall": (["paywall"], "teaser"),
    "login": (["login"], "bare inside kept"),
    "soft404": (["soft_404"], "bare inside"),
    "tombstone": (["soft_404"], "bare inside kept"),
    "maintenance": (["maintenance"], "bare inside"),
    "ratelimit": (["block_page", "maintenance", "captcha"], "bare inside"),
    "age": (["age_gate", "login", "block_page", "cookie_wall"], "bare inside kept"),
    "adblock": (["adblock_wall", "block_page"], "bare inside kept"),
}
_WHOLE = ("bare", "inside")
# A language without a story of its own has no article that a wall could leave a beginning of.
_TOLD_IN = {story["language"] for story in STORIES}
VISITS: list[dict[str, Any]] = [
    {"kind": f"{kind}_{language}", "language": language, "names": names, "modes": stands}
    | ({"text": said} if modes == "teaser" else {"title": said[0], "text": said[1:]})
    for language, table in _table("visits").items()
    for kind, said in table.items()
    for names, modes in [_VISITS[kind]]
    if (stands := [one for one in modes.split() if language in _TOLD_IN or one in _WHOLE])
]
WALLS: list[dict[str, Any]] = _table("walls")["wall"] + VISITS
DECOYS: list[dict[str, Any]] = _table("decoys")["decoy"]
_FURNITURE = _table("furniture")
_STAMPS = re.compile(
    r'<meta property="article:[^>]*>|<script type="application/ld\+json">.*?</script>'
)


@dataclass(frozen=True, slots=True)
class Article:
    """An article as its outlet has it at one moment; notes by the place where they stand."""

    key: str
    language: str
    headline: str
    standfirst: str
    author: str
    text: tuple[str, ...]
    notes: dict[str, str] = field(default_factory=dict)
    comments: tuple[str, ...] = ()
    social: str = ""


def article_of(story: dict[str, Any]) -> Article:
    """The story as first published."""
    names = ("key", "language", "headline", "standfirst", "author")
    return Article(*(story[name] for name in names), text=tuple(story["text"]))


def drawn(
    article: Article,
    frame: str,
    chance: random.Random,
    *,
    body: str | None = None,
    boxes: bool = False,
) -> str:
    """One look at an article: ``body`` stands in its text's place, ``boxes`` rotate inside it."""
    pen = _Pen(article, FRAMES[frame], chance, boxes, body)
    return re.sub(r"\$([a-z_]+)", lambda name: pen.word(name[1]), FRAMES[frame]["html"])


def wall(row: dict[str, Any], article: Article, frame: str, chance: random.Random) -> str:
    """A page on which ``row`` of the walls stands in the article's place."""
    said = "".join(f"<p>{escape(text)}</p>" for text in row["text"])
    mode = chance.choice(row["modes"]) if "modes" in row else _mode(row)
    if mode == "teaser":
        lines = article.text[: row.get("teaser", chance.randrange(1, 3))]
        shown = "".join(f"<p>{escape(text)}</p>" for text in lines)
        return drawn(
            article, frame, chance, body=f'{shown}<div class="x{chance.random()}">{said}</div>'
        )
    title = escape(row["title"])
    if mode == "kept":
        said = f"<h2>{title}</h2>{said}"
        return drawn(replace(article, text=()), frame, chance, body=said)
    if mode == "bare":
        return (
            f'<!DOCTYPE html><html lang="{row["language"]}"><head><meta charset="utf-8">'
            f"<title>{title}</title><script>t={chance.random()}</script></head>"
            f"<body><div><h1>{title}</h1>{said}<button>OK</button></div></body></html>"
        )
    nobody = Article(article.key, row["language"], row["title"], "", "", ())
    return _STAMPS.sub("", drawn(nobody, frame, chance, body=said))


def decoy(row: dict[str, Any], frame: str, chance: random.Random, *, stamped: bool) -> str:
    """A short article about a wall; without a stamp, nothing says when and by whom it is."""
    author = "Ana Lund" if stamped else ""
    article = Article("d", row["language"], row["headline"], "", author, tuple(row["text"]))
    page = drawn(article, frame, chance)
    return page if stamped else _STAMPS.sub("", page)


def _mode(row: dict[str, Any]) -> str:
    return "teaser" if "teaser" in row else "bare" if row.get("bare") else "inside"


@dataclass(frozen=True, slots=True)
class _Pen:
    """Writes what stands behind each name of a frame."""

    article: Article
    frame: dict[str, str]
    chance: random.Random
    boxes: bool
    body: str | None

    def word(self, name: str) -> str:
        if name in ("headline", "standfirst", "author", "key", "language"):
            return escape(str(getattr(self.article, name)))
        drawer = getattr(self, f"_{name}", None)
        if drawer is not None:
            return str(drawer())
        return escape(self._furniture()[name]) if name in self._furniture() else f"${name}"

    def _furniture(self) -> dict[str, Any]:
        words: dict[str, Any] = _FURNITURE.get(self.article.language, _FURNITURE["en"])
        return words

    def _pick(self, name: str) -> str:
        return escape(self.chance.choice(self._furniture()[name]))

    def _social(self) -> str:
        return escape(self.article.social or self.article.headline)

    def _modified(self) -> str:
        return "2026-11-10T09:12:00+00:00"

    def _token(self) -> str:
        return f"{self.chance.randrange(16**10):x}"

    _hash = _token

    def _count(self) -> int:
        return self.chance.randrange(2, 9999)

    def _ago(self) -> str:
        return self._pick("ago").replace("{n}", str(self.chance.randrange(2, 59)))

    def _comment_count(self) -> str:
        return str(self._furniture()["comments"]).replace("{n}", str(self.chance.randrange(300)))

    def _newsletter(self) -> str:
        return self._pick("newsletter")

    def _nav(self) -> str:
        return "".join(f'<a href="/{word}">{word}</a>' for word in ("news", "sport", "culture"))

    def _teasers(self, tag: str = "li", extra: str = "") -> str:
        titles = self.chance.sample(self._furniture()["teasers"], 5)
        return "".join(
            f'<{tag} class="teaser"><a href="/s/{self._token()}">{escape(title)}</a>{extra}</{tag}>'
            for title in titles
        )

    def _links(self) -> str:
        return self._teasers("div")

    def _cards(self) -> str:
        return self._teasers("div", f'<p class="teaser__text">{self._newsletter()}</p>')

    def _figure(self) -> str:
        return ""

    def _comments(self) -> str:
        rows = "".join(
            f"<div><b>reader</b><p>{escape(one)}</p></div>" for one in self.article.comments
        )
        return f'<section class="comments" id="comments">{rows}</section>' if rows else ""

    def _data(self, **more: str) -> str:
        article = self.article
        data: dict[str, Any] = {"@type": "NewsArticle", "headline": article.headline, **more}
        data |= {"@context": "https://schema.org", "datePublished": "2026-11-10T08:00:00+00:00"}
        data["author"] = [{"@type": "Person", "name": article.author}]
        if "data" in article.notes:
            data["correction"] = {"@type": "CorrectionComment", "text": article.notes["data"]}
        text = json.dumps(data, ensure_ascii=False).replace("</", "<\\/")
        return f'<script type="application/ld+json">{text}</script>'

    def _data_with_text(self) -> str:
        return self._data(articleBody="\n\n".join(self.article.text))

    def _text(self) -> str:
        return json.dumps("\n".join(self.article.text))[1:-1].replace("</", "<\\/")

    def _body(self) -> str:
        if self.body is not None:
            return self.body
        notes, parts = self.article.notes, [self._note("top")]
        for at, text in enumerate(self.article.text):
            parts.append(self._paragraph(text))
            if at == 1 and "inline" in notes:
                parts.append(self._paragraph(notes["inline"]))
            if self.boxes and at in (1, 3):
                parts.append(self._box())
        return "".join((*parts, self._note("end")))

    def _paragraph(self, text: str) -> str:
        return self.frame["paragraph"].replace("$hash", self._token()).replace("{}", escape(text))

    def _note(self, place: str) -> str:
        text = self.article.notes.get(place)
        return f'<p class="{self.frame["note"]}">{escape(text)}</p>' if text else ""

    def _box(self) -> str:
        more, teaser = escape(self._furniture()["more"]), self._pick("teasers")
        return self.chance.choice(
            (
                f'<div class="newsletter-signup"><p>{self._newsletter()}</p></div>',
                f'<p><strong>{more} <a href="/s/{self._token()}">{teaser}</a></strong></p>',
                f'<div class="ad-slot">{escape(self._furniture()["ad"])}</div>',
                "",
            )
        )
