"""Replaying change times: the engine on made histories, and who wins on real ones."""

from __future__ import annotations

import gzip
import math
from pathlib import Path

import numpy as np
import pytest

from crawler import rivals, trials
from crawler.hazard import HOUR
from crawler.ours import Ours
from crawler.policy import PATIENT, longest_gaps
from crawler.simulate import (
    History,
    Replay,
    State,
    make_history,
    read_corrections,
    read_history,
    replay,
)

BORN = 1_700_000_000.0


def made(*changes: tuple[float, ...], hours: float = 48) -> History:
    """Articles met at birth and followed for so many hours, that change at these hours."""
    count = len(changes)
    births = BORN + np.arange(count) * HOUR
    return make_history(
        births,
        births,
        births + hours * HOUR,
        ["-"] * count,
        [[at + HOUR * hour for hour in each] for at, each in zip(births, changes, strict=True)],
    )


def random_history(articles: int, seed: int) -> History:
    rng = np.random.default_rng(seed)
    ages = [tuple(rng.exponential(6, rng.poisson(1.5))) for _ in range(articles)]
    return made(*ages)


def run(history: History, rule: rivals.Rule, knob: float = 1.0) -> Replay:
    return replay(history, trials.by_rule(rule)(history, knob))


def test_a_fixed_interval_meets_every_change_within_it_and_pays_for_it() -> None:
    found = run(made((0.5, 3.9), ()), rivals.fixed, 1.0)
    assert list(found.looks) == [49, 49]
    assert found.delay == pytest.approx([0.5 * HOUR, 0.1 * HOUR])
    assert found.kept.all()


def test_a_version_that_is_overwritten_before_we_look_is_lost_but_its_change_is_noticed() -> None:
    found = run(made((1.1, 1.3, 5.0)), rivals.fixed, 2.0)
    assert list(found.kept) == [False, True, True]
    assert list(found.brief) == [True, False, False]
    assert np.isfinite(found.delay).all()


def test_what_is_never_seen_waits_until_the_end_and_has_no_delay() -> None:
    found = run(made((40.0,)), rivals.fixed, 30.0)
    assert math.isinf(found.delay[0])
    assert found.waited[0] == pytest.approx(8 * HOUR)
    assert not found.kept[0]


def test_gdelt_looks_three_times_and_the_clairvoyant_once_for_each_change() -> None:
    history = made((1.0, 2.0), (), hours=30 * 24)
    assert list(run(history, rivals.gdelt).looks) == [3, 3]
    seer = run(history, rivals.clairvoyant)
    assert list(seer.looks) == [3, 1]
    assert (seer.delay <= 1.0).all()


def test_the_rules_are_those_of_their_tools() -> None:
    state = State(made((), (), hours=90 * 24))
    rows = np.arange(2)
    state.last = state.history.met + np.array([10 * HOUR, 40 * 24 * HOUR])
    state.quiet, state.changes = np.array([3, 200]), np.zeros(2, dtype=np.int64)
    state.before = state.last - 2 * HOUR
    assert rivals.news_sniffer(state, rows, 0.5)[0] == pytest.approx(0.5 * 1.2**3 * HOUR)
    assert math.isinf(rivals.news_sniffer(state, rows, 0.5)[1]), "it stops at forty days"
    assert list(rivals.newsdiffs(state, rows, 1.0)) == [HOUR, 360 * 24 * HOUR]
    assert rivals.diffengine(state, rows, 0.2)[0] == pytest.approx(2.5 * HOUR)
    assert rivals.back_off(state, rows, 5.0)[0] == 40 * 60
    assert list(rivals.aimd(state, rows, 1.0)) == [3 * HOUR, 3 * HOUR]
    state.quiet = np.zeros(2, dtype=np.int64)
    assert list(rivals.aimd(state, rows, 1.0)) == [HOUR, HOUR]


def test_our_own_policy_breaks_no_deadline_at_any_price() -> None:
    history = random_history(60, seed=1)
    for price in (0.005, 0.1, 1e3):
        policy = Watched(len(history), price)
        replay(history, policy)
        assert policy.gaps_seen > 100
        assert policy.broken == 0


class Watched(Ours):
    """Ours, with an eye on its deadlines. A budget that only deadlines spend stretches them."""

    gaps_seen = broken = 0

    def gaps(self, state: State, rows: np.ndarray) -> np.ndarray:
        found = super().gaps(state, rows)
        age = state.last[rows] - state.history.born[rows]
        self.gaps_seen += len(rows)
        self.broken += int((found > longest_gaps(age, PATIENT) * self._stretch + 1e-6).sum())
        return found


def test_the_same_history_gives_the_same_result() -> None:
    history = random_history(80, seed=2)
    first, second = (replay(history, Ours(len(history), 0.05)) for _ in range(2))
    assert np.array_equal(first.looks, second.looks)
    assert np.array_equal(first.delay, second.delay)


def test_every_family_comes_to_the_looks_that_were_asked_for() -> None:
    history = random_history(150, seed=3)
    found = trials.standings(history, 12.0, trials.families_at(12.0), np.random.default_rng(1))
    assert {one.family for one in found} == {*rivals.FAMILIES, trials.OURS}
    reached = {one.family: one.looks for one in found if one.family not in {"AIMD", "back-off x2"}}
    assert set(reached.values()) == {12.0}
    sniffer = next(one for one in found if one.family == trials.SNIFFER)
    assert sniffer.more_kept == (0.0, 0.0, 0.0)
    for one in found:
        assert one.more_kept is not None
        assert one.more_kept[0] <= one.kept - sniffer.kept + 0.01
        assert one.kept - sniffer.kept - 0.01 <= one.more_kept[2]


def test_a_table_is_read_and_one_that_is_none_is_refused(tmp_path: Path) -> None:
    table = tmp_path / "table.csv.gz"
    head = "id,group,birth,first_seen,last_seen,ages,kinds\n"
    with gzip.open(table, "wt") as stream:
        stream.write(f"{head}a,n,1000,1600,90000,500;7000,h;h\nb,m,2000,2500,2500,,\n")
    history = read_history(table)
    assert len(history) == 1, "what was never listed for any time cannot be replayed"
    assert list(history.changes[0]) == [8000.0, math.inf]
    table = tmp_path / "other.csv"
    table.write_text("name,age\nx,1\n")
    with pytest.raises(ValueError, match="has no column ages, birth"):
        read_history(table)
    with pytest.raises(ValueError, match="has no column hours"):
        read_corrections(table, HOUR)


def test_late_corrections_are_noticed_by_us_and_not_by_who_stops_early(tmp_path: Path) -> None:
    table = tmp_path / "corrections.csv"
    hours = [1, 5, 17, 48, 24 * 10, 24 * 30, 24 * 80]
    table.write_text("hours,kind\n" + "".join(f"{hour},other\n" for hour in hours))
    history = read_corrections(table, 90 * 24 * HOUR)
    ours = replay(history, Ours(len(history), 0.05))
    assert ours.kept.all()
    assert not run(history, rivals.gdelt).kept[-3:].any()
