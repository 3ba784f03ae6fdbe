"""A conference planned by the coordinator, the lead practitioner and the chair, over HTTP alone, on both databases."""

from __future__ import annotations

import io

import docx
import pytest

from csc_hub.adapters.holidays import bank_holidays
from csc_hub.kernel import day_in_words, working_days_from
from tests.browser import Server
from tests.journeys.main_job import DAY, TODAY
from tests.journeys.test_main_job_http import postgres_and_s3, sqlite_and_folder
from tests.journeys.visitor import Visitor

NAME = "Group A – Marina"
DATE = working_days_from(TODAY, 20, bank_holidays())
MINUTES = [f"{n}." for n in range(1, 7)]


@pytest.mark.parametrize("where", [sqlite_and_folder, postgres_and_s3])
def test_a_conference_is_planned_by_three_people(where, request: pytest.FixtureRequest, tmp_path) -> None:
    with where(request, tmp_path) as server:
        priya, samira, grace = (Visitor(server).be(name) for name in ("Priya Nair", "Samira Khan", "Grace Mensah"))
        url = begin(priya)
        prepare(priya, url)
        ask(grace, url)
        agree(priya, samira, url)
        hand_out(samira, url)
        postpone(grace, priya, url)


def begin(priya: Visitor) -> str:
    """The lead practitioner plans date, chair and venue; whatever is wrong is said where it is wrong."""
    assert "Waiting for you" in priya.at.words and NAME in priya.at.words
    priya.follow(NAME)
    url = priya.at.url
    priya.follow("Conference")
    assert "The guidance expects the Independent Safeguarding and Reviewing Officer to chair" in priya.at.words
    priya.follow("Plan the conference")
    typed = {"Date": DATE, "Start": "10:00", "End": "12:30", "Chair": "David Hollis", "Venue": "Marina hall", "How near is it?": "In the context itself"}
    refused = priya.press("Save the conference", typed)
    assert refused.status == 422 and "Say why somebody else does" in refused.words and b'value="Marina hall"' in refused.body
    priya.press("Save the conference", {**typed, "Chair": "Samira Khan"})
    assert f"{day_in_words(DATE)}, 10:00 to 12:30, Marina hall" in priya.at.words
    assert f"the review is held by {day_in_words(DATE + 140 * DAY)}, 20 weeks after the conference" in priya.at.words
    return url


def prepare(priya: Visitor, url: str) -> None:
    """Agenda and pre-meetings: the countdown follows the record, and nobody ticks anything."""
    priya.follow("Change the minutes")
    refused = priya.press("Save the agenda", {label: "30" for label in labels(priya)})
    assert refused.status == 422 and "Take 30 away" in refused.words
    priya.press("Save the agenda", dict(zip(labels(priya), ("10", "15", "20", "20", "15", "70"), strict=True)))
    assert "Agenda fits, with time for the plan It fits. Done" in priya.at.words
    assert "Chair consulted Not yet. Priya Nair’s move, by" in priya.at.words
    priya.follow("Add a meeting")
    priya.press("Save this meeting", {"What sort of meeting is it?": "Consultation with the chair", "Held on": TODAY})
    assert f"Chair consulted On {day_in_words(TODAY)}. Done" in priya.at.words


def labels(visitor: Visitor) -> list[str]:
    """The labels of the agenda's form, in order."""
    assert visitor.at
    return [" ".join(label.text_content().split()) for label in visitor.at.page.xpath("//main//form//label")]


