"""Planning a conference over HTTP: date, chair, agenda, list, replies, and two people at once."""

import datetime as dt
import io
import re
import uuid

import docx
import pytest
from sqlalchemy.orm.exc import StaleDataError

from csc_hub.adapters.holidays import bank_holidays
from csc_hub.db import db, writing
from csc_hub.kernel import day_in_words, day_short, now, today, working_days_from
from csc_hub.people.records import Kind, Person
from csc_hub.process.conferences.records import Conference
from csc_hub.process.contexts.records import Context
from csc_hub.process.invitations import service
from csc_hub.process.invitations.records import Answer
from tests.hub import Hub, User, words_of

HOLIDAYS, DAY = bank_holidays(), dt.timedelta(days=1)
TODAY = today(now())
DATE = working_days_from(TODAY, 15, HOLIDAYS)
HOLIDAY = next(day for day in sorted(HOLIDAYS) if day > TODAY + DAY)
SPRING = next(day for year in (0, 1) for day in [dt.date(TODAY.year + year, 3, 31 - (dt.date(TODAY.year + year, 3, 31).weekday() + 1) % 7)] if day > TODAY + DAY)


def on(day: dt.date) -> dict[str, str]:
    """The three boxes of a date."""
    return {"day-day": str(day.day), "day-month": str(day.month), "day-year": str(day.year)}


WHEN = {**on(DATE), "begins": "10:00", "ends": "12:00"}
PLACE = {"venue": "Marina hall", "near": "near", "address": "", "access": "", "online_link": "", "near_reason": "", "chair_reason": "", "independence_note": ""}


def chair_id(user: User, context: str, name: str) -> str:
    found = re.search(rf'<option value="([^"]+)"[^>]*>{name}', user.get(f"/contexts/{context}/conference/edit").text)
    assert found
    return found[1]


@pytest.fixture
def planned(hub: Hub) -> tuple[Hub, User, str]:
    """A peer group whose conference has a date and a chair."""
    user, context = hub.be("lead"), hub.context("peers")
    answer = user.post(f"/contexts/{context}/conference/edit", **WHEN, **PLACE, chair_id=chair_id(user, context, "Samira Khan"))
    assert answer.status_code == 303, words_of(answer)
    return hub, user, context


def test_the_conference_page_counts_down_and_says_what_is_next(planned: tuple[Hub, User, str]) -> None:
    _, user, context = planned
    page = words_of(user.get(f"/contexts/{context}/conference"))
    assert f"{day_in_words(DATE)}, 10:00 to 12:00, Marina hall" in page
    assert f"Chair consulted Not yet. Priya Nair’s move, by {day_in_words(working_days_from(DATE, -5, HOLIDAYS))} (5 working days before, local default)" in page
    assert f"the review is held by {day_in_words(DATE + 140 * DAY)}, 20 weeks after the conference" in page


def test_the_register_is_printed_from_the_pages_where_a_conference_is_prepared(planned: tuple[Hub, User, str]) -> None:
    _, user, context = planned
    for page in ("conference", "invitations"):
        link = re.search(r'href="([^"]+)">Print the register \(Word\)', user.get(f"/contexts/{context}/{page}").text)
        assert link and user.get(link[1]).data[:2] == b"PK"


@pytest.mark.parametrize(("change", "said"), [
    ({"day-year": "2020"}, "The conference must be in the future"), ({"ends": "09:00"}, "must be later than the start"),
    ({"begins": "25:00"}, "must be a time, like 10:00"), ({"begins": ""}, "Enter the time it starts and ends"),
    ({"begins": "01:30", "ends": "04:00", **on(SPRING)}, "Clocks go forward that night"),
    ({"begins": "00:10", "ends": "23:50"}, "between half an hour and 8 hours"),
    ({"near": "elsewhere"}, "Say why this one is not"), ({"day-day": "31", "day-month": "2"}, "must be a real date")])
def test_a_wrong_conference_is_refused_in_words_and_keeps_what_was_typed(hub: Hub, change: dict, said: str) -> None:
    user, context = hub.be("lead"), hub.context("peers")
    answer = user.post(f"/contexts/{context}/conference/edit", **{**WHEN, **PLACE, **change}, chair_id="")
    assert answer.status_code == 422 and said in words_of(answer) and "Marina hall" in answer.text


