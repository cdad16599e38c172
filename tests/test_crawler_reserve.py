"""The crawl pauses while the disk is full or read-only, says so once, and goes on by itself."""

import logging
from datetime import UTC, datetime

import pytest

from crawler.once import one_pass
from crawler.reserve import Reserve
from store import disk
from store.archive import open_archive
from store.config import Config
from store.errors import ArchiveError


def test_no_work_begins_while_the_disk_is_nearly_full(tmp_path, monkeypatch, caplog):
    archive = tmp_path / "a.duckdb"
    archive.touch()
    free = [10 * disk.RESERVE_BYTES]
    monkeypatch.setattr(disk, "free_bytes", lambda _: free[0])
    due = Reserve(archive).kept(lambda: ["work"])
    assert list(due()) == ["work"]
    free[0] = disk.RESERVE_BYTES - 1
    with caplog.at_level(logging.WARNING):
        assert [list(due()), list(due())] == [[], []]
        free[0] = disk.RESERVE_BYTES
        assert list(due()) == ["work"]
    pauses, goes_on = caplog.messages
    assert pauses.startswith("The crawl pauses: Only 200 MiB are free under ")
    assert goes_on == "The crawl goes on: the archive can be written to again."


def test_an_archive_that_cannot_be_written_to_pauses_the_crawl_too(tmp_path):
    assert list(Reserve(tmp_path / "gone" / "a.duckdb").kept(lambda: ["work"])()) == []


def test_a_single_pass_does_not_begin_while_the_disk_is_nearly_full(tmp_path, monkeypatch):
    archive = open_archive(tmp_path / "a.duckdb", create=True)
    monkeypatch.setattr(disk, "free_bytes", lambda _: 0)
    with pytest.raises(ArchiveError, match="Nothing is fetched: Only 0 MiB are free under "):
        one_pass(archive, Config(), lambda: datetime.now(UTC), link_base="")
