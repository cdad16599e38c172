"""Cases: a folder per verdict, judged whole. Adding one needs no code.

A case is a folder ``tests/cases/<verdict>/<name>/`` with ``old.txt`` and ``new.txt`` (or
``old.html`` and ``new.html``) and ``expected.json``: the verdict, and of each expected change
what matters about it. Keys that a case leaves out are not judged; changes it does not list
must not be there.
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
    told = json.dumps(found["changes"], ensure_ascii=False, indent=1)
    assert found["verdict"] == expected["verdict"], told
    assert len(found["changes"]) == len(expected["changes"]), told
    for change, wanted in zip(found["changes"], expected["changes"], strict=True):
        assert {key: change[key] for key in wanted} == wanted
    for note, wanted in zip(found["notes"], expected.get("notes", found["notes"]), strict=True):
        assert {key: note[key] for key in wanted} == wanted
    assert set(expected.get("kinds", [])) <= set(found["kinds"])


def test_there_are_dozens_of_cases_in_several_languages():
    texts = [
        (folder / "old.txt").read_text("utf-8") for folder in CASES if (folder / "old.txt").exists()
    ]
    assert len(CASES) >= 36
    assert len({document_from_text(text).language for text in texts}) >= 6


@pytest.mark.parametrize("folder", CASES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_case_against_itself_is_unchanged(folder):
    new = document(folder, "new")
    assert compare(new, new).verdict.value == "unchanged"