def test_what_is_saved_stands_in_the_form_when_it_is_opened_again(planned: tuple[Hub, User, str]) -> None:
    _, user, context = planned
    page = user.get(f"/contexts/{context}/conference/edit").text
    assert all(f'value="{value}"' in page for value in (DATE.day, DATE.month, DATE.year, "10:00", "12:00", "Marina hall"))


def test_another_chair_than_the_guidance_expects_asks_why(hub: Hub) -> None:
    user, context = hub.be("lead"), hub.context("peers")
    answer = user.post(f"/contexts/{context}/conference/edit", **WHEN, **PLACE, chair_id=chair_id(user, context, "David Hollis"))
    assert answer.status_code == 422 and "Say why somebody else does" in words_of(answer)


def test_a_bank_holiday_is_said(hub: Hub) -> None:
    user, context = hub.be("lead"), hub.context("peers")
    user.post(f"/contexts/{context}/conference/edit", **{**WHEN, **PLACE, **on(HOLIDAY)}, chair_id="")
    assert f"is a bank holiday ({HOLIDAYS[HOLIDAY]})" in words_of(user.get(f"/contexts/{context}/conference"))


def test_two_people_who_change_the_conference_see_both_versions(planned: tuple[Hub, User, str]) -> None:
    hub, user, context = planned
    url = f"/contexts/{context}/conference/edit"
    chair = chair_id(user, context, "Samira Khan")
    version = re.search(r'name="version" value="(\d+)"', user.get(url).text)
    assert version
    hub.be("coordinator").post(url, **WHEN, **{**PLACE, "venue": "Leisure centre"}, chair_id=chair)
    answer = user.post(url, **WHEN, **{**PLACE, "venue": "Yacht club"}, chair_id=chair, version=version[1])
    page = words_of(answer)
    assert answer.status_code == 422 and "Venue Leisure centre Yacht club" in page and 'value="Yacht club"' in answer.text


def test_a_postponed_conference_keeps_its_reason_and_the_date_it_had(planned: tuple[Hub, User, str]) -> None:
    _, user, context = planned
    user.post(f"/contexts/{context}/conference/move/postpone", reason="The hall is flooded")
    page = words_of(user.get(f"/contexts/{context}/conference"))
    assert "The hall is flooded" in page and f"was {day_short(DATE)} at 10:00" in page and "Postponed" in page
    user.post(f"/contexts/{context}/conference/edit", **{**WHEN, **PLACE, **on(DATE + 2 * DAY)}, chair_id="")
    assert day_in_words(DATE + 2 * DAY) in words_of(user.get(f"/contexts/{context}/conference"))


def test_who_saves_a_conference_that_was_cancelled_meanwhile_brings_none_back(planned: tuple[Hub, User, str]) -> None:
    hub, user, context = planned
    url, own = f"/contexts/{context}/conference/edit", f"/contexts/{context}/conference"
    loaded, chair = re.search(r'name="loaded" value="([^"]+)"', user.get(url).text), chair_id(user, context, "Samira Khan")
    hub.be("coordinator").post(f"{own}/move/cancel", page=own, reason="The harbour is closed")
    answer = user.post(url, **WHEN, **{**PLACE, "access": "Ring the bell"}, chair_id=chair, loaded=loaded[1])  # type: ignore[index]
    assert answer.status_code == 422 and "cancelled or removed meanwhile" in words_of(answer) and "Ring the bell" in answer.text
    again = re.search(r'name="loaded" value="([^"]+)"', answer.text)
    assert user.post(url, **WHEN, **PLACE, chair_id=chair, loaded=again[1]).status_code == 422, "nor at the second try"  # type: ignore[index]
    page = words_of(user.get(own))
    assert "First conference" not in page.split("What became of it")[0] and "The harbour is closed" in page
    assert f"cancelled it, was {day_short(DATE)} at 10:00" in page, "which date it had"
    assert user.post(url, **WHEN, **PLACE, chair_id=chair, loaded="", version="").status_code == 303
    assert "Review" not in words_of(user.get(own)).split("Before the conference")[0], "none was held yet"


