"""What the standards ask of a feed: a RELAX NG of RFC 4287 (atom.rng) and JSON Feed 1.1."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from lxml import etree

ATOM = "{http://www.w3.org/2005/Atom}"
_GRAMMAR = etree.RelaxNG(etree.parse(Path(__file__).with_name("atom.rng")))
_URL = {"type": "string", "pattern": "^https?://[^\\s]+$"}
_EXTENSION = {"^_[a-zA-Z]": {"type": "object"}}
_AUTHORS = {
    "type": "array",
    "minItems": 1,
    "items": {
        "type": "object",
        "minProperties": 1,
        "properties": {"name": {"type": "string", "minLength": 1}, "url": _URL, "avatar": _URL},
        "additionalProperties": False,
    },
}
_ITEM = {
    "type": "object",
    "required": ["id"],
    "anyOf": [{"required": ["content_html"]}, {"required": ["content_text"]}],
    "properties": {
        "id": {"type": "string", "minLength": 1},
        "url": _URL,
        "external_url": _URL,
        "title": {"type": "string"},
        "content_html": {"type": "string"},
        "content_text": {"type": "string"},
        "summary": {"type": "string"},
        "date_published": {"type": "string", "format": "date-time", "pattern": "T.*Z$"},
        "date_modified": {"type": "string", "format": "date-time", "pattern": "T.*Z$"},
        "authors": _AUTHORS,
        "tags": {"type": "array", "items": {"type": "string"}},
        "language": {"type": "string"},
    },
    "patternProperties": _EXTENSION,
    "additionalProperties": False,
}
_FEED = {
    "type": "object",
    "required": ["version", "title", "items"],
    "properties": {
        "version": {"const": "https://jsonfeed.org/version/1.1"},
        "title": {"type": "string", "minLength": 1},
        "home_page_url": _URL,
        "feed_url": _URL,
        "description": {"type": "string"},
        "next_url": _URL,
        "authors": _AUTHORS,
        "language": {"type": "string"},
        "items": {"type": "array", "items": _ITEM},
    },
    "patternProperties": _EXTENSION,
    "additionalProperties": False,
}
"""JSON Feed 1.1, "top-level" and "items", as a schema; https://www.jsonfeed.org/version/1.1/."""


def faults_of_atom(body: bytes) -> list[str]:
    """What is wrong with an Atom feed: its grammar, and what the RFC says in words."""
    feed = etree.fromstring(body)
    faults = [] if _GRAMMAR.validate(feed) else [str(one) for one in _GRAMMAR.error_log]
    entries = feed.findall(f"{ATOM}entry")
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    if len(set(ids)) < len(ids):
        faults.append("4.2.6: two entries have one id")
    if not feed.findall(f"{ATOM}author") and not all(e.findall(f"{ATOM}author") for e in entries):
        faults.append("4.2.1: an entry has no author")
    if [one.get("href") for one in feed.findall(f"{ATOM}link[@rel='self']")] == []:
        faults.append("4.1.1: the feed has no link to itself")
    for entry in entries:
        alternates = [
            (one.get("type"), one.get("hreflang"))
            for one in entry.findall(f"{ATOM}link")
            if one.get("rel", "alternate") == "alternate"
        ]
        if len(set(alternates)) != len(alternates) or not alternates:
            faults.append("4.1.2: not one alternate link of each type")
    return faults


def faults_of_json(made: Any) -> list[str]:
    """What is wrong with a JSON Feed."""
    checker = Draft202012Validator(_FEED, format_checker=FormatChecker())
    faults = [f"{one.json_path}: {one.message}" for one in checker.iter_errors(made)]
    ids = [item.get("id") for item in made.get("items", ())]
    return faults if len(set(ids)) == len(ids) else [*faults, "two items have one id"]
