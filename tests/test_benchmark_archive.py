"""The archive's benchmark in its short form: what comes back is exact, and it is small."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import archive as benchmark
from benchmarks import archive_recording, large_archive
from benchmarks.archive_sizes import Text, file_of, git_pack, git_text, table_bytes, versions_of
from store.archive import Archive


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    return large_archive.make(tmp_path_factory.mktemp("small") / "small.duckdb", 60)


def test_the_generated_archive_is_whole(small: Archive):
    counts = {
        name: small.query(f"SELECT count(*) AS n FROM {name}")[0]["n"]
        for name in ("article_list", "version_list", "check_list", "queue", "change_list")
    }
    assert counts["article_list"] == 60
    assert counts["version_list"] == 600
    assert counts["check_list"] == 6000
    assert counts["queue"] >= 60 * 9
    assert counts["change_list"] > 60 * 9


def test_the_generated_archive_is_the_same_every_time(small: Archive, tmp_path: Path):
    again = large_archive.make(tmp_path / "again.duckdb", 60)
    assert list(versions_of(again)) == list(versions_of(small))


def test_texts_take_less_than_git_needs_for_them_and_come_back_exactly(
    small: Archive, tmp_path: Path
):
    texts = [Text(f"{article:x}", file_of(read)) for article, read in versions_of(small)]
    pack = git_pack(texts, tmp_path, aggressive=True)
    last = {one.article: one.text for one in texts}
    assert {name: git_text(tmp_path, name) for name in list(last)[:5]} == dict(
        list(last.items())[:5]
    )
    # So few versions leave our tables half empty blocks: the texts alone are held against Git.
    assert table_bytes(small, ["sentences"])["sentences"] < 0.8 * pack


def test_responses_take_little_of_what_gzip_needs(small: Archive):
    histories = benchmark._histories(small, 10)
    pages = [[archive_recording.page_of(one) for one in history] for history in histories]
    figures = list(benchmark.response_sizes(pages, "generated", "the later one"))
    assert float(figures[0].value.split()[0]) < 0.15


def test_generated_sentences_are_found_again_when_their_articles_are_recorded(small: Archive):
    before = small.query("SELECT count(*) AS n FROM sentences")[0]["n"]
    histories = [history[:2] for history in benchmark._histories(small, 10)]
    archive_recording.ours(small, histories)
    after = small.query("SELECT count(*) AS n FROM sentences")[0]["n"]
    # All but a few: "no. 7" is no end of a sentence to us.
    assert 0 <= after - before < 0.02 * before
    kept = small.query("SELECT count(*) AS n FROM versions")[0]["n"]
    assert kept > 600
