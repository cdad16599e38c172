"""The product as a person has it: the ``storylapse`` command, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

COMMAND = Path(sys.executable).with_name("storylapse")


@dataclass(frozen=True, slots=True)
class Product:
    """Runs commands on one archive, with some hosts allowed."""

    archive: Path
    allow: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, *words: str, ok: tuple[int, ...] = (0,)) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [str(COMMAND), *words, *self.options()],
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
            env=self.variables(),
            cwd=self.archive.parent,
        )
        assert done.returncode in ok, f"{words} ended {done.returncode}:\n{done.stderr}"
        return done

    def options(self) -> list[str]:
        allowed = [word for host in self.allow for word in ("--allow-host", host)]
        return ["--archive", str(self.archive), *allowed]

    def variables(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if "STORYLAPSE" not in name}
        return kept | {"NO_COLOR": "1"} | self.environment

    def json(self, *words: str) -> Any:
        return json.loads(self.run(*words, "--json").stdout)

    def lines(self, *words: str) -> list[Any]:
        output = self.run(*words, "--json", ok=(0, 4)).stdout
        return [json.loads(line) for line in output.splitlines()]
