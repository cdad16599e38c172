"""Patterns of rules: found in what changed, and no pattern or text makes them run away."""

import time

import pytest

from store.errors import ConfigError
from store.patterns import LONGEST_TEXT, check, fits


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        (r"ferr(y|ies)", "twelve Ferries", True),
        (r"\b\d+ (dead|killed)\b", "said 14 dead", True),
        (r"\b\d+ (dead|killed)\b", "said none dead", False),
        (r"\p{Arabic}+", "قال الميناء", True),
        (r"^mayor", "the mayor", False),
    ],
)
def test_a_pattern_is_found_whatever_the_case_and_script(pattern, text, found):
    check(pattern, "a rule")
    assert fits(pattern, text) is found


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("(", "unclosed group"),
        ("\\", "incomplete escape"),
        ("(?<=a)b", "look-around"),
        (r"(a)\1", "backreferences"),
        ("a" * 201, "too large"),
        (r"(\w{99}){99}", "too large"),
        (r"(((a{9}){9}){9}){9}", "too large"),
        ("(?:a?){4000}a{4000}b", "too large"),
    ],
)
def test_a_pattern_that_cannot_be_used_is_refused_with_the_reason(pattern, said):
    with pytest.raises(ConfigError, match=said) as caught:
        check(pattern, "the alert rule 'ferries'")
    assert "the alert rule 'ferries'" in str(caught.value)


@pytest.mark.parametrize("pattern", [r"(a+)+$", r"(x+x+)+y", r"\w*" * 66 + "!", r"(?:\w?){80}z"])
def test_time_grows_with_the_text_and_no_faster(pattern):
    check(pattern, "a rule")
    assert not fits(pattern, "a!" if pattern.endswith("$") else "a")

    def taken(length: int) -> float:
        text = "a" * length + "-"
        begun = time.process_time()
        for _ in range(3):
            fits(pattern, text)
        return time.process_time() - begun

    taken(100)
    # What backtracks takes a million million times as long for a text ten times as long.
    assert taken(LONGEST_TEXT) < 100 * taken(LONGEST_TEXT // 10) + 0.5
