"""What an assessment needs before it is signed off, and why no third priority issue."""

import dataclasses
import datetime as dt

import pytest

from csc_hub.process.assessments import rules
from csc_hub.process.assessments.rules import AssessmentFacts, Kind
from csc_hub.process.contexts.rules import State, Type

DONE = AssessmentFacts(
    state=State.IN_ASSESSMENT, type=Type.NEIGHBOURHOOD, period_from=dt.date(2026, 9, 1), period_to=dt.date(2026, 9, 30),
    threshold_met=True, priorities=2, kinds=[Kind.SAFER_ME, Kind.NEIGHBOURHOOD])


def test_a_complete_assessment_can_be_signed_off() -> None:
    assert rules.left_to_do(DONE) == []
    assert rules.obstacle_to_sign_off(DONE) is None


@pytest.mark.parametrize(("lacking", "said"), [
    ({"period_to": None}, "First give the assessment period"),
    ({"kinds": [Kind.NEIGHBOURHOOD]}, "First upload the Safer Me assessment report"),
    ({"kinds": [Kind.SAFER_ME]}, "First upload the neighbourhood assessment report"),
    ({"kinds": [Kind.SAFER_ME, Kind.SCHOOL]}, "First upload the neighbourhood assessment report"),
    ({"priorities": 0}, "First choose one or two priority issues"),
    ({"threshold_met": None}, "First record the threshold decision"),
    ({"threshold_met": False}, "The threshold for a conference is not met"),
    ({"state": State.ASSESSED}, "Only an assessment that is under way"),
    ({"state": State.REFERRED}, "Only an assessment that is under way"),
    ({"priorities": 0, "threshold_met": None}, "First choose one or two priority issues and record the threshold decision"),
])
def test_what_is_missing_is_said_before_sign_off(lacking: dict, said: str) -> None:
    assert (rules.obstacle_to_sign_off(dataclasses.replace(DONE, **lacking)) or "").startswith(said)


@pytest.mark.parametrize(("type_", "kinds"), [
    (Type.PEER_GROUP, (Kind.SAFER_ME,)), (Type.OTHER, (Kind.SAFER_ME,)),
    (Type.SCHOOL, (Kind.SAFER_ME, Kind.SCHOOL)), (Type.NEIGHBOURHOOD, (Kind.SAFER_ME, Kind.NEIGHBOURHOOD))])
def test_school_and_neighbourhood_need_a_tool_of_their_own(type_: Type, kinds: tuple[Kind, ...]) -> None:
    assert rules.needed_kinds(type_) == kinds


@pytest.mark.parametrize(("chosen", "fine"), [(0, False), (1, True), (2, True), (3, False)])
def test_one_or_two_priority_issues_and_no_more(chosen: int, fine: bool) -> None:
    assert (rules.obstacle_to_priorities(chosen) is None) is fine


def test_the_guidances_reason_is_given_for_refusing_a_third() -> None:
    assert "You chose 3. The guidance asks for one or two" in (rules.obstacle_to_priorities(3) or "")


def test_an_assessment_does_not_end_before_it_begins() -> None:
    first, last = dt.date(2026, 9, 2), dt.date(2026, 9, 1)
    assert rules.obstacle_to_period(first, last)
    assert rules.obstacle_to_period(last, last) is None
    assert rules.obstacle_to_period(None, None) is None
    assert (rules.obstacle_to_period(first, None) or ("",))[0] == "period_to"
