"""Kill the archive's own work with SIGKILL at random points, and look for what was lost.

    python -m benchmarks.kill_store [TIMES] [OPERATION …]

Operations, in turn: record, migrate (from the first schema), recompare, export, backup, restore,
forget. Each runs in a child that says when it begins; how long it lasts unharmed is measured first,
and the child is killed at a random point of that time. Then the archive must open, hold every
committed batch, no half one (benchmarks/steady.py), and the operation must go through when it is
done again. The crawl itself is killed by benchmarks/kill.py.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from importlib import resources
from pathlib import Path

from benchmarks import steady
from store.archive import open_archive
from store.backup import back_up, restore
from store.export.scratch import copied, scratch
from store.session import Sessions

BATCHES = 4
_ACKNOWLEDGED = 1  # stdout, without a buffer
_MARGIN = 1.1  # some kills come after the end


def main() -> int:
    """Return 0 where nothing was lost."""
    words = sys.argv[1:]
    if words[:1] == ["child"]:
        _child(words[1], Path(words[2]))
        return 0
    times = int(words[0]) if words else 70
    names = words[1:] or list(OPERATIONS)
    chance = random.Random(1)
    killed: Counter[str] = Counter()
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        stage = Path(folder)
        steady.made(stage / "start.duckdb", BATCHES)
        _first_schema(stage / "first.duckdb")
        steady.made(stage / "kept.duckdb", 1)
        Sessions(stage / "kept.duckdb").fold_in()
        lasts = {name: _unharmed(stage, name) for name in names}
        for turn in range(times):
            name = names[turn % len(names)]
            struck, faults = _struck(stage, name, chance.uniform(0, _MARGIN) * lasts[name])
            killed[name] += struck
            wrong += [f"{name}: {fault}" for fault in faults]
            if (turn + 1) % 35 == 0 or turn + 1 == times:
                print(f"{turn + 1} runs, killed {dict(killed)}, {len(wrong)} wrong", flush=True)
    for line in wrong[:20]:
        print(line)
    return 1 if wrong else 0


def _struck(stage: Path, name: str, seconds: float) -> tuple[bool, list[str]]:
    """Kill an operation on a fresh copy after so long; return whether, and what is wrong."""
    place = _laid_out(stage, name)
    child = _started(name, place)
    time.sleep(seconds)
    alive = child.poll() is None
    child.kill()
    assert child.stdout is not None
    acknowledged = child.stdout.read().count("recorded")
    child.wait()
    faults = CHECKS[name](place, acknowledged)
    try:
        OPERATIONS[name](place)
    except Exception as error:  # noqa: BLE001  (whatever it is, it is a finding)
        faults.append(f"done again: {error!r}")
    return alive, faults


def _unharmed(stage: Path, name: str) -> float:
    child = _started(name, _laid_out(stage, name))
    began = time.monotonic()
    child.communicate()
    if child.returncode:
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


def _started(name: str, place: Path) -> subprocess.Popen[str]:
    child = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.kill_store", "child", name, str(place)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    child.stdout.readline()  # it begins
    return child


def _child(name: str, place: Path) -> None:
    print("begins", flush=True)
    OPERATIONS[name](place)


# -- operations ---------------------------------------------------------------------------------


def _record(place: Path) -> None:
    archive = open_archive(place)
    first = steady.batches(archive)
    for number in range(first, first + 4):
        steady.add(archive, number)
        os.write(_ACKNOWLEDGED, b"recorded\n")
        Sessions(place).fold_in()


def _migrate(place: Path) -> None:
    open_archive(place)


def _recompare(place: Path) -> None:
    archive = open_archive(place)
    for address in steady.ARTICLES:
        archive.judge_again(archive.article_id(address))


def _export(place: Path) -> None:
    archive = open_archive(place)
    with scratch(archive) as folder:
        copied(archive, folder).query("FROM change_list")


def _backup(place: Path) -> None:
    made = place.with_name("backup.duckdb")
    made.unlink(missing_ok=True)
    back_up(open_archive(place), made)


def _restore(place: Path) -> None:
    restore(place, place.with_name("kept.duckdb"), steady.START)


def _forget(place: Path) -> None:
    archive = open_archive(place)
    known = {row["address"] for row in archive.query("FROM article_list")}
    if steady.ARTICLES[0] in known:
        number = archive.article_id(steady.ARTICLES[0])
        archive.forget(number, acted_at=steady.START + timedelta(days=1))


OPERATIONS: dict[str, Callable[[Path], None]] = {
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
