"""Lifelike page sequences, judged in process: what is told wrongly of them.

    python -m benchmarks.lifelike [HOW_MANY] [--seed N] [--only WORDS]

The pages and their oracle stand in ``tests/lifelike.py``; the test suite plays a hundred. Printed
is every sequence of which something false, missed or unnamed came out, and their number.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from lifelike import faults, plans


def main() -> int:
    """Return 0 where nothing was told wrongly."""
    reading = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    reading.add_argument("how_many", type=int, nargs="?", default=1000)
    reading.add_argument("--seed", type=int, default=1)
    reading.add_argument("--only", default="", help="sequences whose name begins so")
    arguments = reading.parse_args()
    wrong = played = 0
    for name, plan in plans(arguments.how_many, arguments.seed):
        if not name.startswith(arguments.only):
            continue
        played += 1
        found = faults(plan)
        wrong += bool(found)
        if found:
            print(f"{name}: {'; '.join(found)[:300]}", flush=True)
    print(f"{wrong} of {played} sequences went wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
