"""Signing at the door: a code for one phone, or a device handed over that opens the three steps and nothing else."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from csc_hub.audit.records import Event
from csc_hub.db import db, writing
from csc_hub.kernel import NotFound, now
from csc_hub.people import links
from csc_hub.people.links import Link, Purpose
from csc_hub.people.records import Person
from csc_hub.process.agreements import proof, signing, witnessed
from csc_hub.process.agreements.records import Request, Signature
from csc_hub.process.agreements.rules import Way
from csc_hub.process.conferences.records import Conference
from csc_hub.process.invitations.records import Attendance, Invitation
from tests import agreement
from tests.hub import Hub, User, words_of

ABOUT = {"name": "Sal Rossi", "job_title": "Manager", "authority": "sign", "covers": "everybody"}


@pytest.fixture
def register(hub: Hub) -> str:
    """The register of a conference that meets today and asked the café's manager."""
    with hub.inside(), writing():
        return agreement.meets_soon()


def line_of(hub: Hub, register: str, name: str = "Sal Rossi") -> str:
    """The page on which somebody of the register can be let sign."""
    with hub.inside():
        import uuid

        conference = uuid.UUID(register.rpartition("/")[2])
        some_id = db.session.scalar(db.select(Invitation.id).where(Invitation.conference_id == conference, Invitation.person.has(name=name))) or db.session.scalar(
            db.select(Attendance.id).where(Attendance.conference_id == conference, Attendance.name == name))
        return f"{register}/sign/{some_id}"


