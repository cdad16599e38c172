"""The short forms of benchmarks/hammer.py and benchmarks/kill_store.py."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def test_four_processes_on_one_archive_meet_no_error_and_no_wrong_answer() -> None:
    done = run("benchmarks.hammer", "--minutes", "0.17")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 errors or wrong answers" in done.stdout


@pytest.mark.parametrize("operation", ["record", "migrate", "restore", "forget"])
def test_a_killed_operation_loses_nothing_and_can_be_done_again(operation: str) -> None:
    done = run("benchmarks.kill_store", "2", operation)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 wrong" in done.stdout
