"""Answers and letters as the chair's office meets them: by phone, withdrawn, suggested, printed, reminded, two at once, moved after passing on."""

from __future__ import annotations

import datetime as dt
import io
import re
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import docx
import pytest
from icalendar import Calendar

from csc_hub import create_app
from csc_hub.adapters.holidays import bank_holidays
from csc_hub.db import db
from csc_hub.kernel import LONDON, UTC, now, today, working_days_from
from csc_hub.process.conferences.records import Conference
from csc_hub.process.contexts.records import Context
from csc_hub.process.invitations import chores
from csc_hub.process.invitations.records import Invitation
from tests import browser
from tests.browser import PHONE, Server
from tests.hub import NAMES, Hub, settings
from tests.journeys.hands import day, downloaded, fits, follow, press, says
from tests.journeys.test_invited_browser import case  # noqa: F401
from tests.mailbox import link_in, mail_to, mails_to
from tests.process.invitations.test_calendar_replies import read, reply
from tests.screenshots.signing import meets_today

__all__ = ["case"]
pytestmark = pytest.mark.browser


def looked_at(page: Any) -> None:
    """Axe finds nothing, and nothing runs off the side."""
    assert browser.axe(page) == [], page.url
    fits(page)


def entry_of(mail: Any) -> tuple[str, Any]:
    """(METHOD, event) of a letter's calendar part."""
    (part,) = [one for one in mail.walk() if one.get_content_type() == "text/calendar"]
    found = Calendar.from_ical(part.get_content())
    assert part.get_param("method") == found["METHOD"]
    return str(found["METHOD"]), found.walk("VEVENT")[0]


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_an_answer_by_phone_is_written_down_for_somebody(scripts: bool, case: str, visit: Any) -> None:  # noqa: F811
    grace = visit("Grace Mensah", viewport=PHONE, java_script_enabled=scripts)
    grace.goto(f"{case}/invitations{'/phone-list' if scripts else ''}")
    if scripts:
        looked_at(grace)
    grace.get_by_role("link", name=re.compile("Record the reply.*Kemi Ajayi")).first.click()
    grace.get_by_label("Not coming", exact=True).check()
    grace.get_by_label("Reason").fill("")
    press(grace, "Record the reply")
    says(grace, "There is a problem")
    grace.get_by_label("Reason").fill("Rang: the youth council meets that day")
    if scripts:
        looked_at(grace)
    press(grace, "Record the reply")
    says(grace, "Rang: the youth council meets that day")
    fits(grace)
    grace.goto(f"{case}/history")
    says(grace, "not coming, recorded on their behalf")


def test_a_withdrawn_invitation_leaves_the_calendar_and_its_link_stops(server: Server, case: str, visit: Any) -> None:  # noqa: F811
    asked = mail_to(server, "Priya Nair")
    grace = visit("Grace Mensah")
    grace.goto(f"{case}/invitations")
    says(grace, "Priya Nair is coming Covered")
    grace.get_by_role("button", name=re.compile("Withdraw.*Priya Nair")).click()
    grace.wait_for_load_state()
    says(grace, "The invitation of Priya Nair is withdrawn, and they are told.")
    assert not grace.get_by_text("Priya Nair is coming").count(), "whoever is not expected covers nothing"
    says(grace, "6 on the list")
    says(grace, "6 people on the list")
    words = docx.Document(io.BytesIO(downloaded(grace, grace.get_by_role("link", name="Download the list as Word"))))
    rows = [[cell.text for cell in row.cells] for table in words.tables for row in table.rows]
    assert [row[-1] for row in rows if row[0].startswith("Priya Nair")] == ["Withdrawn"]
    looked_at(grace)
    told = mails_to(server, "Priya Nair", 2)[0]
    assert "You are no longer expected" in told["Subject"]
    (first, before), (method, after) = entry_of(asked), entry_of(told)
    assert (first, method) == ("REQUEST", "CANCEL") and before["UID"] == after["UID"] and after["SEQUENCE"] > before.get("SEQUENCE", 0)
    priya = visit(viewport=PHONE)
    priya.goto(link_in(asked))
    says(priya, "does not work")
    looked_at(priya)
    grace.get_by_role("button", name=re.compile("Invite again.*Priya Nair")).click()
    grace.wait_for_load_state()
    again = mails_to(server, "Priya Nair", 3)[0]
    method, entry = entry_of(again)
    assert method == "REQUEST" and entry["UID"] == before["UID"] and entry["SEQUENCE"] > after["SEQUENCE"], "the entry comes back"
    priya.goto(link_in(again))
    press(priya, "Continue")
    says(priya, "Can you come?")