def test_a_date_is_not_emptied_without_a_reason(planned: tuple[Hub, User, str]) -> None:
    _, user, context = planned
    url, none = f"/contexts/{context}/conference/edit", {"day-day": "", "day-month": "", "day-year": ""}
    emptied = user.post(url, **{**WHEN, **PLACE, **none}, chair_id="")
    assert emptied.status_code == 422 and "postpone the conference: that asks for the reason" in words_of(emptied)
    user.post(f"/contexts/{context}/conference/move/postpone", reason="The hall is flooded")
    half = user.post(url, **{**WHEN, **PLACE, **none}, chair_id="")
    assert half.status_code == 422 and "Enter the date too, or leave the times empty" in words_of(half)
    assert user.post(url, **{**WHEN, **PLACE, **none, "begins": "", "ends": ""}, chair_id="").status_code == 303


def test_the_history_says_what_of_a_conference_was_changed(planned: tuple[Hub, User, str]) -> None:
    _, user, context = planned
    own, chair = f"/contexts/{context}/conference/edit", chair_id(planned[1], planned[2], "Samira Khan")
    user.post(own, **WHEN, **{**PLACE, "venue": "Yacht club", "access": "Ring the bell"}, chair_id=chair)
    history = words_of(user.get(f"/contexts/{context}/history"))
    assert "changed the conference’s details, venue and getting there" in history and "Yacht club" not in history


def test_a_meeting_is_adjourned_on_its_day_and_not_before(planned: tuple[Hub, User, str]) -> None:
    _, user, context = planned
    own = f"/contexts/{context}/conference"
    assert "Adjourn" not in words_of(user.get(own)) and "Postpone without a date" in words_of(user.get(own))
    early = user.post(f"{own}/move/adjourn", page=f"{own}/move/postpone", reason="Too few")
    assert early.status_code == 422 and f"shows on the day, {day_in_words(DATE)}. Until then, postpone the conference" in words_of(early)


def test_minutes_allotted_by_hand_outlive_a_new_length(planned: tuple[Hub, User, str]) -> None:
    _, user, context = planned
    own = f"/contexts/{context}/conference"
    user.post(f"{own}/agenda", item1="20", item2="10", item3="10", item4="10", item5="10", item6="60")
    user.post(f"{own}/edit", **{**WHEN, **PLACE, "ends": "11:00"}, chair_id=chair_id(user, context, "Samira Khan"))
    page = words_of(user.get(own))
    assert "Together, of 60 120" in page and "The items take 120 minutes, and the meeting lasts 60. Take 60 away" in page
    user.post(f"{own}/edit", **WHEN, **PLACE, chair_id=chair_id(user, context, "Samira Khan"))
    assert "It fits" in words_of(user.get(own))


def test_another_chair_is_consulted_anew(planned: tuple[Hub, User, str]) -> None:
    _, user, context = planned
    own, held = f"/contexts/{context}/conference", {f"done_on-{part}": str(getattr(TODAY, part)) for part in ("day", "month", "year")}
    user.post(f"{own}/meetings/add", kind="chair", who="", **held)
    assert f"Chair consulted On {day_in_words(TODAY)}. Done" in words_of(user.get(own))
    user.post(f"{own}/edit", **WHEN, **{**PLACE, "chair_reason": "She is ill"}, chair_id=chair_id(user, context, "David Hollis"))
    page = words_of(user.get(own))
    assert "Chair consulted Not yet" in page and f"Consultation with somebody who was to chair , Samira Khan Held on {day_in_words(TODAY)}" in page
    assert "somebody who was to chair" not in user.get(f"{own}/meetings/add").text


def test_a_chair_whose_access_ended_is_said_and_not_dropped(planned: tuple[Hub, User, str]) -> None:
    hub, user, context = planned
    own, samira = f"/contexts/{context}/conference", chair_id(planned[1], planned[2], "Samira Khan")
    hub.be("administrator").post(f"/people/{samira}/end-access", page=f"/people/{samira}")
    assert "Chair chosen The access of Samira Khan has ended. Choose somebody else" in words_of(user.get(own))
    assert chair_id(user, context, "Samira Khan, whose access has ended") == samira
    refused = user.post(f"{own}/edit", **WHEN, **PLACE, chair_id=samira)
    assert refused.status_code == 422 and "Samira Khan no longer chairs: the access has ended. Choose somebody who is a chair" in words_of(refused)


