"""The list of those asked: what stands beside a reply, who is added twice, and what is typed for somebody who is gone meanwhile."""

import io
import re
import uuid
from pathlib import Path

import docx
import pytest

from csc_hub.db import db, writing
from csc_hub.people.records import Agency, Person
from csc_hub.process.invitations.records import Invitation, Said
from tests.hub import Hub, User, words_of
from tests.process.invitations.test_calendar_replies import read, reply
from tests.process.invitations.test_sending import answer, calendar_of, come_in, sent  # noqa: F401


def of(hub: Hub, context: str, name: str) -> str:
    """Somebody's invitation."""
    with hub.inside():
        return str(db.session.scalar(db.select(Invitation.id).where(Invitation.person.has(name=name), Invitation.conference.has(context_id=uuid.UUID(context)))))


def line(user: User, context: str, name: str) -> str:
    """What the list says of somebody."""
    found = next(row for row in user.get(f"/contexts/{context}/invitations").text.partition('id="list"')[2].split("<tr ") if f'">{name}<br>' in row)
    return " ".join(re.sub(r"<[^>]+>", " ", found).split())


def says(user: User, own: str, one: str, **typed: str) -> None:
    """Records a reply on somebody's behalf."""
    answered = user.post(f"{own}/{one}/reply", page=f"{own}/{one}/reply", **typed)
    assert answered.status_code == 303, words_of(answered)


def test_what_belongs_to_an_earlier_reply_does_not_stand_beside_the_new_one(hub: Hub) -> None:
    user, context = hub.be("coordinator"), hub.context("interchange")
    own, sal = f"/contexts/{context}/invitations", of(hub, context, "Sal Rossi")
    says(user, own, sal, reply="declined", reason="In hospital that week", deputy="")
    assert "Not coming In hospital that week" in line(user, context, "Sal Rossi")
    says(user, own, sal, reply="accepted", reason="In hospital that week", deputy="")
    assert "Coming" in line(user, context, "Sal Rossi") and "hospital" not in line(user, context, "Sal Rossi")
    says(user, own, sal, reply="deputy", reason="In hospital that week", deputy="Ann Lee, baker")
    assert "Sends a deputy Ann Lee, baker" in line(user, context, "Sal Rossi") and "hospital" not in line(user, context, "Sal Rossi")
    says(user, own, sal, reply="none", reason="", deputy="Ann Lee, baker")
    assert "No reply yet" in line(user, context, "Sal Rossi") and "Ann Lee" not in line(user, context, "Sal Rossi")
    with hub.inside():
        kept = db.session.get_one(Invitation, uuid.UUID(sal))
        assert (kept.reason, kept.deputy) == ("", "")
        said = db.session.scalars(db.select(Said).where(Said.invitation_id == kept.id).order_by(Said.at)).all()
        assert [one.reason or one.deputy for one in said] == ["In hospital that week", "", "Ann Lee, baker", ""], "what was said stays in the history"


def test_a_reason_that_was_kept_before_is_not_shown_beside_another_reply(hub: Hub) -> None:
    user, context = hub.be("coordinator"), hub.context("interchange")
    with hub.inside(), writing():
        nick = db.session.get_one(Invitation, uuid.UUID(of(hub, context, "Nick Penrose")))
        nick.reason, nick.deputy = "On leave", "Ann Lee"
    assert "Coming" in line(user, context, "Nick Penrose") and not re.search("On leave|Ann Lee", line(user, context, "Nick Penrose"))


def test_an_answer_by_link_or_calendar_clears_the_reason_too(sent, tmp_path: Path) -> None:  # noqa: ANN001, F811
    hub, user, context, mails = sent
    sal = come_in(hub, mails["Sal Rossi"])
    answer(sal, reply="declined", reason="Market day")
    assert "Market day" in line(user, context, "Sal Rossi")
    answer(sal, reply="accepted", reason="Market day")
    assert "Market day" not in line(user, context, "Sal Rossi")
    answer(sal, reply="deputy", colleague="Ann Lee, baker")
    assert "Sends a deputy Ann Lee, baker" in line(user, context, "Sal Rossi") and "Sends a deputy , Ann Lee, baker" in words_of(sal.get("/invitation"))
    assert read(hub, tmp_path / "box", reply(calendar_of(mails["Sal Rossi"]), "ACCEPTED")) == ["taken"]
    assert "Ann Lee" not in line(user, context, "Sal Rossi")


