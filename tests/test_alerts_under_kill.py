"""The short form of benchmarks/alerts.py: kill -9 between recording and telling loses no alert."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARK = Path(__file__).parent.parent / "benchmarks" / "alerts.py"


@pytest.mark.slow
def test_no_alert_is_lost_invented_or_altered_by_kill_9():
    done = subprocess.run(
        [sys.executable, str(BENCHMARK), "12"],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    found = json.loads(done.stdout)
    assert found["corrections"] > 0
    assert {name: found[name] for name in ("untold", "lost", "invented", "altered")} == {
        "untold": 0,
        "lost": 0,
        "invented": 0,
        "altered": 0,
    }
    assert done.returncode == 0
