"""Changes: planted fact triples, false alarms on rephrasings.

    python -m benchmarks.quality_changes [DATA]

Planted triples are (type, old, new) in real sentences; a rephrasing must give none. "Planted"
comes from the first planter, "varied" from a second one that knows nothing of it: values
written in many ways, four languages, two changes in one sentence, rewordings beside them.
Intervals are bootstraps over plants, 95 %.
"""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.figures import print_figures
from benchmarks.planted import Plant, plant_facts
from benchmarks.planted_values import ValuePlant, plant_rewrites, plant_values
from store.compare.facts import changed_facts
from store.model import FactChange
from store.sentences import sentences

DATA = (
    "revisions/wikinews_iterater.jsonl",
    "revisions/bbc_rss_items.jsonl",
    "revisions/newsedits_pairs.jsonl",
    "revisions/nodejs_blog.jsonl",
    "extraction/index.jsonl",
    "notes/articles_text.jsonl",
)
_PER_TYPE = 60
_SEEDS = (11, 12)
_VARIED_LANGUAGES = ("en", "de", "fr", "pt")
_VARIED_PER_TYPE = {"en": 80}
_REWRITES = 30
_DRAWS = 200
_MOST_FAILING = 12


def measure(data: Path) -> dict[str, float]:
    """Precision and recall of planted triples, and the share of rephrasings that gave a fact."""
    plants = [p for seed in _SEEDS for p in plant_facts(_english(data), seed, _PER_TYPE)]
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
        **_varied(data),
    }


def failing(data: Path) -> list[str]:
    """Plants of the second planter whose triples were not found exactly, most telling first."""
    told = [_told(plant, _score(plant)) for plant in _varied_plants(data)]
    return [line for line in told if line][:_MOST_FAILING]


# --------------------------------------------------------------------------
# The first planter


def _english(data: Path) -> list[str]:
    found: set[str] = set()
    for row in _rows(data / DATA[0]):
        found.update(s.strip() for s in sentences(row["text"].replace("\n", " "), "en"))
    found.update(row["text"] for row in _rows(data / DATA[1]) if row["version"] == 0)
    return sorted(s for s in found if 40 < len(s) < 400)


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.open(encoding="utf-8"):
        yield json.loads(line)


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
# The second planter


class _Score(NamedTuple):
    """Triples of one plant: right, found, true, and what was found."""

    right: int
    found: int
    true: int
    facts: tuple[FactChange, ...]


def _varied(data: Path) -> dict[str, float]:
    scores = [(plant.language, _score(plant)) for plant in _varied_plants(data)]
    alone = [score for _, score in scores]
    figures = {"facts.varied_precision": _share(alone, "found")}
    figures["facts.varied_recall"] = _share(alone, "true")
    for name, of in (("precision", "found"), ("recall", "true")):
        low, high = _interval(alone, of)
        figures[f"facts.varied_{name}_low"], figures[f"facts.varied_{name}_high"] = low, high
    for language in _VARIED_LANGUAGES:
        own = [score for code, score in scores if code == language]
        figures[f"facts.varied_recall_{language}"] = _share(own, "true")
    rewrites = plant_rewrites(_all_sentences(data), _SEEDS[0], _REWRITES)
    alarms = sum(bool(changed_facts(p.old, p.new, p.language)) for p in rewrites)
    figures["facts.rewritten_alarms_at_most"] = alarms / (len(rewrites) or 1)
    return figures


def _varied_plants(data: Path) -> list[ValuePlant]:
    found = _all_sentences(data)
    return [
        plant
        for language, seed in itertools.product(_VARIED_LANGUAGES, _SEEDS)
        for plant in plant_values(
            [pair for pair in found if pair[1] == language],
            seed,
            _VARIED_PER_TYPE.get(language, 25),
        )
    ]


def _all_sentences(data: Path) -> list[tuple[str, str]]:
    """Sentences with their language, of every set that has one."""
    found: dict[str, str] = {}
    for name in DATA:
        for row in _rows(data / name):
            language = (row.get("lang") or "en")[:2]
            for text in _paragraphs(row):
                for sentence in sentences(" ".join(text.split()), language):
                    found.setdefault(sentence.strip(), language)
    return sorted((text, language) for text, language in found.items() if 40 < len(text) < 400)


def _paragraphs(row: dict[str, Any]) -> Iterable[str]:
    if "expected_paragraphs" in row:
        return [str(text) for text in row["expected_paragraphs"]]
    return str(row.get("expected_text") or row.get("text") or "").split("\n")


def _score(plant: ValuePlant) -> _Score:
    facts = changed_facts(plant.old, plant.new, plant.language)
    left = list(plant.facts)
    for fact in facts:
        match = next((triple for triple in left if _is_triple(triple, fact)), None)
        if match is not None:
            left.remove(match)
    return _Score(len(plant.facts) - len(left), len(facts), len(plant.facts), facts)


def _is_triple(triple: tuple[str, str | None, str | None], fact: FactChange) -> bool:
    """Whether a fact is the planted triple; "nearly", an article or a unit may be left out."""
    kind, old, new = triple
    return fact.type == kind and _matches(fact.old, old) and _matches(fact.new, new)


def _matches(value: str | None, planted: str | None) -> bool:
    if value is None or planted is None:
        return value is planted
    core = planted.strip(" ,.")
    digits = any(map(str.isdigit, value)) or not any(map(str.isdigit, core))
    return core in value or (value in core and digits)


def _share(scores: Sequence[_Score], of: str) -> float:
    total = sum(score.found if of == "found" else score.true for score in scores)
    return sum(score.right for score in scores) / (total or 1)


def _interval(scores: Sequence[_Score], of: str) -> tuple[float, float]:
    chance = random.Random(7)
    draws = sorted(_share(chance.choices(scores, k=len(scores)), of) for _ in range(_DRAWS))
    return draws[int(0.025 * _DRAWS)], draws[int(0.975 * _DRAWS) - 1]


def _told(plant: ValuePlant, score: _Score) -> str:
    """One failing plant as a line, or nothing where every triple was found and no other."""
    if score.right == score.true == score.found:
        return ""
    wanted = "; ".join(f"{kind} {old} → {new}" for kind, old, new in plant.facts)
    came = "; ".join(f"{fact.type} {fact.old} → {fact.new}" for fact in score.facts) or "nothing"
    at = plant.new.find(plant.facts[0][2] or "")
    near = plant.new[max(0, at - 25) : at + 35].strip()
    return f"planted {plant.kind} ({plant.language}), “… {near} …”: wanted {wanted}; came {came}"


if __name__ == "__main__":
    print_figures(measure)
