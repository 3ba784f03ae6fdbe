"""The pages on which a plan comes in: nothing before it was looked at, nothing twice, nothing lost, and back again."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest

from csc_hub.db import db
from csc_hub.exchange import service as exchange
from csc_hub.exchange.whole_plans.records import PlanFile
from csc_hub.people.records import Agency
from csc_hub.process.plans.records import Action, Worry
from tests.exchange.whole_plans.corpus import ROWS, TITLES, word
from tests.hub import Hub, User, words_of

SHEET = b"What to do;Why;Who;Until\r\nLight the stairs;The stairs are dark;Housing;8/1/27\r\nCut the hedge;The stairs are dark;Parks;Termly\r\n"


class Desk:
    """The lead practitioner, and the plan of the interchange."""

    def __init__(self, hub: Hub, who: str = "lead") -> None:
        self.hub, self.user = hub, hub.be(who)
        self.plan = f"/contexts/{hub.context('interchange')}/plan"
        self.url = f"{self.plan}/bring-in"

    def send(self, content: bytes, name: str = "plan.docx") -> Any:
        return self.user.post(self.url, file=(io.BytesIO(content), name))

    def agency(self, name: str) -> str:
        with self.hub.inside():
            return str(db.session.scalar(db.select(Agency.id).where(Agency.name == name)))

    def add(self, where: str, **fields: Any) -> Any:
        return self.user.post(where, **{**chosen(self.user.get(where).text), **fields})

    def texts(self) -> list[tuple[str, str, Any, Any]]:
        with self.hub.inside():
            return [(a.intervention, a.agency.name, a.due_on and str(a.due_on), a.issued_in) for a in db.session.scalars(db.select(Action).order_by(Action.number))
                    if a.context.name == "Harbour Road bus interchange"]

    def worries(self) -> int:
        with self.hub.inside():
            return db.session.scalar(db.select(db.func.count()).select_from(Worry))


def chosen(page: str) -> dict[str, str]:
    """What stands in the selects of a page."""
    return {name: (re.search(r'<option value="([^"]*)" selected', body) or [None, ""])[1] for name, body in re.findall(r'<select[^>]*name="([^"]+)".*?>(.*?)</select>', page, re.S)}


@pytest.fixture
def desk(hub: Hub) -> Desk:
    return Desk(hub)


def test_a_plan_from_word_is_shown_first_and_then_added_as_a_draft(desk: Desk) -> None:
    before, worries = desk.texts(), desk.worries()
    where = desk.send(word()).headers["Location"]
    page = words_of(desk.user.get(where))
    assert "2 worries and 3 interventions were found. Nothing has been added yet" in page and "Add these 2 worries and 3 interventions to the draft plan" in page
    assert "Differs: the hub’s stays" in page and desk.texts() == before
    assert desk.add(where).status_code == 303
    assert desk.texts()[len(before):] == [("Light the walkway", "Housing", "2027-01-08", None), ("Cut the hedge", "Housing", desk.texts()[-2][2], None), ("Patrol the stairs", "Anyshire Police", None, None)]
    assert desk.worries() == worries + 2 and "2 worries and 3 interventions added" in words_of(desk.user.get(where))
    assert "added a plan from a file, 3 interventions added" in words_of(desk.user.get(f"/contexts/{desk.hub.context('interchange')}/history"))
    assert "Light the walkway" in words_of(desk.user.get(desk.plan))


def test_our_own_document_has_nothing_new_for_its_own_plan(desk: Desk) -> None:
    for ending in ("docx", "xlsx"):
        where = desk.send(desk.user.get(f"{desk.plan}/download/{ending}").data, f"plan.{ending}").headers["Location"]
        assert "so there is nothing to add" in words_of(desk.user.get(where)), ending


def test_the_same_file_again_is_said_and_adds_nothing_twice(desk: Desk) -> None:
    file = word()
    first, second = (desk.send(file).headers["Location"] for _ in range(2))
    assert "The same file was brought in" in words_of(desk.user.get(second))
    desk.add(first)
    there = desk.texts()
    page = words_of(desk.user.get(second))
    assert "The same file was added on" in page and "so there is nothing to add" in page
    assert desk.user.post(second).status_code == 422 and desk.user.post(first).status_code == 422 and desk.texts() == there


def test_what_was_left_out_can_come_later(desk: Desk) -> None:
    rows = (TITLES, *ROWS[:2], (*ROWS[2][:4], "Parks and Gardens", ""))
    where, before = desk.send(word(rows=rows)).headers["Location"], len(desk.texts())
    answer = desk.add(where)
    assert answer.status_code == 422 and "Choose the agency for “Parks and Gardens”, or leave them out" in words_of(answer)
    assert desk.add(where, agency_1="leave", leave="2-2").status_code == 303
    assert [text[0] for text in desk.texts()[before:]] == ["Cut the hedge"]
    where = desk.send(word(rows=rows)).headers["Location"]
    assert desk.add(where, agency_1=desk.agency("Street Lighting")).status_code == 303
    assert [text[:2] for text in desk.texts()[before:]] == [("Cut the hedge", "Housing"), ("Light the walkway", "Housing"), ("Patrol the stairs", "Street Lighting")]
    again = desk.send(word(rows=(TITLES, ("New", "", "", "Sweep it", "Parks and Gardens", "")))).headers["Location"]
    assert "As somebody of the council chose before" in words_of(desk.user.get(again))


def test_what_may_identify_a_young_person_needs_a_second_look(desk: Desk) -> None:
    where = desk.send(word(rows=(TITLES, ("Dark stairs", "", "", "Walk home with Kyle, aged 14", "Housing", "")))).headers["Location"]
    before = desk.texts()
    answer = desk.add(where)
    assert answer.status_code == 422 and "an age (“aged 14”), a first name (“Kyle”)" in words_of(answer) and desk.texts() == before
    assert 'id="looked-error"' in answer.text
    assert desk.add(where, looked="y").status_code == 303 and len(desk.texts()) == len(before) + 1


def test_a_cell_of_several_tasks_becomes_an_action_each_if_asked(desk: Desk) -> None:
    where = desk.send(word(rows=(TITLES, ("Dark stairs", "", "", "• Light them\n• Sweep them", "Housing (Estates), Des Brown", "end of March 2027")))).headers["Location"]
    assert "was read as the end of the month, Wednesday 31 March 2027" in words_of(desk.user.get(where))
    assert desk.add(where, split="2-2").status_code == 303
    assert [text[:3] for text in desk.texts()[-2:]] == [("Light them", "Housing", "2027-03-31"), ("Sweep them", "Housing", "2027-03-31")]
    with desk.hub.inside():
        last = db.session.scalars(db.select(Action).where(Action.intervention == "Sweep them")).one()
        assert (last.team, last.owner) == ("Estates", "Des Brown")


def test_a_free_sheet_goes_through_its_columns_which_are_remembered(desk: Desk) -> None:
    where = desk.send(SHEET, "actions.csv").headers["Location"]
    assert where.endswith("/columns")
    page = desk.user.get(where).text
    assert "For example: Light the stairs; Cut the hedge" in page and chosen(page) == {"column_1": "ignore", "column_2": "ignore", "column_3": "agency", "column_4": "ignore"}
    form = {"table": "0", "row": "1", "column_2": "ignore", "column_3": "agency", "column_4": "timescale"}
    assert "Say which column holds the interventions" in words_of(desk.user.post(where, **{**form, "column_1": "ignore"}))
    answer = desk.user.post(where, **{**form, "column_1": "intervention", "column_2": "worry"})
    assert answer.status_code == 303
    assert desk.add(answer.headers["Location"], agency_1="leave").status_code == 303
    assert desk.texts()[-1][:3] == ("Light the stairs", "Housing", "2027-01-08")
    again = desk.send(SHEET + b"Sweep;The stairs are dark;Housing;Weekly\r\n", "other.csv").headers["Location"]
    assert not again.endswith("/columns"), "the titles are known now"
    page = words_of(desk.user.get(again))
    assert "This worry is in the plan already" in page and "This is in the plan already, so it is left out" in page


def test_interventions_without_a_worry_ask_for_one(desk: Desk) -> None:
    where = desk.send(b"Action;Agency;By when\r\nLight the stairs;Housing;8/1/27\r\n", "a.csv").headers["Location"]
    assert "1 intervention without a worry" in words_of(desk.user.get(where))
    answer = desk.add(where)
    assert answer.status_code == 422 and 'id="new_worry-error"' in answer.text
    assert desk.add(where, new_worry="The stairs are dark").status_code == 303 and desk.texts()[-1][0] == "Light the stairs"


def test_two_people_at_once_and_a_plan_changed_in_between(desk: Desk) -> None:
    where = desk.send(word()).headers["Location"]
    seen = re.search(r'name="seen" value="(\w+)"', desk.user.get(where).text)[1]  # type: ignore[index]
    fields = chosen(desk.user.get(where).text)
    other = Desk(desk.hub, "coordinator")
    worry = {"worry": ROWS[0][0], "impact": "", "helping": "", "goal": "It is lit"}
    assert other.user.post(f"{desk.plan}/worries/add", **worry).status_code == 303
    before = desk.texts()
    token = desk.user.token(where)
    answer = desk.user.client.post(where, data={**fields, "seen": seen, "csrf_token": token, "leave": "2-3"})
    assert answer.status_code == 422 and "Somebody changed the plan since you looked" in words_of(answer) and desk.texts() == before
    assert re.search(r'id="leave-2-3" value="2-3" checked', answer.text), "what was ticked is still ticked"
    assert other.add(where).status_code == 303 and desk.add(where).status_code == 422


def test_what_a_file_brought_can_be_taken_back_until_somebody_works_on_it(desk: Desk) -> None:
    before, worries = desk.texts(), desk.worries()
    where = desk.send(word()).headers["Location"]
    desk.add(where)
    assert desk.user.post(f"{where}/take-back").status_code == 303
    assert (desk.texts(), desk.worries()) == (before, worries) and "Taken back by Priya Nair" in words_of(desk.user.get(where))
    where = desk.send(word()).headers["Location"]
    desk.add(where)
    assert desk.user.post(f"{desk.plan}/issue", page=desk.plan).status_code == 303
    answer = desk.user.post(f"{where}/take-back")
    assert answer.status_code == 422 and "cannot be taken back as a whole" in words_of(answer) and len(desk.texts()) == len(before) + 3


def test_several_files_without_javascript_are_read_in_one_request(desk: Desk) -> None:
    token = desk.user.token(desk.url)
    files = [(io.BytesIO(word()), "one.docx"), (io.BytesIO(b"%PDF-1.7\n"), "two.pdf"), (io.BytesIO(SHEET), "three.csv")]
    answer = desk.user.client.post(desk.url, data={"csrf_token": token, "file": files}, content_type="multipart/form-data")
    page = words_of(answer)
    assert answer.status_code == 200 and "two.pdf: This file is a PDF document" in page
    assert "one.docx" in page and "three.csv" in page
    with desk.hub.inside():
        assert db.session.scalar(db.select(db.func.count()).select_from(PlanFile)) == 2


def test_a_bad_file_is_refused_at_its_field_and_leaves_nothing(desk: Desk) -> None:
    for content, name, said in ((b"%PDF-1.7\n", "a.pdf", "a PDF document"), (word()[:2_000], "a.docx", "damaged"), (b"", "a.docx", "empty")):
        answer = desk.send(content, name)
        assert answer.status_code == 422 and re.search(rf'id="file-error".*?{said}', answer.text, re.S), name
    with desk.hub.inside():
        assert db.session.scalar(db.select(db.func.count()).select_from(PlanFile)) == 0 and exchange.strays() == []


def test_a_kept_file_is_no_stray(desk: Desk) -> None:
    desk.send(word())
    with desk.hub.inside():
        assert exchange.strays() == []


def test_before_the_assessment_begins_no_plan_comes_in(hub: Hub) -> None:
    user: User = hub.be("coordinator")
    answer = user.get(f"/contexts/{hub.context('park')}/plan/bring-in")
    assert answer.status_code == 422 and "once the assessment has begun" in words_of(answer)
    assert hub.be("agency contact").get(f"/contexts/{hub.context('school')}/plan/bring-in").status_code == 404
