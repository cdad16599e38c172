"""Passages that differ, with their words and facts compared, before anything is said of them."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, replace

from store.compare.facts import facts_in
from store.compare.links import changed_links
from store.compare.prepared import Prepared
from store.compare.significance import VALUES
from store.compare.words import WordDiff, diff_words
from store.model import AlignedPair, ChangeKind, FactChange, LinkKind, Note, NoteChange

# What a change is, by what became of its sentences; one that stayed has another link.
_KINDS = {
    kind: ChangeKind.EDITED if kind is LinkKind.SAME else ChangeKind(kind.value)
    for kind in LinkKind
}


@dataclass(frozen=True, slots=True)
class Sides:
    """Two prepared versions, which sentence belongs to which note, and the notes' changes."""

    old: Prepared
    new: Prepared
    old_notes: Mapping[int, Note]
    new_notes: Mapping[int, Note]
    notes: tuple[NoteChange, ...]

    @property
    def language(self) -> str | None:
        """The language to read facts in."""
        return self.new.document.language or self.old.document.language

    def is_name(self, word: str) -> bool:
        """Whether a sentence of either version writes a word with a capital inside, never small."""
        lower = word.lower()
        texts = [text for side in (self.old, self.new) for text in side.keys]
        if not any(_stands_inside(word, text) for text in texts):
            return False
        return not any(_count(text, lower) for text in texts)


@dataclass(frozen=True, slots=True)
class Draft:
    """One passage that differs: its sentences on either side, its words and its facts."""

    kind: ChangeKind
    old_sentences: tuple[int, ...]
    new_sentences: tuple[int, ...]
    old: str | None
    new: str | None
    words: WordDiff
    facts: tuple[FactChange, ...]


def make_drafts(sides: Sides, alignment: Sequence[AlignedPair]) -> list[Draft]:
    """The passages of the text that differ, in reading order, values that only moved left out."""
    links = changed_links(sides.old, sides.new, alignment)
    relinked = _relinked(sides, alignment, links) if links else {}
    passages = _passages(sides, alignment, relinked)
    return _settled([_draft(sides, pairs, relinked) for pairs in passages])


def _relinked(
    sides: Sides, alignment: Sequence[AlignedPair], links: Mapping[int, FactChange]
) -> dict[AlignedPair, FactChange]:
    """The pair of sentences to tell each changed link with: an edited one of its block, if any."""
    chosen: dict[int, AlignedPair] = {}
    for pair in alignment:
        if not pair.old or not pair.new:
            continue
        block = sides.new.sentences[pair.new[0]].block
        edited = pair.kind is not LinkKind.SAME
        if block in links and (
            block not in chosen or (edited and chosen[block].kind is LinkKind.SAME)
        ):
            chosen[block] = pair
    return {pair: links[block] for block, pair in chosen.items()}


def _passages(
    sides: Sides, alignment: Sequence[AlignedPair], relinked: Container[AlignedPair]
) -> list[list[AlignedPair]]:
    """The pairs to tell, neighbours of one kind in one paragraph told together."""
    passages: list[list[AlignedPair]] = []
    noted = bool(sides.old_notes or sides.new_notes)
    for pair in alignment:
        if pair.kind is LinkKind.SAME and (not relinked or pair not in relinked):
            continue
        if noted and _in_notes(sides, pair):
            continue
        if passages and _continues(sides, passages[-1][-1], pair):
            passages[-1].append(pair)
        else:
            passages.append([pair])
    return passages


def _in_notes(sides: Sides, pair: AlignedPair) -> bool:
    return all(i in sides.old_notes for i in pair.old) and all(
        j in sides.new_notes for j in pair.new
    )


def _continues(sides: Sides, before: AlignedPair, pair: AlignedPair) -> bool:
    """Whether a pair goes on where the one before ended: same kind, next sentence, one block."""
    if before.kind is not pair.kind:
        return False
    if pair.kind is LinkKind.ADDED:
        return _adjoin(before.new, pair.new, sides.new)
    if pair.kind is LinkKind.REMOVED:
        return _adjoin(before.old, pair.old, sides.old)
    if pair.kind is LinkKind.MOVED:
        return before.new[-1] + 1 == pair.new[0] and before.old[-1] + 1 == pair.old[0]
    return False


def _adjoin(before: tuple[int, ...], after: tuple[int, ...], side: Prepared) -> bool:
    same_block = side.sentences[before[-1]].block == side.sentences[after[0]].block
    return before[-1] + 1 == after[0] and same_block


def _draft(
    sides: Sides, pairs: list[AlignedPair], relinked: Mapping[AlignedPair, FactChange]
) -> Draft:
    olds, news = pairs[0].old, pairs[0].new
    for pair in pairs[1:]:
        olds, news = olds + pair.old, news + pair.new
    old = " ".join([sides.old.sentences[i].text for i in olds]) or None
    new = " ".join([sides.new.sentences[j].text for j in news]) or None
    words = diff_words(old or "", new or "")
    both = bool(old and new) and pairs[0].kind is not LinkKind.MOVED
    facts = facts_in(words, sides.language, sides.is_name) if both else ()
    facts += tuple(relinked[pair] for pair in pairs if pair in relinked) if relinked else ()
    return Draft(_KINDS[pairs[0].kind], olds, news, old, new, words, facts)


def _settled(drafts: list[Draft]) -> list[Draft]:
    """The drafts without values that only went to another sentence."""
    all_old = "\n".join(draft.old or "" for draft in drafts)
    all_new = "\n".join(draft.new or "" for draft in drafts)

    def elsewhere(draft: Draft) -> Callable[[FactChange], bool]:
        return lambda fact: (
            fact.type in VALUES
            and _appears(fact.old, draft, all_old, all_new)
            and _appears(fact.new, draft, all_new, all_old, gone=True)
        )

    return [
        replace(draft, facts=tuple(f for f in draft.facts if not elsewhere(draft)(f)))
        if draft.facts
        else draft
        for draft in drafts
    ]


def _appears(
    value: str | None,
    draft: Draft,
    before: str,
    after: str,
    *,
    gone: bool = False,
) -> bool:
    """Whether a value that left a passage came up in the others that changed.

    With ``gone`` the sides are swapped: whether a value that came had left the others.
    """
    if not value or value not in before or value not in after:
        return False
    own_before, own_after = (draft.new, draft.old) if gone else (draft.old, draft.new)
    there = _count(after, value) - _count(own_after or "", value)
    here = _count(before, value) - _count(own_before or "", value)
    return there > here


def _count(text: str, value: str) -> int:
    """How often a value stands in a text as whole words (a pattern would cost ten times this)."""
    count, at = 0, text.find(value)
    while at >= 0:
        end = at + len(value)
        whole = not (_in_word(text[at - 1 : at]) or _in_word(text[end : end + 1]))
        count += whole
        at = text.find(value, end if whole else at + 1)
    return count


def _stands_inside(word: str, text: str) -> bool:
    """Whether a word stands behind another one, a comma or semicolon perhaps, and a blank."""
    at = text.find(word)
    while at >= 0:
        lead = text[max(0, at - 3) : at]
        if lead[-1:].isspace() and not _in_word(text[at + len(word) : at + len(word) + 1]):
            before = lead[-3:-2] if lead[-2:-1] in {",", ";"} else lead[-2:-1]
            if before.isalnum() and not before.isdecimal():
                return True
        at = text.find(word, at + 1)
    return False


def _in_word(sign: str) -> bool:
    return sign.isalnum() or sign == "_"
