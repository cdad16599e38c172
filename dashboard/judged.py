"""How often people agree with what was found: marks, counted by kind. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any

Row = Mapping[str, Any]

_SURE = 1.96  # standard deviations: 95 of 100 such intervals hold the share


@dataclass(frozen=True, slots=True)
class Agreement:
    """What people said of the findings of one kind; an important one is a right one too."""

    kind: str
    right: int
    wrong: int
    important: int

    @property
    def marked(self) -> int:
        """How many findings bear a mark."""
        return self.right + self.wrong + self.important

    @property
    def share(self) -> float:
        """The share that people did not call wrong, from 0 to 1."""
        return 1 - self.wrong / self.marked

    @property
    def bounds(self) -> tuple[float, float]:
        """Where the share may lie with so few marks: Wilson's interval (JASA 22, 1927), 95 %."""
        n, share, z2 = self.marked, self.share, _SURE * _SURE
        middle = (share + z2 / (2 * n)) / (1 + z2 / n)
        reach = _SURE * sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
        return max(0.0, middle - reach), min(1.0, middle + reach)


def agreements(rows: Iterable[Row]) -> list[Agreement]:
    """Marked findings (``kind``, ``mark``) by kind, those with most marks first."""
    found = Counter((row["kind"], row["mark"]) for row in rows)
    kinds = Counter[str]()
    for (kind, _), findings in found.items():
        kinds[kind] += findings
    return [
        Agreement(kind, *(found[kind, mark] for mark in ("right", "wrong", "important")))
        for kind, _ in kinds.most_common()
    ]
