"""The record of who did what: each entry says whom it was about, and entries are found by person and by day."""

import datetime as dt
import re

import pytest

from csc_hub.audit.verbs import said
from csc_hub.kernel import now, today
from tests.hub import Hub, words_of

TODAY, DAY = today(now()), dt.timedelta(days=1)


@pytest.mark.parametrize(("verb", "detail", "words"), [
    ("applied_updates", {"actions": 1}, "applied an agency’s workbook, 1 action changed"),
    ("applied_updates", {"actions": 2}, "applied an agency’s workbook, 2 actions changed"),
    ("chose_priorities", {"number": 1}, "chose the priority issues, 1 issue chosen"),
    ("exported_plan", {"ending": "xlsx"}, "downloaded the plan, as Excel"), ("exported_plan", {"ending": "docx"}, "downloaded the plan, as Word"),
    ("exported_plan", {}, "downloaded the plan"), ("exported_handout", {"kind": "agenda"}, "downloaded the agenda as Word"),
    ("exported_handout", {"kind": "list"}, "downloaded the list of people asked as Word"), ("exported_handout", {}, "downloaded the agenda, the list or the register")])
def test_an_event_says_what_it_was_in_plain_words(verb: str, detail: dict, words: str) -> None:
    assert said(verb, detail) == words


def test_an_entry_names_the_person_or_agency_it_is_about(hub: Hub) -> None:
    owen, officer, lead, school = hub.be("administrator"), hub.be("ig officer"), hub.be("lead"), hub.context("school")
    owen.post("/people/add", name="Asked Only", email="asked.only@anyshire.example", job_title="", phone="", access_needs="", agency_id="", roles="reader")
    person = re.search(r'href="(/people/[0-9a-f-]+)">Asked Only', owen.get("/people").text)
    assert person
    for deed in ("link", "end-access", "restore-access"):
        owen.post(f"{person[1]}/{deed}", page=person[1])
    settings = owen.get("/settings").text
    figures = dict(re.findall(r'name="(\w+)"[^>]*?value="(\d+)"', settings))
    owen.post("/settings", **{name: value for name, value in figures.items() if name not in ("version", "csrf_token")} | {"chair_before": "7"})
    workbook = re.search(rf'href="(/contexts/{school}/updates/workbook/[0-9a-f-]+)">Download<span class="govuk-visually-hidden"> Housing', lead.get(f"/contexts/{school}/updates").text)
    assert workbook
    lead.get(workbook[1])
    lead.get(f"/contexts/{school}/plan/download/docx")
    page = words_of(officer.get("/audit"))
    for words in ("added a person, Asked Only", "made a link to choose a password, Asked Only", "ended a person’s access, Asked Only", "gave a person access again, Asked Only",
                  "“Chair consulted before the conference, at least” from 5 to 7", "downloaded an agency’s workbook, Housing", "downloaded the plan, as Word"):
        assert words in page, words
    history = words_of(lead.get(f"/contexts/{school}/history"))
    assert "downloaded an agency’s workbook, Housing" in history and "downloaded the plan, as Word" in history


def test_entries_are_found_by_person_and_by_day_page_by_page(hub: Hub) -> None:
    officer = hub.be("ig officer")
    page = officer.get("/audit?who=priya")
    rows = re.findall(r"<tr.*?</tr>", page.text, re.S)[1:]
    assert len(rows) == 50 and all("Priya Nair" in row for row in rows)
    onward = re.search(r'href="([^"]*before=\d+[^"]*)"', page.text)
    assert onward and "who=priya" in onward[1]
    rows = re.findall(r"<tr.*?</tr>", officer.get(onward[1].replace("&amp;", "&")).text, re.S)[1:]
    assert rows and all("Priya Nair" in row for row in rows)
    assert "signed in" in words_of(officer.get(f"/audit?first={TODAY}&last={TODAY + DAY}"))
    assert "Nothing found" in words_of(officer.get(f"/audit?first={TODAY + 2 * DAY}"))
    earlier = words_of(officer.get(f"/audit?last={TODAY - 30 * DAY}"))
    assert "Grace Mensah" in earlier and f"{TODAY.day} {TODAY:%B %Y} at" not in earlier


@pytest.mark.parametrize(("asked", "said_"), [("first=yesterday", "Enter each date as year, month and day"), (f"first={TODAY}&last={TODAY - DAY}", "The last day must be the first day or later")])
def test_days_that_cannot_be_are_said(hub: Hub, asked: str, said_: str) -> None:
    answer = hub.be("ig officer").get(f"/audit?{asked}")
    assert answer.status_code == 422 and said_ in words_of(answer)
