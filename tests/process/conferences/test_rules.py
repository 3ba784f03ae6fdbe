"""Working days, the 20 weeks, who chairs, what fits in the time, and the countdown as a table of cases."""

import dataclasses
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csc_hub import kernel
from csc_hub.adapters.holidays import bank_holidays
from csc_hub.process.conferences import countdown, rules
from csc_hub.process.conferences.figures import BY_NAME, FIGURES, obstacle_to
from csc_hub.process.conferences.countdown import Done, Facts
from csc_hub.process.conferences.rules import ConferenceDraft, Near
from csc_hub.process.contexts.rules import State as ContextState
from csc_hub.process.contexts.rules import Type

DAY = dt.date(2026, 11, 23)
NOW = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.timezone.utc)
HOLIDAYS = bank_holidays()
DAYS = st.dates(dt.date(2020, 1, 1), dt.date(2028, 6, 1))


@given(DAYS, st.integers(1, 60))
def test_a_day_reached_by_working_days_is_one_and_is_as_far_as_was_asked(day: dt.date, number: int) -> None:
    later = kernel.working_days_from(day, number, HOLIDAYS)
    assert kernel.is_working_day(later, HOLIDAYS)
    assert kernel.working_days_between(day, later, HOLIDAYS) == number


@given(DAYS, st.integers(1, 60))
def test_going_back_and_forth_by_working_days_meets_the_same_day(day: dt.date, number: int) -> None:
    start = kernel.working_days_from(day, 1, HOLIDAYS)
    assert kernel.working_days_from(kernel.working_days_from(start, number, HOLIDAYS), -number, HOLIDAYS) == start


def test_christmas_is_skipped() -> None:
    assert kernel.working_days_from(dt.date(2026, 12, 24), 1, HOLIDAYS) == dt.date(2026, 12, 29)
    assert kernel.working_days_from(dt.date(2027, 1, 4), -1, HOLIDAYS) == dt.date(2026, 12, 31)


@given(DAYS, st.integers(-400, 400))
def test_a_review_is_allowed_up_to_and_on_the_140th_day(conference: dt.date, days: int) -> None:
    review, last = conference + dt.timedelta(days=days), conference + dt.timedelta(days=rules.REVIEW_DAYS)
    assert (rules.fault_of_review(conference, review, last) is None) == (0 < days <= 140)


def test_the_last_day_for_the_review_is_said_in_words() -> None:
    said = rules.fault_of_review(dt.date(2026, 11, 20), dt.date(2027, 4, 10), dt.date(2027, 4, 9))
    assert said == "The guidance allows no more than 20 weeks: by Friday 9 April 2027, 20 weeks after the conference"


@pytest.mark.parametrize(("day", "said"), [
    (None, ""), (dt.date(2026, 11, 24), ""), (DAY, "day 0 of 140"), (dt.date(2026, 9, 23), "day 61 of 140"),
    (DAY - dt.timedelta(days=140), "day 140 of 140"), (DAY - dt.timedelta(days=141), "1 day past the 20 weeks")])
def test_the_clock_says_how_much_of_the_20_weeks_is_gone(day: dt.date | None, said: str) -> None:
    assert rules.clock(day, DAY) == said


def test_an_hour_that_clocks_leap_over_does_not_exist_and_a_doubled_one_is_the_first() -> None:
    assert kernel.in_london(dt.date(2027, 3, 28), dt.time(1, 30)) is None
    assert kernel.in_london(dt.date(2027, 3, 28), dt.time(2, 30)) == dt.datetime(2027, 3, 28, 1, 30, tzinfo=dt.timezone.utc)
    assert kernel.in_london(dt.date(2027, 10, 31), dt.time(1, 30)) == dt.datetime(2027, 10, 31, 0, 30, tzinfo=dt.timezone.utc)


FINE = ConferenceDraft(NOW + dt.timedelta(days=14), 120, chair_id="c", near=Near.NEAR)


@pytest.mark.parametrize(("change", "title", "lead", "own", "field"), [
    ({}, "Community Safety Partnership chair", False, False, None),
    ({"starts_at": None}, "Community Safety Partnership chair", False, False, None),
    ({"starts_at": NOW}, "Community Safety Partnership chair", False, False, "day"),
    ({"minutes": 25 * 60}, "Community Safety Partnership chair", False, False, "ends"),
    ({"minutes": 10}, "Community Safety Partnership chair", False, False, "ends"),
    ({}, "Community Safety Partnership chair", True, False, "chair_id"),
    ({}, "Headteacher", False, False, "chair_reason"),
    ({"chair_reason": "The chair is ill"}, "Headteacher", False, False, None),
    ({"near": Near.ELSEWHERE}, "CSP chair", False, False, "near_reason"),
    ({"near": Near.ELSEWHERE, "near_reason": "A stairwell"}, "CSP chair", False, False, None),
    ({}, "CSP chair", False, True, "independence_note"),
    ({"independence_note": "Co-chair"}, "CSP chair", False, True, None)])
