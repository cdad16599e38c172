"""Short sessions on the archive file: the one place that opens it.

DuckDB lets one process write, and a reader that keeps its handle locks the writer
out. So every process, and every thread, does the same: pass the turnstile, ATTACH
the file to an in-memory connection, work, DETACH (decision record 0002; measured in
a long run with saturated readers: no error, worst wait 0.23 s for the writer).

The turnstile is two ``flock`` files beside the archive. A writer holds both; a
reader lets go of the first, so that a waiting writer keeps new readers out. Who waits
holds a third, the bell, and who was inside just now gives way to it. The kernel frees
them when a process dies, ``kill -9`` included.
"""

from __future__ import annotations

import fcntl
import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import duckdb

from store.errors import ArchiveBusy, ArchiveDamaged, ArchiveError, NoArchive

log = logging.getLogger(__name__)

# Every reader replays the WAL when it attaches (9 ms of CPU became 34 ms with 5 MB of it),
# so the writer folds it in once it passes this size.
CHECKPOINT_WAL_BYTES = 1_000_000
# In this order: what follows the last cannot be set. Measured on 31 statements that read or write
# files, load extensions, reach the network or change settings: all refused.
_SANDBOX = (
    "SET allow_community_extensions=false",
    "SET allow_persistent_secrets=false",
    "SET max_temp_directory_size='2GB'",
    "SET enable_external_access=false",
    "SET lock_configuration=true",
)
_POLL_SECONDS = (0.001, 0.02)  # first and longest pause while waiting at the turnstile


