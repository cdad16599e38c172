"""The change engine: two documents in, one comparison out. Pure: no disk, network or screen."""

from __future__ import annotations

from collections.abc import Container, Sequence
from functools import lru_cache

from store.compare.align import Links, align
from store.compare.changes import make_changes
from store.compare.drafts import Sides
from store.compare.note_changes import compare_notes, sentences_of
from store.compare.pairs import aligned_pairs
from store.compare.prepared import Prepared, prepare, prepare_sentences
from store.compare.reasons import verdict_reason
from store.compare.whole import cosmetic_reason, kinds_of, significance_of
from store.model import AlignedPair, Comparison, Document, LinkKind, Verdict

__all__ = ["ENGINE", "Prepared", "compare", "prepare", "prepare_sentences"]

# Changes whenever the engine would answer otherwise; comparisons are stamped with it.
ENGINE = "engine-4"


def compare(old: Document | Prepared, new: Document | Prepared) -> Comparison:
    """Two versions of an article, aligned and explained.

    Deterministic; never raises on any text. Pass ``Prepared`` versions where they are kept.
    """
    before = old if isinstance(old, Prepared) else prepare(old)
    after = new if isinstance(new, Prepared) else prepare(new)
    notes = compare_notes(before.document.notes, after.document.notes)
    if before.is_same(after):
        sides = Sides(before, after, {}, {}, notes)
        return _comparison(sides, _identity(len(before.sentences)), None)
    old_notes, new_notes = sentences_of(before), sentences_of(after)
    links = _align_parts(before.keys, after.keys, old_notes, new_notes)
    alignment = aligned_pairs(links, before.keys, after.keys)
    sides = Sides(before, after, old_notes, new_notes, notes)
    return _comparison(sides, alignment, links.capped)


@lru_cache(maxsize=64)
def _identity(count: int) -> tuple[AlignedPair, ...]:
    return tuple(AlignedPair((i,), (i,), LinkKind.SAME, 1.0) for i in range(count))


def _align_parts(
    old: Sequence[str], new: Sequence[str], old_notes: Container[int], new_notes: Container[int]
) -> Links:
    """Links between body and body, and between note and note: never across."""
    if not old_notes and not new_notes:
        return align(old, new)
    links = Links()
    for notes in (False, True):
        olds = [i for i in range(len(old)) if (i in old_notes) is notes]
        news = [j for j in range(len(new)) if (j in new_notes) is notes]
        part = align([old[i] for i in olds], [new[j] for j in news])
        links.old |= {olds[i]: tuple([news[j] for j in ones]) for i, ones in part.old.items()}
        links.new |= {news[j]: tuple([olds[i] for i in ones]) for j, ones in part.new.items()}
        links.capped = links.capped or part.capped
    return links


def _comparison(sides: Sides, alignment: tuple[AlignedPair, ...], capped: str | None) -> Comparison:
    before, after = sides.old, sides.new
    same = before.is_same(after)
    changes = () if same else make_changes(sides, alignment)
    verdict = _verdict(before, after, len(changes))
    return Comparison(
        old_sentences=before.sentences,
        new_sentences=after.sentences,
        alignment=alignment,
        changes=changes,
        notes=sides.notes,
        verdict=verdict,
        significance=significance_of(changes),
        reason=cosmetic_reason(sides)
        if verdict is Verdict.COSMETIC
        else verdict_reason(verdict, changes),
        kinds=kinds_of(sides, alignment, changes),
        capped=capped,
        engine=ENGINE,
    )


def _verdict(before: Prepared, after: Prepared, changes: int) -> Verdict:
    if changes:
        return Verdict.CHANGED
    return Verdict.UNCHANGED if before.digest == after.digest else Verdict.COSMETIC
