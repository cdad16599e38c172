"""From passages, notes and frame to changes: each difference told once, with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from store.compare import reasons
from store.compare.counted import counted_in
from store.compare.declaring import declaring_note, fresh_notes, is_generic
from store.compare.drafts import Draft, Sides, make_drafts
from store.compare.families import family_of
from store.compare.frame import frame_facts, frame_parts, headline_kind
from store.compare.lexicon import lexicon_of
from store.compare.significance import is_factual, place_of, significance
from store.compare.words import diff_words, redline
from store.model import (
    AlignedPair,
    Change,
    ChangeKind,
    FactChange,
    Note,
    NoteStatus,
)

# What a headline weighs whose typography or tag alone changed.
_TRIVIAL = 0.05
_MOVES = frozenset({ChangeKind.MOVED, ChangeKind.MOVED_EDITED})


def make_changes(sides: Sides, alignment: Sequence[AlignedPair]) -> tuple[Change, ...]:
    """All changes: the frame's, the notes', then the text's in reading order."""
    fresh = fresh_notes(sides.notes)
    return (
        *_frame_changes(sides, fresh),
        *_note_changes(sides),
        *(_text_change(sides, draft, fresh) for draft in make_drafts(sides, alignment)),
    )


def _frame_changes(sides: Sides, fresh: list[tuple[int, Note]]) -> Iterable[Change]:
    for kind, old, new in frame_parts(sides.old.document, sides.new.document):
        facts = frame_facts(kind, old, new, sides.language)
        sub_kind = headline_kind(old, new, facts) if old and new else None
        note = declaring_note(facts, old or "", new or "", fresh) if facts else None
        clause = reasons.frame_clause(kind.value, old, new, sub_kind)
        silent = kind is not ChangeKind.BYLINE and is_factual(facts) and not fresh
        words = diff_words(old or "", new or "")
        score = significance(kind, facts, "headline", declared=note is not None, silent=silent)
        yield Change(
            kind=kind,
            old=old,
            new=new,
            significance=_TRIVIAL if sub_kind in {"cosmetic", "tag"} else score,
            reason=reasons.declared(clause, _note_at(sides, note), silent=silent),
            redline=redline(words),
            facts=facts,
            declared_by=note,
            sub_kind=sub_kind,
            family=family_of(kind, facts, words, sides.language),
        )


def _note_at(sides: Sides, index: int | None) -> Note | None:
    return None if index is None else sides.notes[index].note


def _note_changes(sides: Sides) -> Iterable[Change]:
    for index, change in enumerate(sides.notes):
        note, old = change.note, change.old_note
        if change.status is NoteStatus.ADDED:
            kind, reason = ChangeKind(note.kind.value), reasons.added_note(note)
            yield _note_change(sides, index, kind, reason, new=note)
        elif change.status is NoteStatus.REMOVED:
            kind, reason = ChangeKind.NOTE_REMOVED, reasons.removed_note(note)
            yield _note_change(sides, index, kind, reason, old=note)
        elif change.status is NoteStatus.EDITED and old is not None:
            kind, reason = ChangeKind.NOTE_EDITED, reasons.edited_note(old, note)
            yield _note_change(sides, index, kind, reason, old=old, new=note)


def _note_change(
    sides: Sides,
    index: int,
    kind: ChangeKind,
    reason: str,
    *,
    old: Note | None = None,
    new: Note | None = None,
) -> Change:
    before, after = old.text if old else None, new.text if new else None
    cites = new is not None and old is None and new.source is not None
    return Change(
        kind=kind,
        old=before,
        new=after,
        significance=significance(kind, (), "lead", declared=False, silent=False),
        reason=reason,
        redline=redline(diff_words(before or "", after or "")),
        facts=(FactChange("source", None, new.source),) if cites and new else (),
        old_sentences=tuple(i for i, note in sides.old_notes.items() if note is old),
        new_sentences=tuple(j for j, note in sides.new_notes.items() if note is new),
        note=index,
        family="factual",
    )


def _text_change(sides: Sides, draft: Draft, fresh: list[tuple[int, Note]]) -> Change:
    kind, facts = draft.kind, draft.facts
    note = declaring_note(facts, draft.old or "", draft.new or "", fresh)
    unclear = any(is_generic(fresh_note) for _, fresh_note in fresh)
    silent = note is None and not unclear and is_factual(facts)
    way = _direction(draft) if kind in _MOVES else None
    family = family_of(kind, facts, draft.words, sides.language)
    return Change(
        kind=kind,
        old=draft.old,
        new=draft.new,
        significance=significance(
            kind,
            facts,
            _place(sides, draft),
            declared=note is not None,
            silent=silent,
            narrative=family == "narrative",
        ),
        reason=reasons.declared(_clause(sides, draft, way), _note_at(sides, note), silent=silent),
        redline=redline(draft.words),
        facts=facts,
        old_sentences=draft.old_sentences,
        new_sentences=draft.new_sentences,
        declared_by=note,
        sub_kind=way,
        family=family,
    )


def _place(sides: Sides, draft: Draft) -> str:
    if draft.new_sentences:
        return place_of(draft.new_sentences[0], len(sides.new.sentences))
    return place_of(draft.old_sentences[0], len(sides.old.sentences))


def _clause(sides: Sides, draft: Draft, way: str | None) -> str:
    if draft.facts:
        fact = _weightiest(draft.facts)
        counted = counted_in(draft.new or "", fact, lexicon_of(sides.language))
        return reasons.fact_clause(fact, counted)
    return reasons.text_clause(draft.kind, draft.old, draft.new, way)


def _weightiest(facts: Sequence[FactChange]) -> FactChange:
    """The fact that a reason tells: the one that weighs most alone."""
    kind = ChangeKind.EDITED
    return max(facts, key=lambda f: significance(kind, (f,), "lead", declared=False, silent=False))


def _direction(draft: Draft) -> str:
    return "up" if draft.new_sentences[0] < draft.old_sentences[0] else "down"
