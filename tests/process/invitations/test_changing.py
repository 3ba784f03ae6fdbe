"""What people are told when something changes after they were asked: place, date, a newer paper, a deputy of their own."""

import datetime as dt
import io
import re
import uuid

import docx
import pytest
from icalendar import Calendar

from csc_hub.adapters.holidays import bank_holidays
from csc_hub.audit.records import Event
from csc_hub.db import db, writing
from csc_hub.kernel import now, today, working_days_from
from csc_hub.process.assessments.records import ReportVersion
from csc_hub.process.conferences.records import Conference
from csc_hub.process.invitations.records import Invitation, Leave
from tests.hub import Hub, User, words_of
from tests.process.invitations.test_sending import Post, answer, calendar_of, come_in, link_of, sent, text_of  # noqa: F401

__all__ = ["sent"]


def change(user: User, context: str, **fields: str) -> None:
    """Saves the conference's own form with some fields changed."""
    url = f"/contexts/{context}/conference/edit"
    page = user.get(url).text
    now_typed = {name: value for name, value in re.findall(r'<input[^>]*name="([\w-]+)"[^>]*value="([^"]*)"', page) if name not in ("csrf_token", "version", "loaded", "near")}
    now_typed |= {name: value for name, value in re.findall(r'<textarea[^>]*name="([\w-]+)"[^>]*>\s*([^<]*)</textarea>', page)}
    chair = re.search(r'<option value="([^"]+)"[^>]*selected', page)
    assert chair
    answered = user.post(url, **{**now_typed, "near": "near", "chair_id": chair[1], "place_hidden": "", **fields})
    assert answered.status_code == 303, words_of(answered)


def to(mails: list, name: str):  # noqa: ANN201
    """The mail to one person."""
    return next(m for m in mails if m["To"].addresses[0].display_name == name)


def on(day: dt.date) -> dict[str, str]:
    """A date as a form has it."""
    return {f"day-{part}": str(getattr(day, part)) for part in ("day", "month", "year")}


def test_another_place_leaves_answers_standing_in_the_hub_and_in_calendars(sent) -> None:  # noqa: ANN001, F811
    hub, user, context, mails = sent
    answer(come_in(hub, mails["Sal Rossi"]), reply="accepted")
    kemi = re.search(r'action="([^"]+/letter)"[^>]*>(?:(?!</form>).)*Kemi Ajayi', user.get(f"/contexts/{context}/invitations").text, re.S)
    assert kemi and user.post(kemi[1], page=f"/contexts/{context}/invitations").status_code == 200, "Kemi was asked on paper"
    box = Post(hub)
    box.new()
    change(user, context, venue="The library")
    assert "3 people who were asked are told by mail. 1 person on the list cannot be told by mail: ring them." in words_of(user.get(f"/contexts/{context}/conference"))
    told = to(box.new(), "Sal Rossi")
    assert "Your answer, “Coming”, still stands" in text_of(told) and "Where: The library" in text_of(told) and "Please answer again" not in text_of(told)
    assert "PARTSTAT=ACCEPTED" in calendar_of(told) and "SEQUENCE:1" in calendar_of(told)
    assert "Nick Penrose and Sal Rossi are coming" in words_of(user.get(f"/contexts/{context}/invitations"))


def last_sunday(month: int) -> dt.date:
    """The next last Sunday of a month, which has 31 days: the clocks change."""
    for year in (today(now()).year, today(now()).year + 1):
        end = dt.date(year, month, 31)
        day = end - (end.weekday() + 1) % 7 * dt.timedelta(days=1)
        if day > today(now()) + dt.timedelta(days=9):
            return day
    raise AssertionError


@pytest.mark.parametrize(("month", "days", "utc"), [(3, -2, 14), (3, 1, 13), (10, -2, 13), (10, 1, 14)])
def test_a_meeting_moved_across_a_change_of_the_clocks_is_at_the_time_the_letter_says(sent, month: int, days: int, utc: int) -> None:  # noqa: ANN001, F811
    hub, user, context, mails = sent
    box, day = Post(hub), last_sunday(month) + days * dt.timedelta(days=1)
    box.new()
    with hub.inside(), writing():
        db.session.execute(db.update(Conference).values(review_on=None))
    change(user, context, **on(day), begins="14:00", ends="16:00")
    told = to(box.new(), "Sal Rossi")
    (event,) = Calendar.from_ical(calendar_of(told)).walk("VEVENT")
    (before,) = Calendar.from_ical(calendar_of(mails["Sal Rossi"])).walk("VEVENT")
    assert event["UID"] == before["UID"] and event["SEQUENCE"] == 1 and "14:00 to 16:00" in text_of(told) and "Please answer again" in text_of(told)
    assert event["DTSTART"].dt.astimezone(dt.timezone.utc).hour == utc and (event["DTEND"].dt - event["DTSTART"].dt) == dt.timedelta(hours=2)


