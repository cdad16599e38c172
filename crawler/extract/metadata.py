"""What the publisher's metadata says: schema.org (JSON-LD, microdata names), Open Graph, meta tags.

All of it is a claim, kept beside what the page shows. Broken JSON-LD is common;
what can be read of it is, and the rest is left alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias
from urllib.parse import urljoin

from lxml.html import HtmlElement

from store.model import Claims
from store.text import clean

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

# schema.org types of a page that is an article, lower case.
ARTICLE_TYPES = frozenset((
    "article", "newsarticle", "reportagenewsarticle", "analysisnewsarticle", "opinionnewsarticle",
    "askpublicnewsarticle", "backgroundnewsarticle", "reviewnewsarticle", "satiricalarticle",
    "advertisercontentarticle", "blogposting", "report", "liveblogposting", "socialmediaposting",
    "techarticle", "scholarlyarticle", "medicalscholarlyarticle",
))  # fmt: skip
_LARGEST_SCRIPT = 1_000_000  # characters of one JSON-LD script
_MOST_NODES = 5_000
_LONGEST_VALUE = 2_000
_LONGEST_ADDRESS = 2_083
_RELS = frozenset(("canonical", "amphtml", "next", "prev"))
_TRAILING_COMMA = re.compile(r",\s*([}\]])")
_WRAPPING = re.compile(
    r"^\s*(?:<!--|//<!\[CDATA\[|/\*<!\[CDATA\[\*/)|(?:-->|//\]\]>|/\*\]\]>\*/)\s*;?\s*$"
)
_TAGS = re.compile(r"<[^<>]{0,2000}>")


@dataclass(frozen=True, slots=True)
class Metadata:
    """The page's head, read. ``article`` is the schema.org node of the article, or empty."""

    article: dict[str, Json]
    types: frozenset[str]  # every schema.org type on the page, lower case
    meta: dict[str, str]  # name, property or itemprop of meta tags, lower case
    title: str | None = None
    language: str | None = None
    links: dict[str, str] = field(default_factory=dict)  # rel of link tags: first address


def read_metadata(tree: HtmlElement, address: str) -> Metadata:
    """Read the head of a page and its JSON-LD."""
    nodes = [node for script in _scripts(tree) for node in _nodes(script)]
    types = frozenset(kind for node in nodes for kind in _types(node))
    meta = _meta(tree)
    title = tree.find(".//title")
    return Metadata(
        article=_article(nodes, address),
        types=types | _microdata_types(tree),
        meta=meta,
        title=_line(title.text_content()) if title is not None else None,
        language=_language(tree, meta, nodes),
        links=_links(tree, address, meta.get("og:url")),
    )


# --------------------------------------------------------------------------
# JSON-LD


def _scripts(tree: HtmlElement) -> Iterator[Json]:
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower():
            continue
        text = script.text_content()
        if text and len(text) <= _LARGEST_SCRIPT:
            yield _loads(text)


def _loads(text: str) -> Json:
    """JSON as publishers write it: control characters, comment wrappers, trailing commas."""
    text = _WRAPPING.sub("", text.strip())
    for attempt in (text, _TRAILING_COMMA.sub(r"\1", text)):
        try:
            value: Json = json.loads(attempt, strict=False)
        except (ValueError, RecursionError):
            continue
        return value
    return None


def _nodes(value: Json) -> Iterator[dict[str, Json]]:
    """Every typed object of a JSON-LD value, outer ones first, bounded."""
    waiting: list[Json] = [value]
    seen = 0
    while waiting and seen < _MOST_NODES:
        current = waiting.pop(0)
        seen += 1
        if isinstance(current, list):
            waiting.extend(current)
        elif isinstance(current, dict):
            if "@type" in current:
                yield current
            waiting.extend(v for v in current.values() if isinstance(v, dict | list))


def _types(node: dict[str, Json]) -> list[str]:
    kinds = node.get("@type")
    names = kinds if isinstance(kinds, list) else [kinds]
    return [name.rsplit("/", 1)[-1].lower() for name in names if isinstance(name, str)]


def _article(nodes: Sequence[dict[str, Json]], address: str) -> dict[str, Json]:
    """The node that describes this page: an article, of this address if several are there."""
    articles = [node for node in nodes if ARTICLE_TYPES.intersection(_types(node))]
    path = _path(address)
    for node in articles:
        about = _first_text(node.get("mainEntityOfPage")) or _first_text(node.get("url")) or ""
        if _path(about) == path and "headline" in node:
            return node
    return next((node for node in articles if "headline" in node), articles[0] if articles else {})


def _path(address: str) -> str:
    """An address without query, fragment and closing slash."""
    return re.split(r"[?#]", address, maxsplit=1)[0].rstrip("/")


def _first_text(value: Json) -> str | None:
    """The first string in a value: itself, an object's name or id, a list's first."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return _first_text(value.get("name") or value.get("@id") or value.get("url"))
    if isinstance(value, list) and value:
        return _first_text(value[0])
    return None


def json_text(value: Json) -> str | None:
    """A metadata value as one line of plain text without markup, or None."""
    text = _first_text(value)
    return _line(_TAGS.sub(" ", text)) if text else None


def json_texts(value: Json) -> tuple[str, ...]:
    """All of a value's strings, names of objects included, in order."""
    values = value if isinstance(value, list) else [value]
    return tuple(text for text in map(json_text, values) if text)


def _line(text: str) -> str | None:
    line = " ".join(clean(text[: _LONGEST_VALUE * 2]).split())[:_LONGEST_VALUE]
    return line or None


