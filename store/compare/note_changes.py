"""What became of the notes: added, removed, edited, moved or kept.

A note that moved, or whose stamp alone was renewed, is not news.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from operator import attrgetter

from rapidfuzz import fuzz

from store.compare.prepared import Prepared
from store.model import Note, NoteChange, NoteStatus, Place
from store.text import normalise

# The least character ratio (0 to 100) at which two notes are one note, reworded.
_SAME_NOTE = 60
# A note that grew by a sentence holds the old one nearly whole.
_CONTAINED, _LEAST_CONTAINED = 92, 40
# Live blogs have hundreds of notes: more of them a side are not compared as reworded.
_MOST_COMPARED = 200
_block_of = attrgetter("block")


def compare_notes(old: Sequence[Note], new: Sequence[Note]) -> tuple[NoteChange, ...]:
    """Every note of the new side in its order, then the old ones that are gone."""
    if not old and not new:
        return ()
    old_core = [_core(note) for note in old]
    new_core = [_core(note) for note in new]
    matches = _exact(old_core, new_core)
    matches |= _close(old_core, new_core, set(matches), set(matches.values()))
    by_new = {j: i for i, j in matches.items()}
    changes = [
        NoteChange(note, NoteStatus.ADDED)
        if j not in by_new
        else _matched(old[by_new[j]], note, (old_core[by_new[j]], new_core[j]))
        for j, note in enumerate(new)
    ]
    changes += [
        NoteChange(note, NoteStatus.REMOVED) for i, note in enumerate(old) if i not in matches
    ]
    return tuple(changes)


def _core(note: Note) -> str:
    """A note without the time it states, for comparing: re-dating is no change."""
    plain = normalise(note.text)
    return normalise(plain.replace(note.stated_time, "", 1)) if note.stated_time else plain


def _exact(old: list[str], new: list[str]) -> dict[int, int]:
    matches: dict[int, int] = {}
    free = list(range(len(new)))
    for i, core in enumerate(old):
        found = next((j for j in free if new[j] == core), None)
        if found is not None:
            matches[i] = found
            free.remove(found)
    return matches


def _close(old: list[str], new: list[str], taken: set[int], used: set[int]) -> dict[int, int]:
    """Reworded notes, the likest first; of more than a few hundred, the first ones."""
    free_old = [i for i in range(len(old)) if i not in taken][:_MOST_COMPARED]
    free_new = [j for j in range(len(new)) if j not in used][:_MOST_COMPARED]
    scored = sorted(
        (-likeness, i, j)
        for i in free_old
        for j in free_new
        if (likeness := _likeness(old[i], new[j])) >= _SAME_NOTE
    )
    matches: dict[int, int] = {}
    matched: set[int] = set()
    for _, i, j in scored:
        if i not in matches and j not in matched:
            matches[i] = j
            matched.add(j)
    return matches


def _likeness(a: str, b: str) -> float:
    ratio = fuzz.ratio(a, b, score_cutoff=_SAME_NOTE)
    within = min(len(a), len(b)) > _LEAST_CONTAINED and not ratio
    return max(ratio, fuzz.partial_ratio(a, b, score_cutoff=_CONTAINED) if within else 0.0)


def _matched(old: Note, new: Note, cores: tuple[str, str]) -> NoteChange:
    """What became of a note; in the metadata it stands without the label that the text gives it."""
    shorter, longer = sorted(cores, key=len)
    hidden = Place.METADATA in {old.place, new.place} and shorter in longer
    same = shorter == longer or hidden
    if not same or (old.kind is not new.kind and not hidden):
        return NoteChange(new, NoteStatus.EDITED, old)
    status = NoteStatus.KEPT if old.place is new.place else NoteStatus.MOVED
    return NoteChange(new, status, old)


def sentences_of(side: Prepared) -> dict[int, Note]:
    """Which sentences of a version belong to which of its notes."""
    owners: dict[int, Note] = {}
    for note in side.document.notes:
        if note.block is None or note.place is Place.METADATA:
            continue
        plain = normalise(note.text)
        edges = note.block, note.block + note.blocks
        first, last = (bisect_left(side.sentences, at, key=_block_of) for at in edges)
        owners.update((at, note) for at in range(first, last) if side.keys[at] in plain)
    return owners
