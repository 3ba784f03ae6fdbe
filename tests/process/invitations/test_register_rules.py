"""The rules of the register, case by case."""

import datetime as dt
from dataclasses import replace

import pytest

from csc_hub.kernel import UTC
from csc_hub.overview.tallies import Meeting, tallies
from csc_hub.process.invitations import register as rules
from csc_hub.process.invitations.register import Deed, How, Line
from csc_hub.process.invitations.rules import Reply

DAY = dt.date(2026, 11, 23)
START, END = dt.datetime(2026, 11, 23, 10, 0, tzinfo=UTC), dt.datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MINUTE = dt.timedelta(minutes=1)
POLICE, HOUSING, CAMHS = "p", "h", "c"
NAMED = [(POLICE, "Police"), (HOUSING, "Housing"), (CAMHS, "CAMHs")]


def line(how: How | None = None, reply: Reply | None = Reply.ACCEPTED, **more: object) -> Line:
    """Joy Okafor of Housing."""
    return replace(Line("i-1", "Joy Okafor", agency="Housing", kind=HOUSING, reply=reply, how=how, row="1" if how else "", noted_by="Grace Mensah"), **more)


@pytest.mark.parametrize(("day", "on", "said"), [
    (None, DAY, "has no date"), (DAY, DAY - dt.timedelta(days=1), "opens on the day of the conference, Monday 23 November 2026"),
    (DAY, DAY, None), (DAY, DAY + dt.timedelta(days=90), None)])
def test_the_register_opens_on_the_day(day: dt.date | None, on: dt.date, said: str | None) -> None:
    found = rules.obstacle_to_noting(day, on)
    assert found is None if said is None else said in str(found)


@pytest.mark.parametrize(("came", "day", "sufficient", "stays"), [
    (3, DAY, "", True), (3, DAY, "yes", True), (3, DAY, "no", False), (0, DAY, "", False), (3, DAY + dt.timedelta(days=1), "", False), (3, None, "", False)])
def test_a_conference_that_was_held_keeps_its_date(came: int, day: dt.date | None, sufficient: str, stays: bool) -> None:
    assert bool(rules.obstacle_to_moving(came, day, DAY + dt.timedelta(days=1), sufficient)) == stays


@pytest.mark.parametrize(("now", "live"), [
    (START - 40 * MINUTE, True), (START, True), (END + 119 * MINUTE, True), (END + 121 * MINUTE, False), (START + dt.timedelta(days=1), False)])
def test_a_tap_stands_for_now_only_while_the_meeting_may_be_on(now: dt.datetime, live: bool) -> None:
    assert rules.moment_of_tap(now, START, END) == (now if live else None)


@pytest.mark.parametrize(("arrived", "left", "said"), [
    (None, None, ""), (START - 5 * MINUTE, None, "Arrived 09:55"), (START, None, "Arrived 10:00"),
    (START + dt.timedelta(seconds=59), None, "Arrived 10:00"), (START + MINUTE, None, "Arrived 10:01, 1 minute after the start"),
    (START + 12 * MINUTE, END - 30 * MINUTE, "Arrived 10:12, 12 minutes after the start. Left 11:30, 30 minutes before the end"),
    (START + 75 * MINUTE, END - 60 * MINUTE, "Arrived 11:15, 1 hour 15 minutes after the start. Left 11:00, 1 hour before the end"),
    (START, END + 9 * MINUTE, "Arrived 10:00. Left 12:09")])
def test_late_and_early_are_said(arrived: dt.datetime | None, left: dt.datetime | None, said: str) -> None:
    assert rules.times_in_words(line(How.IN_PERSON, arrived_at=arrived, left_at=left), START, END) == said


def test_no_times_are_said_of_somebody_who_did_not_come() -> None:
    assert rules.times_in_words(line(How.APOLOGIES), START, END) == ""


