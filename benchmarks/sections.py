"""Sections of a page in docs/ that measurements write, each by itself."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path


def write_section(page: Path, title: str, lines: Iterable[str]) -> None:
    """Put ``lines`` under the heading ``title``, in place of what stood there, or at the end."""
    parts = re.split(r"(?m)^(?=## )", page.read_text("utf-8"))
    written = "\n".join([f"## {title}", "", *lines, ""])
    places = [n for n, part in enumerate(parts) if part.startswith(f"## {title}\n")]
    if places:
        parts[places[0]] = written
    else:
        parts.append(written)
    page.write_text("\n\n".join(part.strip() for part in parts) + "\n", "utf-8")
