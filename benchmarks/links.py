"""Sentence links that were read one by one, put beside the sentences of the data folder.

``gold/*.json`` keep places and links only, no text; each says who decided them and how. A document
belongs to the first half (thresholds are tuned on it) or to the second (scored only).
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from store.text import clean, normalise

GOLD = Path(__file__).parent / "gold"
NEWS = ("newsedits_pairs", "wikinews_iterater")
BLOGS = ("rust_blog", "nodejs_blog", "bitcoinops")
DERIVED = "alignments/iterater_derived.jsonl"
DATA = (DERIVED, *(f"revisions/{name}.jsonl" for name in (*NEWS, *BLOGS)))
Pairs = set[tuple[int, int]]


class Linked(NamedTuple):
    """Two versions in comparing form and their links; ``open`` ones can be argued either way."""

    key: str
    old: list[str]
    new: list[str]
    links: Pairs
    open: Pairs

    @property
    def first_half(self) -> bool:
        """Whether thresholds may be tuned on it."""
        return int(hashlib.sha256(self.key.encode()).hexdigest(), 16) % 2 == 0

    def changed(self, links: Iterable[tuple[int, int]]) -> Pairs:
        """The links whose sentences differ, the only ones that are hard; without open ones."""
        return {(i, j) for i, j in links if self.old[i] != self.new[j]} - self.open


def version_links(data: Path, sets: Collection[str]) -> Iterator[Linked]:
    """Pairs of versions of one article of the sets, links read for this project."""
    texts = {
        (row["article_id"], row.get("revision_pair"), row["version"]): row["text"]
        for name in sets
        for row in rows(data / f"revisions/{name}.jsonl")
    }
    for entry in json.loads((GOLD / "version_links.json").read_text("utf-8"))["pairs"]:
        if entry["file"] in sets:
            place = entry["article"], entry.get("revision_pair")
            old, new = (texts[*place, version] for version in entry["versions"])
            cut = _cut(old, entry["old"]), _cut(new, entry["new"])
            yield Linked(entry["article"], *cut, _pairs(entry["links"]), _pairs(entry["open"]))


def derived_links(data: Path) -> Iterator[Linked]:
    """Drafts whose links follow the characters that survived their edits."""
    for row in rows(data / DERIVED):
        old, new = [normalise(s) for s in row["old"]], [normalise(s) for s in row["new"]]
        yield Linked(row["id"], old, new, _pairs(row["links"]), set())


def draft_links(data: Path) -> Iterator[Linked]:
    """The same drafts with the links that were doubtful read again for this project."""
    again = json.loads((GOLD / "draft_links.json").read_text("utf-8"))["documents"]
    for draft in derived_links(data):
        entry = {name: _pairs(links) for name, links in again.get(draft.key, {}).items()}
        unsure = entry.get("open", set())
        links = (draft.links | entry.get("more", set())) - entry.get("less", set()) - unsure
        yield draft._replace(links=links, open=unsure)


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a file of JSON lines."""
    for line in path.open(encoding="utf-8"):
        yield json.loads(line)


def _cut(text: str, starts: list[int]) -> list[str]:
    line = " ".join(clean(text).split())
    return [normalise(line[a:b].strip()) for a, b in itertools.pairwise([*starts, len(line)])]


def _pairs(links: Iterable[list[int]]) -> Pairs:
    return {(i, j) for i, j in links}