def test_whoever_passed_the_invitation_on_is_not_asked_again(sent) -> None:  # noqa: ANN001, F811
    hub, user, context, mails = sent
    answer(come_in(hub, mails["Tom Ward"]), reply="passed", colleague="Ruth Bell", address="ruth.bell@anyshire.example")
    answer(come_in(hub, mails["Sal Rossi"]), reply="declined", reason="Market day")
    box = Post(hub)
    box.new()
    change(user, context, **on(working_days_from(today(now()), 18, bank_holidays())))
    told = box.new()
    assert {m["To"].addresses[0].display_name for m in told} == {"Priya Nair", "Sal Rossi", "Tom Ward"}, "another day may suit those who could not come"
    (entry,) = Calendar.from_ical(calendar_of(to(told, "Tom Ward"))).walk("VEVENT")
    (before,) = Calendar.from_ical(calendar_of(mails["Tom Ward"])).walk("VEVENT")
    assert "METHOD:CANCEL" in calendar_of(to(told, "Tom Ward")) and entry["UID"] == before["UID"] and entry["SEQUENCE"] == 1 and entry["DTSTART"].dt == before["DTSTART"].dt
    assert "whose invitation you passed to a colleague" in text_of(to(told, "Tom Ward")) and "/i/" not in text_of(to(told, "Tom Ward"))
    change(user, context, **on(working_days_from(today(now()), 20, bank_holidays())))
    assert "Tom Ward" not in {m["To"].addresses[0].display_name for m in box.new()}, "once is enough"
    answer(come_in(hub, mails["Tom Ward"]), reply="accepted")
    (entry,) = Calendar.from_ical(calendar_of(to(box.new(), "Tom Ward"))).walk("VEVENT")
    assert entry["UID"] == before["UID"] and entry["SEQUENCE"] == 2 and entry["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED", "Tom comes after all"


def test_whoever_passed_the_invitation_on_is_told_if_the_meeting_falls_away(sent) -> None:  # noqa: ANN001, F811
    hub, user, context, mails = sent
    answer(come_in(hub, mails["Tom Ward"]), reply="passed", colleague="Ruth Bell", address="ruth.bell@anyshire.example")
    box = Post(hub)
    box.new()
    postpone = f"/contexts/{context}/conference/move/postpone"
    assert user.post(postpone, reason="The hall is flooded").status_code == 303
    told = box.new()
    assert "METHOD:CANCEL" in calendar_of(to(told, "Tom Ward")), "the entry stands in Tom's calendar too"
    assert "Tom Ward" in words_of(user.get(f"/contexts/{context}/invitations"))
    with hub.inside():
        assert db.session.scalar(db.select(Invitation.reply).where(Invitation.person.has(name="Tom Ward"), Invitation.sent_at.is_not(None))) == "passed"
    change(user, context, **on(working_days_from(today(now()), 19, bank_holidays())), begins="10:00", ends="12:00")
    assert "Tom Ward" not in {m["To"].addresses[0].display_name for m in box.new()}


def give_leave(hub: Hub, version_id: str) -> None:
    """The chair lets Sal read a paper without the agreement."""
    with hub.inside(), writing():
        invitation = db.session.scalar(db.select(Invitation).where(Invitation.person.has(name="Sal Rossi"), Invitation.sent_at.is_not(None)))
        db.session.add(Leave(invitation_id=invitation.id, version_id=uuid.UUID(version_id), reason="No time to sign", by_name="David Hollis", at=now()))


def test_a_deputy_is_told_who_named_them_and_gets_no_leave_of_whom_they_come_for(sent) -> None:  # noqa: ANN001, F811
    hub, user, context, mails = sent
    lead, own, box = hub.be("lead"), f"/contexts/{context}/invitations", Post(hub)
    version = re.search(rf'action="{own}/papers/([0-9a-f-]+)/release"', lead.get(f"{own}/papers").text)
    assert version and lead.post(f"{own}/papers/{version[1]}/release", page=f"{own}/papers").status_code == 303
    sal, paper = come_in(hub, mails["Sal Rossi"]), f"/invitation/papers/{version[1]}"
    give_leave(hub, version[1])
    assert sal.get(paper).status_code == 200, "the chair lets Sal read it without the agreement"
    answer(sal, reply="deputy", colleague="Mia Rossi, supervisor", address="mia.rossi@anyshire.example", needs="A hearing loop")
    box.new()
    ids = re.findall(r'value="([0-9a-f-]{36})"[^>]*>\s*<label[^>]*>\s*Mia Rossi', user.get(f"{own}/send").text)
    assert user.post(f"{own}/send", chosen=ids).status_code == 303
    assert "Mia Rossi supervisor, Harbour Café" in words_of(user.get(own)), "the job is no part of the name"
    mail = to(box.new(), "Mia Rossi")
    assert "Sal Rossi has named you for it" in text_of(mail) and link_of(mail) != link_of(mails["Sal Rossi"])
    mia = come_in(hub, mail)
    page = words_of(mia.get("/invitation"))
    assert mia.get(paper).status_code == 422 and "has not signed the information sharing agreement" in page and "hearing loop" not in mia.get("/invitation").text.split("<form")[0]


def test_a_newer_version_is_told_to_those_who_read_the_older_one(sent) -> None:  # noqa: ANN001, F811
    hub, user, context, mails = sent
    lead, own, box = hub.be("lead"), f"/contexts/{context}/invitations", Post(hub)
    version = re.search(rf'action="{own}/papers/([0-9a-f-]+)/release"', lead.get(f"{own}/papers").text)
    assert version and lead.post(f"{own}/papers/{version[1]}/release", page=f"{own}/papers").status_code == 303
    tom = come_in(hub, mails["Tom Ward"])
    assert tom.get(f"/invitation/papers/{version[1]}").status_code == 200
    give_leave(hub, version[1])
    assert "may read it without the agreement" in words_of(lead.get(f"{own}/papers")) and "by leave of" in words_of(lead.get(own))
    box.new()
    file = io.BytesIO()
    docx.Document().save(file)
    file.seek(0)
    added = lead.post(f"/contexts/{context}/assessment/reports/add", kind="neighbourhood", note="Corrected", file=(file, "second.docx"), nobody="y")
    assert added.status_code == 303, words_of(added)
    newer = re.search(rf'action="{own}/papers/([0-9a-f-]+)/release"', lead.get(f"{own}/papers").text)
    assert newer and newer[1] != version[1]
    lead.post(f"{own}/papers/{newer[1]}/release", page=f"{own}/papers")
    told = box.new()
    assert "A newer version of a paper" in to(told, "Tom Ward")["Subject"] and "newer version of a paper that you have opened" in text_of(to(told, "Tom Ward"))
    assert "A paper to read" in to(told, "Priya Nair")["Subject"]
    assert tom.get(f"/invitation/papers/{version[1]}").status_code == 404 and tom.get(f"/invitation/papers/{newer[1]}").status_code == 200
    page = words_of(lead.get(f"{own}/papers"))
    assert "by Priya Nair: Replaced by version 2" in page
    assert "may read it without the agreement" not in page and "by leave of" not in words_of(lead.get(own)), "that leave is of a closed paper"
    assert "A paper was taken back" in to(told, "Sal Rossi")["Subject"], "Sal read the older one by the chair's leave"
    with hub.inside():
        paper = db.session.scalar(db.select(ReportVersion.paper_id).where(ReportVersion.id == uuid.UUID(version[1])))
        assert db.session.scalar(db.select(Event.verb).where(Event.subject == paper).order_by(Event.id.desc()).limit(1)) == "recalled_paper"
    lead.post(f"{own}/papers/{newer[1]}/recall", page=f"{own}/papers", reason="A name is in it")
    assert tom.get(f"/invitation/papers/{newer[1]}").status_code == 404 and tom.get(f"/invitation/papers/{version[1]}").status_code == 404, "the older one stays closed"
    assert lead.post(f"{own}/papers/{version[1]}/release", page=f"{own}/papers").status_code == 303
    assert tom.get(f"/invitation/papers/{version[1]}").status_code == 200, "until somebody releases it again"


def test_taking_a_paper_back_ends_the_leave_to_read_it(sent) -> None:  # noqa: ANN001, F811
    hub, _, context, mails = sent
    lead, own = hub.be("lead"), f"/contexts/{context}/invitations"
    version = re.search(rf'action="{own}/papers/([0-9a-f-]+)/release"', lead.get(f"{own}/papers").text)
    assert version
    lead.post(f"{own}/papers/{version[1]}/release", page=f"{own}/papers")
    give_leave(hub, version[1])
    sal, paper = come_in(hub, mails["Sal Rossi"]), f"/invitation/papers/{version[1]}"
    assert sal.get(paper).status_code == 200 and "by leave of" in words_of(lead.get(own))
    assert "that ends too" in words_of(lead.get(f"{own}/papers/{version[1]}/recall"))
    lead.post(f"{own}/papers/{version[1]}/recall", page=f"{own}/papers", reason="A name is in it")
    assert sal.get(paper).status_code == 404 and "by leave of" not in words_of(lead.get(own))
    lead.post(f"{own}/papers/{version[1]}/release", page=f"{own}/papers")
    assert sal.get(paper).status_code == 422, "the chair decides anew"
