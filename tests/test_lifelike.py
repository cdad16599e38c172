"""The pages of ten outlets in twenty languages: nothing false, nothing missed, walls named."""

from __future__ import annotations

from lifelike import Plan, faults, plans


def test_lifelike_pages_are_told_rightly() -> None:
    wrong = {name: found for name, plan in plans(102, seed=1) if (found := faults(plan))}
    assert not wrong, "\n".join(f"{name}: {found}" for name, found in wrong.items())


def test_the_oracle_sees_what_is_missed() -> None:
    plan = next(plan for name, plan in plans(40, seed=1) if name.startswith("number"))
    assert faults(Plan(plan.pages, told=((frozenset({"byline"}), "nobody"),)))
