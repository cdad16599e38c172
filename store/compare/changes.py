"""From passages, notes and frame to changes: each difference told once, with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from store.compare import reasons
from store.compare.counted import counted_in
from store.compare.declaring import (
    Passage,
    declaring_note,
    fresh_notes,
    is_silent,
    only_says_updated,
    vague_note,
)
from store.compare.drafts import Draft, Sides, make_drafts
from store.compare.families import family_of, intention_of
from store.compare.frame import frame_facts, frame_parts, headline_kind
from store.compare.leftovers import Leftover, leftovers
from store.compare.lexicon import lexicon_of
from store.compare.prepared import Prepared
from store.compare.significance import is_factual, place_of, significance, trivial, weigh
from store.compare.standfirst import standfirst_blocks, standfirst_sentences
from store.compare.words import diff_words, redline
from store.model import (
    AlignedPair,
    BlockKind,
    Change,
    ChangeKind,
    FactChange,
    Note,
    NoteKind,
    NoteStatus,
)

_MOVES = frozenset({ChangeKind.MOVED, ChangeKind.MOVED_EDITED})
# Nobody who counts paragraphs counts these.
_UNCOUNTED = frozenset({BlockKind.NOTE, BlockKind.CAPTION})


def make_changes(sides: Sides, alignment: Sequence[AlignedPair]) -> tuple[Change, ...]:
    """All changes: the frame's, the notes', what they leave wrong, the text's in reading order."""
    fresh = fresh_notes(sides.notes)
    leading = standfirst_sentences(sides.old, sides.new, alignment)
    frame = tuple(_frame_changes(sides, fresh, leading))
    paragraphs = tuple(_paragraphs(side) if fresh else {} for side in (sides.old, sides.new))
    texts = tuple(
        _text_change(sides, draft, fresh, paragraphs)
        for draft in make_drafts(sides, alignment)
        if not _is_told(draft, frame)
    )
    wrong = (_still_wrong(sides, left) for left in leftovers(sides, (*frame, *texts)))
    return (*frame, *_note_changes(sides), *wrong, *texts)


def _is_told(draft: Draft, frame: Sequence[Change]) -> bool:
    """Whether a draft lies in the standfirst that the frame tells of."""
    return any(
        {*change.old_sentences}.issuperset(draft.old_sentences)
        and {*change.new_sentences}.issuperset(draft.new_sentences)
        for change in frame
        if change.kind is ChangeKind.STANDFIRST
    )


def _frame_changes(
    sides: Sides,
    fresh: list[tuple[int, Note]],
    leading: tuple[tuple[int, ...], tuple[int, ...]] | None,
) -> Iterable[Change]:
    """The frame's changes; ``leading`` are the standfirst's sentences, None where it is text."""
    for kind, old, new in frame_parts(sides.old.document, sides.new.document):
        if kind is ChangeKind.STANDFIRST and leading is None:
            continue
        own = leading if kind is ChangeKind.STANDFIRST and leading else ((), ())
        facts = frame_facts(kind, old, new, sides.language)
        words = diff_words(old or "", new or "")
        sub_kind = headline_kind(words, facts, sides.language) if old and new else None
        note = declaring_note(Passage(kind, facts, words.old, words.new), fresh)
        silent = is_silent(kind, facts, note, fresh)
        parts = weigh(kind, facts, "headline", declared=note is not None, silent=silent)
        parts = trivial() if sub_kind in {"cosmetic", "tag"} else parts
        clause = reasons.frame_clause(kind.value, old, new, sub_kind)
        family = family_of(kind, facts, words, sides.language)
        yield Change(
            kind=kind,
            old=old,
            new=new,
            significance=significance(parts),
            reason=_reason(sides, kind, clause, facts, fresh, note=note, silent=silent),
            redline=redline(words),
            facts=facts,
            old_sentences=own[0],
            new_sentences=own[1],
            declared_by=note,
            sub_kind=sub_kind,
            family=family,
            intention=intention_of(
                kind, facts, words, family=family, way=None, corrected=_corrected(sides, note)
            ),
            parts=parts,
        )


def _reason(
    sides: Sides,
    kind: ChangeKind,
    clause: str,
    facts: Sequence[FactChange],
    fresh: Sequence[tuple[int, Note]],
    *,
    note: int | None,
    silent: bool,
) -> str:
    """A clause with what the notes say of it, as a sentence."""
    if note is not None:
        admitted = _note_at(sides, note)
        updated = only_says_updated(kind, admitted)
        made = reasons.covered if updated else reasons.declared
        return made(clause, admitted)
    if silent:
        return reasons.undeclared(clause, [note for _, note in fresh])
    vague = vague_note(fresh) if fresh and is_factual(facts) else None
    return reasons.plain(clause) if vague is None else reasons.vague(clause, _note_at(sides, vague))


