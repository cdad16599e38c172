"""How much a change matters, 0 to 1, from weights that are data.

S = 1 - prod(1 - w * p) over the kind and the facts of a change, w being the weight of each and p
that of the place (field study, step 11).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from functools import lru_cache
from importlib import resources

from store.model import ChangeKind, FactChange

NOTE_KINDS = frozenset(
    {
        ChangeKind.RETRACTION,
        ChangeKind.CORRECTION,
        ChangeKind.CLARIFICATION,
        ChangeKind.EDITORS_NOTE,
        ChangeKind.UPDATE,
        ChangeKind.NOTE_REMOVED,
        ChangeKind.NOTE_EDITED,
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
        "name",
        "quote",
        "speaker",
        "negation",
        "status",
        "allegation",
    }
)


# Facts that are values and can stand in another sentence as well.
VALUES = FACTUAL - {"quote", "speaker", "negation", "status", "allegation", "title"}


@lru_cache(maxsize=1)
def weights() -> dict[str, dict[str, float]]:
    """The weights by table and name."""
    source = resources.files("store.compare").joinpath("weights.toml")
    tables = tomllib.loads(source.read_text(encoding="utf-8"))
    return {
        table: {name: float(row["weight"]) for name, row in rows.items()}
        for table, rows in tables.items()
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


def significance(
    kind: ChangeKind,
    facts: Iterable[FactChange],
    place: str,
    *,
    declared: bool,
    silent: bool,
    narrative: bool = False,
) -> float:
    """The significance of a change, rounded to hundredths.

    ``declared`` says that a note admits it, ``silent`` that none does though one should,
    ``narrative`` that its words say something new without a typed fact.
    """
    table = weights()
    at = 1.0 if kind in NOTE_KINDS else table["places"][place]
    share = table["rules"]["declared"] if declared else 1.0
    rest = 1.0 - table["kinds"][kind.value] * at
    for fact in facts:
        both = 1.0 if fact.old and fact.new else table["rules"]["one_sided"]
        rest *= 1.0 - table["facts"][fact.type] * at * share * both
    if narrative and kind is ChangeKind.EDITED:
        rest *= 1.0 - table["rules"]["narrative"] * at
    total = 1.0 - rest + (table["rules"]["silent"] if silent else 0.0)
    return round(min(1.0, total), 2)
