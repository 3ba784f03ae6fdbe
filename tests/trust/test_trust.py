"""Every goal of trust in short form, but for those that the laws in tests/house measure wholly whenever the tests run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.trust.goals import GOALS, Goal, measure
from tests.trust.stage import Outcome, Stage


@pytest.fixture(scope="module")
def stage(built: Path, request: pytest.FixtureRequest) -> Iterator[Stage]:
    """One stage for all goals: servers are started once, and only those that are needed."""
    with Stage(built=built, shared=request.getfixturevalue) as made:
        yield made


@pytest.mark.parametrize("goal", [goal for goal in GOALS if not goal.in_laws], ids=lambda goal: goal.id)
def test_the_goal_holds_in_short_form(goal: Goal, stage: Stage) -> None:
    outcome = goal.measure(stage)
    print(outcome.figure, end=" ")
    assert outcome.tried and not outcome.failed, outcome.failed[:10]


def test_a_goal_is_met_only_where_nothing_failed_and_enough_was_tried() -> None:
    def line(tried: int, failed: list[str], long: bool = True) -> dict:
        with Stage(long) as stage:
            return measure(Goal("X1", "a promise", lambda _: Outcome(tried, failed, "a figure"), 10), stage)

    assert line(10, [])["met"] and line(3, [], long=False)["met"]
    assert not line(10, ["it broke"])["met"] and line(10, ["it broke"])["failed"] == 1
    assert not line(9, [])["met"] and "only 9 tried" in line(9, [])["failures"][0]


def test_a_goal_whose_part_is_missing_is_not_met() -> None:
    with Stage() as stage:
        found = measure(Goal("X1", "a promise", lambda _: pytest.skip("strace is not installed"), 10), stage)
    assert not found["met"] and "strace is not installed" in found["failures"][0]
