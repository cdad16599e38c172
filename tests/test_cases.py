"""Cases: a folder per verdict, judged whole. Adding one needs no code.

A case is a folder ``tests/cases/<verdict>/<name>/`` with ``old.txt`` and ``new.txt`` (or
``old.html`` and ``new.html``) and ``expected.json``, written before the engine is asked. Keys
that a case leaves out are not judged. They are:

- ``verdict``; ``kinds`` that must be among the article's, ``absent_kinds`` that must not be;
- ``changes``: all of them in order, and of each what matters about it: any key of the report,
  or ``fact_types`` where only the types of its facts matter;
- ``notes``: all of them in order, any keys of each;
- ``fact_types``: the types of all facts that changed;
- ``ranked``: indices of changes, the most significant first, no two alike.
"""

import json
from pathlib import Path

import pytest

from crawler.extract import read_page
from store.compare import compare
from store.compare.report import comparison_as_dict
from store.text import document_from_text

FOLDER = Path(__file__).parent / "cases"
CASES = sorted(path.parent for path in FOLDER.rglob("expected.json"))


def document(folder, side):
    page = folder / f"{side}.html"
    if page.exists():
        return read_page(page.read_text("utf-8"), "https://herald.example/story")
    return document_from_text((folder / f"{side}.txt").read_text("utf-8"))


@pytest.mark.parametrize("folder", CASES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_case_is_judged_as_expected(folder):
    old, new = document(folder, "old"), document(folder, "new")
    found = comparison_as_dict(compare(old, new), old, new)
    expected = json.loads((folder / "expected.json").read_text("utf-8"))
    for change in found["changes"]:
        change["fact_types"] = [fact["type"] for fact in change["facts"]]
    told = json.dumps(found["changes"], ensure_ascii=False, indent=1)
    assert found["verdict"] == expected["verdict"], told
    for name in ("changes", "notes"):
        agree(found[name], expected.get(name, found[name]), told)
    agree_as_a_whole(found, expected)


def agree(found, expected, told):
    assert len(found) == len(expected), told
    for one, wanted in zip(found, expected, strict=True):
        assert {key: one[key] for key in wanted} == wanted, told


def agree_as_a_whole(found, expected):
    assert set(expected.get("kinds", [])) <= set(found["kinds"])
    assert not set(expected.get("absent_kinds", [])) & set(found["kinds"])
    types = [kind for change in found["changes"] for kind in change["fact_types"]]
    assert sorted(expected.get("fact_types", types)) == sorted(types)
    ranks = [found["changes"][index]["significance"] for index in expected.get("ranked", [])]
    assert ranks == sorted(set(ranks), reverse=True)


def test_there_are_cases_enough_in_many_languages_as_texts_and_as_pages():
    languages = {document(folder, "old").language for folder in CASES}
    pages = [folder for folder in CASES if (folder / "old.html").exists()]
    assert len(CASES) >= 120
    assert len(languages - {None}) >= 15
    assert len(pages) >= 25


@pytest.mark.parametrize("folder", CASES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_case_against_itself_is_unchanged(folder):
    new = document(folder, "new")
    assert compare(new, new).verdict.value == "unchanged"
