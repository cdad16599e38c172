"""Sequences of answers under one address, each with an oracle: what must be told of it.

Every fault of `field/reliability.md` 2.2 and 2.3 that replaces, cuts or decorates a page, and
among them real edits and notes of every kind. A sequence is a list of steps, one for each
``storylapse fetch --all``; the oracle counts what the product told beyond it (false) and what it
did not tell (missed).
"""

from __future__ import annotations

import itertools
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from origin import Answer, Origin
from product import Product
from sequence_faults import QUIET, Fault, Setting, walls
from sequence_pages import NOTE_STYLES, TEMPLATES, Page, Placed, Story, base, stories

Step = Answer | Callable[[int], Answer]


@dataclass(frozen=True, slots=True)
class Told:
    """A change that must be told once: one of ``kinds``, with ``words`` in its old or new text."""

    kinds: frozenset[str]
    words: str


@dataclass(frozen=True, slots=True)
class Course:
    """Steps under one address. ``outcomes`` gives, by step, the outcomes allowed there."""

    name: str
    steps: tuple[Step, ...]
    told: tuple[Told, ...] = ()
    outcomes: tuple[tuple[int, frozenset[str]], ...] = ()

    @property
    def path(self) -> str:
        return f"/{self.name.replace(' ', '-')}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the product made of one sequence, held against the oracle."""

    name: str
    false: tuple[str, ...]
    missed: tuple[str, ...]
    misnamed: tuple[str, ...]

    @property
    def is_right(self) -> bool:
        return not (self.false or self.missed or self.misnamed)


def edited(story: Story) -> Page:
    """The story with one number changed in silence."""
    return _replaced(base(story), *story.edit)


def _replaced(page: Page, old: str, new: str) -> Page:
    return replace(page, paragraphs=tuple(text.replace(old, new) for text in page.paragraphs))


EDITED = frozenset({"edited", "rewritten"})


def _edit_told(story: Story) -> Told:
    return Told(EDITED, story.edit[1])


def quiet(at: Setting, name: str, fault: Fault) -> Course:
    """Good, fault, good, fault, edit, faulted edit, edit: only the edit is told."""
    first, then = base(at.story), edited(at.story)
    steps = (
        at.answer(first, 0, ()),
        fault(at, first, 1),
        at.answer(first, 0, ()),
        fault(at, first, 2),
        at.answer(then, 0, ()),
        fault(at, then, 3),
        at.answer(then, 0, ()),
    )
    return Course(_named(at, name), steps, (_edit_told(at.story),))


def walled(at: Setting, name: str, fault: Fault, outcomes: frozenset[str]) -> Course:
    """The same, with the wall's own outcome looked at wherever it stood."""
    made = quiet(at, name, fault)
    return replace(made, outcomes=tuple((step, outcomes) for step in (1, 3, 5)))


def flapping(at: Setting, *, by_look: bool) -> Course:
    """A headline test: the other headline at every second look, or at every second step."""
    first = base(at.story)
    other = replace(first, headline=at.story.test_headline)

    def turn(hit: int) -> Answer:
        return at.answer(other if hit % 2 else first, hit)

    steps: tuple[Step, ...] = (at.answer(first), turn, turn, turn, turn, turn, at.answer(first))
    if not by_look:
        steps = tuple(at.answer(page) for page in (first, other, first, other, first, other, first))
    return Course(_named(at, "headline test " + ("looks" if by_look else "steps")), steps)


def stale(at: Setting) -> Course:
    """An edit, then a copy from before it out of some cache, twice."""
    first, then = at.answer(base(at.story)), edited(at.story)
    steps = (
        first,
        at.answer(then, 1),
        first,
        at.answer(then, 2),
        first,
        at.answer(then, 3),
        at.answer(then, 4),
    )
    return Course(_named(at, "stale copy"), steps, (_edit_told(at.story),))


# --------------------------------------------------------------------------
# Edits and notes


