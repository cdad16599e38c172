"""Sessions: the turnstile between threads and processes, creation, clear errors."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from store import migrate
from store.archive import open_archive
from store.errors import ArchiveBusy, ArchiveDamaged, ArchiveError, ArchiveTooNew, NoArchive
from store.session import Sessions

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

WRITER = """
import sys
from pathlib import Path
from store.session import Sessions
sessions = Sessions(Path(sys.argv[1]))
for number in range(1_000_000):
    with sessions.writing() as connection:
        for half in ("one", "two"):
            connection.execute(
                "INSERT INTO watches VALUES ('pair', ?, ?, '2026-01-01', 0)", [number, half]
            )
    print(number, flush=True)
"""

# The largest file a process may write stands in for a full disk.
FULL_DISK = """
import os, resource, sys
from pathlib import Path
from store.errors import ArchiveError
from store.session import Sessions
sessions = Sessions(Path(sys.argv[1]))
room = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
for number in range(99):
    try:
        with sessions.writing() as connection:
            connection.execute(
                "INSERT INTO watches VALUES ('big', ?, ?, '2026-01-01', 0)",
                [number, os.urandom(100_000).hex()],
            )
    except ArchiveError as error:
        print(number, error)
        break
"""


@pytest.fixture
def sessions(tmp_path: Path) -> Sessions:
    made = Sessions(tmp_path / "archive.duckdb")
    migrate.create(made, NOW)
    return made


def test_a_missing_archive_is_named_with_the_next_step(tmp_path: Path) -> None:
    with pytest.raises(NoArchive, match="storylapse watch"):
        open_archive(tmp_path / "none.duckdb")


def test_a_file_that_is_no_database_is_called_damaged(tmp_path: Path) -> None:
    place = tmp_path / "notes.duckdb"
    place.write_text("this is a shopping list\n" * 1000)
    with pytest.raises(ArchiveDamaged, match="another file"):
        open_archive(place)


def test_another_programs_database_is_not_taken_for_an_archive(tmp_path: Path) -> None:
    place = tmp_path / "other.duckdb"
    with duckdb.connect(str(place)) as connection:
        connection.execute("CREATE TABLE t (i INTEGER)")
    with pytest.raises(ArchiveDamaged, match="no Storylapse archive"):
        open_archive(place)


def test_an_archive_of_a_newer_program_is_left_alone(sessions: Sessions) -> None:
    with sessions.writing() as connection:
        connection.execute("INSERT INTO migrations VALUES (9999, '2030-01-01')")
    with pytest.raises(ArchiveTooNew, match="Update Storylapse"):
        open_archive(sessions.path)


def test_a_transaction_that_raises_leaves_nothing(sessions: Sessions) -> None:
    with pytest.raises(ZeroDivisionError), sessions.writing() as connection:
        connection.execute("INSERT INTO migrations VALUES (77, '2030-01-01')")
        _ = 1 / 0
    with sessions.reading() as connection:
        assert connection.execute("SELECT max(number) FROM migrations").fetchone() == (
            migrate.newest(),
        )


def test_a_creation_that_was_killed_is_made_again(tmp_path: Path) -> None:
    place = tmp_path / "archive.duckdb"
    place.with_name("archive.duckdb.new").write_bytes(b"half a file")
    place.with_name("archive.duckdb.new.wal").write_bytes(b"half a log")
    archive = open_archive(place, create=True)
    assert archive.query("FROM article_list") == []


def test_a_question_that_takes_too_long_is_stopped_in_plain_words(sessions: Sessions) -> None:
    with (
        pytest.raises(ArchiveError, match="shorter period"),
        sessions.reading(limit_seconds=0.2) as connection,
    ):
        connection.execute("SELECT count(*) FROM range(100_000_000_000) a").fetchall()


def test_waiting_longer_than_the_limit_says_who_is_in_the_way(sessions: Sessions) -> None:
    other = Sessions(sessions.path, wait_seconds=0.1)
    with (
        sessions.writing(),
        pytest.raises(ArchiveBusy, match="in use by another process"),
        other.reading(),
    ):
        pass


def test_one_process_at_a_time_holds_a_role(sessions: Sessions) -> None:
    other = Sessions(sessions.path)
    with (
        sessions.alone("up"),
        pytest.raises(ArchiveBusy, match="Another 'storylapse up'"),
        other.alone("up"),
    ):
        pass
    with other.alone("up"):
        pass


def test_many_threads_read_and_write_without_a_wrong_answer(sessions: Sessions) -> None:
    wrong: list[object] = []

    def write(name: str) -> None:
        for number in range(15):
            with sessions.writing() as connection:
                for half in ("one", "two"):
                    connection.execute(
                        "INSERT INTO watches VALUES (?, ?, ?, '2026-01-01', 0)",
                        [name, number, half],
                    )

    def read() -> None:
        for _ in range(40):
            with sessions.reading() as connection:
                odd = connection.execute(
                    "SELECT target, target_id FROM watches GROUP BY ALL HAVING count(*) <> 2"
                ).fetchall()
            wrong.extend(odd)

    threads = [threading.Thread(target=write, args=(f"w{n}",)) for n in range(2)]
    threads += [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    with sessions.reading() as connection:
        assert connection.execute("SELECT count(*) FROM watches").fetchone() == (60,)


def test_kill_9_of_a_writing_process_loses_nothing_it_had_committed(sessions: Sessions) -> None:
    """Ten kills at random moments; the long form is benchmarks/kill.py."""
    for turn in range(10):
        with sessions.writing() as connection:
            connection.execute("DELETE FROM watches")
        child = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(sessions.path)], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(0.02 * turn)
        os.kill(child.pid, signal.SIGKILL)
        acknowledged = [0, *(int(line) for line in child.stdout.read().split())]
        child.wait()
        with sessions.reading() as connection:
            rows = connection.execute(
                "SELECT target_id, count(*) FROM watches GROUP BY target_id"
            ).fetchall()
        assert {count for _, count in rows} == {2}, "a transaction is there whole or not at all"
        assert set(acknowledged) <= {number for number, _ in rows}


def test_a_link_to_an_archive_shares_its_turnstile_and_its_log(
    sessions: Sessions, tmp_path: Path
) -> None:
    link = tmp_path / "elsewhere" / "link.duckdb"
    link.parent.mkdir()
    link.symlink_to(sessions.path)
    through_link = Sessions(link, wait_seconds=0.2)
    with sessions.writing() as connection:
        connection.execute("INSERT INTO watches VALUES ('pair', 1, 'one', '2026-01-01', 0)")
        with pytest.raises(ArchiveBusy, match="another process"), through_link.reading():
            pass
    with through_link.reading() as connection:
        assert connection.execute("SELECT count(*) FROM watches").fetchone() == (1,)
    assert [place.name for place in link.parent.iterdir()] == ["link.duckdb"]


def test_an_archive_made_through_a_link_leaves_the_link(tmp_path: Path) -> None:
    link = tmp_path / "link.duckdb"
    link.symlink_to(tmp_path / "disk.duckdb")
    migrate.create(Sessions(link), NOW)
    assert link.is_symlink()
    assert (tmp_path / "disk.duckdb").is_file()


@pytest.mark.parametrize("room", [900_000, 1_250_000])
def test_a_full_disk_is_named_and_costs_nothing_committed(sessions: Sessions, room: int) -> None:
    command = [sys.executable, "-c", FULL_DISK, str(sessions.path), str(room)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    written, _, said = done.stdout.partition(" ")
    assert said.startswith("The disk under ")
    assert "make room" in said
    with sessions.reading() as connection:
        assert connection.execute("SELECT count(*) FROM watches").fetchone() == (int(written),)
    with sessions.writing() as connection:
        connection.execute("INSERT INTO watches VALUES ('pair', 1, 'one', '2026-01-01', 0)")


@contextmanager
def without_rights_of_root() -> Iterator[None]:
    """For what follows, be a user to whom rights on files apply."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.parametrize("with_lock_files", [True, False])
def test_an_archive_that_may_only_be_read_is_read(with_lock_files: bool) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        place = folder / "a.duckdb"
        open_archive(place, create=True).watch_articles(["https://x.example/1"], acted_at=NOW)
        sessions = Sessions(place)
        for file in folder.glob("a.duckdb*"):
            file.chmod(0o444)
            if not with_lock_files and file.suffix in {".bell", ".turn", ".room"}:
                file.unlink()
        folder.chmod(0o555)
        with without_rights_of_root():
            with sessions.reading() as connection:
                assert connection.execute("SELECT count(*) FROM articles").fetchall() == [(1,)]
            with pytest.raises(ArchiveError, match="Writing needs a folder"), sessions.writing():
                pass
        folder.chmod(0o755)