class Sessions:
    """Reading and writing sessions on one archive file, from any thread.

    ``wait_seconds`` bounds the wait at the turnstile, ``memory_limit`` each connection.
    """

    def __init__(
        self, path: Path, *, wait_seconds: float = 30.0, memory_limit: str = "2GB"
    ) -> None:
        # A link's own name would bring a second turnstile and a second WAL to the same file.
        self.path = Path(os.path.realpath(path))
        self._wait_seconds = wait_seconds
        self._memory_limit = memory_limit
        self._idle: list[duckdb.DuckDBPyConnection] = []
        self._guard = threading.Lock()
        self._left = threading.local()  # when this thread was inside last

    @contextmanager
    def reading(self, limit_seconds: float = 30.0) -> Iterator[duckdb.DuckDBPyConnection]:
        """Yield a connection that sees the archive read-only; results must be fetched inside.

        Raises NoArchive, ArchiveBusy, ArchiveDamaged; a query past ``limit_seconds`` is stopped
        with an ArchiveError.
        """
        self._must_exist()
        with self._turnstile(fcntl.LOCK_SH), self._attached(self.path, "READ_ONLY") as connection:
            connection.execute(f"SET max_execution_time={int(limit_seconds * 1000)}")
            try:
                yield connection
            except duckdb.InterruptException:
                raise _too_long(self.path, limit_seconds) from None

    @contextmanager
    def sandboxed(self, limit_seconds: float) -> Iterator[duckdb.DuckDBPyConnection]:
        """Yield a read-only connection for SQL that somebody else wrote.

        It reaches no file, no network and no setting (docs/operating.md); its instance dies with
        it. Raises what ``reading`` raises; what is wrong with the SQL comes as a duckdb.Error.
        """
        self._must_exist()
        with self._turnstile(fcntl.LOCK_SH):
            connection = self._connect()
            try:
                _attach(connection, self.path, "READ_ONLY")
                connection.execute(f"SET max_execution_time={int(limit_seconds * 1000)}")
                for setting in _SANDBOX:
                    connection.execute(setting)
                yield connection
            except duckdb.InterruptException:
                raise _too_long(self.path, limit_seconds) from None
            finally:
                connection.close()

    @contextmanager
    def writing(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Yield a connection inside one transaction: committed at the end, or rolled back.

        Raises ArchiveBusy, ArchiveDamaged, or ArchiveError when the disk refuses.
        """
        with (
            self._turnstile(fcntl.LOCK_EX),
            self._attached(self.path, "READ_WRITE") as connection,
        ):
            connection.execute("SET max_execution_time=0")
            connection.execute("BEGIN")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                _roll_back(connection)
                raise
            if _wal_bytes(self.path) > CHECKPOINT_WAL_BYTES:
                _fold_in(connection)

    @contextmanager
    def creating(self) -> Iterator[duckdb.DuckDBPyConnection | None]:
        """Yield a connection to a new file that takes the archive's name at the end.

        Yields None where the archive is there already. A crash on the way leaves only the
        file under its working name, which the next creation throws away.
        """
        with self._turnstile(fcntl.LOCK_EX):
            if self.path.exists():
                yield None
                return
            unfinished = self.path.with_name(self.path.name + ".new")
            for leftover in (unfinished, _wal_of(unfinished)):
                leftover.unlink(missing_ok=True)
            with self._attached(unfinished, "READ_WRITE") as connection:
                yield connection
                connection.execute("CHECKPOINT archive")
            _wal_of(unfinished).unlink(missing_ok=True)
            unfinished.replace(self.path)

    @contextmanager
    def rewriting(self) -> Iterator[tuple[duckdb.DuckDBPyConnection, Path]]:
        """Yield a connection that reads the archive, and the file that takes its place at the end.

        Nobody else reads or writes meanwhile. The caller makes the file; where it does not, or
        fails, the archive stays as it is. What the old file held is gone from the disk with it.
        """
        self._must_exist()
        fresh = self.path.with_name(self.path.name + ".rewritten")
        with self._turnstile(fcntl.LOCK_EX):
            for leftover in (fresh, _wal_of(fresh)):
                leftover.unlink(missing_ok=True)
            # A WAL of the old file must not meet the new one: it is folded in, and empty, first.
            self._checkpoint()
            with self._attached(self.path, "READ_ONLY") as connection:
                yield connection, fresh
            if fresh.exists():
                fresh.replace(self.path)

    def fold_in(self) -> None:
        """Fold the WAL into the file. Raises ArchiveError where the disk has no room for it."""
        with self._turnstile(fcntl.LOCK_EX):
            self._checkpoint()

    def _checkpoint(self) -> None:
        with self._attached(self.path, "READ_WRITE") as connection:
            connection.execute("CHECKPOINT archive")

    def replaced_by(self, file: Path, stamp: str) -> Path | None:
        """Let ``file``, on the same disk and without a WAL, take the archive's place.

        Returns where the archive before it went, with its WAL, or None where there was none.
        """
        with self._turnstile(fcntl.LOCK_EX):
            before = self.path.with_name(f"{self.path.name}.before-{stamp}")
            held = self.path.exists()
            if held:
                self.path.replace(before)
            if _wal_of(self.path).exists():
                _wal_of(self.path).replace(_wal_of(before))
            file.replace(self.path)
        return before if held else None

    @contextmanager
    def alone(self, role: str) -> Iterator[None]:
        """Hold a role of which an archive has one holder at a time, such as "up".

        Raises ArchiveBusy at once when another process holds it.
        """
        with self._lock_file(role) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise ArchiveBusy(
                    f"Another 'storylapse {role}' runs on {self.path}. Use that one, or stop it "
                    "first; every other command works beside it."
                ) from None
            yield

    @contextmanager
    def _attached(self, path: Path, mode: str) -> Iterator[duckdb.DuckDBPyConnection]:
        connection = self._borrow()
        try:
            _attach(connection, path, mode)
            yield connection
        except duckdb.Error as error:
            if not _is_the_disks(error):
                self._give_back(connection)
                raise
            connection.close()  # such an instance is dead for good: the next session makes another
            raise ArchiveError(
                f"The disk under {self.path} refused: {_words_of(error)}. Nothing committed is "
                "lost; make room or mend the disk, then try again."
            ) from error
        except BaseException:
            self._give_back(connection)
            raise
        else:
            self._give_back(connection)

    def _must_exist(self) -> None:
        if not self.path.exists():
            raise NoArchive(
                f"There is no archive at {self.path.absolute()}. Start one with "
                "'storylapse watch ADDRESS' or 'storylapse up', or name another with --archive."
            )

    def _borrow(self) -> duckdb.DuckDBPyConnection:
        with self._guard:
            if self._idle:
                return self._idle.pop()
        return self._connect()

    def _connect(self) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect(config={"threads": 2, "memory_limit": self._memory_limit})
        for setting in (
            "SET checkpoint_on_detach='DISABLED'",
            "SET autoinstall_known_extensions=false",
            "SET autoload_known_extensions=false",
            "SET python_enable_replacements=false",
            "SET TimeZone='UTC'",
        ):
            connection.execute(setting)
        return connection

    def _give_back(self, connection: duckdb.DuckDBPyConnection) -> None:
        try:
            connection.execute("USE memory")
            connection.execute("DETACH DATABASE IF EXISTS archive")
        except duckdb.Error:
            connection.close()
            return
        with self._guard:
            self._idle.append(connection)

    @contextmanager
    def _turnstile(self, mode: int) -> Iterator[None]:
        deadline = time.monotonic() + self._wait_seconds
        with (
            self._lock_file("bell") as bell,
            self._lock_file("turn") as turn,
            self._lock_file("room") as room,
        ):
            self._after_you(bell)
            for lock in (turn, room):
                self._lock(lock, mode, bell, deadline)
            if mode == fcntl.LOCK_SH:
                fcntl.flock(turn, fcntl.LOCK_UN)
            yield  # closing the files frees the locks
        self._left.at = time.monotonic()

    def _after_you(self, bell: IO[bytes]) -> None:
        """Let those in who wait, where this thread was inside just now.

        Who waits asks every few milliseconds; a thread that writes without a pause would be back
        before each of them, for ever (measured: a reader gave up after 30 s).
        """
        if time.monotonic() - getattr(self._left, "at", 0.0) < _POLL_SECONDS[1]:
            if _locked(bell, fcntl.LOCK_EX):
                fcntl.flock(bell, fcntl.LOCK_UN)
            else:  # somebody holds it while waiting
                time.sleep(2 * _POLL_SECONDS[1])

    def _lock_file(self, name: str) -> IO[bytes]:
        place = self.path.with_name(f"{self.path.name}.{name}")
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            return place.open("ab")
        except OSError as error:
            raise ArchiveError(
                f"{place} cannot be opened: {error.strerror}. The archive needs a folder it may "
                "write to; choose another with --archive."
            ) from error

    def _lock(self, file: IO[bytes], mode: int, bell: IO[bytes], deadline: float) -> None:
        pause, longest = _POLL_SECONDS
        while not _locked(file, mode):
            if time.monotonic() > deadline:
                raise ArchiveBusy(
                    f"{self.path} has been in use by another process for "
                    f"{self._wait_seconds:g} s. Try again, or look for a storylapse that hangs."
                )
            _locked(bell, fcntl.LOCK_SH)
            time.sleep(pause)
            pause = min(pause * 1.5, longest)
        fcntl.flock(bell, fcntl.LOCK_UN)


def _locked(file: IO[bytes], mode: int) -> bool:
    try:
        fcntl.flock(file, mode | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _attach(connection: duckdb.DuckDBPyConnection, path: Path, mode: str) -> None:
    quoted = str(path).replace("'", "''")
    try:
        connection.execute(f"ATTACH '{quoted}' AS archive ({mode})")
    except duckdb.FatalException:
        raise
    except duckdb.Error as error:
        if isinstance(error, duckdb.IOException) and "lock" in str(error).lower():
            raise ArchiveBusy(
                f"{path} is held open by another program: {_words_of(error)}. Close it, or work "
                "on a copy."
            ) from error
        raise ArchiveDamaged(
            f"{path} cannot be opened as an archive: {_words_of(error)}. If it is another file, "
            "choose one with --archive; if it was damaged, restore a backup (docs/operating.md)."
        ) from error
    connection.execute("USE archive")


def _too_long(path: Path, limit_seconds: float) -> ArchiveError:
    return ArchiveError(
        f"A question to {path} took longer than {limit_seconds:g} s and was stopped. Ask for a "
        "shorter period."
    )


def _fold_in(connection: duckdb.DuckDBPyConnection) -> None:
    """Fold the WAL into the file. What is in it is committed, so a full disk only puts this off."""
    try:
        connection.execute("CHECKPOINT archive")
    except duckdb.Error as error:
        if not _is_the_disks(error):
            raise
        log.warning("The archive could not be tidied: %s. It will be tried again.", error)


def _is_the_disks(error: duckdb.Error) -> bool:
    """Whether the disk is to blame; a commit that it refuses comes as a TransactionException."""
    return isinstance(error, duckdb.FatalException | duckdb.IOException) or (
        isinstance(error, duckdb.TransactionException) and "file" in str(error)
    )


def _words_of(error: duckdb.Error) -> str:
    """The first line of what DuckDB says, to stand in a sentence of ours."""
    return str(error).partition("\n")[0].rstrip(".! ")


def _roll_back(connection: duckdb.DuckDBPyConnection) -> None:
    try:
        connection.execute("ROLLBACK")
    except duckdb.Error:  # the transaction is gone already: nothing was committed
        return


def _wal_of(path: Path) -> Path:
    return path.with_name(path.name + ".wal")


def _wal_bytes(path: Path) -> int:
    try:
        return _wal_of(path).stat().st_size
    except FileNotFoundError:
        return 0
