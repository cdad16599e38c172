"""Rules tried on history tell what the crawl told: over random days of random articles."""

import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from dashboard import rehearsal
from dashboard.rehearsal import history, rehearse
from histories import LINK_BASE, START, TEXT, document, snapshot
from store.address import article_id
from store.alerts import KINDS
from store.archive import Archive, open_archive
from store.model import Block, BlockKind, Document, Note, NoteKind, Outcome, Place, Rule
from store.telling import Telling

ARTICLES, LOOKS = 12, 10
NOTES = (
    (NoteKind.UPDATE, "Update: This article was changed with what the mayor said on Sunday."),
    (NoteKind.CORRECTION, "Correction: An earlier version of this article named another mayor."),
    (NoteKind.CORRECTION, "Correction: An earlier version of this article said 12; it was 15."),
    (NoteKind.CLARIFICATION, "Clarification: This article was changed to say who counted."),
    (NoteKind.EDITORS_NOTE, "Editor's note: The mayor of Harbour owns shares in the yard."),
    (NoteKind.RETRACTION, "Retraction: The article on the ferries of Harbour is withdrawn."),
)
EDITS = (("12", "15"), ("mayor", "major"), ("spring", "autumn"), ("Nobody was", "Two people were"))
RULES = (
    *(Rule(kind, kinds=(kind,)) for kind in KINDS),
    Rule("the default"),
    Rule("weighty", kinds=(), least_significance=0.5),
    Rule("words", kinds=(), words=("15", "autumn")),
    Rule("pattern", kinds=("any",), pattern=r"\b\d+\b"),
    Rule("elsewhere", kinds=(), outlets=("other.example",)),
    Rule("of an article", kinds=(), outlets=("a3.harbour.example",)),
    Rule("of a story", kinds=(), stories=("Ferries",)),
    Rule("of removals by headline", kinds=("removed", "restored"), words=("ferries",)),
)


def address(number: int) -> str:
    return f"https://a{number}.harbour.example/ferries"


STORIES = {article_id(address(number)): ("Ferries",) for number in range(4)}


def state(chance: random.Random, number: int) -> Document | Outcome:
    """What a look may find: any edits, notes and headline of a few, or no article."""
    if chance.random() < 0.15:
        return Outcome.GONE
    text = "\n".join(TEXT)
    for old, new in chance.sample(EDITS, chance.randint(0, 2)):
        text = text.replace(old, new)
    headline = chance.choice(["Port counts its ferries", "Port counts ships", "Fleet is shown"])
    found = document(*text.split("\n"), headline=headline, address=address(number))
    return noted(found, chance.sample(NOTES, chance.randint(0, 2)))


def noted(found: Document, notes: list[tuple[NoteKind, str]]) -> Document:
    first = len(found.blocks)
    blocks = tuple(Block(BlockKind.NOTE, text) for _, text in notes)
    made = tuple(
        Note(kind, text, Place.END, "en", "a cue", block=first + place)
        for place, (kind, text) in enumerate(notes)
    )
    return replace(found, blocks=(*found.blocks, *blocks), notes=made)


def lived(folder, seed: int) -> Archive:
    """An archive that watched all articles for some days, hour by hour."""
    chance = random.Random(seed)
    archive = open_archive(folder / "test.duckdb", create=True)
    for number in range(ARTICLES):
        archive.watch_article(address(number), acted_at=START)
    now = {number: state(chance, number) for number in range(ARTICLES)}
    for look in range(LOOKS):
        for number in chance.sample(range(ARTICLES), ARTICLES // 3):
            now[number] = state(chance, number)
        at = START + timedelta(hours=look)
        seen = [snapshot(at, one, address(number)) for number, one in now.items()]
        archive.record(seen, Telling(RULES, LINK_BASE, stories=STORIES))
    return archive


@pytest.mark.parametrize("seed", [1, 3])
def test_the_rules_replayed_over_history_tell_exactly_what_the_crawl_told(tmp_path, seed):
    archive = lived(tmp_path, seed)
    raised = archive.query("FROM alert_list")
    seen = history(lambda sql, *values: archive.query(sql, values), START)
    found = list(rehearse(RULES, seen, STORIES))
    told = Counter((row["article"], row["rule"], row["kind"], row["reason"]) for row in raised)
    assert Counter((one.row["article"], one.rule, one.kind, one.reason) for one in found) == told
    assert {row["kind"] for row in raised} >= {"correction", "removed", "headline", "number"}
    assert any(row["rule"] == "of a story" for row in raised)


def test_a_history_too_long_to_be_tried_whole_says_where_it_is_cut(tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "LOOKS", 3)
    archive = lived(tmp_path, 1)

    def ask(sql, *values):
        return archive.query(sql, values)

    assert history(ask, START).cut_at is None
    monkeypatch.setattr(rehearsal, "MOST_TRANSITIONS", 5)
    seen = history(ask, START)
    assert seen.cut_at == min(row["seen_first_at"] for row in seen.transitions)
    assert len(seen.transitions) == 5
