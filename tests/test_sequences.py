"""Pages that change for every wrong reason, and for the right ones: no false alarm, no miss.

All sequences stand in one archive; every step is one ``storylapse fetch --all``. The number of
sequences is bounded so that the test takes about a minute; ``every_sequence`` has thousands.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

import pytest

from origin import Answer, Origin
from product import Product
from sequences import Course, Verdict, chosen_sequences, hold_against, play

FRONT = "".join(f'<li><a href="/s/{n}">What happened on day {n}</a></li>' for n in range(30))
LOGIN = (
    "<html><head><title>Log in</title></head><body><h1>Log in</h1>"
    "<p>Please log in to continue. Forgot your password?</p></body></html>"
)


def verdicts(courses: list[Course], origin: Origin, product: Product) -> list[Verdict]:
    """What the product makes of all courses at once."""
    origin.pages["/"] = (
        f"<html><title>Front</title><body><h1>News</h1><ul>{FRONT}</ul></body></html>"
    )
    origin.pages["/login?next=x"] = LOGIN
    origin.pages["/loop"] = Answer(b"", 302, {"Location": "/loop", "Content-Type": "text/html"})
    product.run("watch", *[origin.address(course.path) for course in courses])
    checks: dict[str, list[list[dict[str, Any]]]] = defaultdict(list)

    def fetch() -> None:
        rows = defaultdict(list)
        for line in product.run("fetch", "--all", "--json", ok=(0, 3)).stdout.splitlines():
            row = json.loads(line)
            rows[row["address"]].append(row)
        for course in courses:
            checks[course.name].append(rows[origin.address(course.path)])

    play(courses, origin, fetch)
    told = defaultdict(list)
    for change in product.lines("changes"):
        told[change["address"]].append(change)
    return [
        hold_against(course, told[origin.address(course.path)], checks[course.name])
        for course in courses
    ]


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