def _edits(at: Setting) -> Iterator[tuple[str, Page, tuple[Told, ...]]]:
    story, first = at.story, base(at.story)
    last = len(first.paragraphs) - 1
    yield "number", edited(story), (_edit_told(story),)
    yield "quote", _replaced(first, *story.quote), (Told(EDITED, story.quote[1][:20]),)
    more = (*first.paragraphs[:2], story.added, *first.paragraphs[2:])
    yield "added", replace(first, paragraphs=more), (Told(frozenset({"added"}), story.added[:30]),)
    more = (*first.paragraphs, story.added)
    yield (
        "added at end",
        replace(first, paragraphs=more),
        (Told(frozenset({"added"}), story.added[:30]),),
    )
    less = (*first.paragraphs[:1], *first.paragraphs[2:])
    gone = first.paragraphs[1]
    yield "removed", replace(first, paragraphs=less), (Told(frozenset({"removed"}), gone[:30]),)
    yield (
        "headline",
        replace(first, headline=story.rewritten),
        (Told(frozenset({"headline"}), story.rewritten),),
    )
    moved = (first.paragraphs[0], first.paragraphs[last], *first.paragraphs[1:last])
    yield "moved", replace(first, paragraphs=moved), (Told(frozenset({"moved"}), ""),)


def edit_sequences(at: Setting) -> Iterator[Course]:
    """Every kind of silent edit; all the furniture moves at every step."""
    for name, page, told in _edits(at):
        yield _edited_sequence(at, f"edit {name}", base(at.story), page, told)


def _edited_sequence(
    at: Setting, name: str, first: Page, then: Page, told: tuple[Told, ...]
) -> Course:
    pages = (first, first, then, then, then)
    steps = tuple(at.answer(page, turn) for turn, page in enumerate(pages))
    return Course(_named(at, name), steps, told)


def note_sequence(at: Setting, kind: str, place: str, style: str) -> Course:
    """A note appears; a correction comes with the number it corrects."""
    label, words = at.story.notes[kind]
    first, told = base(at.story), [Told(frozenset({kind}), words)]
    page = replace(first, notes=(Placed(label, words, place, style),))
    if kind == "correction":
        page = _replaced(page, *at.story.edit)
        told.append(_edit_told(at.story))
    return _edited_sequence(at, f"note {kind} {place} {style}", first, page, tuple(told))


def note_withdrawn(at: Setting) -> Course:
    """A note that stood there is taken away."""
    label, words = at.story.notes["editors_note"]
    first = replace(base(at.story), notes=(Placed(label, words, "end", "strong"),))
    told = (Told(frozenset({"note_removed"}), words),)
    return _edited_sequence(at, "note removed", first, base(at.story), told)


def removed(at: Setting) -> Course:
    """Taken down for good, and back again."""
    good = at.answer(base(at.story))
    gone = walls()["status 410"][0](at, base(at.story), 0)
    told = (Told(frozenset({"removed"}), ""), Told(frozenset({"restored"}), ""))
    return Course(_named(at, "taken down"), (good, good, gone, gone, gone, good, good), told)


def _named(at: Setting, name: str) -> str:
    return f"{at.story.slug} {at.template} {name}"


# --------------------------------------------------------------------------
# Choosing


def every_sequence() -> Iterator[Course]:
    """All kinds over all stories and templates: some thousands."""
    for story in stories().values():
        for template in TEMPLATES:
            yield from _of_setting(Setting(story, template))


def _of_setting(at: Setting) -> Iterator[Course]:
    for name, fault in QUIET.items():
        yield quiet(at, name, fault)
    for name, (fault, outcomes) in walls().items():
        yield walled(at, name, fault, outcomes)
    yield flapping(at, by_look=True)
    yield flapping(at, by_look=False)
    yield stale(at)
    yield removed(at)
    yield note_withdrawn(at)
    yield from edit_sequences(at)
    for kind in at.story.notes:
        for place in ("top", "inline", "end"):
            for style in NOTE_STYLES:
                yield note_sequence(at, kind, place, style)