def test_whom_to_think_of_stands_first_with_the_reason(visit: Any) -> None:
    grace = visit("Grace Mensah", viewport=PHONE)
    grace.goto("/contexts?show=all")
    grace.get_by_role("link", name=NAMES["school"]).first.click()
    grace.goto(f"{grace.url}/invitations/add?why=3")
    says(grace, "Nobody is on the list yet for Street Lighting (holds actions here).")
    says(grace, "holds actions here or came before stand first")
    options = grace.get_by_label("Who?").locator("option").all_inner_texts()[1:]
    first = [words for words in options if ": " in words]
    assert first and options[:len(first)] == first, options
    looked_at(grace)


def test_two_people_who_answer_one_invitation_at_once_are_told_of_each_other(server: Server, case: str, visit: Any) -> None:  # noqa: F811
    link, pages = link_in(mail_to(server, "Sal Rossi")), []
    for _ in range(2):
        page = visit(viewport=PHONE)
        page.goto(link)
        press(page, "Continue")
        pages.append(page)
    one, other = pages
    one.get_by_label("Yes", exact=True).check()
    other.get_by_label("No, because…").check()
    other.get_by_label("If not, why?").fill("Stock day")
    press(one, "Send my answer")
    says(one, "Your answer: Coming")
    press(other, "Send my answer")
    said = " ".join(other.locator("main").inner_text().split())
    assert "Your answer: Not coming" not in said, "the second does not write over what the first has just said"
    assert "Stock day" in other.content(), "and loses nothing of what they typed"
    looked_at(other)
    press(other, "Send my answer")
    says(other, "Your answer: Not coming")
    one.reload()
    says(one, "Your answer: Not coming")


def begins(hub: Hub) -> dt.datetime:
    """When the meeting of the bus interchange begins."""
    with hub.inside():
        return db.session.scalar(db.select(Conference.starts_at).join(Context, Context.id == Conference.context_id).where(Context.name == NAMES["interchange"]))


def test_the_hub_reminds_five_and_one_working_days_before_and_whoever_answered_hears_nothing(server: Server, case: str, visit: Any) -> None:  # noqa: F811
    hub = Hub(create_app(settings(server.data, url=server.url)))
    meeting = today(begins(hub))
    sal = visit(viewport=PHONE)
    sal.goto(link_in(mail_to(server, "Sal Rossi")))
    press(sal, "Continue")
    with hub.inside():
        waiting = {i.person.name for i in db.session.scalars(db.select(Invitation).join(Conference).where(Conference.starts_at == begins(hub)))
                   if i.sent_at and not i.withdrawn_at and i.reply == "none" and i.person.email}
    assert waiting == {"Priya Nair"}, waiting
    for days in (6, 5, 4, 1):
        on = dt.datetime.combine(working_days_from(meeting, -days, bank_holidays()), dt.time(9), LONDON)
        with hub.inside():
            for _ in range(2):
                chores.run(on)
    reminded = [mail for mail in mails_to(server, "Priya Nair", 5) if mail["Subject"].startswith("Can you come?")]
    assert len(reminded) == 2 and not [mail for mail in mails_to(server, "Sal Rossi", 1) if mail["Subject"].startswith("Can you come?")]
    grace = visit("Grace Mensah")
    grace.goto(f"{case}/invitations/mail")
    says(grace, "Reminder")
    looked_at(grace)


def test_answers_from_a_calendar_show_their_source_and_stale_ones_are_said(server: Server, case: str, visit: Any, tmp_path: Path) -> None:  # noqa: F811
    hub = Hub(create_app(settings(server.data)))
    (part,) = [one for one in mails_to(server, "Sal Rossi", 1)[-1].walk() if one.get_content_type() == "text/calendar"]
    entry = part.get_content()
    assert read(hub, tmp_path / "box", reply(entry, "TENTATIVE"), reply(entry, "ACCEPTED", sequence=-1), reply(entry, "ACCEPTED", "mallory@elsewhere.example")) == [
        "taken", "about an older date of the meeting", "not from the invited address"]
    grace = visit("Grace Mensah", viewport=PHONE)
    grace.goto(f"{case}/invitations")
    says(grace, "May come")
    grace.goto(f"{case}/history")
    says(grace, "may come, from their calendar")
    says(grace, "left an answer from a calendar alone, about an older date of the meeting")
    looked_at(grace)


