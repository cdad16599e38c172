"""A damaged log: set aside, never deleted, and the archive opens at its last good state."""

from __future__ import annotations

import random
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from histories import START, TEXT, archive_of, document, snapshot
from store import session, wal
from store.archive import Archive, open_archive
from store.errors import ArchiveError
from store.session import Sessions
from store.telling import Telling

COMMITS = 6


def looked(archive: Archive, hours: int) -> None:
    text = (TEXT[0].replace("12", str(100 + hours)), *TEXT[1:])
    archive.record([snapshot(START + timedelta(hours=hours), document(*text))], Telling())


def checks(archive: Archive) -> int:
    return int(archive.query("SELECT count(*) AS n FROM check_list")[0]["n"])


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes]:
    """An archive with one check in its file and six in its log."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "CHECKPOINT_WAL_BYTES", 10**9)
        archive = archive_of(tmp_path_factory.mktemp("whole"), document(*TEXT))
        Sessions(archive.path).fold_in()
        for hours in range(1, COMMITS + 1):
            looked(archive, hours)
    return archive.path.read_bytes(), wal.beside(archive.path).read_bytes()


def opened(folder: Path, file: bytes, log: bytes) -> Archive:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    place = folder / "a[1].duckdb"
    place.write_bytes(file)
    wal.beside(place).write_bytes(log)
    return open_archive(place)


def set_aside(archive: Archive) -> list[bytes]:
    return [
        place.read_bytes()
        for place in archive.path.parent.iterdir()
        if ".wal.unreadable-" in place.name and place.suffix != ".txt"
    ]


def test_a_log_that_is_whole_is_replayed_and_left_alone(tmp_path, files):
    archive = opened(tmp_path / "x", *files)
    assert checks(archive) == 1 + COMMITS
    assert set_aside(archive) == []
    assert wal.unread(files[1]) == 0
    assert wal.commits(files[1]) == COMMITS


def test_a_flipped_bit_anywhere_costs_no_more_than_what_follows_it(tmp_path, files):
    """Twenty places, half of them in the head."""
    file, log = files
    chance = random.Random(5)
    places = [*range(0, 60, 6), *(chance.randrange(60, len(log)) for _ in range(10))]
    for place in places:
        bad = log[:place] + bytes([log[place] ^ 1 << chance.randrange(2)]) + log[place + 1 :]
        archive = opened(tmp_path / "x", file, bad)
        kept = checks(archive) - 1
        if kept == COMMITS:  # a bit that says nothing
            continue
        assert kept <= wal.commits(log[:place]) <= kept + 1
        assert set_aside(archive) == [bad]
        (notice,) = wal.notices(archive.path)
        assert f" {wal.commits(bad) - kept} transactions after that are missing" in notice
        looked(archive, 50)
        assert checks(open_archive(archive.path)) == kept + 2
        assert len(set_aside(archive)) == 1, "it is set aside once"


def test_a_log_that_was_cut_keeps_every_commit_before_the_cut(tmp_path, files):
    """What a killed process leaves behind, so nothing is set aside."""
    file, log = files
    chance = random.Random(6)
    for end in [0, 1, 7, *(chance.randrange(len(log)) for _ in range(9))]:
        archive = opened(tmp_path / "x", file, log[:end])
        assert checks(archive) == 1 + wal.commits(log[:end])
        assert set_aside(archive) == []
        looked(archive, 50)
        assert checks(open_archive(archive.path)) == 2 + wal.commits(log[:end])


def test_zeros_in_the_middle_keep_what_stands_before_them(tmp_path, files):
    file, log = files
    middle = len(log) // 2
    archive = opened(tmp_path / "x", file, log[:middle] + bytes(512) + log[middle + 512 :])
    assert checks(archive) == 1 + wal.commits(log[:middle])
    assert len(set_aside(archive)) == 1


def test_the_log_of_another_archive_is_not_replayed(tmp_path, files):
    other = archive_of(tmp_path, document(*TEXT), document(TEXT[0].replace("12", "13"), *TEXT[1:]))
    archive = opened(tmp_path / "x", other.path.read_bytes(), files[1])
    assert len(set_aside(archive)) == 1
    assert f" {COMMITS} transactions" in next(wal.notices(archive.path))


def test_a_folder_that_cannot_be_written_to_keeps_the_log(tmp_path, files, monkeypatch):
    def read_only(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(wal.disk, "keep", read_only)
    with pytest.raises(ArchiveError, match="The disk under"):
        opened(tmp_path / "x", files[0], b"?" + files[1][1:])
    assert (tmp_path / "x/a[1].duckdb.wal").read_bytes()[1:] == files[1][1:]
