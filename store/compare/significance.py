"""How much a change matters, 0 to 1, from weights that are data, with the parts it is made of.

S = 1 - prod(1 - w * p) over the kind and the facts of a change, w being the weight of each and p
that of the place (field study, step 11).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib import resources

from store.model import ChangeKind, FactChange, Part

NOTE_KINDS = frozenset(
    {
        ChangeKind.RETRACTION,
        ChangeKind.CORRECTION,
        ChangeKind.CLARIFICATION,
        ChangeKind.EDITORS_NOTE,
        ChangeKind.UPDATE,
        ChangeKind.NOTE_REMOVED,
        ChangeKind.NOTE_EDITED,
        ChangeKind.STILL_WRONG,
    }
)
# Facts whose silent change is told as "changed without a note".
FACTUAL = frozenset(
    {
        "casualty_count",
        "number",
        "percent",
        "money",
        "quantity",
        "score",
        "date",
        "time",
        "age",
        "title",
        "dateline",
        "name",
        "quote",
        "speaker",
        "negation",
        "status",
        "allegation",
    }
)


# Facts that are values and can stand in another sentence as well.
VALUES = FACTUAL - {"quote", "speaker", "negation", "status", "allegation", "title", "dateline"}
# Facts whose change is a change of meaning in itself. The words of a quotation are weighed like
# any others: of those that changed in the labelled edits, most still said the same.
CERTAIN = FACTUAL - {"quote"}
_PLACES = {
    "headline": "in the headline, standfirst or byline",
    "lead": "in the first two sentences",
    "early": "in the first quarter",
    "late": "further down",
}


@lru_cache(maxsize=1)
def _tables() -> dict[str, dict[str, dict[str, str | float]]]:
    source = resources.files("store.compare").joinpath("weights.toml")
    return tomllib.loads(source.read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def weights() -> dict[str, dict[str, float]]:
    """The weights by table and name."""
    return {
        table: {name: float(row["weight"]) for name, row in rows.items()}
        for table, rows in _tables().items()
    }


def is_factual(facts: Iterable[FactChange]) -> bool:
    """Whether a fact of the kind that calls for a note changed its value."""
    return any(
        fact.type in FACTUAL
        and ((fact.old is not None and fact.new is not None) or fact.type == "negation")
        for fact in facts
    )


def place_of(sentence: int, count: int) -> str:
    """Where a sentence stands, as the weights name it."""
    if sentence < 2:
        return "lead"
    return "early" if sentence < count / 4 else "late"


@lru_cache(maxsize=1024)
def weigh(
    kind: ChangeKind,
    facts: tuple[FactChange, ...],
    place: str,
    *,
    declared: bool = False,
    silent: bool = False,
    narrative: bool = False,
) -> tuple[Part, ...]:
    """The parts of a change's significance, the largest first; they add up to 1 at most.

    ``declared`` says that a note admits it, ``silent`` that none does though one should,
    ``narrative`` that its words say something new without a typed fact.
    """
    note = kind in NOTE_KINDS
    at = 1.0 if note else weights()["places"][place]
    where = "" if note else f", {_PLACES[place]}"
    shares = [("kinds", kind.value, weights()["kinds"][kind.value] * at)]
    shares += _fact_shares(facts, at, declared=declared)
    if narrative and kind is ChangeKind.EDITED:
        shares.append(("rules", "narrative", weights()["rules"]["narrative"] * at))
    parts, rest = [], 1.0
    for table, name, share in sorted(shares, key=lambda one: -one[2]):
        parts.append(Part(name, f"{_meaning(table, name)}{where}", round(rest * share, 4)))
        rest *= 1.0 - share
    if silent:
        added = min(rest, weights()["rules"]["silent"])
        parts.append(Part("silent", _meaning("rules", "silent"), round(added, 4)))
    return tuple(parts)


def trivial() -> tuple[Part, ...]:
    """The only part of a headline whose typography or tag alone changed."""
    return (Part("trivial", _meaning("rules", "trivial"), weights()["rules"]["trivial"]),)


def significance(parts: Iterable[Part]) -> float:
    """The sum of the parts, rounded to hundredths."""
    return round(min(1.0, sum([part.points for part in parts])), 2)


def _fact_shares(
    facts: Iterable[FactChange], at: float, *, declared: bool
) -> Iterator[tuple[str, str, float]]:
    rules = weights()["rules"]
    for fact in facts:
        both = 1.0 if fact.old and fact.new else rules["one_sided"]
        noted = rules["declared"] if declared else 1.0
        yield "facts", fact.type, weights()["facts"][fact.type] * at * noted * both


def _meaning(table: str, name: str) -> str:
    return str(_tables()[table][name]["meaning"])
