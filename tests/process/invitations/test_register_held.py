"""What is said of a register once people have come: whether attendance is sufficient, adjourned meetings, young people, attendance by agency."""

from __future__ import annotations

import datetime as dt

from csc_hub.db import db, writing
from csc_hub.kernel import day_in_words, now, today, working_days_from
from csc_hub.adapters.holidays import bank_holidays
from csc_hub.process.conferences.records import Change
from csc_hub.process.invitations.records import Attendance
from tests.hub import words_of
from tests.process.invitations.door import Door, door, moment_ago  # noqa: F401


def test_the_chair_says_whether_attendance_is_sufficient_and_nothing_is_blocked(door: Door) -> None:
    door.tap("Priya Nair", "in_person")
    page = words_of(door.user.get(f"{door.url}/sufficient"))
    assert "Only 1 kind of agency came. The council asks for 3 (local default). Nobody came who can make changes in the context" in page
    assert "David Hollis chairs and decides" in page
    answer = door.user.post(f"{door.url}/sufficient", sufficient="", sufficient_words="")
    assert answer.status_code == 422 and "Choose yes or no" in words_of(answer) and "Write why" in words_of(answer)
    door.user.post(f"{door.url}/sufficient", sufficient="no", sufficient_words="Nobody can change the lights")
    page = words_of(door.user.get(door.url))
    by = day_in_words(working_days_from(today(now()), 10, bank_holidays()))
    assert "Not sufficient Nobody can change the lights David Hollis, written down by Grace Mensah" in page
    assert f"adjourn it and hold it again by {by} (local default)" in page
    door.tap("Tom Ward", "in_person")
    assert "Nobody who can make changes in the context attended" in page, "in the words of the minutes"


def test_the_chair_of_another_conference_and_a_reader_write_nothing(door: Door) -> None:
    hidden = door.line("Tom Ward")
    for role, status in (("reader", 403), ("other chair", 404), ("agency contact", 404)):
        assert door.hub.be(role).post(f"{door.url}/mark", deed="online", **hidden).status_code == status
    page = door.hub.be("reader").get(door.url)
    assert 'name="deed"' not in page.text and "Tom Ward" in page.text and "Nothing noted" in page.text


def test_an_adjourned_conference_keeps_its_register_in_words_and_begins_a_new_one(door: Door) -> None:
    door.tap("Priya Nair", "in_person")
    door.tap("Kemi Ajayi", "absent")
    door.user.post(f"{door.url}/sufficient", sufficient="no", sufficient_words="Too few")
    with door.hub.inside(), writing():  # it was planned for a later day, and moved to this one
        db.session.add(Change(conference_id=door.conference, at=now() - dt.timedelta(days=9), by_name="Grace Mensah", move="move_date", reason="Sooner", was_at=now() + dt.timedelta(days=9)))
    assert door.user.post(f"/contexts/{door.context}/conference/move/adjourn", reason="Nobody came").status_code == 303
    page = words_of(door.user.get(f"/contexts/{door.context}/conference"))
    assert "Nobody came" in page and "The register of that day, kept in words. Came: Priya Nair, Children’s Social Care." in page and "Did not attend: Kemi Ajayi" in page and "Attendance was not sufficient: Too few" in page
    by = day_in_words(working_days_from(today(now()), 10, bank_holidays()))
    assert f"by {by} (within 10 working days of the meeting that was adjourned, local default)" in page
    assert "This conference has no date" in words_of(door.user.get(door.url))
    door.set(starts_at=moment_ago(1), state="planned")
    assert door.numbers() == "0 here now · 1 apology · 7 not here yet" and "The chair has not said yet" in words_of(door.user.get(door.url))