def handed_out(user: User, context: str) -> tuple[dict[str, list[str]], str]:
    """The list in Word: a row by the name it begins with, and all that stands around the table."""
    document = docx.Document(io.BytesIO(user.get(f"/contexts/{context}/invitations/download/list").data))
    rows = [[cell.text for cell in row.cells] for row in document.tables[0].rows]
    return {row[0].split(",")[0]: row[1:] for row in rows}, "\n".join(p.text for p in document.paragraphs)


def test_the_list_in_word_says_all_that_somebody_at_the_table_asks(hub: Hub) -> None:
    user, context = hub.be("coordinator"), hub.context("interchange")
    own = f"/contexts/{context}/invitations"
    says(user, own, of(hub, context, "Nick Penrose"), reply="deputy", reason="", deputy="Ann Lee, depot clerk")
    ids = {name: uuid.UUID(of(hub, context, name)) for name in ("Sal Rossi", "Kemi Ajayi", "Joy Okafor", "Leanne Foss")}
    with hub.inside(), writing():
        for name, why, note in (("Sal Rossi", [], "He knows the square"), ("Kemi Ajayi", [], ""), ("Joy Okafor", [1, 3], "Knows the estate")):
            one = db.session.get_one(Invitation, ids[name])
            one.why, one.note = why, note
        db.session.get_one(Invitation, ids["Leanne Foss"]).person.active = False
    rows, around = handed_out(user, context)
    assert rows["Sal Rossi"] == ["Harbour Café", "He knows the square", "No reply yet"]
    assert rows["Kemi Ajayi"][1:] == ["No reason given yet", "No reply yet"]
    assert rows["Joy Okafor"][1:] == ["Engaged in the assessment, and can say more; Can make the changes. Knows the estate", "Not coming: On leave that week"]
    assert rows["Nick Penrose"][2] == "Sends a deputy: Ann Lee, depot clerk"
    assert rows["Leanne Foss"][2] == "Leanne Foss has left Harbour Youth Project since. Ask whoever took over"
    assert "How are young people, parents and carers involved in the assessment and the planning? Two groups at the youth project" in around


NEW = {"name": "Una Lee", "job_title": "Baker", "agency_id": "", "new_agency": "", "kind_id": "", "email": "", "phone": "", "access_needs": "", "why": "3"}


def refused(user: User, own: str, **typed: str) -> str:
    """What is said of somebody new who is not taken; what was typed is still there."""
    answered = user.post(f"{own}/add-new", page=f"{own}/add-new", **{**NEW, **typed})
    assert answered.status_code == 422 and f'value="{typed.get("name", NEW["name"])}"' in answered.text
    return " ".join(re.sub(r"<[^>]+>", " ", answered.text.partition("govuk-error-summary")[2].partition("<form")[0]).split())


def test_somebody_who_is_at_this_agency_already_is_not_added_again(hub: Hub) -> None:
    user, context = hub.be("coordinator"), hub.context("interchange")
    own = f"/contexts/{context}/invitations"
    with hub.inside():
        cafe, bus = (str(db.session.scalar(db.select(Agency.id).where(Agency.name == name))) for name in ("Harbour Café", "Tideway Buses"))
    assert "Somebody called sal rossi is at this agency already" in refused(user, own, name="sal rossi", agency_id=cafe)
    assert user.post(f"{own}/add-new", **{**NEW, "name": "Sal Rossi", "agency_id": bus}).status_code == 303, "another agency, another person"
    assert user.post(f"{own}/add-new", **{**NEW, "name": "Sal Rossi", "agency_id": cafe, "email": "sal.junior@anyshire.example"}).status_code == 303, "an address tells them apart"
    with hub.inside():
        assert db.session.scalar(db.select(db.func.count()).select_from(Person).where(Person.name.ilike("sal rossi"))) == 3