def test_a_meeting_that_moves_leaves_the_calendar_of_whoever_passed_it_on(server: Server, case: str, visit: Any) -> None:  # noqa: F811
    tom = visit(viewport=PHONE)
    tom.goto(link_in(mail_to(server, "Tom Ward")))
    press(tom, "Continue")
    tom.get_by_text("Change your answer, or add to it").click()
    tom.get_by_label("Somebody else here is the right person to ask").check()
    tom.get_by_label("If somebody else, who?").fill("Ruth Bell, inspector")
    press(tom, "Send my answer")
    says(tom, "Your answer: Passed to a colleague")
    looked_at(tom)
    grace = visit("Grace Mensah")
    grace.goto(f"{case}/conference/edit")
    day(grace, "Date", working_days_from(today(now()), 17, bank_holidays()))
    press(grace, "Save the conference")
    told = mails_to(server, "Tom Ward", 2)[0]
    method, entry = entry_of(told)
    assert "No longer in your calendar" in told["Subject"] and method == "CANCEL" and entry["SEQUENCE"] > 0
    assert entry["UID"] == entry_of(mails_to(server, "Tom Ward", 1)[-1])[1]["UID"]


def test_the_register_prints_with_everybody_and_no_buttons(server: Server, case: str, visit: Any, tmp_path: Path) -> None:  # noqa: F811
    """Last, as the meeting begins: the paper that the door falls back on."""
    register = meets_today(server)
    grace = visit("Grace Mensah")
    grace.goto(register)
    paper = tmp_path / "register.pdf"
    grace.pdf(path=str(paper), format="A4", margin={side: "15mm" for side in ("top", "bottom", "left", "right")})
    words = subprocess.run(["pdftotext", "-layout", str(paper), "-"], capture_output=True, text=True, check=True).stdout
    for name in ("Sal Rossi", "Tom Ward", "Kemi Ajayi", "David Hollis"):
        assert name in words, words
    assert words.count("Confidentiality acknowledged") >= 7, "places to tick by hand"
    for button in ("Undo", "Somebody who is not on the list", "Sign out"):
        assert button not in words, words


def test_after_the_meeting_the_page_says_what_stays_open(server: Server, case: str, visit: Any) -> None:  # noqa: F811
    link = link_in(mails_to(server, "Sal Rossi", 1)[0])
    with closing(sqlite3.connect(server.data / "csc.sqlite3", timeout=20)) as line, line:
        line.execute("UPDATE conferences SET starts_at = ? WHERE context_id = (SELECT id FROM contexts WHERE name = ?)", (
            (now() - dt.timedelta(hours=3)).astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f"), NAMES["interchange"]))
    sal = visit(viewport=PHONE)
    sal.goto(link)
    looked_at(sal)
    press(sal, "Continue")
    assert not sal.get_by_role("button", name="Send my answer").count()
    says(sal, "The information sharing agreement")
    looked_at(sal)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_one_agency_becomes_part_of_another(scripts: bool, demo_folder: Any, tmp_path: Path, chromium: Any) -> None:
    with browser.copied(demo_folder, tmp_path / "data") as own:
        owen = chromium.new_context(viewport=PHONE, base_url=own.url, java_script_enabled=scripts).new_page()
        see = looked_at if scripts else fits
        browser.sign_in(owen, own, "Owen Blake")
        owen.goto("/agencies")
        follow(owen, "Tideway Buses")
        follow(owen, "Make it part of another agency")
        see(owen)
        press(owen, "Show what moves")
        says(owen, "Choose the agency that it is part of")
        see(owen)
        owen.get_by_label("Which agency is it part of?").select_option(label="Harbour Café")
        press(owen, "Show what moves")
        says(owen, "1 person: Nick Penrose")
        see(owen)
        press(owen, "Make it part of Harbour Café")
        says(owen, "Say that you have read what moves")
        see(owen)
        owen.get_by_label("They are one organisation").check()
        press(owen, "Make it part of Harbour Café")
        says(owen, "Tideway Buses is part of Harbour Café now.")
        see(owen)
        follow(owen, "Tideway Buses")
        says(owen, "is part of Harbour Café since")
        see(owen)
        owen.goto("/people")
        says(owen, "Nick Penrose Depot manager Harbour Café" if scripts else "Nick Penrose")
