"""Short sessions on the archive file: the one place that opens it.

DuckDB lets one process write, and a reader that keeps its handle locks the writer
out. So every process, and every thread, does the same: pass the turnstile
(store/turnstile.py), ATTACH the file to an in-memory connection, work, DETACH
(decision record 0002, measured in docs/durability.md).
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

import duckdb

from store import disk, wal
from store.errors import ArchiveBusy, ArchiveDamaged, ArchiveError, LogUnreadable, NoArchive
from store.turnstile import Turnstile

log = logging.getLogger(__name__)

# Everybody replays the WAL when they attach: of a million versions 3 ms of CPU became 80 with
# 0.9 MB of it. So the writer folds it in once it passes this size, which takes 20 to 50 ms.
CHECKPOINT_WAL_BYTES = 250_000
# In this order: what follows the last cannot be set. Measured on 31 statements that read or write
# files, load extensions, reach the network or change settings: all refused.
_SANDBOX = (
    "SET allow_community_extensions=false",
    "SET allow_persistent_secrets=false",
    "SET max_temp_directory_size='2GB'",
    "SET enable_external_access=false",
    "SET lock_configuration=true",
)
_DAMAGE = ("Corrupt database file", "Could not read enough bytes")
_MISFITS = (duckdb.CatalogException, duckdb.BinderException, duckdb.ParserException)
# What stops a replay though the log may be whole: the next try may succeed.
_AROUND_THE_LOG = (
    "could not allocate",
    "Out of Memory",
    "Could not read",
    "Cannot open",
    "No space",
)


class Sessions:
    """Reading and writing sessions on one archive file, from any thread.

    ``wait_seconds`` bounds the wait at the turnstile, ``memory_limit`` each connection.
    """

    def __init__(
        self, path: Path, *, wait_seconds: float = 30.0, memory_limit: str = "2GB"
    ) -> None:
        # A link's own name would bring a second turnstile and a second WAL to the same file.
        self.path = Path(os.path.realpath(path))
        self._turnstile = Turnstile(self.path, wait_seconds)
        self._memory_limit = memory_limit
        self._idle: list[duckdb.DuckDBPyConnection] = []
        self._guard = threading.Lock()

    @contextmanager
    def reading(self, limit_seconds: float = 30.0) -> Iterator[duckdb.DuckDBPyConnection]:
        """Yield a connection that sees the archive read-only; results must be fetched inside.

        Raises NoArchive, ArchiveBusy, ArchiveDamaged; a query past ``limit_seconds`` is stopped
        with an ArchiveError.
        """
        self._must_exist()
        with self._turnstile.together(), self._attached(self.path, "READ_ONLY") as connection:
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
        with self._turnstile.together():
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
            self._turnstile.alone(),
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
            if wal.size(self.path) > CHECKPOINT_WAL_BYTES:
                _fold_in(connection)

    @contextmanager
    def creating(self) -> Iterator[duckdb.DuckDBPyConnection | None]:
        """Yield a connection to a new file that takes the archive's name at the end.

        Yields None where the archive is there already. A crash on the way leaves only the
        file under its working name, which the next creation throws away.
        """
        with self._turnstile.alone():
            if self.path.exists():
                yield None
                return
            unfinished = self.path.with_name(self.path.name + ".new")
            for leftover in (unfinished, wal.beside(unfinished)):
                leftover.unlink(missing_ok=True)
            with self._attached(unfinished, "READ_WRITE") as connection:
                yield connection
                connection.execute("CHECKPOINT archive")
            wal.beside(unfinished).unlink(missing_ok=True)
            unfinished.replace(self.path)

    @contextmanager
    def rewriting(self) -> Iterator[tuple[duckdb.DuckDBPyConnection, Path]]:
        """Yield a connection that reads the archive, and the file that takes its place at the end.

        Nobody else reads or writes meanwhile. The caller makes the file; where it does not, or
        fails, the archive stays as it is. What the old file held is gone from the disk with it.
        """
        self._must_exist()
        fresh, trial = self.path.with_name(self.path.name + ".rewritten"), self._trial()
        with self._turnstile.alone():
            for leftover in (fresh, trial):
                leftover.unlink(missing_ok=True)
                wal.beside(leftover).unlink(missing_ok=True)
            # A WAL of the old file must not meet the new one: it is folded in, and empty, first.
            self._checkpoint()
            with self._attached(self.path, "READ_ONLY") as connection:
                yield connection, fresh
            if fresh.exists():
                fresh.replace(self.path)

    def fold_in(self) -> None:
        """Fold the WAL into the file. Raises ArchiveError where the disk has no room for it."""
        with self._turnstile.alone():
            self._checkpoint()

    def _checkpoint(self) -> None:
        with self._attached(self.path, "READ_WRITE") as connection:
            connection.execute("CHECKPOINT archive")

    def replaced_by(self, file: Path, stamp: str) -> Path | None:
        """Let ``file``, on the same disk and without a WAL, take the archive's place.

        Returns where the archive before it went, with its WAL, or None where there was none.
        """
        with self._turnstile.alone():
            before = self.path.with_name(f"{self.path.name}.before-{stamp}")
            held = self.path.exists()
            if held:
                # The old file stays under its name until the new one has it; a log of its own
                # must not meet the new one.
                with suppress(ArchiveError):
                    self._checkpoint()
                if wal.size(self.path):
                    wal.beside(self.path).replace(wal.beside(before))
                disk.keep(self.path, before)
            wal.beside(self.path).unlink(missing_ok=True)
            file.replace(self.path)
        return before if held else None

    def recover(self, now: datetime) -> None:
        """Set a log aside that cannot be replayed: the archive opens at its last good state.

        A notice says what that cost (``wal.notices``). Raises what ``reading`` raises.
        """
        self._must_exist()
        with self._turnstile.together():
            if self._is_replayable():
                return
        with self._turnstile.alone():
            if not self._is_replayable():  # no other process was first
                try:
                    self._set_log_aside(now)
                except OSError as error:
                    raise _refused(self.path, str(error.strerror)) from error

    def _is_replayable(self) -> bool:
        silently_dropped = wal.size(self.path) and wal.unread(wal.beside(self.path).read_bytes())
        return not silently_dropped and self._attaches(self.path)

    def _attaches(self, path: Path) -> bool:
        try:
            with self._attached(path, "READ_ONLY"):
                return True
        except LogUnreadable:
            return False

    def _set_log_aside(self, now: datetime) -> None:
        """Keep the log whole under another name, and in force what of it can be replayed."""
        held = wal.beside(self.path).read_bytes()
        with self._second_name() as trial:

            def replays(part: bytes) -> bool:
                wal.beside(trial).write_bytes(part)
                return self._attaches(trial)

            good = wal.longest(held, replays)
            replays(good)
            newest = self._newest_check(trial)
        place = wal.place_for(self.path, now)
        lost = wal.commits(held) - wal.commits(good)
        text = (
            f"The log of {self.path} was damaged and could not be read to its end. It was set "
            f"aside as {place} at {now:%Y-%m-%d %H:%M} UTC; the archive opened at its last good "
            f"state, {newest}. {lost} transactions after that are missing, each of them a "
            "second's looks or an act of a person; what is still on the web is looked at again."
        )
        wal.leave_notice(place, text)
        wal.set_aside(self.path, good, place)
        log.warning("%s 'storylapse doctor' repeats this.", text)

    @contextmanager
    def _second_name(self) -> Iterator[Path]:
        """Yield another name of the file, where another log may be tried."""
        trial = self._trial()
        try:
            trial.unlink(missing_ok=True)
            disk.keep(self.path, trial)
            yield trial
        finally:
            trial.unlink(missing_ok=True)
            wal.beside(trial).unlink(missing_ok=True)

    def _trial(self) -> Path:
        return self.path.with_name(self.path.name + ".trial")

    def _newest_check(self, path: Path) -> str:
        with self._attached(path, "READ_ONLY") as connection:
            try:
                row = connection.execute("SELECT max(finished_at) FROM fetches").fetchone()
            except duckdb.CatalogException:
                row = None
        at = row[0] if row else None
        return f"its newest check of {at:%Y-%m-%d %H:%M:%S} UTC" if at else "without any check"

    @contextmanager
    def alone(self, role: str) -> Iterator[None]:
        """Hold a role of which an archive has one holder at a time, such as "up".

        Raises ArchiveBusy at once when another process holds it.
        """
        with self._turnstile.role(role):
            yield

    @contextmanager
    def _attached(self, path: Path, mode: str) -> Iterator[duckdb.DuckDBPyConnection]:
        connection = self._borrow()
        try:
            _attach(connection, path, mode)
            yield connection
        except duckdb.Error as error:
            ours = _in_our_words(error, self.path)
            if isinstance(ours, ArchiveError):
                connection.close()  # such an instance may be dead for good: the next makes another
                raise ours from error
            self._give_back(connection)
            raise
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
        if "No space left" in str(error):
            raise _refused(path, _words_of(error)) from error
        if "Permission denied" in str(error):
            raise ArchiveError(
                f"{path} may not be opened: {_words_of(error)}. Change its owner or its rights, or "
                "choose another with --archive."
            ) from error
        if _is_the_logs(error):
            raise LogUnreadable(
                f"The log of {path} cannot be replayed: {_words_of(error)}. 'storylapse doctor' "
                "sets it aside and says what that costs."
            ) from error
        raise ArchiveDamaged(
            f"{path} cannot be opened as an archive: {_words_of(error)}. If it is another file, "
            "choose one with --archive; if it was damaged, restore a backup (docs/operating.md)."
        ) from error
    connection.execute("USE archive")


def _in_our_words(error: duckdb.Error, path: Path) -> Exception:
    """Return what a person is told of an error in a session; ``error`` itself if nothing."""
    said = _words_of(error)
    if any(words in str(error) for words in _DAMAGE):
        return ArchiveDamaged(
            f"{path} is damaged: {said}. Restore a backup (docs/operating.md); until then "
            "'storylapse doctor' says what can still be read, and an export may save it."
        )
    if _is_the_disks(error):
        return _refused(path, said)
    if isinstance(error, _MISFITS):
        return ArchiveDamaged(
            f"The tables of {path} are not those that this Storylapse makes: {said}. If another "
            "program changed them, or an upgrade went wrong, restore a backup (docs/operating.md)."
        )
    return error


def _refused(path: Path, said: str) -> ArchiveError:
    return ArchiveError(
        f"The disk under {path} refused: {said}. Nothing committed is lost; make room or mend the "
        "disk, then try again."
    )


def _is_the_logs(error: duckdb.Error) -> bool:
    """Whether the log's content is to blame, not the memory, the rights or the disk around it."""
    said = str(error)
    return "replaying WAL" in said and not any(words in said for words in _AROUND_THE_LOG)


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