# --------------------------------------------------------------------------
# Tags


def _meta(tree: HtmlElement) -> dict[str, str]:
    found: dict[str, str] = {}
    for tag in tree.iter("meta"):
        name = (
            tag.get("property") or tag.get("name") or tag.get("itemprop") or tag.get("http-equiv")
        )
        value = _line(tag.get("content") or "")
        if name and value:
            found.setdefault(name.lower()[:100], value)
    return found


def _links(tree: HtmlElement, address: str, stated: str | None) -> dict[str, str]:
    """Where the head's links lead, by rel; ``stated`` is canonical where none of them is.

    Links in the body do not count: readers can write them.
    """
    found: dict[str, str] = {}
    base = tree.find(".//base[@href]")
    start = _joined(address, base.get("href") or "") if base is not None else address
    for tag in tree.iterfind(".//head//link[@rel][@href]"):
        target = _joined(start or address, tag.get("href") or "")
        for rel in (tag.get("rel") or "").lower().split():
            if rel in _RELS and target:
                found.setdefault(rel, target)
    canonical = _joined(start or address, stated) if stated else None
    return found if canonical is None else {"canonical": canonical} | found


def _joined(base: str, target: str) -> str | None:
    """An address made absolute; None where it cannot be one."""
    if not target.strip() or len(target) >= _LONGEST_ADDRESS:
        return None
    try:
        return clean(urljoin(base, target.strip()))
    except ValueError:  # "http://[broken"
        return None


def _microdata_types(tree: HtmlElement) -> frozenset[str]:
    kinds = (
        tag.get("itemtype", "")
        for tag in tree.iter("html", "body", "main", "article", "div", "section")
    )
    return frozenset(kind.rsplit("/", 1)[-1].lower() for kind in kinds if "schema.org/" in kind)


def _language(
    tree: HtmlElement, meta: dict[str, str], nodes: Sequence[dict[str, Json]]
) -> str | None:
    stated = [
        tree.get("lang"),
        tree.get("{http://www.w3.org/XML/1998/namespace}lang"),
        tree.get("xml:lang"),
    ]
    stated += [meta.get("og:locale"), meta.get("content-language"), meta.get("language")]
    stated += [json_text(node.get("inLanguage")) for node in nodes]
    for label in stated:
        match = re.match(r"\s*([a-zA-Z]{2})(?:[-_]|\s*$)", label or "")
        if match:
            return match[1].lower()
    return None


# --------------------------------------------------------------------------
# What it comes to

_PUBLISHED = (
    "article:published_time", "datepublished", "og:article:published_time", "date",
    "dc.date.issued", "dc.date", "dcterms.date", "dcterms.created", "pubdate", "publishdate",
    "publish-date", "parsely-pub-date", "sailthru.date", "cxenseparse:recs:publishtime",
    "article.published", "published_at",
)  # fmt: skip
_MODIFIED = (
    "article:modified_time", "datemodified", "og:updated_time", "last-modified",
    "dcterms.modified", "dc.date.modified", "lastmod", "revised", "article.updated",
)  # fmt: skip
_AUTHOR = (
    "author", "article:author", "dc.creator", "dcterms.creator", "parsely-author",
    "sailthru.author", "byl",
)  # fmt: skip


def claims_of(data: Metadata) -> Claims:
    """The publisher's claims about the article."""
    article, meta = data.article, data.meta
    corrections = _corrections(article)
    return Claims(
        published=json_text(article.get("datePublished")) or _first_of(meta, _PUBLISHED),
        modified=json_text(article.get("dateModified")) or _first_of(meta, _MODIFIED),
        corrections=tuple(text for text, _ in corrections),
        correction_times=tuple(time for _, time in corrections),
        live_blog="liveblogposting" in data.types,
        canonical=data.links.get("canonical"),
        social_headline=meta.get("og:title") or meta.get("twitter:title"),
        section=json_text(article.get("articleSection")) or meta.get("article:section"),
        outlet=json_text(article.get("publisher")) or meta.get("og:site_name"),
    )


_MOST_CORRECTIONS = 50  # each is held against every other note; 20,000 took a minute


def _corrections(article: dict[str, Json]) -> list[tuple[str, str | None]]:
    """schema.org ``correction`` with its date: a text, a CorrectionComment, or several."""
    value = article.get("correction")
    found = []
    for one in (value if isinstance(value, list) else [value])[:_MOST_CORRECTIONS]:
        kept = one if isinstance(one, dict) else {"text": one}
        text = json_text(kept.get("text") or kept.get("description"))
        if text and not text.startswith(("http://", "https://")):
            found.append((text, json_text(kept.get("datePublished"))))
    return found


def authors_of(data: Metadata) -> str | None:
    """Who wrote it, by the metadata: names joined with commas."""
    names = json_texts(data.article.get("author")) or json_texts(data.article.get("creator"))
    names = tuple(
        name
        for name in dict.fromkeys(names)
        if not name.startswith(("http", "@")) and len(name) < 200
    )
    if names:
        return ", ".join(names)
    stated = _first_of(data.meta, _AUTHOR)
    return stated if stated and not stated.startswith(("http", "@")) else None


def _first_of(meta: dict[str, str], names: Sequence[str]) -> str | None:
    return next((meta[name] for name in names if name in meta), None)


def stamp(text: str | None) -> str | None:
    """A time as RFC 3339 where it can be read as one, else as worded."""
    if not text:
        return None
    try:
        return datetime.fromisoformat(text.strip()).isoformat()
    except ValueError:
        return text