@pytest.mark.parametrize(("deed", "of", "moment", "said"), [
    (How.IN_PERSON, line(), START, None), (How.ABSENT, line(How.IN_PERSON), None, None),
    (Deed.LEFT, line(), START, "Nothing is noted of Joy Okafor yet"), (Deed.UNDO, line(), START, "Nothing is noted"),
    (Deed.LEFT, line(How.APOLOGIES), START, "is noted as: apologies"), (Deed.ACKNOWLEDGED, line(How.ABSENT), START, "did not attend"),
    (Deed.LEFT, line(How.ONLINE, left_at=END), START, "left already, at 12:00"), (Deed.LEFT, line(How.ONLINE), None, "Choose “Correct”"),
    (Deed.LEFT, line(How.ONLINE), START, None), (Deed.BACK, line(How.ONLINE, left_at=END), None, None), (Deed.UNDO, line(How.ABSENT), None, None)])
def test_what_a_tap_cannot_note_is_said(deed: How | Deed, of: Line, moment: dt.datetime | None, said: str | None) -> None:
    found = rules.obstacle_to(deed, of, moment)
    assert found is None if said is None else said in str(found)


@pytest.mark.parametrize(("how", "arrived", "left", "field"), [
    (How.IN_PERSON, START, END, None), (How.IN_PERSON, None, END, None), (How.IN_PERSON, END, START, "left"),
    (How.APOLOGIES, START, None, "arrived"), (How.ABSENT, None, None, None)])
def test_times_must_fit(how: How, arrived: dt.datetime | None, left: dt.datetime | None, field: str | None) -> None:
    found = rules.fault_of_times(how, arrived, left)
    assert (found[0] if found else None) == field


def test_the_numbers_count_who_is_here_and_who_is_still_expected() -> None:
    lines = [
        line(How.IN_PERSON, acknowledged=True), line(How.ONLINE), line(How.PHONE, left_at=END), line(How.APOLOGIES), line(How.ABSENT),
        line(reply=Reply.DECLINED), line(reply=Reply.NONE), line(reply=Reply.TENTATIVE), line(reply=Reply.PASSED), line(reply=Reply.DEPUTY, replaced=True)]
    found = rules.numbers(lines)
    assert found == rules.Numbers(here=2, came=3, excused=2, absent=1, waiting=2, acknowledged=1)
    assert found.said(True) == ["2 here now", "1 left", "2 apologies", "1 did not attend", "2 not here yet"]
    assert found.said(False) == ["3 came", "2 apologies", "1 did not attend", "2 not noted"]


def test_somebody_who_declined_and_comes_all_the_same_is_here() -> None:
    found = rules.numbers([line(How.IN_PERSON, reply=Reply.DECLINED)])
    assert (found.here, found.excused) == (1, 0)


@pytest.mark.parametrize(("lines", "answers", "reasons", "said"), [
    ([line(How.IN_PERSON, why=(1, 2, 3, 4))], {}, {POLICE: "No crime", CAMHS: "No health matter"}, []),
    ([line(How.IN_PERSON, why=(1, 2, 3))], {4: "Asked before"}, {CAMHS: "x"},
     ["These kinds of agency were not there, and no reason is on record: Police"]),
    ([line(How.ABSENT, why=(3,)), line(How.IN_PERSON, why=(1, 2), kind=POLICE)], {4: "x"}, {},
     ["Nobody who can make changes in the context attended; Joy Okafor, Housing had been asked",
      "These kinds of agency were not there, and no reason is on record: Housing and CAMHs"]),
    ([line(How.IN_PERSON, left_at=START, why=(1, 2, 3, 4))], {}, {POLICE: "x", CAMHS: "x"}, [])])
def test_what_was_missing_is_said_in_plain_sentences(lines: list[Line], answers: dict, reasons: dict, said: list[str]) -> None:
    assert rules.gaps(lines, answers, NAMED, reasons) == said


def test_each_consideration_nobody_met_has_its_sentence() -> None:
    assert [s.split(" ")[0] for s in rules.gaps([line(How.IN_PERSON)], {}, [], {})] == ["Nobody"] * 4


