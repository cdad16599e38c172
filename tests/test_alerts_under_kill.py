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
    faults = ("untold", "lost", "invented", "altered", "sent_again_untellable")
    assert {name: found[name] for name in faults} == dict.fromkeys(faults, 0)
    assert done.returncode == 0
