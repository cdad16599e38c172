"""The pages of ten outlets in 28 languages: nothing false, nothing missed, walls named."""

from __future__ import annotations

import random

import pytest

from crawler.extract import read_page
from lifelike import Plan, faults, plans
from lifelike_pages import DECOYS, FRAMES, STORIES, VISITS, article_of, decoy, wall

OWN = {story["language"]: article_of(story) for story in STORIES}
LANGUAGES = sorted({row["language"] for row in VISITS})


def test_lifelike_pages_are_told_rightly() -> None:
    wrong = {name: found for name, plan in plans(102, seed=1) if (found := faults(plan))}
    assert not wrong, "\n".join(f"{name}: {found}" for name, found in wrong.items())


def test_the_oracle_sees_what_is_missed() -> None:
    plan = next(plan for name, plan in plans(40, seed=1) if name.startswith("number"))
    assert faults(Plan(plan.pages, told=((frozenset({"byline"}), "nobody"),)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_stands_in_the_way_is_named_in_every_language(language: str) -> None:
    chance, named = random.Random(language), {}
    for row in (row for row in VISITS if row["language"] == language):
        page = wall(row, OWN.get(language, OWN["en"]), chance.choice(sorted(FRAMES)), chance)
        named[row["kind"]] = read_page(page, "https://news.example/story").quality.detail
    allowed = {row["kind"]: {*row["names"], "login"} for row in VISITS}
    assert not {kind: name for kind, name in named.items() if name not in allowed[kind]}


@pytest.mark.parametrize("stamped", [True, False])
def test_a_short_article_about_a_wall_is_an_article(stamped: bool) -> None:
    chance = random.Random(stamped)
    refused = {}
    for row in DECOYS:
        page = decoy(row, chance.choice(sorted(FRAMES)), chance, stamped=stamped)
        quality = read_page(page, "https://news.example/story").quality
        if not quality.is_article:
            refused[row["headline"]] = quality.reason
    assert not refused
