"""Changes: planted fact triples, false alarms on rephrasings, meaning-changed against the rest.

    python -m benchmarks.quality_changes [DATA]

Planted triples are (type, old, new) in real sentences; a rephrasing must give none.
"Meaning" scores the engine's factual and narrative families against human labels, beside
a baseline that only looks at the length and the digits.
"""

from __future__ import annotations

import json
import random
import re
import sys
from pathlib import Path
from typing import Any

from benchmarks.planted import Plant, plant_facts
from store.compare import compare, prepare_sentences
from store.compare.facts import changed_facts
from store.model import FactChange
from store.text import sentences

DATA = (
    "revisions/wikinews_iterater.jsonl",
    "revisions/bbc_rss_items.jsonl",
    "changes/iterater_sents.jsonl",
)
_PER_TYPE = 60
_SEEDS = (11, 12)


def measure(data: Path) -> dict[str, float]:
    """Precision and recall of planted triples; F1 of "meaning changed" and of its baseline."""
    plants = [p for seed in _SEEDS for p in plant_facts(_sentences(data), seed, _PER_TYPE)]
    right, found, true, alarms = 0, 0, 0, 0
    for plant in plants:
        facts = changed_facts(plant.old, plant.new, "en")
        hit = sum(_is_right(plant, fact) for fact in facts)
        right, found, true = right + min(hit, 1), found + len(facts), true + bool(plant.fact)
        alarms += bool(facts) and plant.fact is None
    silent = sum(plant.fact is None for plant in plants)
    return {
        "facts.planted_precision": right / (found or 1),
        "facts.planted_recall": right / (true or 1),
        "facts.rephrased_alarms_at_most": alarms / (silent or 1),
        **_meaning(data),
    }


def _sentences(data: Path) -> list[str]:
    found: set[str] = set()
    for line in (data / DATA[0]).open(encoding="utf-8"):
        text = json.loads(line)["text"].replace("\n", " ")
        found.update(s.strip() for s in sentences(text, "en"))
    for line in (data / DATA[1]).open(encoding="utf-8"):
        row = json.loads(line)
        if row["version"] == 0:
            found.add(row["text"])
    return sorted(s for s in found if 40 < len(s) < 400)


def _is_right(plant: Plant, fact: FactChange) -> bool:
    """Whether a fact is the planted one; a name or amount may be given with its title or sign."""
    if plant.fact is None or fact.type != plant.fact[0]:
        return False
    if fact.type == "negation":
        return True
    return _holds(fact.old, plant.fact[1]) and _holds(fact.new, plant.fact[2])


def _holds(value: str | None, planted: str | None) -> bool:
    if value is None or planted is None:
        return value is planted
    return planted.strip(" ,.") in value


# --------------------------------------------------------------------------
# Meaning


def _meaning(data: Path) -> dict[str, float]:
    rows = [json.loads(line) for line in (data / DATA[2]).open(encoding="utf-8")]
    gold = [row["labels"] == "meaning-changed" for row in rows]
    ours = [_says_something_else(row) for row in rows]
    low, high = _interval(ours, gold)
    return {
        "meaning.f1": _f1(ours, gold),
        "meaning.f1_low": low,
        "meaning.f1_high": high,
        "meaning.baseline_f1": _baseline(rows, gold),
    }


def _says_something_else(row: dict[str, Any]) -> bool:
    old, new = prepare_sentences([row["before_sent"]]), prepare_sentences([row["after_sent"]])
    return any(change.family != "stylistic" for change in compare(old, new).changes)


def _baseline(rows: list[dict[str, Any]], gold: list[bool]) -> float:
    """The best that a cut on the difference in length, or any digit that differs, can do."""
    digits = [_digits(row["before_sent"]) != _digits(row["after_sent"]) for row in rows]
    sizes = [abs(len(row["after_sent"]) - len(row["before_sent"])) for row in rows]
    return max(
        _f1([size > cut or digit for size, digit in zip(sizes, digits, strict=True)], gold)
        for cut in range(0, 80, 2)
    )


def _digits(text: str) -> list[str]:
    return sorted(re.findall(r"\d+", text))


def _f1(found: list[bool], gold: list[bool]) -> float:
    right = sum(a and b for a, b in zip(found, gold, strict=True))
    return 2 * right / (sum(found) + sum(gold) or 1)


def _interval(found: list[bool], gold: list[bool]) -> tuple[float, float]:
    chance = random.Random(7)
    both = list(zip(found, gold, strict=True))
    draws = []
    for _ in range(200):
        drawn = chance.choices(both, k=len(both))
        draws.append(_f1([a for a, _ in drawn], [b for _, b in drawn]))
    draws.sort()
    return draws[5], draws[194]


def main() -> None:
    """Print the figures as a table."""
    data = Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data")
    for name, value in measure(data).items():
        print(f"{name:<45}{value:>9.4f}")


if __name__ == "__main__":
    main()