def test_a_conference_is_refused_at_the_field_at_fault(change: dict, title: str, lead: bool, own: bool, field: str | None) -> None:
    fault = rules.fault_of(dataclasses.replace(FINE, **change), Type.NEIGHBOURHOOD, title, lead, own, NOW)
    assert (fault[0] if fault else None) == field


@pytest.mark.parametrize(("type_", "title"), [
    (Type.PEER_GROUP, "Independent Safeguarding and Reviewing Officer"), (Type.NEIGHBOURHOOD, "Community Safety Partnership chair"),
    (Type.SCHOOL, "Headteacher"), (Type.SCHOOL, "Designated Safeguarding Lead")])
def test_the_guidance_expects_a_chair_by_the_contexts_type(type_: Type, title: str) -> None:
    assert rules.is_expected_chair(type_, title)
    assert not rules.is_expected_chair(type_, "Finance officer")


def test_a_bank_holiday_is_said_and_not_refused() -> None:
    def remarks(day: dt.date, hour: int = 10) -> list[str]:
        return rules.remarks_on(kernel.in_london(day, dt.time(hour, 30)), HOLIDAYS)  # type: ignore[arg-type]

    assert remarks(dt.date(2026, 12, 25)) == ["Friday 25 December 2026 is a bank holiday (Christmas Day)"]
    assert remarks(dt.date(2026, 11, 28)) == ["Saturday 28 November 2026 is at a weekend"]
    assert remarks(DAY) == []
    assert remarks(dt.date(2027, 10, 31), 1)[1:] == ["Clocks go back that night, and 01:30 comes twice: the first is meant"]
    assert remarks(dt.date(2027, 10, 31), 2) == ["Sunday 31 October 2027 is at a weekend"]


P, X = rules.State.PLANNED, rules.State.CANCELLED


@pytest.mark.parametrize(("states", "titles"), [
    ([P], ["First conference"]), ([P, P, P], ["First conference", "Review 1", "Review 2"]),
    ([X, X, P], ["First conference", "First conference", "First conference"]), ([P, X, P], ["First conference", "Review 1", "Review 1"]),
    ([rules.State.ADJOURNED, P], ["First conference", "Review 1"])])
def test_after_a_cancelled_conference_comes_the_same_again(states: list, titles: list[str]) -> None:
    assert rules.titles(states) == titles


HELD = DAY - dt.timedelta(days=3)


@pytest.mark.parametrize(("kind", "planned", "done", "reported", "conference", "field"), [
    ("chair", None, None, None, None, "planned_on"), ("chair", DAY, None, None, DAY, None), ("chair", None, DAY, None, None, None),
    ("chair", DAY + dt.timedelta(days=1), None, None, DAY, "planned_on"), ("chair", None, DAY + dt.timedelta(days=1), None, None, "done_on"),
    ("chair", DAY, HELD, None, HELD, None), ("chair", None, HELD, DAY, HELD, "reported_on"), ("workers", None, HELD, DAY, HELD, None),
    ("workers", None, HELD, DAY, None, "reported_on"), ("workers", None, HELD, HELD, DAY, "reported_on"), ("workers", HELD, None, DAY, HELD, "done_on")])
def test_meetings_before_the_conference_are_before_it_and_are_reported_after_it(
        kind: str, planned: dt.date | None, done: dt.date | None, reported: dt.date | None, conference: dt.date | None, field: str | None) -> None:
    assert (rules.fault_of_pre_meeting(kind, planned, done, reported, conference, DAY) or (None,))[0] == field


def test_minutes_that_somebody_allotted_stay_when_the_meeting_gets_longer_or_shorter() -> None:
    assert rules.agenda_for(rules.suggested_agenda(120, 35), 120, 60, 35) == rules.suggested_agenda(60, 35)
    assert rules.agenda_for([20, 10, 10, 10, 10, 60], 120, 60, 35) == [20, 10, 10, 10, 10, 60]


def test_minutes_that_do_not_fit_or_eat_the_plan_are_refused() -> None:
    assert rules.fault_of_agenda([10, 15, 20, 10, 15, 50], 120, 35) is None
    assert "take 130 minutes, and the meeting lasts 120. Take 10 away" in (rules.fault_of_agenda([20, 15, 20, 10, 15, 50], 120, 35) or ("",))[-1]
    assert "Keep 42 minutes or more for the plan" in (rules.fault_of_agenda([10, 15, 20, 10, 15, 41], 120, 35) or ("",))[-1]