def test_an_agency_is_chosen_or_written_and_never_both(hub: Hub) -> None:
    user, context = hub.be("coordinator"), hub.context("interchange")
    own = f"/contexts/{context}/invitations"
    page = user.get(f"{own}/add-new").text
    cafe = re.search(r'<option value="([^"]+)">Harbour Café', page)
    kind = re.search(r'<option value="([^"]+)">Local businesses', page)
    assert cafe and kind and "Agency (optional)" not in page
    assert "Choose the agency, or write the name of one that is not in the list" in refused(user, own)
    assert "Choose one: an agency from the list, or the name of another" in refused(user, own, agency_id=cafe[1], new_agency="Quay Books", kind_id=kind[1])
    assert user.post(f"{own}/add-new", **{**NEW, "new_agency": "Quay Books", "kind_id": kind[1]}).status_code == 303
    assert "Una Lee Baker, Quay Books" in line(user, context, "Una Lee")


@pytest.mark.parametrize(("form", "typed"), [("reply", {"reply": "declined", "reason": "She is on a course all week", "deputy": ""}), ("why", {"why": "3", "note": "She is on a course all week"})])
def test_what_is_typed_of_somebody_who_is_off_the_list_meanwhile_is_not_lost(hub: Hub, form: str, typed: dict[str, str]) -> None:
    user, other, context = hub.be("coordinator"), hub.be("lead"), hub.context("interchange")
    own = f"/contexts/{context}/invitations"
    kemi = of(hub, context, "Kemi Ajayi")
    open_form = user.get(f"{own}/{kemi}/{form}").text
    assert other.post(f"{own}/{kemi}/remove", page=own).status_code == 303
    loaded = dict(re.findall(r'name="(version|loaded|csrf_token)" value="([^"]*)"', open_form))
    answered = user.client.post(f"{own}/{kemi}/{form}", data={**loaded, **typed})
    said = words_of(answered)
    assert answered.status_code == 422 and "Priya Nair took this person off the list meanwhile, so nothing was saved" in said
    assert "put them on the list again" in said and 'value="She is on a course all week"' in answered.text
    assert "took this person off the list meanwhile" in words_of(user.post(f"{own}/{kemi}/remove", page=own)), "twice at once"
    assert user.get(f"{own}/{kemi}/{form}").status_code == 422
    school = f"/contexts/{hub.context('school')}/invitations"
    assert user.get(f"{school}/{kemi}/{form}").status_code == 404, "another list’s stays unsaid"


def test_the_page_says_who_gets_a_letter_or_a_call_instead(hub: Hub) -> None:
    user, context = hub.be("coordinator"), hub.context("interchange")
    own = f"/contexts/{context}/invitations"
    assert "1 person not asked yet has no e-mail address: print a letter in the list below, or ring them." in words_of(user.get(own))
    says(user, own, of(hub, context, "Kemi Ajayi"), reply="accepted", reason="", deputy="")
    assert "no e-mail address: print" not in words_of(user.get(own))


def test_a_note_is_a_reason(hub: Hub) -> None:
    user, context = hub.be("coordinator"), hub.context("interchange")
    own, kemi = f"/contexts/{context}/invitations", of(hub, context, "Kemi Ajayi")
    assert user.post(f"{own}/{kemi}/why", page=f"{own}/{kemi}/why", note="Knows the square").status_code == 303
    assert "No reason given yet" not in line(user, context, "Kemi Ajayi")
    assert user.post(f"{own}/{kemi}/why", page=f"{own}/{kemi}/why", note="").status_code == 303
    assert "No reason given yet" in line(user, context, "Kemi Ajayi")
