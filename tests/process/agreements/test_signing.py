"""Signing by link: three steps on a phone, kept where they were left, signed once and receipted, whoever else presses at the same time."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import re
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from csc_hub import create_app, demonstration, kernel, schema
from csc_hub.audit.records import Event
from csc_hub.db import db, writing
from csc_hub.kernel import LONDON, Refused, today
from csc_hub.outbox.records import Outgoing
from csc_hub.people import links
from csc_hub.people.links import Link, Purpose
from csc_hub.people.records import Agency, Person
from csc_hub.process.agreements import asking, chain, covering, proof, records, rules, signing
from csc_hub.process.agreements.records import Request, Signature, Version
from csc_hub.process.agreements.rules import Document, Signed
from csc_hub.process.agreements.signing import About, Browser, Came
from csc_hub.process.conferences.records import Conference
from csc_hub.process.invitations.records import Invitation
from tests import agreement
from tests.hub import Hub, User, settings, words_of

NOW = kernel.now()
PHONE = Browser("192.0.2.7", "A phone")
ABOUT = {"name": "Sal Rossi", "job_title": "Manager", "authority": "sign", "covers": "everybody"}


def key(hub: Hub, email: str = "sal.rossi@anyshire.example", until: dt.datetime | None = None) -> links.Key:
    """A fresh link and code for the request to the café, or to another address."""
    with hub.inside(), writing():
        request = db.session.scalar(db.select(Request).where(Request.email == email))
        return links.make(Purpose.SIGNING, request.id, email, until or kernel.now() + dt.timedelta(days=30), kernel.now())


def come(hub: Hub, **more) -> User:  # noqa: ANN003
    """Somebody who pressed Continue."""
    user = hub.be(None)
    assert user.post(f"/s/{key(hub, **more).token}").status_code == 303
    return user


def read(user: User) -> str:
    """Reads the text and goes on; the SHA-256 that the page held."""
    seen = re.search(r'name="seen" value="(\w+)"', user.get("/sign").text)
    assert seen
    assert user.post("/sign", seen=seen[1]).headers["Location"] == "/sign/about"
    return seen[1]


def to_the_last_step(user: User, **more) -> None:  # noqa: ANN003
    read(user)
    assert user.post("/sign/about", **{**ABOUT, **more}).headers["Location"] == "/sign/name"


def number(of: type, *where) -> int:  # noqa: ANN002
    return db.session.scalar(db.select(db.func.count()).select_from(of).where(*where))


def cafe_signatures() -> list[Signature]:
    return list(db.session.scalars(db.select(Signature).where(Signature.organisation == "Harbour Café").order_by(Signature.number)).unique())


def test_looking_at_a_link_changes_nothing_and_says_little(hub: Hub) -> None:
    url, robot = f"/s/{key(hub).token}", hub.be(None)
    with hub.inside():
        before = number(Event)
    for _ in range(10):
        page = robot.get(url)
        assert page.status_code == 200 and "Harbour Café" not in page.text and "Sal Rossi" not in page.text
        assert robot.client.head(url).status_code == 200
        robot.client.options(url)
    assert robot.get("/sign").status_code == 404
    with hub.inside():
        assert number(Event) == before and number(Request, Request.opened_at.is_not(None)) == 0


def test_from_the_link_to_the_receipt(hub: Hub) -> None:
    sal = come(hub)
    page = sal.get("/sign")
    assert "Step 1 of 3" in page.text and re.search(r"<h2[^>]*>Information sharing|<h2", page.text)
    sha = read(sal)
    assert hashlib.sha256(sal.get("/sign/text.txt").data).hexdigest() == sha
    assert "Harbour Café" in words_of(sal.get("/sign/about"))
    assert sal.post("/sign/about", **ABOUT).status_code == 303
    wrong = sal.post("/sign/name", typed_name="Somebody Else")
    assert wrong.status_code == 422 and "Type your name as you gave it before: Sal Rossi" in words_of(wrong)
    assert sal.post("/sign/name", typed_name="sal  rossi").headers["Location"] == "/sign/done"
    with hub.inside():
        (signature,) = cafe_signatures()
        assert (signature.text_sha256, signature.name, signature.typed_name, signature.job_title) == (sha, "Sal Rossi", "sal  rossi", "Manager")
        assert signature.authority == "I am authorised to sign for Harbour Café" and signature.everybody and signature.named == []
        assert "mailed to sal.rossi@anyshire.example" in signature.verified and signature.ip == "127.0.0.1" and signature.agent
        assert re.fullmatch(r"[2-9A-Z]{10}", signature.code) and signature.opened_at <= signature.signed_at
        assert signature.signed_local == f"{signature.signed_at.astimezone(LONDON):%d/%m/%Y %H:%M:%S %Z}"
        version = db.session.get_one(Version, signature.version_id)
        assert signature.until == rules.signature_until(today(signature.signed_at), version.months)
        assert proof.prove().whole and chain.head() == chain.Head(signature.number, signature.hash)
        mail = db.session.scalar(db.select(Outgoing).where(Outgoing.about == signature.id))
        for said in (signature.code, signature.hash, str(signature.number), sha):
            assert said in mail.text and said in mail.html
        assert number(Event, Event.verb == "signed_agreement", Event.subject == signature.id) == 1
        code = signature.code
    done = words_of(sal.get("/sign/done"))
    assert code in done and "What is open to you now" in done and code in words_of(sal.get("/sign/receipt"))
    from docx import Document as Word

    table = Word(io.BytesIO(sal.get("/sign/receipt.docx").data)).tables[0]
    assert ["Check code", code] in [[cell.text for cell in row.cells] for row in table.rows]


def test_pressed_twice_and_back_afterwards_it_is_one_signature(hub: Hub) -> None:
    sal = come(hub)
    to_the_last_step(sal)
    other = come(hub)  # a second tab, or the same link on another device
    assert "Step 3 of 3" in other.get("/sign/name").text
    for user in (sal, sal, other):
        assert user.post("/sign/name", typed_name="Sal Rossi", page="/sign-in").headers["Location"] == "/sign/done"
    for url in ("/sign", "/sign/about", "/sign/name", "/sign/decline", "/sign/pass-on"):
        assert sal.get(url).headers["Location"] == "/sign/done", "the back button shows what was signed"
    with hub.inside():
        assert len(cafe_signatures()) == 1


def test_half_done_comes_back_on_another_device_by_code(hub: Hub) -> None:
    made = key(hub)
    sal = hub.be(None)
    sal.post(f"/s/{made.token}")
    to_the_last_step(sal, job_title="Night manager")
    phone = hub.be(None)
    assert phone.post("/code", email="sal.rossi@anyshire.example", code=made.code).headers["Location"] == "/sign"
    assert 'value="Night manager"' in phone.get("/sign/about").text and "Step 3 of 3" in phone.get("/sign/name").text


def test_a_text_changed_between_reading_and_signing_is_refused_and_shown(hub: Hub) -> None:
    sal = come(hub)
    to_the_last_step(sal)
    with hub.inside(), writing():
        body = "## What we share now\n\nOther words."
        agreement.published(kernel.now(), shown=body, body=body, sha256=hashlib.sha256(body.encode()).hexdigest(), changes="All of it")
    refused = sal.post("/sign/name", typed_name="Sal Rossi", page="/sign-in")
    assert refused.status_code == 422 and "Other words." in words_of(refused) and "was changed since you read it" in words_of(refused) and "All of it" in words_of(refused)
    with hub.inside():
        assert cafe_signatures() == []
    stale = sal.post("/sign", seen="0" * 64)
    assert stale.status_code == 422 and "was changed since you read it" in words_of(stale)
    read(sal)
    assert sal.post("/sign/name", typed_name="Sal Rossi").status_code == 303
    with hub.inside():
        assert cafe_signatures()[0].text_sha256 == hashlib.sha256(body.encode()).hexdigest()


@pytest.mark.parametrize(("field", "typed", "said"), [
    ("name", " ", "Enter your name"), ("name", "\U0001f389\U0001f389", "Enter your name, in letters"), ("name", "Sal \U0001f389", "without pictures"),
    ("name", "S" * 300, "160 characters"), ("job_title", " ", "Enter your job title"), ("job_title", "M" * 300, "160 characters"),
    ("authority", "", "Say whether you can sign"), ("covers", "", "Say whom your signature covers"), ("covers", "named", "Choose the people")])
def test_a_fault_is_said_at_its_field_and_nothing_typed_is_lost(hub: Hub, field: str, typed: str, said: str) -> None:
    sal = come(hub)
    read(sal)
    page = sal.post("/sign/about", **{**ABOUT, "job_title": "Keeper of keys", field: typed})
    assert page.status_code == 422 and said in words_of(page)
    at = "named" if typed == "named" else field
    assert re.search(rf'id="{at}-error"', page.text)
    if field != "job_title":
        assert 'value="Keeper of keys"' in page.text
    with hub.inside():
        assert not db.session.scalar(db.select(Request).where(Request.name == "Sal Rossi")).typed.get("name")


@pytest.mark.parametrize(("seconds", "status"), [(-1, 404), (1, 200)])
def test_a_link_works_until_its_last_second(hub: Hub, seconds: int, status: int) -> None:
    with hub.inside(), writing():
        request = db.session.scalar(db.select(Request).where(Request.name == "Sal Rossi"))
        made = links.make(Purpose.SIGNING, request.id, request.email, NOW, NOW - dt.timedelta(days=1))
    with hub.inside():
        link = links.of_token(made.token, NOW - dt.timedelta(seconds=seconds), Purpose.SIGNING)
        assert (200 if link else 404) == status
        assert bool(signing.who(db.session.scalar(db.select(Link.id).where(Link.until == NOW)), NOW - dt.timedelta(seconds=seconds))) is (status == 200)
        assert links.of_token(made.token, NOW - dt.timedelta(days=1), Purpose.INVITATION) is None


def test_a_revoked_link_closes_the_open_page_at_once(hub: Hub) -> None:
    sal = come(hub)
    with hub.inside(), writing():
        request = db.session.scalar(db.select(Request).where(Request.name == "Sal Rossi"))
        asking.close(request, db.session.scalar(db.select(Person).where(Person.name == "Meera Patel")), kernel.now())
    assert sal.get("/sign").status_code == 404


def test_a_stopped_person_and_a_dead_request_read_as_a_wrong_code(hub: Hub) -> None:
    made, said = key(hub), []
    sal = come(hub)
    assert sal.post("/sign/decline", reason="Head office must see it").status_code == 303
    said.append(words_of(hub.be(None).post("/code", email="sal.rossi@anyshire.example", code=made.code)))
    with hub.inside(), writing():
        request = db.session.scalar(db.select(Request).where(Request.name == "Sal Rossi"))
        request.declined_at, person = None, db.session.scalar(db.select(Person).where(Person.name == "Sal Rossi"))
        request.person_id, person.active = person.id, False
    said += [words_of(hub.be(None).post("/code", email="sal.rossi@anyshire.example", code=code)) for code in (made.code, "000000")]
    assert len(set(said)) == 1 and "do not belong together" in said[0]
    assert hub.be(None).get(f"/s/{made.token}").status_code == 404


def test_declining_takes_a_reason_and_tells_whoever_asked_without_it(hub: Hub) -> None:
    sal = come(hub)
    assert sal.post("/sign/decline", reason=" ").status_code == 422
    assert sal.post("/sign/decline", reason="Head office must see it").status_code == 303
    assert "You declined to sign" in words_of(sal.get("/sign"))
    to_the_officer = hub.be("ig officer").get("/agreements/signatures")
    assert "Head office must see it" in words_of(to_the_officer)
    with hub.inside():
        mail = db.session.scalar(db.select(Outgoing).where(Outgoing.kind == "declined"))
        assert mail.to_name == "Meera Patel" and "Harbour Café" in mail.text and "Head office" not in mail.text + mail.html
    looked = hub.be(None).get(f"/s/{key(hub).token}")
    assert looked.status_code == 200 and "Head office" not in looked.text


def test_passing_on_asks_the_other_and_who_signs_first_closes_both(hub: Hub) -> None:
    sal = come(hub)
    read(sal)
    assert sal.post("/sign/about", **{**ABOUT, "authority": "pass"}).headers["Location"] == "/sign/pass-on"
    assert "This is your own address" in words_of(sal.post("/sign/pass-on", name="Ann Hill", email="SAL.rossi@anyshire.example"))
    assert sal.post("/sign/pass-on", name="Ann Hill", email="ann.hill@anyshire.example").headers["Location"] == "/sign/passed"
    page = words_of(sal.get("/sign/passed"))
    assert "Ann Hill" in page and "confidentiality undertaking" not in page, "it was not asked for a meeting"
    with hub.inside():
        passed = db.session.scalar(db.select(Request).where(Request.name == "Ann Hill"))
        assert db.session.get_one(Request, passed.forwarded_from_id).name == "Sal Rossi" and passed.asked_by == "Sal Rossi"
        assert number(Outgoing, Outgoing.about == passed.id, Outgoing.kind == "sign") == 1
    ann = come(hub, email="ann.hill@anyshire.example")
    to_the_last_step(ann, name="Ann Hill")
    assert ann.post("/sign/name", typed_name="Ann Hill").status_code == 303
    assert "has signed already" in words_of(sal.get("/sign"))
    assert "has signed already" in words_of(sal.post("/sign/name", typed_name="Sal Rossi", page="/sign-in"))
    with hub.inside():
        assert [s.name for s in cafe_signatures()] == ["Ann Hill"]


def test_only_named_people_are_covered_where_only_they_were_chosen(hub: Hub) -> None:
    with hub.inside():
        sal_id = db.session.scalar(db.select(Person.id).where(Person.name == "Sal Rossi"))
    sal = come(hub)
    to_the_last_step(sal, covers="named", named=str(sal_id))
    assert sal.post("/sign/name", typed_name="Sal Rossi").status_code == 303
    with hub.inside():
        (signature,) = cafe_signatures()
        assert not signature.everybody and signature.named == [str(sal_id)]
    stranger = come(hub)
    assert stranger.get("/sign").headers["Location"] == "/sign/done"


def test_a_placeholder_cannot_be_signed(hub: Hub) -> None:
    with hub.inside(), writing():
        for version in db.session.scalars(db.select(Version)):
            version.withdrawn_at = kernel.now()
        agreement.published(kernel.now(), placeholder=True)
    sal = come(hub)
    assert "nothing to sign just now" in words_of(sal.get("/sign"))
    assert "nothing to sign just now" in words_of(sal.post("/sign/name", typed_name="Sal Rossi", page="/sign-in"))
    with hub.inside():
        assert cafe_signatures() == []


def test_an_undertaking_covers_one_person_for_one_meeting(hub: Hub) -> None:
    with hub.inside(), writing():
        invitation = db.session.scalar(db.select(Invitation).join(Person, Person.id == Invitation.person_id).join(
            Conference, Conference.id == Invitation.conference_id).where(Person.name == "Sal Rossi", Conference.starts_at > kernel.now()).limit(1))
        assert invitation
        person, conference = invitation.person, db.session.get_one(Conference, invitation.conference_id)
        request = db.session.scalar(db.select(Request).where(Request.name == "Sal Rossi"))
        request.conference_id, request.person_id = conference.id, person.id
        day, person_id, conference_id, agency = conference.day, person.id, conference.id, invitation.agency
    sal = come(hub)
    sal.post("/sign/pass-on", name="Ann Hill", email="ann.hill@anyshire.example")
    assert "only this meeting" in words_of(sal.get("/sign/passed"))
    assert sal.post("/sign/undertaking", typed_name="\U0001f389").status_code == 422
    for _ in range(2):
        assert sal.post("/sign/undertaking", typed_name="Sal Rossi").headers["Location"] == "/sign/done"
    with hub.inside():
        (signature,) = cafe_signatures()
        assert (signature.signed, signature.named, signature.conference_id, signature.until) == (
            Signed.UNDERTAKING, [str(person_id)], conference_id, day + dt.timedelta(days=1))
        assert len(rules.UNDERTAKING) <= 500 and proof.prove().whole
        for meeting, covered in ((conference_id, True), (uuid.uuid4(), False)):
            stands = rules.standing(False, str(agency.kind_id), str(person_id), str(meeting), [covering.held_of(signature, None)], [], today(kernel.now()))
            assert stands.covered is covered
    assert "You gave a confidentiality undertaking" in words_of(sal.get("/sign/passed"))


def prepared(email: str) -> tuple[uuid.UUID, uuid.UUID]:
    """A request at its last step; its id and its link's. The caller is writing."""
    cafe = db.session.scalar(db.select(Agency).where(Agency.name == "Harbour Café"))
    meera = db.session.scalar(db.select(Person).where(Person.name == "Meera Patel"))
    request = asking.ask(cafe, "Sal Rossi", email, None, None, meera, NOW)
    signing.read(request, records.in_force(Document.AGREEMENT, today(NOW)).sha256, NOW)
    signing.about(request, About("Sal Rossi", "Manager", "sign", "everybody", []), NOW)
    return request.id, db.session.scalar(db.select(Link.id).where(Link.about_id == request.id))


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_twenty_at_once_make_one_signature_and_one_receipt(kind: str, request: pytest.FixtureRequest, tmp_path) -> None:  # noqa: ANN001
    if kind == "sqlite":
        app = request.getfixturevalue("hub").app
    else:
        app = create_app(settings(tmp_path, database_url=request.getfixturevalue("postgres_server").new_database()))
        Hub(app).build()
    with app.app_context(), writing():
        one, other = prepared("first@anyshire.example"), prepared("second@anyshire.example")

    def press(place: int) -> str:
        with app.app_context():
            request_id, link_id = (one, other)[place % 2]
            try:
                with writing():
                    came = Came(db.session.get_one(Request, request_id), db.session.get_one(Link, link_id))
                    return signing.sign(came, "Sal Rossi", PHONE, NOW).code
            except Refused as refusal:
                return refusal.sentence
            finally:
                db.session.remove()

    with ThreadPoolExecutor(20) as pool:
        said = list(pool.map(press, range(20)))
    with app.app_context():
        (signature,) = cafe_signatures()
        assert said.count(signature.code) == 10 and all("has signed already" in words for words in said if words != signature.code)
        assert number(Outgoing, Outgoing.about == signature.id) == 1 and proof.prove().whole
        assert number(Request, Request.agency_id == signature.agency_id, Request.signed_at.is_(None), Request.closed_at.is_(None)) == 0
        db.session.remove()
        db.engine.dispose()