def test_the_fault_of_an_agenda_stands_at_the_item_to_change() -> None:
    assert rules.fault_of_agenda([10, 15, 20, 10, 15, 41], 120, 35)[0] == 6  # type: ignore[index]
    assert rules.fault_of_agenda([10, 60, 20, 10, 15, 50], 120, 35)[0] == 2  # type: ignore[index]


@pytest.mark.parametrize(("link", "fine"), [
    ("", True), ("https://teams.example/l/meetup/19%3a?x=1", True), ("http://meet.example", True), ("teams meeting", False), ("javascript:alert(1)", False),
    ("https://", False), ("https:///x", False), ("mailto:a@b.example", False), ("https://a b.example", False), ("https://[", False), ("meet.example/1", False)])
def test_a_link_for_those_online_is_a_whole_address(link: str, fine: bool) -> None:
    assert (rules.fault_of_link(link) is None) is fine


@pytest.mark.parametrize(("review", "said"), [
    (None, None), (DAY + dt.timedelta(days=1), None), (DAY + dt.timedelta(days=140), None), (DAY, "is not after this day"),
    (DAY - dt.timedelta(days=9), "is not after this day"), (DAY + dt.timedelta(days=141), "is more than 20 weeks after this day")])
def test_a_conference_is_not_moved_past_its_date_of_review(review: dt.date | None, said: str | None) -> None:
    fault = rules.fault_of_new_date(DAY, review)
    assert fault is None if said is None else said in (fault or "") and "in the plan first" in (fault or "")


@pytest.mark.parametrize(("change", "title", "own", "kept"), [
    ({}, "CSP chair", False, ("", "", "")), ({}, "Headteacher", False, ("ill", "", "")), ({}, "Headteacher", True, ("ill", "co-chair", "")),
    ({"near": Near.ELSEWHERE}, "CSP chair", False, ("", "", "a stairwell")), ({"chair_id": None}, "", False, ("ill", "co-chair", ""))])
def test_a_reason_that_is_no_longer_asked_for_goes(change: dict, title: str, own: bool, kept: tuple[str, str, str]) -> None:
    draft = dataclasses.replace(FINE, chair_reason="ill", independence_note="co-chair", near_reason="a stairwell", **change)
    found = rules.without_idle_reasons(draft, Type.NEIGHBOURHOOD, title, own)
    assert (found.chair_reason, found.independence_note, found.near_reason) == kept


@given(st.integers(30, 480), st.integers(10, 80))
def test_a_suggested_agenda_always_fits_and_keeps_the_plans_share(length: int, share: int) -> None:
    suggested = rules.suggested_agenda(length, share)
    assert len(suggested) == 6 and min(suggested) >= 0 and sum(suggested) == length
    assert min(suggested) > 0 or share > 50, "each item has its time"
    assert rules.fault_of_agenda(suggested, length, share) is None


FIGURES_NOW = {figure.name: figure.default for figure in FIGURES}
READY = Facts(
    today=DAY, day=dt.date(2026, 12, 14), signed_off=dt.date(2026, 11, 16), assessment_left=[], priorities=2, lead="Priya", chair="David",
    chair_met=dt.date(2026, 11, 20), agreed_by_lead=True, agreed_by_chair=True, unanswered=0, invitees=7, venue="Hall", elsewhere="", context_chair="David", agenda_fits=True,
    workers_needed=False, workers_met=None, figures=FIGURES_NOW, holidays=HOLIDAYS, told=True, released=2)


def line(key: str, **change: object) -> countdown.Line:
    return next(found for found in countdown.countdown(dataclasses.replace(READY, **change)) if found.key == key)


def test_a_conference_that_is_ready_has_nothing_left() -> None:
    lines = countdown.countdown(READY)
    assert {found.done for found in lines} == {Done.DONE} and countdown.next_line(lines) is None


