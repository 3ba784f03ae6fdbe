"""Planning a conference in a real browser: at a desk, on a phone, and without scripts."""

from __future__ import annotations

import re
from typing import Any

import pytest

from csc_hub.adapters.holidays import bank_holidays
from csc_hub.kernel import day_in_words, working_days_from
from tests.browser import PHONE, WIDE
from tests.journeys.hands import day, downloaded, fits, follow, press, says
from tests.journeys.main_job import TODAY

pytestmark = pytest.mark.browser
DATE = working_days_from(TODAY, 20, bank_holidays())


@pytest.fixture
def refer(visit: Any) -> Any:
    """A context under assessment, with lead practitioner and chair; its address."""

    def new(name: str) -> str:
        grace = visit("Grace Mensah")
        follow(grace, "Refer a context")
        grace.get_by_label("Name of the context").fill(name)
        grace.get_by_label("Neighbourhood").check()
        grace.get_by_label("What triggered the referral").fill("Fights after dark, reported by the attendant.")
        grace.get_by_label("Serious youth violence").check()
        press(grace, "Refer this context")
        follow(grace, "Choose who leads")
        grace.get_by_label("Lead practitioner").select_option(label="Priya Nair, Senior social worker")
        grace.get_by_label("Chair").select_option(label="David Hollis, Community Safety Partnership chair")
        press(grace, "Save")
        case = str(grace.url)
        press(grace, "Accept for assessment")
        says(grace, "The referral is accepted")
        return case

    return new


@pytest.mark.parametrize(("width", "scripts"), [(WIDE, True), (PHONE, True), (PHONE, False)], ids=["desk", "phone", "no-scripts"])
def test_three_people_plan_a_conference(width: dict[str, int], scripts: bool, visit: Any, refer: Any) -> None:
    case = refer(f"Quay steps, {'with' if scripts else 'no'} scripts, {width['width']}")
    settings = {"viewport": width, "java_script_enabled": scripts}
    priya, grace, david = (visit(name, **settings) for name in ("Priya Nair", "Grace Mensah", "David Hollis"))
    set_the_date(priya, case)
    fill_the_list(grace, case)
    for who in (priya, david):
        who.goto(f"{case}/invitations")
        press(who, "I agree to this list")
    says(david, "A change to the list takes both back")
    david.goto(f"{case}/conference")
    says(david, "Both agreed")
    fits(david)
    assert downloaded(david, david.get_by_role("link", name="Download the agenda as Word"))[:2] == b"PK"
    postpone(grace, case)


def set_the_date(priya: Any, case: str) -> None:
    priya.goto(f"{case}/conference")
    follow(priya, "Plan the conference")
    day(priya, "Date", DATE)
    priya.get_by_label("Start (optional)").fill("10")
    priya.get_by_label("End (optional)").fill("half past")
    priya.get_by_label("Venue (optional)").fill("Quay hall")
    priya.get_by_label("Close to it").check()
    press(priya, "Save the conference")
    says(priya, "There is a problem")
    assert priya.get_by_label("Venue (optional)").input_value() == "Quay hall", "nothing typed is lost"
    priya.get_by_label("Start (optional)").fill("10:00")
    priya.get_by_label("End (optional)").fill("12:00")
    fits(priya)
    press(priya, "Save the conference")
    says(priya, f"{day_in_words(DATE)}, 10:00 to 12:00, Quay hall")
    follow(priya, "Add a meeting")
    priya.get_by_label("Consultation with the chair").check()
    day(priya, "Held on", TODAY)
    press(priya, "Save this meeting")
    says(priya, f"On {day_in_words(TODAY)}.")


def fill_the_list(grace: Any, case: str) -> None:
    grace.goto(f"{case}/invitations")
    says(grace, "David Hollis chairs")
    fits(grace)
    follow(grace, "Find somebody")
    grace.get_by_label("Who?").select_option(label="Joy Okafor, Housing")
    grace.get_by_label("Engaged in the assessment").check()
    press(grace, "Put them on the list")
    says(grace, "Joy Okafor: asked or to be asked")
    grace.get_by_role("link", name="Record the reply of Joy Okafor").click()
    grace.get_by_label("Coming", exact=True).check()
    press(grace, "Record the reply")
    says(grace, "Joy Okafor is coming Covered")
    assert not grace.get_by_role("link", name=re.compile("Not needed because.*Housing")).count()
    grace.get_by_role("link", name=re.compile("Not needed because.*CAMHs")).click()
    grace.get_by_label("CAMHs", exact=True).fill("No health matter here.")
    press(grace, "Save")
    says(grace, "No health matter here. Not needed")
    fits(grace)


def postpone(grace: Any, case: str) -> None:
    grace.goto(f"{case}/conference")
    follow(grace, "Cancel this conference")
    grace.get_by_label("Reason").fill("The place closes for good.")
    grace.get_by_role("button", name="Cancel this conference").click()
    says(grace, "The place closes for good.")
    grace.goto("/")
    says(grace, "Contexts")


def test_a_very_long_word_widens_no_page_and_a_line_has_the_whole_width_of_a_phone(visit: Any, refer: Any) -> None:
    case = refer("Tidal pool steps")
    priya = visit("Priya Nair", viewport=PHONE)
    priya.goto(f"{case}/conference/edit")
    day(priya, "Date", DATE)
    for label, typed in (("Start", "10:00"), ("End", "12:00"), ("Venue", "Hall" * 40)):
        priya.get_by_label(f"{label} (optional)").fill(typed)
    press(priya, "Save the conference")
    fits(priya)
    line = priya.locator(".govuk-task-list__name-and-hint").first
    assert line.bounding_box()["width"] > 0.9 * priya.locator("main").bounding_box()["width"]
    for page in ("register", "invitations", "conference"):
        priya.goto(f"{case}/{page}")
        fits(priya)
    priya.goto("/".join(case.split("/")[:4]))
    fits(priya)