def chosen_sequences() -> Iterator[Course]:
    """Every kind once, the stories and templates taken in turn: about a hundred."""
    settings = [Setting(story, template) for template in TEMPLATES for story in stories().values()]
    # A step that shares no factor with their number meets every pair of story and template.
    turns = (settings[n * 5 % len(settings)] for n in itertools.count())
    for name, fault in QUIET.items():
        yield quiet(next(turns), name, fault)
    for name, (fault, outcomes) in walls().items():
        yield walled(next(turns), name, fault, outcomes)
    for by_look in (True, False):
        yield flapping(next(turns), by_look=by_look)
    for make in (stale, removed, note_withdrawn):
        yield make(next(turns))
    yield from edit_sequences(next(turns))
    for place in ("top", "inline", "end"):
        for style in NOTE_STYLES:
            for kind in ("update", "correction"):
                yield note_sequence(next(turns), kind, place, style)


# --------------------------------------------------------------------------
# Running them


def play(
    sequences: Sequence[Course],
    origin: Origin,
    fetch: Callable[[], object],
    on_step: Callable[[int], object] = lambda _: None,
) -> None:
    """Serve every sequence's next step, ask the product to fetch, until all have ended."""
    for step in range(max(len(one.steps) for one in sequences)):
        for one in sequences:
            answer = one.steps[min(step, len(one.steps) - 1)]
            origin.pages[one.path] = answer
        fetch()
        on_step(step)


FRONT = "".join(f'<li><a href="/s/{n}">What happened on day {n}</a></li>' for n in range(30))
LOGIN = (
    "<html><head><title>Log in</title></head><body><h1>Log in</h1>"
    "<p>Please log in to continue. Forgot your password?</p></body></html>"
)


def verdicts(
    courses: Sequence[Course],
    origin: Origin,
    product: Product,
    on_step: Callable[[int], object] = lambda _: None,
) -> list[Verdict]:
    """What the product makes of all courses at once, in one archive."""
    origin.pages["/"] = (
        f"<html><title>Front</title><body><h1>News</h1><ul>{FRONT}</ul></body></html>"
    )
    origin.pages["/login?next=x"] = LOGIN
    origin.pages["/loop"] = Answer(b"", 302, {"Location": "/loop", "Content-Type": "text/html"})
    product.run("watch", *[origin.address(course.path) for course in courses])
    checks: dict[str, list[list[dict[str, Any]]]] = defaultdict(list)

    def fetch() -> None:
        rows = defaultdict(list)
        for line in product.run("fetch", "--all", "--json", ok=(0, 3)).stdout.splitlines():
            row = json.loads(line)
            rows[row["address"]].append(row)
        for course in courses:
            checks[course.name].append(rows[origin.address(course.path)])

    play(courses, origin, fetch, on_step)
    told = defaultdict(list)
    for change in product.lines("changes"):
        told[change["address"]].append(change)
    return [
        hold_against(course, told[origin.address(course.path)], checks[course.name])
        for course in courses
    ]


def hold_against(
    one: Course, told: Sequence[dict[str, Any]], checks: Sequence[Sequence[dict[str, Any]]]
) -> Verdict:
    """Hold what was told of one sequence, and the checks by step, against its oracle."""
    left = list(told)
    missed = []
    for want in one.told:
        match = next((change for change in left if _meets(want, change)), None)
        if match is None:
            missed.append(f"{'/'.join(sorted(want.kinds))}: {want.words}")
        else:
            left.remove(match)
    false = [f"{c['kind']}: {c['old']!r:.90} -> {c['new']!r:.90} ({c['reason']})" for c in left]
    misnamed = [
        f"step {step}: {check['outcome']} ({check['reason']})"
        for step, allowed in one.outcomes
        for check in checks[step]
        if check["outcome"] not in allowed
    ]
    return Verdict(one.name, tuple(false), tuple(missed), tuple(misnamed))


def _meets(want: Told, change: dict[str, Any]) -> bool:
    text = f"{change['old'] or ''} {change['new'] or ''}"
    return change["kind"] in want.kinds and _plain(want.words) in _plain(text)


def _plain(text: str) -> str:
    return " ".join(text.replace("\xa0", " ").split())
