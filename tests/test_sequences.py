"""Pages that change for every wrong reason, and for the right ones: no false alarm, no miss.

All sequences stand in one archive; every step is one ``storylapse fetch --all``. The number of
sequences is bounded so that the test takes about a minute; ``every_sequence`` has thousands.
"""

from __future__ import annotations

import pytest

from origin import Origin
from product import Product
from sequences import chosen_sequences, hold_against, verdicts


@pytest.mark.slow
def test_no_false_alarm_and_no_miss(origin: Origin, product: Product) -> None:
    courses = list(chosen_sequences())
    assert len({course.path for course in courses}) == len(courses) > 60
    wrong = [one for one in verdicts(courses, origin, product) if not one.is_right]
    assert not wrong, "\n".join(f"{one}" for one in wrong)


def test_the_oracle_counts_what_is_told_too_much_too_little_and_under_a_wrong_name() -> None:
    course = next(one for one in chosen_sequences() if one.outcomes)
    blank = {"kind": "edited", "old": "a", "new": "b", "reason": "It was edited."}
    checks = [[{"outcome": "read", "reason": "It was read."}] for _ in course.steps]
    verdict = hold_against(course, [blank], checks)
    assert (len(verdict.false), len(verdict.missed)) == (1, len(course.told))
    assert len(verdict.misnamed) == len(course.outcomes)
