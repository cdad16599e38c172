"""The Git repository, read by Git."""

import subprocess

import pytest

from histories import ADDRESS, START, TEXT, archive_of, corrected, document
from store.address import article_id
from store.errors import ExportError
from store.export import git
from store.selection import Selection

WHOLE = Selection(full_text=True)
FILE = f"harbour.example/{article_id(ADDRESS):x}.md"


def git_says(folder, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout


def filled(archive, folder, selection=WHOLE) -> list[tuple[int, int | None]]:
    folder.mkdir(exist_ok=True)
    return list(git.fill(archive, selection, folder))


def test_each_version_is_a_commit_dated_by_the_look_that_first_showed_it(tmp_path):
    told = filled(corrected(tmp_path), tmp_path / "repo")
    assert told[-1] == (4, 4)
    log = git_says(tmp_path / "repo", "log", "--reverse", "--format=%at %an %s").splitlines()
    assert [int(line.split()[0]) for line in log] == [
        int(START.timestamp()) + hours * 3600 for hours in (0, 1, 3, 4)
    ]
    assert all("The Harbour Gazette" in line for line in log)
    assert ["[first seen]" in log[0], "[correction]" in log[2], "[removed]" in log[3]] == [True] * 3
    git_says(tmp_path / "repo", "fsck", "--strict")


def test_a_word_diff_reads_as_the_history(tmp_path):
    filled(corrected(tmp_path), tmp_path / "repo")
    told = git_says(tmp_path / "repo", "log", "-p", "--word-diff", "--reverse")
    assert "found [-12-]{+14+} of them" in told
    assert "found [-14-]{+15+} of them" in told
    assert "{+> **Note:** Correction: An earlier version" in told


def test_the_trailers_say_between_which_looks(tmp_path):
    filled(corrected(tmp_path), tmp_path / "repo")
    form = "--format=%(trailers:key=Checked-Before,valueonly)|%(trailers:key=Seen-First,valueonly)"
    told = git_says(tmp_path / "repo", "log", "-1", "--skip=1", form).split()
    assert "".join(told) == "2026-11-22T11:00:00Z|2026-11-22T12:00:00Z"


def test_a_removed_article_is_a_removed_file(tmp_path):
    filled(corrected(tmp_path), tmp_path / "repo")
    assert not (tmp_path / "repo" / FILE).exists()
    assert TEXT[1] in git_says(tmp_path / "repo", "show", f"HEAD~1:{FILE}")


def test_an_export_that_was_stopped_goes_on_where_it_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(git, "STRETCH", 1)
    archive, folder = corrected(tmp_path), tmp_path / "repo"
    folder.mkdir()
    steps = git.fill(archive, WHOLE, folder)
    assert [next(steps), next(steps), next(steps)] == [(0, 4), (1, 4), (2, 4)]
    steps.close()
    assert filled(archive, folder)[0] == (2, 4)
    assert git_says(folder, "rev-list", "--count", "main").strip() == "4"
    assert filled(archive, folder) == [(4, 4)]


def test_hostile_text_reaches_neither_a_name_nor_a_command(tmp_path):
    evil = "$(touch pwned) `x`\ndone\ncommit refs/heads/evil <a@b> \u202e"
    before = document(evil, *TEXT, headline=evil, outlet=evil)
    after = document(evil, TEXT[0].replace("12", "15"), *TEXT[1:], headline=evil, outlet=evil)
    archive = archive_of(tmp_path, before, after)
    filled(archive, tmp_path / "repo")
    assert git_says(tmp_path / "repo", "branch", "--format=%(refname:short)").split() == ["main"]
    files = git_says(tmp_path / "repo", "ls-files").splitlines()
    assert files == [FILE]
    assert not list(tmp_path.rglob("pwned"))
    git_says(tmp_path / "repo", "fsck", "--strict")


def test_it_needs_full_text_and_says_so(tmp_path):
    with pytest.raises(ExportError, match="--full-text"):
        filled(corrected(tmp_path), tmp_path / "repo", Selection())


def test_nothing_chosen_makes_an_empty_repository(tmp_path):
    nothing = Selection(kinds=("retraction",), full_text=True)
    assert filled(corrected(tmp_path), tmp_path / "repo", nothing) == [(0, 0)]
