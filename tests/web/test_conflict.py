"""Two people who edit one record: what only one of them touched is theirs, and nothing is undone by saving again."""

import re
import uuid
from typing import Any

from csc_hub.db import db
from csc_hub.people.records import Person
from csc_hub.process.plans.records import Action
from tests.hub import Hub, User, words_of


def opened(user: User, url: str) -> dict[str, str]:
    """The hidden fields of a form as somebody has it open."""
    return dict(re.findall(r'name="(version|loaded)" value="([^"]*)"', user.get(url).text))


def person(hub: Hub, name: str) -> str:
    with hub.inside():
        return str(db.session.scalar(db.select(Person.id).where(Person.name == name)))


def chosen(page: Any, name: str) -> str:
    """What is chosen in a list of the form."""
    options = re.search(rf'<select[^>]*name="{name}".*?</select>', page.text, re.S)
    assert options
    found = re.search(r'<option value="([^"]*)" selected', options[0])
    return found[1] if found else ""


def test_saving_again_after_a_conflict_does_not_undo_what_the_other_changed_in_the_team(hub: Hub) -> None:
    grace, priya = hub.be("coordinator"), hub.be("lead")
    url, lead = f"/contexts/{hub.context('peers')}/team", person(hub, "Priya Nair")
    samira, david, helen = (person(hub, name) for name in ("Samira Khan", "David Hollis", "Helen Marsh"))
    stale = opened(grace, url)
    assert priya.post(url, lead_id=lead, chair_id=david).status_code == 303
    answer = grace.post(url, lead_id=lead, chair_id=samira, readers=person(hub, "Frances Cole"), **stale)
    page = words_of(answer)
    assert answer.status_code == 422 and "Somebody else saved this while you were typing" in page
    assert chosen(answer, "chair_id") == david, "Grace did not touch the chair, so Priya's stands"
    differs = re.search(r"<table.*?</table>", answer.text, re.S)
    assert differs and "Frances Cole" in differs[0] and "David Hollis" not in differs[0]
    again = dict(re.findall(r'name="(version|loaded)" value="([^"]*)"', answer.text))
    assert grace.post(url, lead_id=lead, chair_id=chosen(answer, "chair_id"), readers=person(hub, "Frances Cole"), **again).status_code == 303
    page = words_of(grace.get(url[:-5]))
    assert "Chair David Hollis" in page
    stale = opened(grace, url)
    priya.post(url, lead_id=lead, chair_id=samira)
    answer = grace.post(url, lead_id=lead, chair_id=helen, **stale)
    assert answer.status_code == 422 and re.search(r"Chair Samira Khan[^–]* Helen Marsh", words_of(answer)), "both touched it, so both are shown"


def test_an_update_keeps_what_somebody_else_reported_meanwhile(hub: Hub) -> None:
    joy, priya, context = hub.be("agency contact"), hub.be("lead"), hub.context("school")
    own = re.search(r'href="(/our-actions/[0-9a-f-]{36})"', joy.get("/our-actions").text)
    assert own
    url = own[1]
    plain = {f"{name}-{part}": "" for name in ("proposed_date", "completed_on") for part in ("day", "month", "year")}
    with hub.inside():
        action = db.session.get_one(Action, uuid.UUID(url.rpartition("/")[2]))
        was = {"status": action.status, "update": action.update, "evidence": action.evidence, "barrier": action.barrier}
    stale = opened(joy, url)
    theirs = f"/contexts/{context}/plan/actions/{url.rpartition('/')[2]}/update"
    assert priya.post(theirs, **plain, **{**was, "barrier": "The lift is broken"}).status_code == 303
    answer = joy.post(url, **plain, **{**was, "evidence": "Fewer complaints"}, **stale)
    assert answer.status_code == 422 and "The lift is broken" in answer.text and "Fewer complaints" in answer.text
    differs = re.search(r"<table.*?</table>", answer.text, re.S)
    assert differs and "Fewer complaints" in differs[0] and "The lift" not in differs[0]
    again = dict(re.findall(r'name="(version|loaded)" value="([^"]*)"', answer.text))
    assert joy.post(url, **plain, **{**was, "evidence": "Fewer complaints", "barrier": "The lift is broken"}, **again).status_code == 303
    page = words_of(priya.get(theirs.removesuffix("/update")))
    assert "The lift is broken" in page and "Fewer complaints" in page


def test_nothing_is_asked_of_somebody_who_touched_nothing(hub: Hub) -> None:
    grace, priya = hub.be("coordinator"), hub.be("lead")
    url, lead, david = f"/contexts/{hub.context('peers')}/team", person(hub, "Priya Nair"), person(hub, "David Hollis")
    samira, stale = person(hub, "Samira Khan"), opened(grace, url)
    priya.post(url, lead_id=lead, chair_id=david)
    assert grace.post(url, lead_id=lead, chair_id=samira, **stale).status_code == 303
    assert "Chair David Hollis" in words_of(grace.get(url[:-5]))


def test_nothing_that_a_hidden_field_is_made_to_say_comes_back_in_the_page(hub: Hub) -> None:
    grace, url = hub.be("coordinator"), f"/contexts/{hub.context('peers')}/team"
    stale = opened(grace, url)
    for sent in ("lead_id=\x00<b>", "\x00=a", "lead_id=;;==\u202e", f"{stale['loaded']};somebody=\x00"):
        answer = grace.post(url, lead_id="nobody", version=stale["version"], loaded=sent)
        assert answer.status_code == 422 and "\x00" not in answer.text and "\u202e" not in answer.text and "&lt;b" not in answer.text