@pytest.mark.parametrize(("lines", "covered", "answers", "said"), [
    ([line(How.IN_PERSON, why=(3,))], 3, {}, 0), ([line(How.IN_PERSON, why=(3,))], 2, {}, 1), ([line(How.IN_PERSON)], 3, {}, 1),
    ([line(How.IN_PERSON)], 3, {3: "The owner was met before"}, 0), ([], 0, {}, 2), ([line(How.APOLOGIES, why=(3,))], 4, {}, 1)])
def test_thin_attendance_is_warned_of(lines: list[Line], covered: int, answers: dict, said: int) -> None:
    assert len(rules.doubts(lines, covered, 3, answers)) == said


def test_a_register_that_goes_into_the_history_names_who_came_and_what_the_chair_said() -> None:
    lines = [line(How.IN_PERSON), line(How.ONLINE, name="Ann Lee", deputy_for="Bo Ray"), line(How.APOLOGIES, name="Al May"), line(How.ABSENT, name="Di Fox")]
    assert rules.in_words(lines, "no", "Too few").split("\n") == [
        "Came: Joy Okafor, Housing; Ann Lee, Housing (deputy for Bo Ray).", "Apologies: Al May, Housing.", "Did not attend: Di Fox, Housing.",
        "Attendance was not sufficient: Too few"]


def test_the_mark_of_a_register_changes_with_it() -> None:
    assert rules.fingerprint(line()) == rules.fingerprint(line()) != rules.fingerprint(line(How.ONLINE))


@pytest.mark.parametrize(("young", "said"), [
    (None, "Whether young people came is not on record"), (0, "No young people came"),
    (1, "1 young person came. They are counted and never named"), (3, "3 young people came. They are counted and never named")])
def test_young_people_are_counted_in_the_minutes(young: int | None, said: str) -> None:
    assert rules.of_young_people(young, "A pupil panel met twice.") == [said, "How young people, parents and carers are involved: A pupil panel met twice"]
    assert rules.of_young_people(young, "")[1] == "How young people, parents and carers are involved is not on record"


def test_young_people_who_came_speak_for_themselves() -> None:
    missing = "Nobody who speaks for young people attended"
    assert missing in rules.gaps([], {}, [], {}, None) and missing in rules.gaps([], {}, [], {}, 0) and missing not in rules.gaps([], {}, [], {}, 1)


def meeting(number: int, invited: bool = True, came: bool = False, excused: bool = False) -> Meeting:
    """A meeting of an agency."""
    return Meeting(str(number), "x", "CSC-1", DAY + number * dt.timedelta(days=1), invited, came, excused)


@pytest.mark.parametrize(("rows", "said", "excused"), [
    ([meeting(1, came=True), meeting(2, came=True), meeting(3, came=True), meeting(4)], "Came to 3 of 4 meetings it was invited to", 0),
    ([meeting(1), meeting(1, invited=False, came=True)], "Came to 1 of 1 meeting it was invited to", 0),
    ([meeting(1, excused=True), meeting(1, invited=False, came=True)], "Came to 1 of 1 meeting it was invited to", 0),
    ([meeting(1, excused=True)], "Came to 0 of 1 meeting it was invited to", 1),
    ([meeting(1, invited=False, came=True)], "Came to 1 meeting without being on the list", 0),
    ([meeting(1), meeting(2, invited=False, came=True)], "Came to 0 of 1 meeting it was invited to; came to 1 meeting without being on the list", 0)])
def test_an_agencys_attendance_is_said_with_its_denominator(rows: list[Meeting], said: str, excused: int) -> None:
    (tally,) = tallies([("Housing", row) for row in rows])
    assert (tally.said, tally.excused) == (said, excused)
    assert [m.day for m in tally.meetings] == sorted((m.day for m in tally.meetings), reverse=True)


def test_a_meeting_that_was_adjourned_and_the_one_held_again_count_each() -> None:
    first = Meeting("1", "x", "CSC-1", DAY, True, False, False, adjourned="a")
    (tally,) = tallies([("Housing", first), ("Housing", meeting(1, came=True))])
    assert tally.said == "Came to 1 of 2 meetings it was invited to" and [m.adjourned for m in tally.meetings] == ["", "a"]
