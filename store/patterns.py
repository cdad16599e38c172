"""Patterns of rules: regular expressions that cannot run away, whatever pattern and text.

They run on the engine that pydantic brings (Rust's ``regex``): its time grows with the length of
the text times the size of the pattern, never faster, and both are bounded here. It knows no
look-around and no back-references, which are what cannot be bounded.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache

from pydantic_core import SchemaError, SchemaValidator, core_schema

from store.errors import ConfigError

LONGEST_PATTERN = 200
"""Characters of a pattern."""
LARGEST_PATTERN = 1_000
"""Length of a pattern times all its counted repetitions: the worst of the patterns tried then took
0.12 s for ``LONGEST_TEXT`` and ordinary ones under a millisecond, where 8,000 took seconds."""
LONGEST_TEXT = 10_000
"""Characters of changed text that are searched in one change."""

_COUNTS = re.compile(r"\{(\d*),?(\d*)\}")


def check(pattern: str, where: str) -> None:
    """Raise ConfigError, naming ``where`` it stands, for a pattern that cannot be used."""
    if len(pattern) > LONGEST_PATTERN or len(pattern) * _repeated(pattern) > LARGEST_PATTERN:
        raise ConfigError(
            f"The pattern in {where} is too large: at most {LONGEST_PATTERN} characters, and "
            f"{LARGEST_PATTERN} once its counted repetitions are written out. Shorten it."
        )
    try:
        _engine(pattern)
    except SchemaError as error:
        said = str(error).strip().splitlines()[-1].removeprefix("error: ").strip()
        raise ConfigError(
            f"The pattern in {where} cannot be used: {said}. Look-around and back-references are "
            "not known; see docs/alerts.md."
        ) from None


def fits(pattern: str, text: str) -> bool:
    """Say whether the pattern is found in the beginning of a text, whatever the case."""
    return _engine(pattern).isinstance_python(text[:LONGEST_TEXT])


@lru_cache(maxsize=256)
def _engine(pattern: str) -> SchemaValidator:
    return SchemaValidator(
        core_schema.str_schema(pattern=f"(?i){pattern}", regex_engine="rust-regex")
    )


def _repeated(pattern: str) -> int:
    counts = [max(int(one or 0) for one in found.groups()) for found in _COUNTS.finditer(pattern)]
    return math.prod(max(1, count) for count in counts)