def test_minutes_that_do_not_fit_are_refused(planned: tuple[Hub, User, str]) -> None:
    _, user, context = planned
    answer = user.post(f"/contexts/{context}/conference/agenda", item1="60", item2="60", item3="10", item4="10", item5="10", item6="50")
    assert answer.status_code == 422 and "Take 80 away" in words_of(answer)


def test_the_list_the_board_and_the_agreement(planned: tuple[Hub, User, str]) -> None:
    hub, user, context = planned
    own = f"/contexts/{context}/invitations"
    form = user.get(f"{own}/add").text
    joy = re.search(r'<option value="([^"]+)"[^>]*>Joy Okafor', form)
    assert joy
    assert user.post(f"{own}/add", person_id=joy[1], why="3", note="").status_code == 303
    twice = user.post(f"{own}/add", person_id=joy[1], why="3", note="")
    assert twice.status_code == 422 and "on the list already" in words_of(twice)
    housing = re.search(r'<option value="([^"]+)"[^>]*>Housing', user.get(f"{own}/add-new").text)
    assert user.post(f"{own}/add-new", name="Ali Reza", job_title="Caretaker", agency_id=housing[1], email="", phone="01632 960003", access_needs="", why="2").status_code == 303  # type: ignore[index]
    page = user.get(own)
    assert "No e-mail address: tell them by phone" in words_of(page)
    invitation = re.search(rf'href="({own}/[0-9a-f-]+/reply)"[^>]*>Record the reply<span class="govuk-visually-hidden"> of Joy', page.text)
    assert invitation
    assert user.post(invitation[1], reply="declined", reason="", deputy="").status_code == 422
    assert user.post(invitation[1], reply="accepted", reason="", deputy="").status_code == 303
    assert "3. Can make the changes Joy Okafor is coming Covered" in words_of(user.get(own))
    user.post(f"/contexts/{context}/conference/agree", page=own)
    hub.be("other chair").post(f"/contexts/{context}/conference/agree", page=own)
    assert "Both agreed" in words_of(user.get(f"/contexts/{context}/conference")) or "Attendance agreed by lead practitioner and chair Both agreed" in words_of(user.get(f"/contexts/{context}/conference"))
    user.post(f"{own}/questions/5", text="Asked at the youth project")


def test_all_kinds_of_agency_that_are_not_needed_are_answered_on_one_page(planned: tuple[Hub, User, str]) -> None:
    hub, user, context = planned
    own = f"/contexts/{context}/invitations"
    names = {" ".join(title.split()): field for field, title in re.findall(r'<label class="[^"]*" for="(kind_[0-9a-f-]+)">\s*([^<]+?)\s*</label>', user.get(f"{own}/kinds").text)}
    assert len(names) == 14, "all but the one that the chair and the lead practitioner stand for"
    camhs = next(name for name in names if name.upper().startswith("CAMHS"))
    version = re.search(r'name="version" value="(\d+)"', user.get(f"{own}/kinds").text)
    assert version and f'{own}/kinds#{names[camhs]}' in user.get(own).text
    assert user.post(f"{own}/kinds", **{names[camhs]: "No health matter here", names["Housing"]: "No homes nearby"}).status_code == 303
    said = words_of(user.get(own))
    assert f"{camhs} No health matter here Not needed" in said and "Housing No homes nearby Not needed" in said
    late = user.post(f"{own}/kinds", version=version[1], loaded="", **{names[camhs]: "Somebody else’s words"})
    assert late.status_code == 422 and "Somebody else saved this while you were typing" in words_of(late) and "No health matter here" in words_of(late)
    assert user.post(f"{own}/kinds", **{names["Housing"]: "No homes nearby", names[camhs]: ""}).status_code == 303
    said = words_of(user.get(own))
    assert f"{camhs} Nobody Gap" in said and "Housing No homes nearby Not needed" in said


