"""Sequences of lifelike pages, each with an oracle, read and judged in one process.

Extract, gate, judge and compare as the product does, without network and disk: a thousand
sequences take half a minute. ``tests/sequences.py`` plays other pages through the whole product.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from crawler import answers
from crawler.extract import read_page
from lifelike_pages import DECOYS, FRAMES, STORIES, WALLS, Article, article_of, decoy, drawn, wall
from store.model import Fetch, Outcome, Snapshot, Why
from store.replay import Fact, Replay, Step

_ROW = [
    *("current_version", "before_version", "versions", "checks", "confirms", "waiting"),
    *("last_good_at", "last_good_by", "last_change_at", "last_fetch_at", "first_read_at"),
    *("held_print", "unchanged_streak", "failures_streak", "gone_streak", "hidden_streak"),
    *("hidden_since", "headline", "outlet", "published", "stands_at"),
    *("etag", "last_modified", "body_digest"),
]
EDITED = frozenset({"edited", "rewritten"})


@dataclass(frozen=True, slots=True)
class Plan:
    """Pages in their order (a number is a status without a page), and what must be told of them.

    ``told`` are kinds with words of the old or the new text; ``walls`` gives by page the
    details that name what stands there (of a decoy, those of an article).
    """

    pages: tuple[str | int, ...]
    told: tuple[tuple[frozenset[str], str], ...] = ()
    events: frozenset[str] = frozenset()
    walls: tuple[tuple[int, frozenset[str]], ...] = ()


@dataclass(frozen=True, slots=True)
class Setting:
    """A story at an outlet; ``look`` draws it anew each time."""

    story: dict[str, Any]
    frame: str
    chance: random.Random

    @property
    def first(self) -> Article:
        return article_of(self.story)

    def look(self, article: Article, **how: Any) -> str:
        return drawn(article, how.pop("frame", self.frame), self.chance, **how)

    def swapped(self, name: str) -> Article:
        old, new = self.story[name]
        return replace(self.first, text=tuple(one.replace(old, new) for one in self.first.text))


def _looks(at: Setting, *articles: Article, **how: Any) -> tuple[str, ...]:
    return tuple(at.look(article, **how) for article in articles)


def _edit(name: str) -> Callable[[Setting], Plan]:
    def plan(at: Setting) -> Plan:
        new = at.swapped(name)
        return Plan(_looks(at, at.first, new, new), ((EDITED, at.story[name][1]),))

    return plan


def _text(
    change: Callable[[tuple[str, ...], str], tuple[str, ...]],
    kind: str,
    said: Callable[[Setting], str],
) -> Callable[[Setting], Plan]:
    def plan(at: Setting) -> Plan:
        new = replace(at.first, text=change(at.first.text, at.story["added"]))
        return Plan(_looks(at, at.first, new, new), ((frozenset({kind}), said(at)),))

    return plan


def _note(place: str, name: str) -> Callable[[Setting], Plan]:
    def plan(at: Setting) -> Plan:
        there = place if place != "data" or "$data" in FRAMES[at.frame]["html"] else "end"
        new = replace(at.first, notes={there: at.story[name]})
        return Plan(_looks(at, at.first, new, new), ((frozenset({name}), at.story[name]),))

    return plan


def _redesigned(at: Setting) -> Plan:
    other = at.chance.choice([name for name in FRAMES if name != at.frame])
    pages = (at.look(at.first), *(at.look(at.first, frame=other) for _ in range(3)))
    return Plan(pages)


def _flapping(at: Setting) -> Plan:
    other = replace(at.first, headline=at.story["title"])
    return Plan(_looks(at, at.first, other, at.first, other, at.first, at.first))


def _headline(at: Setting) -> Plan:
    new = replace(at.first, headline=at.story["title"])
    return Plan(_looks(at, at.first, new, new, new), ((frozenset({"headline"}), new.headline),))


def _half(at: Setting) -> Plan:
    page = at.look(at.first)
    return Plan((at.look(at.first), page[: len(page) * 2 // 5], at.look(at.first)))


def _another(at: Setting) -> Plan:
    other = replace(
        at.first, headline=at.story["other_headline"], standfirst="", text=tuple(at.story["other"])
    )
    return Plan(_looks(at, at.first, other, at.first, other, other, at.first))


def _talked_about(at: Setting) -> Plan:
    return Plan(
        _looks(at, *(replace(at.first, comments=tuple(at.story["other"][:n])) for n in range(4)))
    )


KINDS: dict[str, Callable[[Setting], Plan]] = {
    "furniture": lambda at: Plan(_looks(at, *[at.first] * 4)),
    "boxes in the text": lambda at: Plan(_looks(at, *[at.first] * 5, boxes=True)),
    "redesign": _redesigned,
    "headline test": _flapping,
    "half a page": _half,
    "another story": _another,
    "comments": _talked_about,
    "single 404": lambda at: Plan((at.look(at.first), 404, at.look(at.first))),
    "removed": lambda at: Plan((at.look(at.first), 410, 410, 410), events=frozenset({"removed"})),
    "headline": _headline,
    **{name: _edit(name) for name in ("number", "name", "typo", "quote")},
    "added": _text(
        lambda text, new: (*text[:3], new, *text[3:]), "added", lambda at: at.story["added"]
    ),
    "removed text": _text(
        lambda text, _: text[:2] + text[3:], "removed", lambda at: at.story["text"][2]
    ),
    **{
        f"correction {place}": _note(place, "correction")
        for place in ("top", "inline", "end", "data")
    },
    "update": _note("end", "update"),
}


def _walled(row: dict[str, Any]) -> Callable[[Setting], Plan]:
    names = frozenset(row["names"]) | ({"login"} if "paywall" in row["names"] else set())

    def plan(at: Setting) -> Plan:
        first = at.chance.randrange(2)
        pages = [at.look(at.first)] * (1 - first)
        for walled in (True, True, False, True, False):
            page = wall(row, at.first, at.frame, at.chance) if walled else at.look(at.first)
            pages.append(page)
        there = (0, 1, 3) if first else (1, 2, 4)
        events = (
            frozenset({"removed", "restored"}) if "soft_404" in names and not first else frozenset()
        )
        return Plan(tuple(pages), events=events, walls=tuple((number, names) for number in there))

    return plan


def _talks_of(row: dict[str, Any]) -> Callable[[Setting], Plan]:
    def plan(at: Setting) -> Plan:
        page = decoy(row, at.frame, at.chance, stamped=bool(at.chance.randrange(2)))
        return Plan((page,), walls=((0, frozenset({"first"})),))

    return plan


def plans(how_many: int, seed: int) -> Iterator[tuple[str, Plan]]:
    """So many sequences, kinds and walls in turn, stories and outlets by chance."""
    everything = list(KINDS.items())
    everything += [(f"wall {row['kind']}", _walled(row)) for row in WALLS]
    everything += [(f"decoy {row['headline']}", _talks_of(row)) for row in DECOYS]
    for number in range(how_many):
        name, kind = everything[number % len(everything)]
        chance = random.Random(f"{seed} {number}")
        row = next((row for row in WALLS if name == f"wall {row['kind']}"), None)
        own = [one for one in STORIES if row and one["language"] == row["language"]] or STORIES
        at = Setting(chance.choice(own), chance.choice(sorted(FRAMES)), chance)
        yield f"{name}, {at.story['key']}, {at.frame}, {seed} {number}", kind(at)


def judged(plan: Plan) -> list[Step]:
    """What extraction, gate, judge and comparison make of a sequence."""
    facts, now = [], datetime(2026, 11, 11, 6, tzinfo=UTC)
    for number, page in enumerate(plan.pages):
        now += timedelta(hours=1)
        document = None
        ending = answers.of_status(page if isinstance(page, int) else 200)
        if isinstance(page, str):
            document = read_page(page.encode(), "https://news.example/story", "text/html")
            ending = answers.of_reading(document)
        assert ending is not None
        fetch = Fetch(1, now, now, Why.DUE, ending.outcome, ending.detail, ending.reason)
        read = document if ending.outcome is Outcome.READ else None
        facts.append(Fact(number, Snapshot(fetch, None, read)))
    blank = dict.fromkeys(_ROW) | {"removed": False, "address": "https://news.example/story"}
    replay = Replay(blank)
    replay.take(facts)
    return replay.ended(frozenset())[0]


def faults(plan: Plan) -> list[str]:
    """What was told wrongly of a sequence: false, missed, or a wall under another name."""
    steps = judged(plan)
    told = [
        change
        for step in steps
        if step.verdict.comparison is not None and step.verdict.held_by is None
        for change in step.verdict.comparison.changes
        if change.kind != "still_wrong"
    ]
    found = [
        f"false: {change.kind} {change.old!r} -> {change.new!r}"
        for change in told
        if not any(_touches(words, change) for _, words in plan.told)
    ]
    found += [
        f"missed: {'/'.join(kinds)} {words!r}"
        for kinds, words in plan.told
        if not any(change.kind in kinds and _touches(words, change) for change in told)
    ]
    events = {
        step.verdict.event.kind.value
        for step in steps
        if step.verdict.event is not None and step.verdict.event.held_by is None
    }
    if events - {"hidden"} != plan.events:
        found.append(f"events: {sorted(events)}")
    found += [
        f"unnamed: {steps[number].verdict.detail}, not one of {sorted(names)}"
        for number, names in plan.walls
        if steps[number].verdict.detail not in names
    ]
    return found


def _touches(words: str, change: Any) -> bool:
    """Whether a change has words, or a sentence of theirs, on either side."""
    wanted = _letters(words)
    sides = [_letters(side) for side in (change.old, change.new) if side]
    return any(wanted in side or (len(side) > 6 and side in wanted) for side in sides) or any(
        len(piece) > 9 and piece in side
        for piece in map(_letters, re.split(r"(?<=[.!?。])\s*", words))
        for side in sides
    )


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()
