"""Kill ``storylapse fetch`` at random moments and look for what was lost.

    python -m benchmarks.kill [TIMES]

A real newsroom on loopback is fetched by the real product, which is killed with SIGKILL at
a random moment of each pass. After every kill the archive must open, every check seen
before must still be there, none twice, and every version must have its document.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from crawler.newsroom.server import Newsroom
from store.archive import Archive, open_archive

COMMAND = str(Path(sys.executable).with_name("storylapse"))
LONGEST_SECONDS = 6.0  # a pass over the newsroom lasts some three seconds here


def main() -> int:
    """Return 0 where nothing was lost."""
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    chance = random.Random(1)
    started = datetime.now(UTC)
    newsroom = Newsroom(started, lambda: datetime.now(UTC))
    newsroom.start()
    killed = lost = 0
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "kill.duckdb"
        options = ["--archive", str(place), "--allow-host", newsroom.host]
        subprocess.run([COMMAND, "watch", *newsroom.feeds, *options], check=True, text=True)
        known: set[str] = set()
        for turn in range(1, times + 1):
            killed += _killed(options, chance.uniform(0.5, LONGEST_SECONDS))
            seen = _checks(open_archive(place))
            lost += len(known - seen)
            known = seen
            if turn % 10 == 0 or turn == times:
                print(f"{turn} passes, {killed} killed, {len(known)} checks, {lost} lost")
    newsroom.stop()
    return 1 if lost else 0


def _killed(options: list[str], seconds: float) -> bool:
    child = subprocess.Popen([COMMAND, "fetch", "--all", *options], stderr=subprocess.DEVNULL)
    time.sleep(seconds)
    alive = child.poll() is None
    child.kill()
    child.wait()
    return alive


def _checks(archive: Archive) -> set[str]:
    """Return the checks; fail where one stands twice or a version lacks its document."""
    rows = [row["check_id"] for row in archive.query("SELECT check_id FROM check_list")]
    if len(rows) != len(set(rows)):
        raise SystemExit("A check is recorded twice.")
    for row in archive.query("SELECT article_id, version FROM version_list"):
        archive.document(row["article_id"], row["version"])
    return set(rows)


if __name__ == "__main__":
    sys.exit(main())
