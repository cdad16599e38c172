"""Backups: made while others write, whole when they have their name, and restored."""

import threading
from datetime import timedelta

import pytest

from histories import ADDRESS, START, TEXT, archive_of, corrected, document, snapshot
from store.archive import open_archive
from store.backup import back_up, restore
from store.errors import ArchiveBusy, ArchiveDamaged, ArchiveError
from store.history import history_as_dict
from store.telling import Telling


def everything(archive):
    return history_as_dict(archive, archive.article_id(ADDRESS))


def test_a_backup_holds_what_the_archive_held(tmp_path):
    archive = corrected(tmp_path)
    made = back_up(archive, tmp_path / "kept/backup.duckdb")
    assert everything(open_archive(made)) == everything(archive)
    assert [file.name for file in made.parent.iterdir() if file.stat().st_size] == [made.name]


def test_a_backup_made_while_others_write_is_one_moment(tmp_path):
    archive = archive_of(tmp_path, document(*TEXT))
    stop = threading.Event()

    def keep_writing():
        hours = 1
        while not stop.is_set():
            text = (TEXT[0].replace("12", str(100 + hours)), *TEXT[1:])
            archive.record([snapshot(START + timedelta(hours=hours), document(*text))], Telling())
            hours += 1

    writer = threading.Thread(target=keep_writing)
    writer.start()
    try:
        made = [back_up(archive, tmp_path / f"{number}.duckdb") for number in range(5)]
    finally:
        stop.set()
        writer.join()
    sizes = []
    for place in made:
        told = everything(open_archive(place))
        assert len(told["versions"]) == len(told["checks"])
        sizes.append(len(told["versions"]))
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1]


def test_a_name_that_is_taken_is_never_written_over(tmp_path):
    archive = corrected(tmp_path)
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(ArchiveError, match="is there already"):
        back_up(archive, tmp_path / "mine.txt")
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_a_restored_archive_is_the_backup_and_the_one_before_is_kept(tmp_path):
    archive = archive_of(tmp_path, document(*TEXT))
    made = back_up(archive, tmp_path / "backup.duckdb")
    then = everything(archive)
    later = document(TEXT[0].replace("12", "15"), *TEXT[1:])
    archive.record([snapshot(START + timedelta(hours=1), later)], Telling())
    before = restore(archive.path, made, START)
    assert everything(open_archive(archive.path)) == then
    assert len(everything(open_archive(before))["versions"]) == 2
    assert made.exists()


def test_an_archive_that_is_not_there_can_be_restored(tmp_path):
    archive = corrected(tmp_path)
    made = back_up(archive, tmp_path / "backup.duckdb")
    assert restore(tmp_path / "new.duckdb", made, START) is None
    assert everything(open_archive(tmp_path / "new.duckdb")) == everything(archive)


@pytest.mark.parametrize("content", [b"", b"no archive at all" * 100])
def test_a_backup_that_is_none_changes_nothing(tmp_path, content):
    archive = corrected(tmp_path)
    (tmp_path / "bad").write_bytes(content)
    with pytest.raises(ArchiveDamaged):
        restore(archive.path, tmp_path / "bad", START)
    assert len(everything(archive)["versions"]) == 3


def test_nothing_is_restored_under_a_running_up(tmp_path):
    archive = corrected(tmp_path)
    made = back_up(archive, tmp_path / "backup.duckdb")
    with archive.alone("up"), pytest.raises(ArchiveBusy):
        restore(archive.path, made, START)
    assert not list(tmp_path.glob("*.before-*"))
