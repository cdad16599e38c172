"""Play thousands of page sequences to the whole product; count what it tells wrongly.

    python -m benchmarks.sequences [HOW_MANY] [--each N] [--like WORDS] [--part K/N]

The sequences and their oracle stand in ``tests/sequences.py``; the test suite plays every kind
once, this plays HOW_MANY of all (default: all), spread evenly, in archives of N (default 400);
with WORDS, only those whose name ("weir news half page") holds them; of N parts only the K-th.
Printed are the changes told that were none (false), those not told (missed), the interstitials
filed under an outcome they must not have (unnamed), and every sequence that went wrong.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from origin import Origin
from product import Product
from sequences import Course, Verdict, every_sequence, verdicts

_HOSTS = 8  # of one host the crawl asks for one page after the other


def main() -> int:
    """Return 0 where nothing was told wrongly."""
    arguments = _arguments()
    part, parts = map(int, arguments.part.split("/"))
    liked = [one for one in every_sequence() if arguments.like in one.name]
    courses = liked[part - 1 :: parts]
    wanted = min(arguments.how_many or len(courses), len(courses))
    # A stride that shares nothing with the order of kinds: the n-th of so many, evenly spread.
    chosen = [courses[n * len(courses) // wanted] for n in range(wanted)]
    print(f"{len(chosen)} of {len(courses)} sequences, {arguments.each} an archive", flush=True)
    began, held = time.monotonic(), []
    for verdict in _played(chosen, arguments.each):
        held.append(verdict)
        if not verdict.is_right:
            print(verdict, flush=True)
    _sum_up(held, time.monotonic() - began)
    return 0 if all(verdict.is_right for verdict in held) else 1


def _arguments() -> argparse.Namespace:
    reading = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    reading.add_argument("how_many", type=int, nargs="?", help="how many sequences; default: all")
    reading.add_argument("--each", type=int, default=400, help="sequences in one archive")
    reading.add_argument("--like", default="", help="only those whose name holds these words")
    reading.add_argument("--part", default="1/1", help="K/N: only the K-th of N parts, as 1/4")
    return reading.parse_args()


def _played(courses: Sequence[Course], each: int) -> Iterator[Verdict]:
    """Every course's verdict; one origin and one archive for so many at a time."""
    for at in range(0, len(courses), each):
        part = courses[at : at + each]
        with Origin(_HOSTS) as origin, tempfile.TemporaryDirectory() as folder:
            product = Product(Path(folder) / "archive.duckdb", origin.hosts)
            yield from verdicts(part, origin, product)
        print(f"{at + len(part)} played", flush=True)


def _sum_up(held: Sequence[Verdict], seconds: float) -> None:
    false = sum(len(verdict.false) for verdict in held)
    missed = sum(len(verdict.missed) for verdict in held)
    unnamed = sum(len(verdict.misnamed) for verdict in held)
    wrong = sum(not verdict.is_right for verdict in held)
    print(
        f"{len(held)} sequences in {seconds / 60:.0f} min: {false} false, {missed} missed, "
        f"{unnamed} unnamed, in {wrong} of them"
    )


if __name__ == "__main__":
    sys.exit(main())
