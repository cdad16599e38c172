"""compare and extract: files in, answers out, broken work answered and passed over."""

import gzip
import json

import pytest

from dashboard.commands_compare import in_order
from shell import CORRECTED, CORRECTION, STORY, page, storylapse


@pytest.fixture(scope="module")
def texts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("texts")
    (folder / "old.txt").write_text(STORY)
    (folder / "new.txt").write_text(CORRECTED)
    (folder / "old.html").write_text(page())
    (folder / "new.html.gz").write_bytes(gzip.compress(page(CORRECTED).encode()))
    (folder / "cut.html.gz").write_bytes(gzip.compress(page().encode())[:200])
    (folder / "wall.html").write_text("<html><body><p>Accept cookies.</p></body></html>")
    (folder / "bomb.html").write_text("<p " + " ".join(f"a{n}=1" for n in range(40_000)) + ">")
    return folder


@pytest.mark.parametrize(("old", "new"), [("old.txt", "new.txt"), ("old.html", "new.html.gz")])
def test_two_files_are_compared(texts, old, new):
    said = storylapse("compare", old, new, "--json", cwd=texts)
    assert said.code == 0
    answer = said.json
    assert answer["verdict"] == "changed"
    assert {change["kind"] for change in answer["changes"]} == {"correction", "edited"}
    assert [note["text"] for note in answer["notes"]] == [CORRECTION]
    indices = {index for pair in answer["alignment"] for index in pair["new"]}
    assert indices == set(range(len(answer["new"]["sentences"])))


def test_a_text_and_itself_are_unchanged(texts):
    said = storylapse("compare", "old.txt", "old.txt", cwd=texts)
    assert said.code == 0
    assert said.lines[0].startswith("unchanged")


def test_a_batch_is_answered_in_order_and_broken_lines_with_their_error(texts):
    work = [
        {"id": 1, "old": {"path": "old.html"}, "new": {"path": "new.html.gz"}},
        "no json",
        {"id": "s", "old": {"sentences": ["A b.", "C d."]}, "new": {"sentences": ["A b."]}},
        [1, 2],
        {"id": 4, "old": {"path": "gone.html"}, "new": {"text": "A b."}},
        {"id": 5, "new": {"text": "A b."}},
        {"id": 6, "old": {"html": page(), "url": "https://x.example/a"}, "new": {"text": STORY}},
        {"id": 7, "old": ["A b.", "C d."], "new": ["C d.", "A b."]},
        {"id": 8, "old": {"sentences": "A b."}, "new": ["A b.", 2]},
        "",
    ]
    lines = "\n".join(one if isinstance(one, str) else json.dumps(one) for one in work)
    said = storylapse("compare", "--batch", "-", cwd=texts, stdin=lines)
    answers = said.json_lines
    assert said.code == 0
    assert [one["id"] for one in answers] == [1, None, "s", None, 4, 5, 6, 7, 8]
    failed = [one["id"] for one in answers if "error" in one]
    assert failed == [None, None, 4, 5, 8]
    assert answers[2]["old"]["sentences"] == ["A b.", "C d."]
    assert {(*one["old"], *one["new"]) for one in answers[7]["alignment"]} == {(0, 1), (1, 0)}
    assert "5 lines of work could not be done" in said.err


def test_a_batch_from_a_file_holds_many_lines(texts):
    one = {"old": {"text": STORY}, "new": {"text": CORRECTED}}
    (texts / "work.jsonl").write_text(
        "".join(json.dumps({"id": number, **one}) + "\n" for number in range(500))
    )
    said = storylapse("compare", "--batch", "work.jsonl", cwd=texts)
    assert [answer["id"] for answer in said.json_lines] == list(range(500))


def test_extract_reads_a_page_from_a_file_and_from_stdin(texts):
    by_file = storylapse(
        "extract", "new.html.gz", "--url", "https://x.example/a", "--json", cwd=texts
    )
    by_stdin = storylapse("extract", "-", "--json", cwd=texts, stdin=page(CORRECTED))
    assert by_file.json == by_stdin.json
    assert by_file.json["headline"] == "Harbour bridge closed after crack found"
    assert by_file.json["quality"]["is_article"] is True
    assert [note["kind"] for note in by_file.json["notes"]] == ["correction"]
    assert "All rights reserved" not in by_file.json["text"]


def test_extract_says_when_a_page_is_no_article(texts):
    said = storylapse("extract", "wall.html", "--json", cwd=texts)
    assert said.code == 0
    assert said.json["quality"]["is_article"] is False
    assert said.json["quality"]["reason"] in storylapse("extract", "wall.html", cwd=texts).err


@pytest.mark.parametrize("name", ["bomb.html", "cut.html.gz"])
def test_a_page_that_cannot_be_read_is_an_error_and_no_traceback(texts, name):
    said = storylapse("extract", name, cwd=texts)
    assert (said.code, said.out) == (1, "")
    assert name in said.err
    assert "Traceback" not in said.err


def test_extract_answers_a_batch(texts):
    work = [{"id": "a", "url": "https://x.example/a", "path": "old.html"}, {"id": "b"}]
    said = storylapse("extract", "--batch", "-", cwd=texts, stdin="\n".join(map(json.dumps, work)))
    good, bad = said.json_lines
    assert (good["id"], good["headline"]) == ("a", "Harbour bridge closed after crack found")
    assert set(bad) == {"id", "error"}


def test_answers_to_broken_lines_stand_where_the_lines_stood():
    from collections import deque

    broken = deque([{"id": "x"}, None, {"id": "y"}, {"id": "z"}, None, {"id": "end"}])
    answers = in_order([{"id": 1}, {"id": 2}], broken)
    assert [one["id"] for one in answers] == ["x", 1, "y", "z", 2, "end"]