def test_a_meeting_that_was_adjourned_counts_with_its_own_attendance(door: Door) -> None:
    door.tap("Tom Ward", "in_person")
    door.user.post(f"{door.url}/sufficient", sufficient="no", sufficient_words="Too few")
    door.user.post(f"/contexts/{door.context}/conference/move/adjourn", reason="Too few")
    page = words_of(door.user.get("/attendance"))
    assert "Counted: 1 conference you may see that is over and whose register was kept, and 1 meeting that began and was then adjourned or put off, each with its own attendance" in page
    assert "Anyshire Police Came to 2 of 2 meetings" in page and "Housing Came to 0 of 2 meetings it was invited to Apologies once" in page and "did not come (adjourned)" in page
    door.set(starts_at=moment_ago(15), state="planned")
    door.tap("Joy Okafor", "in_person")
    door.set(starts_at=now() - dt.timedelta(hours=5))
    page = words_of(door.user.get("/attendance"))
    assert "Counted: 2 conferences you may see" in page and "Anyshire Police Came to 2 of 3 meetings" in page and "Housing Came to 1 of 3 meetings" in page
    assert "No conference that you may see has a register yet" in words_of(door.hub.be("other chair").get("/attendance"))


def test_young_people_are_counted_and_never_named(door: Door) -> None:
    door.tap("Priya Nair", "in_person")
    assert "Whether young people came is not on record" in words_of(door.user.get(door.url))
    for wrong in ("Kyle", "-1", "201"):
        answer = door.user.post(f"{door.url}/young-people", young_people=wrong)
        assert answer.status_code == 422 and "Enter a whole number from 0 to 200" in words_of(answer), wrong
    assert door.user.post(f"{door.url}/young-people", young_people="3").status_code == 303
    page = words_of(door.user.get(door.url))
    assert "3 young people came. They are counted and never named" in page and "Nobody who speaks for young people" not in page
    door.user.post(f"/contexts/{door.context}/conference/move/postpone", reason="The fire alarm")
    assert "3 young people came" in words_of(door.user.get(f"/contexts/{door.context}/conference"))
    door.set(starts_at=moment_ago(1), state="planned")
    assert "Whether young people came is not on record" in words_of(door.user.get(door.url))


def test_that_no_young_person_came_is_of_the_day_on_which_it_was_counted(door: Door) -> None:
    door.user.post(f"{door.url}/young-people", young_people="0")
    door.user.post(f"/contexts/{door.context}/conference/move/postpone", reason="The fire alarm")
    assert "No young people came" in words_of(door.user.get(f"/contexts/{door.context}/conference"))
    door.set(starts_at=moment_ago(1), state="planned")
    assert "Whether young people came is not on record" in words_of(door.user.get(door.url))


def test_a_conference_that_was_held_keeps_its_date_and_register(door: Door) -> None:
    door.tap("Tom Ward", "in_person")
    door.set(starts_at=now() - dt.timedelta(days=1))
    conference = f"/contexts/{door.context}/conference"
    assert "Cancel this conference" not in words_of(door.user.get(conference))
    for how in ("postpone", "cancel", "adjourn"):
        answer = door.user.post(f"{conference}/move/{how}", page=conference, reason="By mistake")
        assert answer.status_code == 422 and "its register says who came" in words_of(answer)
    door.user.post(f"{door.url}/sufficient", sufficient="no", sufficient_words="Too few")
    assert "Adjourn: not enough agencies" in words_of(door.user.get(door.url))
    assert door.user.post(f"{conference}/move/adjourn", reason="Too few").status_code == 303
    assert "Came: Tom Ward, Anyshire Police." in words_of(door.user.get(conference))


def test_attendance_by_agency_says_the_denominator_and_only_of_what_one_may_see(door: Door) -> None:
    door.tap("Tom Ward", "in_person")
    door.set(starts_at=now() - dt.timedelta(hours=5))
    page = words_of(door.user.get("/attendance"))
    assert "Counted: 2 conferences" in page and "Anyshire Police Came to 2 of 2 meetings it was invited to" in page
    assert "Housing Came to 0 of 2 meetings it was invited to Apologies once" in page and "Community Safety Partnership Came to 0 of 1 meeting" in page
    assert "Counted: 1 conference " in words_of(door.hub.be("chair").get("/attendance"))
    assert "No conference that you may see has a register yet" in words_of(door.hub.be("other chair").get("/attendance"))
    assert door.hub.be("agency contact").get("/attendance").status_code == 404