@pytest.mark.parametrize(("key", "change", "done", "whose", "by"), [
    ("assessment", {"signed_off": None, "assessment_left": ["Upload the report"]}, Done.WAITING, "Priya", None),
    ("priorities", {"priorities": 0}, Done.WAITING, "Priya", dt.date(2026, 12, 7)),
    ("told", {"told": False}, Done.WAITING, "Priya", dt.date(2026, 12, 7)),
    ("told", {"told": False, "priorities": 0}, Done.NOT_YET, "Priya", dt.date(2026, 12, 7)),
    ("told", {"told": False, "invitees": 0}, Done.NOT_YET, "Priya", dt.date(2026, 12, 7)),
    ("invitations", {"unsent": 3}, Done.WAITING, "David", dt.date(2026, 11, 30)),
    ("invitations", {"unsent": 3, "venue": ""}, Done.NOT_YET, "David", dt.date(2026, 11, 30)),
    ("papers", {"released": 0}, Done.WAITING, "Priya", dt.date(2026, 12, 7)),
    ("papers", {"released": 0, "signed_off": None}, Done.NOT_YET, "Priya", dt.date(2026, 12, 7)),
    ("date", {"day": None}, Done.WAITING, "Priya", dt.date(2026, 12, 14)),
    ("consultation", {"chair_met": None}, Done.WAITING, "Priya", dt.date(2026, 12, 7)),
    ("consultation", {"chair_met": None, "chair": ""}, Done.NOT_YET, "Priya", dt.date(2026, 12, 7)),
    ("considerations", {"unanswered": 2}, Done.WAITING, "Priya and David", dt.date(2026, 11, 30)),
    ("attendance", {"agreed_by_chair": False}, Done.WAITING, "David", dt.date(2026, 11, 30)),
    ("attendance", {"agreed_by_chair": False, "invitees": 0}, Done.NOT_YET, "David", dt.date(2026, 11, 30)),
    ("venue", {"venue": ""}, Done.WAITING, "Priya", dt.date(2026, 11, 30)),
    ("venue", {"venue": "", "day": dt.date(2026, 12, 1)}, Done.LATE, "Priya", dt.date(2026, 11, 17)),
    ("workers", {"workers_needed": True}, Done.WAITING, "Priya", dt.date(2026, 12, 7))])
def test_each_line_says_whose_move_it_is_and_by_when(key: str, change: dict, done: Done, whose: str, by: dt.date | None) -> None:
    found = line(key, **change)
    assert (found.done, found.whose, found.by) == (done, whose, by)


@pytest.mark.parametrize(("key", "change", "said"), [
    ("agenda", {"agenda_fits": False, "agenda_fault": "Take 10 away"}, "Take 10 away"), ("agenda", {"agenda_fits": False}, "Not yet"),
    ("chair", {"chair": "", "chair_gone": "Ray Head"}, "The access of Ray Head has ended. Choose somebody else"),
    ("chair", {"chair": ""}, "David is the chair of this context. Save the conference with them"), ("chair", {"chair": "", "context_chair": ""}, "Nobody yet"),
    ("attendance", {"chair": "", "agreed_by_chair": False}, "First choose the chair"),
    ("attendance", {"invitees": 0, "agreed_by_chair": False}, "First put people on the list"),
    ("attendance", {"chair": "", "invitees": 0, "agreed_by_chair": False}, "First choose the chair and put people on the list"),
    ("venue", {"elsewhere": "The hall is shut."}, "Hall, somewhere else: The hall is shut"), ("venue", {}, "Hall"), ("venue", {"venue": ""}, "None yet")])
def test_each_line_says_what_is_so(key: str, change: dict, said: str) -> None:
    assert line(key, **change).said.startswith(said)


def test_every_local_clock_is_called_a_local_default() -> None:
    lines = countdown.countdown(dataclasses.replace(
        READY, priorities=0, chair_met=None, unanswered=1, venue="", agenda_fits=False, agreed_by_lead=False))
    assert all("local default" in found.rule for found in lines if found.by)


def test_what_is_next_is_the_earliest_that_somebody_can_do() -> None:
    lines = countdown.countdown(dataclasses.replace(READY, priorities=0, venue="", chair="", chair_met=None))
    assert countdown.next_line(lines).key == "venue"  # type: ignore[union-attr]


@pytest.mark.parametrize("state", list(ContextState))
def test_a_conference_is_planned_from_the_assessment_on(state: ContextState) -> None:
    fine = state in (ContextState.IN_ASSESSMENT, ContextState.ASSESSED, ContextState.PLAN_IN_PROGRESS)
    assert (rules.obstacle_to_planning(state, True) is None) is fine


def test_a_figure_has_bounds() -> None:
    figure = BY_NAME["invitations_before"]
    assert obstacle_to(figure, 10) is None and obstacle_to(figure, 61) == "Must be a whole number from 0 to 60"


def test_a_chair_from_another_school_is_not_said_to_lead_this_one() -> None:
    field, said = rules.fault_of(FINE, Type.SCHOOL, "Headteacher", False, True, NOW) or ("", "")
    assert field == "independence_note" and said.startswith("If this chair works at the school")