def ask(grace: Visitor, url: str) -> None:
    """The coordinator fills the list until the board has no gap that nobody explained."""
    grace.go(f"{url}/invitations")
    assert "0 people on the list" in grace.at.words and "Samira Khan chairs" in grace.at.words, grace.at.words
    for name, why in (("Tom Ward", "Engaged in the assessment, and can say more"), ("Joy Okafor", "Can make the changes"), ("Sal Rossi", "Works in the context already")):
        grace.follow("Put somebody on the list")
        grace.press("Put them on the list", {"Who?": name, "Why them?": why})
    grace.follow("Add somebody new")
    grace.press("Put them on the list", {
        "Full name": "Rhoda Lane", "Agency": "Anyshire Youth Council", "Phone number": "01632 960111", "Why are they asked?": "Speaks for young people"})
    assert "4 people on the list" in grace.at.words and "Rhoda Lane: asked or to be asked, no firm answer yet Waiting" in grace.at.words
    assert "No e-mail address: tell them by phone, 01632 960111" in grace.at.words
    grace.follow("Record the reply of Joy Okafor")
    refused = grace.press("Record the reply", {"What did they answer?": "Not coming"})
    assert refused.status == 422 and "Write the reason they gave" in refused.words
    grace.press("Record the reply", {"What did they answer?": "Sends a deputy", "Who comes instead": "Martin Hale, estates director"})
    assert "3. Can make the changes Joy Okafor sends a deputy Covered" in grace.at.words
    grace.follow("Write it")
    grace.press("Save the answer", {"Answer": "Two groups walked the marina with the youth project."})
    grace.follow("Not needed because…: CAMHs")
    grace.press("Save", {"CAMHs": "No need was found."})
    assert "CAMHs No need was found. Not needed" in grace.at.words
    assert not grace.at.page.xpath("//button[contains(., 'I agree')]"), "the coordinator agrees for nobody"


def agree(priya: Visitor, samira: Visitor, url: str) -> None:
    """Lead practitioner and chair agree each for themselves, and a change takes it back."""
    for who in (priya, samira):
        who.go(f"{url}/invitations")
        who.press("I agree to this list")
    countdown = samira.go(f"{url}/conference").words
    assert "Attendance agreed by lead practitioner and chair Both agreed. Done" in countdown
    assert "Attendance considerations answered All five are answered. Done" in countdown or "considerations answered" in countdown
    first = samira.go("/").words
    assert NAME in first and "Agree who is asked: Group A" not in first


def hand_out(samira: Visitor, url: str) -> None:
    """The chair takes agenda and list away in Word."""
    samira.go(f"{url}/conference")
    agenda = docx.Document(io.BytesIO(samira.download("Download the agenda as Word").body))
    assert [row.cells[0].text for row in agenda.tables[0].rows] == ["Time", "10:00", "10:10", "10:25", "10:45", "11:05", "11:20"]
    samira.go(f"{url}/invitations")
    listed = docx.Document(io.BytesIO(samira.download("Download the list as Word").body))
    rows = [[cell.text for cell in row.cells] for row in listed.tables[0].rows]
    assert [row[0].split("\n")[0].split(",")[0] for row in rows[1:]] == ["Tom Ward", "Joy Okafor", "Sal Rossi", "Rhoda Lane"] or len(rows) == 5


def postpone(grace: Visitor, priya: Visitor, url: str) -> None:
    """A postponed conference keeps its reason and history, its list and its agenda; a new date is set."""
    grace.go(f"{url}/conference")
    grace.follow("Postpone without a date")
    refused = grace.press("Postpone without a date")
    assert refused.status == 422 and "Give the reason" in refused.words
    grace.press("Postpone without a date", {"Reason": "The hall is flooded."})
    assert "Postponed" in grace.at.words and "The hall is flooded." in grace.at.words
    priya.go(f"{url}/conference/edit")
    priya.press("Save the conference", {"Date": DATE + 7 * DAY, "Start": "14:00", "End": "16:30"})
    assert day_in_words(DATE + 7 * DAY) in priya.at.words and "The hall is flooded." in priya.at.words
    assert "4 people on the list" in priya.go(f"{url}/invitations").words
    history = priya.go(f"{url}/history").words
    assert "postponed, adjourned or cancelled the conference, postponed" in history and "agreed to who is asked" in history


def test_what_each_person_sees_first_leads_to_their_move(server: Server) -> None:
    """Each line that waits names its context and leads where it is settled; it goes once the record says so."""
    priya = Visitor(server).be("Priya Nair")
    assert "Waiting for you" in priya.at.words
    priya.follow("Answer the attendance considerations")
    assert "Who should be in the room" in priya.at.words
    priya.follow("Say why nobody")
    priya.press("Save the answer", {"Answer": "The highways team was asked and comes to the review."})
    assert "Answer the attendance considerations" not in priya.go("/").words
    grace = Visitor(server).be("Grace Mensah")
    assert "8 of 13 done" in grace.at.words, grace.at.words
