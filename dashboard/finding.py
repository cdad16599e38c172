"""What one check of doctor's came to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """How one check came out."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what it is about, how it came out, one sentence, and what to do next."""

    check: str
    status: Status
    message: str
    next_step: str | None = None