def _corrected(sides: Sides, note: int | None) -> bool:
    return note is not None and sides.notes[note].note.kind is NoteKind.CORRECTION


def _note_at(sides: Sides, index: int) -> Note:
    return sides.notes[index].note


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
    parts = weigh(kind, (), "lead")
    return Change(
        kind=kind,
        old=before,
        new=after,
        significance=significance(parts),
        reason=reason,
        redline=redline(diff_words(before or "", after or "")),
        facts=(FactChange("source", None, new.source),) if cites and new else (),
        old_sentences=tuple(i for i, note in sides.old_notes.items() if note is old),
        new_sentences=tuple(j for j, note in sides.new_notes.items() if note is new),
        note=index,
        family="factual",
        intention="Correction" if kind is ChangeKind.CORRECTION else None,
        parts=parts,
    )


def _still_wrong(sides: Sides, left: Leftover) -> Change:
    parts = weigh(ChangeKind.STILL_WRONG, (), "lead")
    note = _note_at(sides, left.note)
    return Change(
        kind=ChangeKind.STILL_WRONG,
        old=left.text,
        new=left.text,
        significance=significance(parts),
        reason=reasons.still_wrong(left.fact, left.where, left.text, note, changed=left.changed),
        redline=redline(diff_words(left.text, left.text)),
        facts=(),
        new_sentences=() if left.sentence is None else (left.sentence,),
        declared_by=None,
        sub_kind=left.fact.type,
        family="factual",
        parts=parts,
    )


def _text_change(
    sides: Sides,
    draft: Draft,
    fresh: list[tuple[int, Note]],
    paragraphs: Sequence[Mapping[int, int]],
) -> Change:
    kind, facts = draft.kind, draft.facts
    note = declaring_note(_passage(sides, draft, paragraphs), fresh) if fresh else None
    silent = is_silent(kind, facts, note, fresh)
    way = _direction(draft) if kind in _MOVES else None
    family = family_of(kind, facts, draft.words, sides.language)
    parts = weigh(
        kind,
        facts,
        _place(sides, draft),
        declared=note is not None,
        silent=silent,
        narrative=family == "narrative",
    )
    return Change(
        kind=kind,
        old=draft.old,
        new=draft.new,
        significance=significance(parts),
        reason=_reason(
            sides, kind, _clause(sides, draft, way), facts, fresh, note=note, silent=silent
        ),
        redline=redline(draft.words),
        facts=facts,
        old_sentences=draft.old_sentences,
        new_sentences=draft.new_sentences,
        declared_by=note,
        sub_kind=way,
        family=family,
        intention=intention_of(
            kind, facts, draft.words, family=family, way=way, corrected=_corrected(sides, note)
        ),
        parts=parts,
    )


def _passage(sides: Sides, draft: Draft, paragraphs: Sequence[Mapping[int, int]]) -> Passage:
    old, new = draft.old_sentences, draft.new_sentences
    side, place, numbers = (
        (sides.new, new[0], paragraphs[1]) if new else (sides.old, old[0], paragraphs[0])
    )
    number = numbers.get(side.sentences[place].block)
    return Passage(draft.kind, draft.facts, draft.old or "", draft.new or "", number, len(numbers))


def _paragraphs(side: Prepared) -> dict[int, int]:
    """The number of each block among those that are no note, caption or standfirst, from 1."""
    leading = standfirst_blocks(side.document)
    body = (
        i
        for i, block in enumerate(side.document.blocks)
        if block.kind not in _UNCOUNTED and i not in leading
    )
    return {block: number for number, block in enumerate(body, start=1)}


def _place(sides: Sides, draft: Draft) -> str:
    if draft.new_sentences:
        return place_of(draft.new_sentences[0], len(sides.new.sentences))
    return place_of(draft.old_sentences[0], len(sides.old.sentences))


def _clause(sides: Sides, draft: Draft, way: str | None) -> str:
    if draft.facts:
        fact = _weightiest(draft.facts)
        counted = counted_in(draft.new or "", fact, lexicon_of(sides.language))
        return reasons.fact_clause(fact, draft.words, counted)
    olds, news = len(draft.old_sentences), len(draft.new_sentences)
    return reasons.text_clause(draft.kind, draft.words, way, olds, news)


def _weightiest(facts: Sequence[FactChange]) -> FactChange:
    """The fact that a reason tells: the one that weighs most alone."""
    if len(facts) == 1:
        return facts[0]
    return max(facts, key=lambda fact: significance(weigh(ChangeKind.EDITED, (fact,), "lead")))


def _direction(draft: Draft) -> str:
    return "up" if draft.new_sentences[0] < draft.old_sentences[0] else "down"