def test_agenda_and_list_go_out_as_word(planned: tuple[Hub, User, str]) -> None:
    _, user, context = planned
    agenda = docx.Document(io.BytesIO(user.get(f"/contexts/{context}/conference/download/agenda").data))
    assert [row.cells[0].text for row in agenda.tables[0].rows][:3] == ["Time", "10:00", "10:10"]
    listed = docx.Document(io.BytesIO(user.get(f"/contexts/{context}/invitations/download/list").data))
    assert [cell.text for cell in listed.tables[0].rows[0].cells] == ["Name", "Agency", "Why they are asked", "Reply"]


def test_a_link_is_checked_and_stands_in_the_agenda(planned: tuple[Hub, User, str]) -> None:
    _, user, context = planned
    url, chair = f"/contexts/{context}/conference/edit", chair_id(planned[1], planned[2], "Samira Khan")
    refused = user.post(url, **WHEN, **{**PLACE, "online_link": "teams meeting"}, chair_id=chair)
    assert refused.status_code == 422 and "beginning with https://" in words_of(refused) and 'value="teams meeting"' in refused.text
    assert user.post(url, **WHEN, **{**PLACE, "online_link": "https://meet.example/19"}, chair_id=chair).status_code == 303
    agenda = docx.Document(io.BytesIO(user.get(f"/contexts/{context}/conference/download/agenda").data))
    assert "To join online: https://meet.example/19" in [paragraph.text for paragraph in agenda.paragraphs]
    widths = [column.width for column in agenda.tables[0].columns]
    assert widths[1] > 3 * widths[0] and widths[1] > 3 * widths[2], "the item has the room"


def test_a_conference_is_not_moved_behind_its_review(planned: tuple[Hub, User, str]) -> None:
    _, user, context = planned
    review = DATE + 30 * DAY
    user.post(f"/contexts/{context}/plan/header", attendees="", **{f"review_on-{part}": str(getattr(review, part)) for part in ("day", "month", "year")})
    answer = user.post(f"/contexts/{context}/conference/edit", **{**WHEN, **PLACE, **on(review + DAY)}, chair_id=chair_id(user, context, "Samira Khan"))
    assert answer.status_code == 422 and "Change or empty the date of review in the plan first" in words_of(answer)
    assert re.search(r'id="day-error"', answer.text)


def test_a_reason_goes_with_what_asked_for_it(planned: tuple[Hub, User, str]) -> None:
    _, user, context = planned
    url, own = f"/contexts/{context}/conference/edit", f"/contexts/{context}/conference"
    user.post(url, **WHEN, **{**PLACE, "chair_reason": "She is ill", "near": "elsewhere", "near_reason": "The hall is shut."}, chair_id=chair_id(user, context, "David Hollis"))
    page = words_of(user.get(own))
    assert "She is ill" in page and "Marina hall, somewhere else: The hall is shut." in page
    user.post(url, **WHEN, **{**PLACE, "chair_reason": "She is ill", "near_reason": "The hall is shut."}, chair_id=chair_id(user, context, "Samira Khan"))
    page = words_of(user.get(own))
    assert "She is ill" not in page and "The hall is shut" not in page


def test_too_few_minutes_are_said_at_the_item(planned: tuple[Hub, User, str]) -> None:
    _, user, context = planned
    few = user.post(f"/contexts/{context}/conference/agenda", item1="30", item2="10", item3="10", item4="10", item5="10", item6="10")
    many = user.post(f"/contexts/{context}/conference/agenda", item1="30", item2="60", item3="10", item4="10", item5="10", item6="50")
    assert 'id="item6-error"' in few.text and 'id="item2-error"' in many.text and few.status_code == many.status_code == 422


def test_a_council_changes_its_clocks_and_the_countdown_follows(planned: tuple[Hub, User, str]) -> None:
    hub, user, context = planned
    admin = hub.be("administrator")
    page = admin.get("/settings").text
    now = dict(re.findall(r'name="(\w+)"[^>]*value="(\d+)"', page)) | {n: v for v, n in re.findall(r'value="(\d+)"[^>]*name="(\w+)"', page)}
    figures = {name: value for name, value in now.items() if name not in ("version", "csrf_token")}
    assert admin.post("/settings", **{**figures, "chair_before": "900"}).status_code == 422
    assert admin.post("/settings", **{**figures, "chair_before": "3"}).status_code == 303
    assert f"by {day_in_words(working_days_from(DATE, -3, HOLIDAYS))} (3 working days before, local default)" in words_of(user.get(f"/contexts/{context}/conference"))


