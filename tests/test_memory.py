"""The short form of benchmarks/memory.py: memory follows the articles, not the looks at them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
COMMAND = ["-m", "benchmarks.memory", "--looks", "3000", "--articles", "200"]


def test_no_object_is_left_behind_by_a_look() -> None:
    done = subprocess.run(
        [sys.executable, *COMMAND],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    told = re.search(r"([+-][\d.]+) objects a look", done.stdout)
    assert told is not None, done.stdout
    assert float(told[1]) < 0.5, f"looks leave objects behind:\n{done.stdout}"