def token_of(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every address that is drawn as a square code, as a phone would read it."""
    import segno

    drawn, make = [], segno.make
    monkeypatch.setattr(segno, "make", lambda said, **kw: drawn.append(said) or make(said, **kw))
    return drawn


def walk(user: User, name: str = "Sal Rossi", **more: str) -> None:
    """The three steps."""
    seen = re.search(r'name="seen" value="(\w+)"', user.get("/sign").text)[1]
    assert user.post("/sign", seen=seen).headers["Location"] == "/sign/about"
    assert user.post("/sign/about", **{**ABOUT, "name": name, **more}).headers["Location"] == "/sign/name"
    assert user.post("/sign/name", typed_name=name).headers["Location"] == "/sign/done"


def test_the_register_says_how_each_person_stands(hub: Hub, register: str) -> None:
    page = words_of(hub.be("coordinator").get(register))
    assert "Covered by statutory procedures" in page and "Must sign Let them sign" in page and "Let them sign : Sal Rossi" in page
    reader = words_of(hub.be("reader").get(register))
    assert "Must sign" in reader and "Let them sign" not in reader


def test_a_code_on_the_screen_opens_on_one_phone_and_names_the_witness(hub: Hub, register: str, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn, chair, url = token_of(monkeypatch), hub.be("coordinator"), line_of(hub, register)
    before = chair.get(register).text
    shown = chair.post(f"{url}/code", page=url)
    assert shown.status_code == 200 and "<svg" in shown.text and "works for 30 minutes" in words_of(shown)
    assert "Harbour Road" not in shown.text, "whoever holds a phone to this screen is not covered yet"
    (address,) = drawn
    token = address.rpartition("/")[2]
    assert token not in shown.text and token not in chair.get(url).text + chair.get(register).text
    phone, other = hub.be(None), hub.be(None)
    assert "name stands beside the code" in words_of(phone.get(f"/s/{token}")) and "Sal" not in phone.get(f"/s/{token}").text
    assert phone.post(f"/s/{token}").headers["Location"] == "/sign"
    assert other.post(f"/s/{token}", page="/sign-in").status_code == 404 and other.get("/sign").status_code == 404, "somebody photographed the screen"
    assert phone.post(f"/s/{token}", page="/sign").headers["Location"] == "/sign", "pressed twice, it goes on"
    assert "Open since" in words_of(chair.get(url))
    walk(phone)
    assert "Signed" in words_of(chair.get(url)) and chair.get(register).text != before and "Covered by the agreement" in words_of(chair.get(register))
    with hub.inside():
        signature = db.session.scalars(db.select(Signature).where(Signature.organisation == "Harbour Café")).unique().one()
        assert (signature.way, signature.witness) == (Way.DOOR, "Grace Mensah")
        assert signature.verified == "Signed at the door, on their own phone, witnessed by Grace Mensah"
        assert signature.email == "sal.rossi@anyshire.example" and proof.prove().whole
        assert db.session.scalar(db.select(Event).where(Event.verb == "let_sign_here")).actor == "Grace Mensah"
    assert "witnessed by Grace Mensah" in words_of(phone.get("/sign/receipt")) and "take part in the meeting" in words_of(phone.get("/sign/done"))


def test_a_new_code_ends_the_one_before_and_none_outlives_half_an_hour(hub: Hub, register: str, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn, chair, url = token_of(monkeypatch), hub.be("coordinator"), line_of(hub, register)
    for _ in range(2):
        chair.post(f"{url}/code", page=url)
    first, second = (address.rpartition("/")[2] for address in drawn)
    assert hub.be(None).get(f"/s/{first}").status_code == 404 and hub.be(None).get(f"/s/{second}").status_code == 200
    with hub.inside():
        link = links.of_token(second, now(), Purpose.SIGNING)
        assert link.until - link.made_at == witnessed.CODE_LASTS == dt.timedelta(minutes=30) and link.address == ""
        assert links.of_token(second, link.until - dt.timedelta(seconds=1), Purpose.SIGNING) and not links.of_token(second, link.until + dt.timedelta(seconds=1), Purpose.SIGNING)
        assert db.session.scalar(db.select(db.func.count()).select_from(Request).where(Request.way == Way.DOOR)) == 1


def test_of_two_phones_at_once_one_gets_in(hub: Hub, register: str, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn, url = token_of(monkeypatch), line_of(hub, register)
    hub.be("coordinator").post(f"{url}/code", page=url)
    with hub.inside(), writing():
        link = links.of_token(drawn[0].rpartition("/")[2], now(), Purpose.SIGNING)
        own = signing.come_in(link, now()).link
        with pytest.raises(NotFound):  # it was read before the first phone was let in
            signing.come_in(link, now())
        assert [one.id for one in db.session.scalars(db.select(Link).where(Link.about_id == link.about_id, Link.revoked_at.is_(None)))] == [own.id]


def test_a_device_that_is_handed_over_opens_the_three_steps_and_nothing_else(hub: Hub, register: str) -> None:
    laptop, url, elsewhere = hub.be("coordinator"), line_of(hub, register), hub.be("coordinator")
    assert "signed out on it first" in words_of(laptop.get(url))
    handed = laptop.post(f"{url}/hand-over", page=url)
    assert handed.headers["Location"] == "/sign" and "cache" in handed.headers["Clear-Site-Data"]
    page = laptop.get("/sign")
    assert "This device was handed to you by Grace Mensah" in words_of(page) and "Sign out" not in page.text
    for shut in ("/", "/contexts", register, url, register.rpartition("/register")[0], "/agreements/signatures"):
        assert "/sign-in" in laptop.get(shut).headers["Location"], shut
    assert elsewhere.get(register).status_code == 200, "she stays signed in elsewhere"
    walk(laptop)
    assert "Hand the device back to Grace Mensah" in words_of(laptop.get("/sign/done"))
    back = laptop.post("/sign/leave", page="/sign/done").headers["Location"]
    assert back.startswith("/sign-in?next=") and laptop.get("/sign/done").status_code == 404
    assert "handed to you" not in words_of(laptop.get(back))
    with hub.inside():
        signature = db.session.scalars(db.select(Signature).where(Signature.organisation == "Harbour Café")).unique().one()
        assert signature.verified == "Signed on a device handed over, witnessed by Grace Mensah" and signature.way == Way.DEVICE and proof.prove().whole


def test_a_walk_in_signs_for_an_organisation_or_for_one_meeting(hub: Hub, register: str) -> None:
    chair = hub.be("coordinator")
    with hub.inside():
        cafe = str(db.session.scalar(db.select(Invitation.agency_id).where(Invitation.person.has(name="Sal Rossi")).limit(1)))
    chair.post(f"{register}/add", name="Kit Long", agency_id=cafe, how="in_person", instead_of="")
    url = line_of(hub, register, "Kit Long")
    assert "Let them sign : Kit Long" in words_of(chair.get(register))
    chair.post(f"{url}/hand-over", page=url)
    seen = re.search(r'name="seen" value="(\w+)"', chair.get("/sign").text)[1]
    chair.post("/sign", seen=seen)
    assert "I sign for myself, for this meeting only" in words_of(chair.get("/sign/about"))
    assert chair.post("/sign/about", **{**ABOUT, "name": "Kit Long", "authority": "undertake", "email": "kit@anyshire.example"}).headers["Location"] == "/sign/undertaking"
    assert chair.post("/sign/undertaking", typed_name="Kit Long").headers["Location"] == "/sign/done"
    again = hub.be("coordinator")
    page = words_of(again.get(register))
    assert "Confidentiality undertaking for this meeting" in page and "Must sign" in page, "Kit is covered, and the manager is not"
    with hub.inside():
        undertaking = db.session.scalars(db.select(Signature).where(Signature.signed == "undertaking")).unique().one()
        assert undertaking.name == "Kit Long" and undertaking.person_id is None and undertaking.email == "kit@anyshire.example"
        assert undertaking.verified.endswith("witnessed by Grace Mensah. The e-mail address is as they typed it")
    assert "gave a confidentiality undertaking" in words_of(again.get(url))
    again.post(f"{url}/hand-over", page=url)
    assert "/sign" in again.get("/sign").request.path
    walk(again, "Kit Long")
    with hub.inside():
        assert db.session.scalar(db.select(Request).where(Request.name == "Sal Rossi", Request.way == Way.LINK)).closed_at, "all that was asked of the café is closed"
    officer = words_of(hub.be("ig officer").get("/agreements/signatures"))
    assert "Kit Long" in officer and "on a device handed over" in officer


def test_nobody_without_an_organisation_and_no_statutory_partner_is_let_sign(hub: Hub, register: str) -> None:
    chair = hub.be("coordinator")
    chair.post(f"{register}/add", name="Ria Resident", agency_id="", how="in_person", instead_of="")
    url = line_of(hub, register, "Ria Resident")
    assert chair.get(url).status_code == 422 and "without an organisation" in words_of(chair.get(url))
    with hub.inside():
        police = db.session.scalar(db.select(Invitation.id).where(
            Invitation.conference_id.in_(db.select(Conference.id).where(Conference.starts_at > now() - dt.timedelta(hours=1))), Invitation.agency.has(name="Anyshire Police")))
    if police:
        refused = chair.post(f"{register}/sign/{police}/code", page=register)
        assert refused.status_code in (404, 422)
    assert hub.be("administrator").get(url).status_code == 404 and hub.be("agency contact").get(url).status_code in (403, 404)


def phone_of(hub: Hub, chair: User, url: str, drawn: list[str]) -> User:
    """A phone that scanned the code on the screen."""
    chair.post(f"{url}/code", page=url)
    phone = hub.be(None)
    assert phone.post(f"/s/{drawn[-1].rpartition('/')[2]}").headers["Location"] == "/sign"
    return phone


def test_of_the_ways_at_the_door_the_last_one_chosen_ends_the_others(hub: Hub, register: str, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn, chair, url = token_of(monkeypatch), hub.be("coordinator"), line_of(hub, register)
    phone = phone_of(hub, chair, url, drawn)
    laptop = hub.be("coordinator")
    laptop.post(f"{url}/hand-over", page=url)
    assert phone.get("/sign").status_code == 404 and laptop.get("/sign").status_code == 200
    chair.post(f"{url}/code", page=url)
    assert laptop.get("/sign").status_code == 404
    again = hub.be("coordinator")
    again.post(f"{url}/hand-over", page=url)
    assert hub.be(None).get(f"/s/{drawn[-1].rpartition('/')[2]}").status_code == 404, "a code that nobody has scanned yet"
    assert again.post("/sign/decline", reason="Head office says no").status_code == 303
    with hub.inside():
        assert not [one for one in db.session.scalars(db.select(Request).where(Request.way.in_((Way.DOOR, Way.DEVICE)))).unique() if one.open]


def test_an_answer_that_was_under_way_signs_nobody_in_again_on_a_device_handed_over(hub: Hub, register: str) -> None:
    laptop, url = hub.be("coordinator"), line_of(hub, register)
    before = laptop.client.get_cookie("csc").value
    laptop.post(f"{url}/hand-over", page=url)
    laptop.client.set_cookie("csc", before)  # as the answer to a poll of another tab would, which began before
    assert "/sign-in" in laptop.get(register).headers["Location"]
    page = laptop.get("/sign-in")
    assert page.status_code == 200, "she must give her password again"
    walk(laptop)  # and whoever holds the device signs as if nothing had come
    laptop.post("/sign/leave", page="/sign/done")
    assert "/sign-in" in laptop.get(register).headers["Location"], "handing back does not bring her session back"
    with hub.inside():
        grace = str(db.session.scalar(db.select(Person.id).where(Person.name == "Grace Mensah")))
    assert laptop.post("/sign-in/as", person=grace, page="/sign-in").status_code == 303 and laptop.get(register).status_code == 200


def test_a_device_is_handed_back_also_when_its_link_is_over(hub: Hub, register: str) -> None:
    laptop, url = hub.be("coordinator"), line_of(hub, register)
    laptop.post(f"{url}/hand-over", page=url)
    with hub.inside(), writing():
        db.session.execute(db.update(Link).values(revoked_at=now()))
    over = laptop.get("/sign")
    assert over.status_code == 404 and "Hand it back" in words_of(over)
    back = laptop.post("/sign/leave", page="/sign")
    assert back.status_code == 303 and back.headers["Location"].startswith("/sign-in?next=")
    assert "Hand it back" not in words_of(laptop.get(back.headers["Location"]))


def test_a_walk_in_who_signs_for_some_can_be_one_of_them(hub: Hub, register: str) -> None:
    chair = hub.be("coordinator")
    with hub.inside():
        cafe = str(db.session.scalar(db.select(Invitation.agency_id).where(Invitation.person.has(name="Sal Rossi")).limit(1)))
    chair.post(f"{register}/add", name="Kit Long", agency_id=cafe, how="in_person", instead_of="")
    url = line_of(hub, register, "Kit Long")
    chair.post(f"{url}/hand-over", page=url)
    seen = re.search(r'name="seen" value="(\w+)"', chair.get("/sign").text)[1]
    chair.post("/sign", seen=seen)
    offered = re.findall(r'name="named"[^>]*value="([^"]+)"([^>]*)>', chair.get("/sign/about").text)
    assert url.rpartition("/")[2] in [value for value, _ in offered if "checked" in _], offered
    chair.post("/sign/about", **{**ABOUT, "name": "Kit Long", "covers": "named", "email": "kit@anyshire.example", "named": [url.rpartition("/")[2]]})
    assert chair.post("/sign/name", typed_name="Kit Long").headers["Location"] == "/sign/done"
    assert "It covers Kit Long" in words_of(chair.get("/sign/done"))
    page = words_of(hub.be("coordinator").get(register))
    assert "Covered by the agreement" in page and "Must sign" in page, "Kit is covered, and the manager is not"