def test_somebody_who_left_their_agency_is_said_on_the_list(planned: tuple[Hub, User, str]) -> None:
    hub, user, context = planned
    own = f"/contexts/{context}/invitations"
    joy = re.search(r'<option value="([^"]+)"[^>]*>Joy Okafor', user.get(f"{own}/add").text)
    assert joy
    user.post(f"{own}/add", person_id=joy[1], why="3", note="")
    assert "has left" not in words_of(user.get(own))
    hub.be("administrator").post(f"/people/{joy[1]}/end-access", page=f"/people/{joy[1]}")
    page = words_of(user.get(own))
    assert "Joy Okafor has left Housing since. Ask whoever took over." in page
    assert "Joy Okafor" not in user.get(f"{own}/add").text, "and cannot be asked again"


def test_a_hundred_and_fifty_invitees_are_listed_and_warned_of(planned: tuple[Hub, User, str]) -> None:
    _, user, context = planned
    own = f"/contexts/{context}/invitations"
    housing = re.search(r'<option value="([^"]+)"[^>]*>Housing', user.get(f"{own}/add-new").text)
    assert housing
    for number in range(150):
        user.post(f"{own}/add-new", name=f"Tenant Adviser {number}", job_title="", agency_id=housing[1], email="", phone="", access_needs="", why="2")
    page = words_of(user.get(own))
    assert "150 people on the list" in page and "150 people are asked, and numbers grow unmanageable above 20 (local default)" in page
    assert "Tenant Adviser 0 " in page and "Tenant Adviser 149 " in page
    listed = docx.Document(io.BytesIO(user.get(f"{own}/download/list").data))
    assert len(listed.tables[0].rows) == 151


def test_a_chair_who_is_also_the_lead_practitioner_is_refused(hub: Hub) -> None:
    admin, user, context = hub.be("administrator"), hub.be("lead"), hub.context("peers")
    priya = re.search(r'href="(/people/[0-9a-f-]+)"[^>]*>Priya Nair', admin.get("/people").text)
    assert priya
    admin.post(f"{priya[1]}/edit", name="Priya Nair", email="priya.nair@anyshire.example", job_title="Senior social worker", phone="", access_needs="", agency_id="", roles=["lead", "chair"])
    answer = user.post(f"/contexts/{context}/conference/edit", **WHEN, **PLACE, chair_id=chair_id(user, context, "Priya Nair"))
    assert answer.status_code == 422 and "lead practitioner" in words_of(answer) and 'value="Marina hall"' in answer.text


def test_a_kind_of_agency_in_use_is_not_removed(hub: Hub) -> None:
    admin = hub.be("administrator")
    admin.post("/agencies/kinds/add", name="Transport operators", statutory="0")
    page = admin.get("/agencies").text
    kind = re.search(r'action="(/agencies/kinds/[0-9a-f-]+)/remove"', page)
    assert kind
    admin.post("/agencies/add", name="Coast Rail", kind_id=kind[1].rpartition("/")[2], statutory="0")
    refused = admin.post(f"{kind[1]}/remove", page="/agencies")
    assert refused.status_code == 422 and "in use by Coast Rail" in words_of(refused)


def test_of_two_who_save_the_kinds_at_once_the_second_is_told(planned: tuple[Hub, User, str]) -> None:
    hub, user, context = planned
    with hub.inside(), writing():
        case = db.session.get_one(Context, uuid.UUID(context))
        conference = db.session.scalar(db.select(Conference).where(Conference.context_id == case.id))
        kind, by = db.session.scalar(db.select(Kind.id).limit(1)), db.session.scalar(db.select(Person).where(Person.name == "Grace Mensah"))
        service.say_not_needed(case, conference, {kind: "No homes nearby"}, by, now(), service.reasons(conference).version)
        seen = service.reasons(conference).version
        db.session.execute(db.update(Answer).where(Answer.kind_id == kind).values(text="What the first wrote").execution_options(synchronize_session=False))
        with pytest.raises(StaleDataError):  # this one waited for the first
            service.say_not_needed(case, conference, {kind: "What the second wrote"}, by, now(), seen)
        assert service.reasons(conference).texts[kind] == "What the first wrote"
