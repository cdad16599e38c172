"""Kill the archive's own work with SIGKILL at random points, and look for what was lost.

    python -m benchmarks.kill_store [TIMES] [OPERATION …] [--seed 1]

Operations, in turn: record, migrate (from the first schema), recompare, export, backup, restore,
forget. Each runs in a child, forked from a server that has imported all it needs, that says when it
begins; how long it lasts unharmed is measured first, and the child is killed at a random point of
that time. Then the archive must open, hold every committed batch, no half one
(benchmarks/steady.py), and the operation must go through when it is done again. The crawl itself
is killed by benchmarks/kill.py.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from importlib import resources
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from benchmarks import steady
from store.archive import open_archive
from store.backup import back_up, restore
from store.export.scratch import copied, scratch
from store.session import Sessions

BATCHES = 4
_IMPORTED = ["benchmarks.steady", "store.backup", "store.export.scratch"]
_FORKED = multiprocessing.get_context("forkserver")
_MARGIN = 1.1  # some kills come after the end


def main() -> int:
    """Return 0 where nothing was lost."""
    parser = argparse.ArgumentParser(prog="benchmarks.kill_store")
    parser.add_argument("times", nargs="?", type=int, default=70)
    parser.add_argument("operations", nargs="*", default=list(OPERATIONS), metavar="OPERATION")
    parser.add_argument("--seed", type=int, default=1, help="of the points at which it strikes")
    arguments = parser.parse_args()
    _FORKED.set_forkserver_preload(_IMPORTED)
    killed: Counter[str] = Counter()
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        stage = _set_up(Path(folder))
        lasts = {name: _unharmed(stage, name) for name in arguments.operations}
        chance = random.Random(arguments.seed)
        for turn in range(arguments.times):
            name = arguments.operations[turn % len(lasts)]
            struck, faults = _struck(stage, name, chance.uniform(0, _MARGIN) * lasts[name])
            killed[name] += struck
            wrong += [f"{name}: {fault}" for fault in faults]
            if (turn + 1) % 35 == 0 or turn + 1 == arguments.times:
                print(f"{turn + 1} runs, killed {dict(killed)}, {len(wrong)} wrong", flush=True)
    for line in wrong[:20]:
        print(line)
    return 1 if wrong else 0


def _set_up(stage: Path) -> Path:
    """Make the archives that each run begins with."""
    steady.made(stage / "start.duckdb", BATCHES)
    _first_schema(stage / "first.duckdb")
    steady.made(stage / "kept.duckdb", 1)
    Sessions(stage / "kept.duckdb").fold_in()
    return stage


def _struck(stage: Path, name: str, seconds: float) -> tuple[bool, list[str]]:
    """Kill an operation on a fresh copy after so long; return whether, and what is wrong."""
    place = _laid_out(stage, name)
    child, said = _started(name, place)
    time.sleep(seconds)
    child.kill()
    child.join()
    faults = CHECKS[name](place, _acknowledged(said))
    try:
        OPERATIONS[name](place, lambda: None)
    except Exception as error:  # noqa: BLE001  (whatever it is, it is a finding)
        faults.append(f"done again: {error!r}")
    return child.exitcode != 0, faults


def _acknowledged(said: Connection) -> int:
    """Count what a child that is dead said it had committed."""
    count = 0
    with said:
        while said.poll():
            try:
                said.recv_bytes()
            except EOFError:
                break
            count += 1
    return count


def _unharmed(stage: Path, name: str) -> float:
    child, said = _started(name, _laid_out(stage, name))
    began = time.monotonic()
    child.join()
    said.close()
    if child.exitcode:
        raise SystemExit(f"{name} does not even work unharmed.")
    return time.monotonic() - began


def _laid_out(stage: Path, name: str) -> Path:
    folder = stage / "work"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    place = folder / "a.duckdb"
    start = "first" if name == "migrate" else "start"
    for file in stage.glob(f"{start}.duckdb*"):
        shutil.copyfile(file, folder / file.name.replace(start, "a"))
    shutil.copyfile(stage / "kept.duckdb", folder / "kept.duckdb")
    return place


def _started(name: str, place: Path) -> tuple[ForkServerProcess, Connection]:
    """Start an operation and return when it begins, with where it says what it committed."""
    here, there = _FORKED.Pipe(duplex=False)
    child = _FORKED.Process(target=_child, args=(name, place, there))
    child.start()
    there.close()
    here.recv_bytes()
    return child, here


def _child(name: str, place: Path, said: Connection) -> None:
    said.send_bytes(b"begins")
    OPERATIONS[name](place, lambda: said.send_bytes(b"recorded"))


# -- operations ---------------------------------------------------------------------------------


Said = Callable[[], object]
"""Called when a batch is committed."""


def _record(place: Path, said: Said) -> None:
    archive = open_archive(place)
    first = steady.batches(archive)
    for number in range(first, first + 4):
        steady.add(archive, number)
        said()
        Sessions(place).fold_in()


def _migrate(place: Path, _said: Said) -> None:
    open_archive(place)


def _recompare(place: Path, _said: Said) -> None:
    archive = open_archive(place)
    for address in steady.ARTICLES:
        archive.judge_again(archive.article_id(address))


def _export(place: Path, _said: Said) -> None:
    archive = open_archive(place)
    with scratch(archive) as folder:
        copied(archive, folder).query("FROM change_list")


def _backup(place: Path, _said: Said) -> None:
    made = place.with_name("backup.duckdb")
    made.unlink(missing_ok=True)
    back_up(open_archive(place), made)


def _restore(place: Path, _said: Said) -> None:
    restore(place, place.with_name("kept.duckdb"), steady.START)


def _forget(place: Path, _said: Said) -> None:
    archive = open_archive(place)
    known = {row["address"] for row in archive.query("FROM article_list")}
    if steady.ARTICLES[0] in known:
        number = archive.article_id(steady.ARTICLES[0])
        archive.forget(number, acted_at=steady.START + timedelta(days=1))


OPERATIONS: dict[str, Callable[[Path, Said], None]] = {
    "record": _record,
    "migrate": _migrate,
    "recompare": _recompare,
    "export": _export,
    "backup": _backup,
    "restore": _restore,
    "forget": _forget,
}


# -- what must hold after a kill ------------------------------------------------------------------


def _holds(
    place: Path, least: int, most: int, *, articles: int = len(steady.ARTICLES)
) -> list[str]:
    """The archive opens, nothing is half, and it has that many batches."""
    archive = open_archive(place)
    there = steady.batches(archive)
    found = steady.faults(archive, articles=articles)
    if not least <= there <= most:
        found.append(f"{there} batches, not {least} to {most}")
    if list(place.parent.glob("*.unreadable-*")):
        found.append("a log was set aside")
    return found


def _as_it_was(place: Path, _acknowledged: int) -> list[str]:
    return _holds(place, BATCHES, BATCHES)


def _after_record(place: Path, acknowledged: int) -> list[str]:
    return _holds(place, BATCHES + acknowledged, BATCHES + acknowledged + 1)


def _after_migrate(place: Path, _acknowledged: int) -> list[str]:
    rows = open_archive(place).query("SELECT count(*) AS n FROM source_list")
    return [] if rows[0]["n"] == BATCHES else [f"{rows[0]['n']} sources of {BATCHES}"]


def _after_backup(place: Path, acknowledged: int) -> list[str]:
    made = place.with_name("backup.duckdb")
    whole = _holds(made, BATCHES, BATCHES) if made.exists() else []
    return whole + _as_it_was(place, acknowledged)


def _after_restore(place: Path, _acknowledged: int) -> list[str]:
    there = steady.batches(open_archive(place))
    return _holds(place, there, there) + (
        [] if there in {1, BATCHES} else [f"{there} batches: neither the old archive nor the new"]
    )


def _after_forget(place: Path, _acknowledged: int) -> list[str]:
    there = len(open_archive(place).query("FROM article_list"))
    all_of_them = len(steady.ARTICLES)
    if there not in {all_of_them, all_of_them - 1}:
        return [f"{there} articles"]
    return _holds(place, BATCHES, BATCHES, articles=there)


CHECKS: dict[str, Callable[[Path, int], list[str]]] = {
    "record": _after_record,
    "migrate": _after_migrate,
    "recompare": _as_it_was,
    "export": _as_it_was,
    "backup": _after_backup,
    "restore": _after_restore,
    "forget": _after_forget,
}


def _first_schema(place: Path) -> None:
    """Make an archive as the very first Storylapse did, with some sources."""
    script = (resources.files("store") / "schema" / "0001_start.sql").read_text("utf-8")
    now = steady.START.replace(tzinfo=None)
    with Sessions(place).creating() as connection:
        assert connection is not None
        connection.execute("CREATE TABLE migrations (number INTEGER, applied_at TIMESTAMP)")
        connection.execute(script)
        connection.execute("INSERT INTO migrations VALUES (1, ?)", [now])
        for number in range(BATCHES):
            connection.execute(
                "INSERT INTO sources BY NAME SELECT ? AS source_id, ? AS address, "
                "'feed' AS kind, ?::TIMESTAMP AS added_at",
                [number, f"https://x.example/{number}.rss", now],
            )


if __name__ == "__main__":
    sys.exit(main())
