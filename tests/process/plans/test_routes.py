"""The plan's pages: updates that say nothing new, plans issued early, and what leaves the hub on paper."""

import datetime as dt
import io
import re
from typing import Any

import docx
import openpyxl
import pytest

from csc_hub.kernel import day_in_words, day_short, now, today
from tests.hub import Hub, User, words_of

DAY = dt.timedelta(days=1)
DATES = {f"{name}-{part}": "" for name in ("proposed_date", "completed_on") for part in ("day", "month", "year")}


@pytest.fixture
def ours(hub: Hub) -> tuple[User, str, dict[str, Any]]:
    """An agency's contact, the form of an action that nothing was said of yet, and what stands in it."""
    user = hub.be("agency contact")
    rows = re.findall(r"<li id=.*?</li>", user.get("/our-actions").text, re.S)
    row = next(row for row in rows if "No update yet" in row)
    return user, re.search(r'href="(/our-actions/[^"]+)"', row)[1], {"status": "not_started", "update": "", "evidence": "", "barrier": "", **DATES}  # type: ignore[index]


def updates(user: User) -> int:
    """How many updates the history of the hub holds."""
    return words_of(user.get("/audit")).count("updated an action")


def test_an_update_that_says_nothing_new_is_not_thanked_for(hub: Hub, ours: tuple[User, str, dict[str, Any]]) -> None:
    user, url, was = ours
    officer = hub.be("ig officer")
    before = updates(officer)
    answer = user.post(url, **was)
    assert answer.status_code == 422 and "Nothing here is new, so nothing was recorded" in words_of(answer)
    assert f'action="{url}/nothing-to-report"' in answer.text and updates(officer) == before


def test_reported_complete_asks_what_changed_or_when(ours: tuple[User, str, dict[str, Any]]) -> None:
    user, url, was = ours
    answer = user.post(url, **{**was, "status": "reported_complete"})
    assert answer.status_code == 422 and re.search(r'id="evidence-error".*?Say what changed, or when it was completed', answer.text, re.S)
    assert user.post(url, **{**was, "status": "reported_complete", "evidence": "The stairs are lit"}).status_code == 303


def test_nothing_to_report_is_recorded_once_a_day(hub: Hub, ours: tuple[User, str, dict[str, Any]]) -> None:
    user, url, _ = ours
    officer = hub.be("ig officer")
    before = updates(officer)
    for _ in range(2):
        assert user.post(f"{url}/nothing-to-report", page="/our-actions").status_code == 303
    assert updates(officer) == before + 1


def test_a_goal_ends_with_a_full_stop(ours: tuple[User, str, dict[str, Any]]) -> None:
    said = re.findall(r"Goal: (.{20,400}?) (?:No update yet|Last update)", words_of(ours[0].get("/our-actions")))
    assert said and all(goal.endswith((".", "!", "?")) for goal in said)


def test_dates_to_come_have_an_example_to_come(ours: tuple[User, str, dict[str, Any]]) -> None:
    user, url, _ = ours
    example = today(now()) + 60 * DAY
    assert f"For example, {example.day} {example.month} {example.year}" in user.get(url).text


def test_a_plan_issued_before_its_conference_says_so_and_the_countdown_goes_on(hub: Hub) -> None:
    user, context = hub.be("chair"), hub.context("interchange")
    lead = hub.be("lead")
    day = day_in_words(today(now()) + 14 * DAY)
    page = words_of(lead.get(f"/contexts/{context}/plan"))
    assert f"The conference is on {day}: the plan is usually agreed there." in page
    before = words_of(lead.get(f"/contexts/{context}/conference"))
    assert "Answer the attendance considerations".lower() in before.lower()
    assert lead.post(f"/contexts/{context}/plan/issue", page=f"/contexts/{context}/plan").status_code == 303
    page = words_of(lead.get(f"/contexts/{context}/plan"))
    assert f"is out. Agencies now see their actions. The conference is on {day}" in page
    after = words_of(lead.get(f"/contexts/{context}/conference"))
    assert "Before the conference" in after and "Next: answer the attendance considerations" in after
    assert user.get(f"/contexts/{context}").status_code == 404, "another chair's"


def test_plans_on_paper_name_the_owner_and_the_next_check(hub: Hub) -> None:
    lead, context = hub.be("lead"), hub.context("school")
    page = lead.get(f"/contexts/{context}/plan").text
    add = re.search(rf'href="(/contexts/{context}/plan/worries/[^"]+/actions/add)"', page)
    housing = re.search(r'<option value="([^"]+)"[^>]*>Housing', lead.get(add[1]).text)  # type: ignore[index]
    empty = {f"due_on-{part}": "" for part in ("day", "month", "year")}
    lead.post(add[1], intervention="Walk the stairs", agency_id=housing[1], team="Estates", owner="Des Brown", timescale="Weekly", **empty)  # type: ignore[index]
    check = f"Weekly, next check {day_short(today(now()) + 7 * DAY)}"
    sheet = openpyxl.load_workbook(io.BytesIO(lead.get(f"/contexts/{context}/plan/download/xlsx").data)).worksheets[0]
    cells = [str(cell.value) for row in sheet for cell in row if cell.value]
    assert "Housing (Estates), Des Brown" in cells and check in cells
    table = docx.Document(io.BytesIO(lead.get(f"/contexts/{context}/plan/download/docx").data)).tables[-1]
    texts = [cell.text for row in table.rows for cell in row.cells]
    assert "Housing (Estates), Des Brown" in texts and check in texts


def test_the_safety_goal_is_not_called_optional(hub: Hub) -> None:
    page = words_of(hub.be("lead").get(f"/contexts/{hub.context('school')}/plan/worries/add"))
    assert "What is the safety goal? Needed before the plan is issued" in page and "With what impact? (optional)" in page


def test_the_print_button_is_there_only_for_scripts(hub: Hub) -> None:
    user = hub.be("lead")
    page = user.get(f"/contexts/{hub.context('school')}/plan").text
    assert re.search(r"<button[^>]* data-print hidden>Print", page)
    sheet = re.search(r'href="(/static/csc\.css[^"]*)"', page)
    assert sheet and "[hidden]{display:none!important}" in user.get(sheet[1]).text, "the button’s own style would show it"


def _own(hub: Hub) -> str:
    page = hub.be("agency contact").get("/our-actions").text
    return re.search(r'href="(/our-actions/[0-9a-f-]{36})"', page)[1]  # type: ignore[index]


def test_words_that_may_identify_somebody_are_shown_and_taken_only_after_a_tick(hub: Hub) -> None:
    user, url = hub.be("agency contact"), _own(hub)
    typed = {"status": "in_progress", "update": "Moved AB (14) on", "evidence": "", "barrier": ""}
    shown = user.post(url, **typed)
    assert shown.status_code == 422 and "<mark>AB (14)</mark>" in shown.text and "Moved AB (14) on" in shown.text
    mark = re.search(r'name="marked" value="(\w+)"', shown.text)[1]  # type: ignore[index]
    assert user.post(url, **typed, looked="y").status_code == 422  # nobody was shown anything
    other = {**typed, "update": "Moved KJ (15) on"}
    assert user.post(url, **other, looked="y", marked=mark).status_code == 422  # ticked for other words
    assert user.post(url, **{**typed, "update": "Moved everybody on"}).status_code == 303
    assert user.post(url, **typed, looked="y", marked=mark).status_code == 303
    again = user.post(url, **{**typed, "evidence": "The path is clear"})
    assert again.status_code == 303, "what stands there already was looked at before"
