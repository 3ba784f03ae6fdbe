"""Timescales, lateness, the 20 weeks, nudges, and what stands in the way of issuing a plan."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csc_hub.process.contexts.rules import State
from csc_hub.process.plans import rules
from csc_hub.process.plans.rules import UpdateDraft
from csc_hub.process.plans.statuses import ENDED, Status

DAY = dt.date(2026, 11, 23)


@pytest.mark.parametrize(("words", "start", "next_"), [
    ("Annually", dt.date(2026, 9, 23), dt.date(2027, 9, 23)),
    ("annually, in the spring", dt.date(2028, 2, 29), dt.date(2029, 2, 28)),
    ("every month", dt.date(2027, 1, 31), dt.date(2027, 2, 28)),
    ("Quarterly", dt.date(2026, 11, 30), dt.date(2027, 2, 28)),
    ("six-monthly", dt.date(2026, 12, 31), dt.date(2027, 6, 30)),
    ("Termly", dt.date(2026, 12, 1), dt.date(2027, 4, 1)),
    ("every half-term", dt.date(2026, 11, 1), dt.date(2026, 12, 20)),
    ("weekly", DAY, dt.date(2026, 11, 30)),
    ("fortnightly", DAY, dt.date(2026, 12, 7)),
    ("as soon as possible", DAY, None), ("Autumn term", DAY, None), ("", DAY, None)])
def test_words_that_name_a_rhythm_get_a_dated_check(words: str, start: dt.date, next_: dt.date | None) -> None:
    assert rules.next_check(words, start) == next_


@given(st.dates(dt.date(2000, 1, 1), dt.date(2090, 1, 1)), st.sampled_from(["annually", "monthly", "quarterly", "weekly", "termly"]))
def test_the_next_check_is_always_later(start: dt.date, words: str) -> None:
    found = rules.next_check(words, start)
    assert found is not None and start < found <= start + dt.timedelta(days=366)


def test_late_is_worked_out_from_the_date_and_never_for_what_has_ended() -> None:
    yesterday = DAY - dt.timedelta(days=1)
    assert rules.is_late(Status.NOT_STARTED, yesterday, DAY)
    assert not rules.is_late(Status.NOT_STARTED, DAY, DAY)
    assert not rules.is_late(Status.NOT_STARTED, None, DAY)
    assert not any(rules.is_late(status, yesterday, DAY) for status in ENDED)


@pytest.mark.parametrize(("text", "owner", "due", "words", "said"), [
    ("Repair the lamps", "Des", DAY, "", []),
    ("Repair the lamps", "", DAY, "", ["No named owner yet"]),
    ("Repair the lamps", "Des", None, "", ["No date yet"]),
    ("Repair the lamps", "Des", None, "Annually", []),
    ("Repair the lamps", "Des", None, "ASAP", ["“ASAP” is not a date"]),
    ("Monitor the situation", "Des", DAY, "", ["“Monitor” alone is hard to finish"]),
    ("To discuss with partners", "Des", DAY, "", ["“To” alone"]),
    ("Raise awareness", "Des", DAY, "", ["“Raise” alone"]),
    ("Discuss and publish the rota", "Des", DAY, "", []),
    ("Repair the lamps", "Des", dt.date(2027, 9, 1), "", ["The date is after the review"])])
def test_nudges_are_given_for_what_makes_an_action_drift(text: str, owner: str, due: dt.date | None, words: str, said: list[str]) -> None:
    found = rules.nudges(text, owner, due, words, dt.date(2027, 1, 13))
    assert [nudge[:len(start)] for nudge, start in zip(found, said, strict=True)] == said


@pytest.mark.parametrize(("due", "said"), [
    (DAY - dt.timedelta(days=1), ["The date has passed"]), (DAY, ["The date is before the conference"]), (DAY + dt.timedelta(days=9), []), (None, [])])
def test_a_date_that_cannot_be_meant_is_pointed_at(due: dt.date | None, said: list[str]) -> None:
    found = rules.nudges("Repair the lamps", "Des", due, "" if due else "Annually", None, DAY + dt.timedelta(days=7), DAY)
    assert [nudge[:len(start)] for nudge, start in zip(found, said, strict=True)] == said


@pytest.mark.parametrize(("text", "several"), [
    ("Repair the lamps; survey the stairs", True), ("Train staff and write a rota", True), ("Repair the lamps. Survey the stairs.", True),
    ("To train staff, and then publish the rota", True), ("Repair the lamps and the gate", False), ("Train staff and volunteers to open the hall", False),
    ("Hold a walk with parents and carers", False), ("Discuss and publish the rota", False), ("Repair the lamps. They failed in May.", False)])
def test_several_tasks_in_one_action_are_pointed_at(text: str, several: bool) -> None:
    assert any("several tasks" in nudge for nudge in rules.nudges(text, "Des", DAY, "", None)) is several


def test_a_plan_issued_before_its_conference_is_said() -> None:
    assert rules.remark_on_issuing(DAY + dt.timedelta(days=1), DAY) == "The conference is on Tuesday 24 November 2026: the plan is usually agreed there"
    assert rules.remark_on_issuing(DAY, DAY) == rules.remark_on_issuing(None, DAY) == ""


@pytest.mark.parametrize(("more", "fine"), [({}, False), ({"update": "Fitted"}, True), ({"evidence": "Lit"}, True), ({"completed_on": DAY}, True)])
def test_what_is_reported_complete_says_what_or_when(more: dict, fine: bool) -> None:
    assert (rules.fault_of_completion(UpdateDraft(status=Status.REPORTED_COMPLETE, **more)) is None) is fine
    assert rules.fault_of_completion(UpdateDraft(status=Status.IN_PROGRESS)) is None


@pytest.mark.parametrize(("state", "worries", "said"), [
    (State.ASSESSED, [("w", "goal", 1)], None),
    (State.PLAN_IN_PROGRESS, [("w", "goal", 1)], None),
    (State.IN_ASSESSMENT, [("w", "goal", 1)], "The plan can be issued once the assessment is signed off"),
    (State.ASSESSED, [], "Add at least one worry"),
    (State.ASSESSED, [("w", "goal", 0)], "Add at least one intervention"),
    (State.ASSESSED, [("w", "", 1), ("v", "", 0)], "Write the safety goal of 2 worries")])
def test_a_plan_is_issued_when_it_says_what_it_is_for(state: State, worries: list, said: str | None) -> None:
    fault = rules.obstacle_to_issuing(state, worries)
    assert fault is None if said is None else (fault or "").startswith(said)


def test_an_empty_cell_never_clears_what_is_known_and_the_same_again_changes_nothing() -> None:
    now = {"status": Status.IN_PROGRESS, "update": "Ordered", "updated_on": None, "evidence": "", "barrier": "", "proposed_date": None, "completed_on": None}
    assert rules.changes(now, UpdateDraft()) == {}
    assert rules.changes(now, UpdateDraft(status=Status.IN_PROGRESS, update="Ordered", evidence="")) == {}
    assert rules.changes(now, UpdateDraft(update="Fitted")) == {"update": ("Ordered", "Fitted")}


def test_nothing_is_completed_in_the_future() -> None:
    assert rules.fault_of_update(UpdateDraft(completed_on=DAY + dt.timedelta(days=2)), DAY) == ("completed_on", "Date completed cannot be in the future")
    assert rules.fault_of_update(UpdateDraft(completed_on=DAY, proposed_date=DAY + dt.timedelta(days=90)), DAY) is None
