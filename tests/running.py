"""``storylapse up`` as a person runs it, in a process of its own."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from product import COMMAND, Product

START_SECONDS = 60


class Running:
    """A running ``up`` on any free ports. Use with ``with``."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.product = Product(folder / "storylapse.duckdb")
        self._words = words
        self._log = folder / "up.log"
        self.address = ""
        self.process: subprocess.Popen[str]

    def __enter__(self) -> Running:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(30)
        if self.process.stdout is not None:
            self.process.stdout.close()

    def start(self) -> None:
        words = [str(COMMAND), "up", "--port", "0", *self._words, *self.product.options()]
        with self._log.open("a") as log:
            self.process = subprocess.Popen(
                words,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=self.product.variables(),
                cwd=self.product.archive.parent,
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith("Dashboard: "), self.log()
        self.address = line.split()[1]

    def log(self) -> str:
        return self._log.read_text("utf-8", "replace")

    def until(self, seconds: float, wanted: Callable[[], Any]) -> Any:
        """Ask again and again until something comes; fail with the log after ``seconds``."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            found = wanted()
            if found:
                return found
            time.sleep(0.5)
        raise AssertionError(f"Nothing came within {seconds} s. The log:\n{self.log()}")
