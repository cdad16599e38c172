"""The newsroom's articles as data, and what each says at any moment. Pure but for reading files."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import reduce
from pathlib import Path
from typing import Any

ARTICLES = Path(__file__).parent

FLIPS = "AABABAAB"
"""Which headline an A/B test shows at successive looks; B never twice in a row."""


class Place(StrEnum):
    """Where a note of the outlet stands."""

    TOP = "top"
    INLINE = "inline"
    END = "end"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph of the body, or a heading, or an inline note."""

    text: str
    kind: str = "paragraph"


@dataclass(frozen=True, slots=True)
class State:
    """What an article says at one moment. ``stamped_after`` is the publisher's dateModified."""

    headline: str
    paragraphs: tuple[Paragraph, ...]
    top_notes: tuple[str, ...] = ()
    end_notes: tuple[str, ...] = ()
    status: int = 200
    stamped_after: float | None = None


@dataclass(frozen=True, slots=True)
class Cue:
    """A change of an article, so many seconds after the newsroom opened.

    ``kind`` is what a tracker should call it, ``declared`` whether the outlet admits it.
    """

    after_seconds: float
    kind: str
    declared: bool
    says: str
    edits: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class ReaderComment:
    """What a reader writes under an article, and when."""

    after_seconds: float
    author: str
    text: str
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Story:
    """An article with its script. ``stable`` pages carry no furniture that changes."""

    name: str
    outlet: str
    path: str
    language: str
    section: str
    byline: str
    age_minutes: int
    standfirst: str
    opening: State
    caption: str | None = None
    other_headline: str | None = None
    stable: bool = False
    cues: tuple[Cue, ...] = ()
    comments: tuple[ReaderComment, ...] = ()

    def state(self, elapsed: float, hits: int = 0) -> State:
        """Return what the article says ``elapsed`` seconds in, at its ``hits``-th showing."""
        past = [cue for cue in self.cues if cue.after_seconds <= elapsed]
        state = reduce(_apply, past, self.opening)
        if self.other_headline and FLIPS[hits % len(FLIPS)] == "B":
            state = replace(state, headline=self.other_headline)
        return state

    def comments_by(self, elapsed: float) -> tuple[ReaderComment, ...]:
        """Return the comments written so far."""
        return tuple(c for c in self.comments if c.after_seconds <= elapsed)


@dataclass(frozen=True, slots=True)
class Expected:
    """One thing that a tracker should report of the newsroom, and nothing besides these."""

    path: str
    after_seconds: float
    kind: str
    declared: bool
    says: str


def load(folder: Path = ARTICLES) -> tuple[Story, ...]:
    """Return all stories, newest first. Raises ValueError where a cue does not fit its text."""
    stories = [_story(file.stem, tomllib.loads(file.read_text())) for file in folder.glob("*.toml")]
    for story in stories:
        story.state(float("inf"))
    return tuple(sorted(stories, key=lambda story: (story.age_minutes, story.path)))


def oracle(stories: tuple[Story, ...]) -> tuple[Expected, ...]:
    """Return what a tracker that watches from the start should report, in time order."""
    found = [
        Expected(story.path, cue.after_seconds, cue.kind, cue.declared, cue.says)
        for story in stories
        for cue in story.cues
    ]
    return tuple(sorted(found, key=lambda each: each.after_seconds))


def _story(name: str, data: dict[str, Any]) -> Story:
    opening = State(data.pop("headline"), _paragraphs(data.pop("body")))
    cues = tuple(
        Cue(**{**cue, "edits": tuple(cue["edits"])})
        for cue in sorted(data.pop("cues", []), key=lambda cue: float(cue["after_seconds"]))
    )
    comments = tuple(ReaderComment(**comment) for comment in data.pop("comments", []))
    return Story(name=name, opening=opening, cues=cues, comments=comments, **data)


def _paragraphs(body: str) -> tuple[Paragraph, ...]:
    pieces = (" ".join(piece.split()) for piece in body.strip().split("\n\n"))
    return tuple(
        Paragraph(piece.removeprefix("## "), "heading" if piece.startswith("## ") else "paragraph")
        for piece in pieces
    )


def _apply(state: State, cue: Cue) -> State:
    """Return ``state`` after ``cue``; only an admitted change moves the publisher's stamp."""
    for edit in cue.edits:
        state = _EDITS[next(iter(edit))](state, edit)
    return replace(state, stamped_after=cue.after_seconds) if cue.declared else state


def _replace(state: State, edit: dict[str, Any]) -> State:
    where = _find(state, edit["replace"])
    old = state.paragraphs[where]
    new = replace(old, text=old.text.replace(edit["replace"], edit["with"]))
    return _with(state, where, 1, new)


def _note(state: State, edit: dict[str, Any]) -> State:
    place = Place(edit["place"])
    if place is Place.TOP:
        return replace(state, top_notes=(*state.top_notes, edit["note"]))
    if place is Place.END:
        return replace(state, end_notes=(*state.end_notes, edit["note"]))
    where = _find(state, edit["after"]) + 1
    return _with(state, where, 0, Paragraph(edit["note"], "note"))


def _move(state: State, edit: dict[str, Any]) -> State:
    start = _find(state, edit["move"])
    moved = state.paragraphs[start]
    without = _with(state, start, 1)
    return _with(without, _find(without, edit["after"]) + 1, 0, moved)


def _headline(state: State, edit: dict[str, Any]) -> State:
    return replace(state, headline=edit["headline"])


def _keep(state: State, edit: dict[str, Any]) -> State:
    return replace(state, paragraphs=state.paragraphs[: edit["keep"]])


def _status(state: State, edit: dict[str, Any]) -> State:
    return replace(state, status=edit["status"])


_EDITS = {
    "replace": _replace,
    "note": _note,
    "move": _move,
    "headline": _headline,
    "keep": _keep,
    "status": _status,
}


def _with(state: State, start: int, dropped: int, *new: Paragraph) -> State:
    kept = state.paragraphs
    return replace(state, paragraphs=(*kept[:start], *new, *kept[start + dropped :]))


def _find(state: State, snippet: str) -> int:
    """Return the index of the one paragraph that holds ``snippet``."""
    found = [i for i, paragraph in enumerate(state.paragraphs) if snippet in paragraph.text]
    if len(found) != 1:
        raise ValueError(f"{snippet!r} stands in {len(found)} paragraphs, not in one.")
    return found[0]
