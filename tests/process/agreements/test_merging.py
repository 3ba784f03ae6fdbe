"""One organisation becomes part of another: its people and work go over, and what was signed covers whom it covered and nobody else."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator

import pytest

from csc_hub import create_app
from csc_hub.audit.records import Event
from csc_hub.db import db, writing
from csc_hub.kernel import now, today
from csc_hub.people import mergers
from csc_hub.people import records as people
from csc_hub.people.records import Agency, Kind, Person
from csc_hub.people.rules import Merging, obstacle_to_merging
from csc_hub.process.agreements import asking, chores, covering, merging, proof, records, rules, service, signing
from csc_hub.process.agreements.records import Request, Signature
from csc_hub.process.agreements.rules import Cover, Deed, Held, Signed, Text
from csc_hub.process.invitations.records import Invitation
from csc_hub.process.plans.records import Action
from tests import agreement
from tests.exchange.test_round_trip import put, upload, workbook
from tests.hub import Hub, settings, words_of

DAY = dt.date(2027, 4, 9)


def agency_of(name: str) -> Agency:
    found = people.agency_by_name(name)
    assert found
    return found


def person_of(name: str) -> Person:
    return db.session.scalars(db.select(Person).where(Person.name == name)).one()


def stands(name: str, conference: uuid.UUID | None = None) -> Cover:
    """How somebody stands today for the agency they work for."""
    person = person_of(name)
    what = covering.known([person.agency])
    one = type("Asked", (), {"person_id": person.id, "agency": person.agency, "left": False})()
    return covering.of(one, conference, what, today(now())).cover


@pytest.fixture
def kiosk(hub: Hub) -> Hub:
    """A kiosk whose everybody is covered, with two people of its own, and the café, which has not signed."""
    with hub.inside(), writing():
        cafe = agency_of("Harbour Café")
        kiosk = Agency(name="Harbour Kiosk", kind_id=cafe.kind_id, contact_name="Kim Lee")
        db.session.add(kiosk)
        db.session.flush()
        db.session.add_all([Person(name="Kim Lee", email="kim@kiosk.example", agency_id=kiosk.id), Person(name="Bo Hart", email="bo@kiosk.example", agency_id=kiosk.id)])
        db.session.flush()
        agreement.signed(agreement.published(now()), kiosk, now(), person_of("Kim Lee"), email="kim@kiosk.example")
    return hub


@pytest.fixture
def two(kiosk: Hub) -> Iterator[Hub]:
    """The same, for a test that asks no page."""
    with kiosk.inside():
        yield kiosk


def merged(hub: Hub, one: str = "Harbour Kiosk", into: str = "Harbour Café") -> None:
    with writing():
        merging.merge(agency_of(one), agency_of(into), person_of("Owen Blake"), now())


def test_a_signature_goes_on_for_whom_it_covered_and_for_nobody_else(two: Hub) -> None:
    assert (stands("Kim Lee"), stands("Bo Hart"), stands("Sal Rossi")) == (Cover.SIGNED, Cover.SIGNED, Cover.NONE)
    merged(two)
    assert person_of("Kim Lee").agency.name == "Harbour Café"
    assert (stands("Kim Lee"), stands("Bo Hart")) == (Cover.SIGNED, Cover.SIGNED)
    assert stands("Sal Rossi") is Cover.NOT_NAMED, "what the kiosk signed says nothing of the café's own people"
    with writing():
        db.session.add(Person(name="New Joiner", email="new@cafe.example", agency_id=agency_of("Harbour Café").id))
    assert stands("New Joiner") is Cover.NOT_NAMED, "nor of whoever joins later"
    signature = db.session.scalars(db.select(Signature).where(Signature.organisation == "Harbour Kiosk")).unique().one()
    assert signature.agency.name == "Harbour Kiosk" and proof.prove().whole, "what was signed is as it was signed"


def test_it_covers_nobody_longer_than_before_and_ends_when_the_officer_ends_it(two: Hub) -> None:
    merged(two)
    signature = db.session.scalars(db.select(Signature).where(Signature.organisation == "Harbour Kiosk")).unique().one()
    kim = person_of("Kim Lee")
    what = covering.known([kim.agency])
    one = type("Asked", (), {"person_id": kim.id, "agency": kim.agency, "left": False})()
    assert covering.of(one, None, what, signature.until).cover is Cover.SIGNED
    assert covering.of(one, None, what, signature.until + dt.timedelta(days=1)).cover is Cover.EXPIRED
    with writing():
        service.act(signature, Deed.REVOKED, "They asked for it", person_of("Meera Patel"), now())
    assert stands("Kim Lee") is Cover.REVOKED


def test_named_people_and_undertakings_go_over_by_name(two: Hub) -> None:
    meeting = uuid.uuid4()
    with writing():
        other = Agency(name="Market Stall", kind_id=agency_of("Harbour Café").kind_id)
        db.session.add(other)
        db.session.flush()
        for name in ("Ann Named", "Una Unnamed", "Gone Before"):
            db.session.add(Person(name=name, email=f"{name[:3].lower()}@stall.example", agency_id=other.id))
        db.session.flush()
        version = agreement.published(now())
        agreement.signed(version, other, now(), everybody=False, named=[str(person_of("Ann Named").id), str(person_of("Gone Before").id)])
        agreement.signed(version, other, now(), signed=Signed.UNDERTAKING, everybody=False, named=[str(person_of("Una Unnamed").id)], conference_id=meeting)
        person_of("Gone Before").agency_id = agency_of("Harbour Café").id
    merged(two, "Market Stall")
    assert stands("Ann Named") is Cover.SIGNED and stands("Una Unnamed") is Cover.NOT_NAMED
    assert stands("Una Unnamed", meeting) is Cover.UNDERTAKING and stands("Una Unnamed", uuid.uuid4()) is Cover.NOT_NAMED
    assert stands("Gone Before") is Cover.NOT_NAMED, "they had left the stall, which ended their cover"


def test_a_merger_of_a_merger_follows_and_covers_only_those_still_there(two: Hub) -> None:
    with writing():
        quay = Agency(name="Quay Traders", kind_id=agency_of("Harbour Café").kind_id)
        db.session.add(quay)
    merged(two)
    with writing():
        person_of("Bo Hart").agency_id = agency_of("Quay Traders").id  # leaves the café, which ends their cover
    merged(two, "Harbour Café", "Quay Traders")
    assert stands("Kim Lee") is Cover.SIGNED and stands("Bo Hart") is Cover.NOT_NAMED
    assert {m.into.name for m in mergers.mergers().values()} == {"Quay Traders"}


def test_a_new_version_that_asks_the_kind_it_was_signed_for_is_not_escaped_by_a_merger() -> None:
    held = Held("s", Signed.AGREEMENT, 1, DAY, True, (), None, False).among(("me",), "shops")
    asks_shops = Text(2, DAY - dt.timedelta(days=60), 30, True, ("shops",))
    assert rules.standing(False, "charities", "me", None, [held], [asks_shops], DAY).cover is Cover.SUPERSEDED
    asks_others = Text(2, DAY - dt.timedelta(days=60), 30, True, ("clubs",))
    assert rules.standing(False, "charities", "me", None, [held], [asks_others], DAY).cover is Cover.SIGNED
    assert rules.standing(False, "charities", "you", None, [held], [], DAY).cover is Cover.NOT_NAMED


def test_people_invitations_and_actions_go_over_and_open_requests_close(two: Hub) -> None:
    with writing():
        cafe, youth = agency_of("Harbour Café"), agency_of("Harbour Youth Project")
        cafe_had = db.session.scalars(db.select(Invitation.id).where(Invitation.agency_id == cafe.id)).all()
        actions = db.session.scalars(db.select(Action.id).where(Action.agency_id == cafe.id)).all()
        asking.ask(cafe, "Sal Rossi", "sal.rossi@anyshire.example", person_of("Sal Rossi"), None, person_of("Meera Patel"), now() + dt.timedelta(days=1))
        request = db.session.scalars(db.select(Request).where(Request.agency_id == cafe.id, Request.closed_at.is_(None))).unique().first()
        version = db.session.get(Person, person_of("Sal Rossi").id).version
    assert cafe_had and request and youth.statutory is cafe.statutory
    merged(two, "Harbour Café", "Harbour Youth Project")
    youth = agency_of("Harbour Youth Project")
    assert all(db.session.get_one(Invitation, some_id).agency_id == youth.id and not db.session.get_one(Invitation, some_id).left for some_id in cafe_had)
    assert all(db.session.get_one(Action, some_id).agency_id == youth.id for some_id in actions)
    assert not db.session.scalars(db.select(Request.id).where(Request.agency.has(name="Harbour Café"), Request.closed_at.is_(None), Request.signed_at.is_(None), Request.declined_at.is_(None))).all()
    assert person_of("Sal Rossi").version > version, "a form that somebody has open does not put the old agency back"
    with pytest.raises(Exception, match="Nothing is left to sign"):
        signing.must_wait(db.session.get_one(Request, request.id))


def test_whoever_signed_is_reminded_for_the_organisation_that_is_left(two: Hub) -> None:
    merged(two)
    signature = db.session.scalars(db.select(Signature).where(Signature.organisation == "Harbour Kiosk")).unique().one()
    at = dt.datetime.combine(signature.until - dt.timedelta(days=20), dt.time(9), dt.timezone.utc)
    with writing():
        assert chores.remind_signatories(at) >= 1
    request = db.session.scalars(db.select(Request).where(Request.email == "kim@kiosk.example")).unique().one()
    assert request.agency.name == "Harbour Café" and request.open
    with writing():
        agreement.signed(agreement.published(now()), agency_of("Harbour Café"), now(), until=signature.until + dt.timedelta(days=300))
    assert signature.id not in {s.id for s in records.running_out(signature.until - dt.timedelta(days=5), 60)}, "the café's own signature counts longer"


@pytest.mark.parametrize(("same", "one", "into", "said"), [
    (True, Merging("A", False, True), Merging("A", False, True), "part of itself"),
    (False, Merging("A", False, False), Merging("B", False, True), "A is part of another agency already"),
    (False, Merging("A", False, True), Merging("B", False, False), "B is part of another agency already"),
    (False, Merging("A", False, True), Merging("B", True, True), "B is a statutory partner and A signs"),
    (False, Merging("A", True, True), Merging("B", False, True), "A is a statutory partner and B signs"),
    (False, Merging("A", True, True), Merging("B", True, True), None),
])
def test_nonsense_is_refused(same: bool, one: Merging, into: Merging, said: str | None) -> None:
    found = obstacle_to_merging(same, one, into)
    assert found is None if said is None else said in (found or "")


def test_every_column_that_names_an_agency_says_what_a_merger_does_to_it() -> None:
    assert not [str(column) for column in merging.columns() if "merger" not in column.info]
    assert {"signatures.agency_id", "signing_requests.agency_id"} <= {str(c) for c in merging.columns() if c.info["merger"] is None}
    assert "people.agency_id" in {str(c) for c in merging.columns() if c.info["merger"]}


def test_an_administrator_reads_what_moves_says_that_it_is_right_and_sees_it_done(kiosk: Hub) -> None:
    with kiosk.inside():
        one, cafe, police = (agency_of(name).id for name in ("Harbour Kiosk", "Harbour Café", "Anyshire Police"))
        kind = db.session.scalar(db.select(Kind.id).limit(1))
    user, url = kiosk.be("administrator"), f"/agencies/{one}/merge"
    assert "Make it part of another agency" in words_of(user.get(f"/agencies/{one}"))
    assert "You see what moves before anything changes" in words_of(user.get(url))
    for bad in ("", "x", str(uuid.uuid4()), str(one)):
        answer = user.get(f"{url}?into={bad}")
        assert answer.status_code == 422 and "Choose the agency that it is part of" in words_of(answer)
    summary = words_of(user.get(f"{url}?into={cafe}"))
    assert "2 people: Bo Hart and Kim Lee" in summary and "1 signature for Harbour Kiosk goes on covering its own people" in summary and "cannot be taken back" in summary
    refused = user.post(f"{url}?into={cafe}", page=f"{url}?into={cafe}", into=str(cafe))
    assert refused.status_code == 422 and "Say that you have read what moves" in words_of(refused)
    assert "would change what people may read" in words_of(user.get(f"{url}?into={police}"))
    refused = user.post(f"{url}?into={police}", page=url, into=str(police), sure="y")
    assert refused.status_code == 422 and "would change what people may read" in words_of(refused)
    done = user.post(f"{url}?into={cafe}", page=f"{url}?into={cafe}", into=str(cafe), sure="y")
    assert done.status_code == 303 and "Harbour Kiosk, now part of Harbour Café" in words_of(user.get("/agencies")).replace(" ,", ",")
    with kiosk.inside():
        event = db.session.scalar(db.select(Event).where(Event.verb == "merged_agencies"))
        assert event.actor == "Owen Blake" and event.detail["into"] == str(cafe)
    assert user.get(f"/agencies/{one}").status_code == 303 and "is part of Harbour Café since" in words_of(user.get(url))
    again = user.post(f"{url}?into={cafe}", page=f"/agencies/{cafe}/merge?into={one}", into=str(cafe), sure="y")
    assert again.status_code == 422 and "is part of another agency already" in words_of(again)
    taken = user.post("/agencies/add", name="harbour kiosk", kind_id=str(kind), statutory="0")
    assert taken.status_code == 422 and "Harbour Kiosk is part of Harbour Café now" in words_of(taken)
    register = kiosk.be("ig officer").get("/agreements/signatures")
    assert "now part of Harbour Café" in words_of(register) and "Everybody who was there on" in words_of(register)
    with kiosk.inside():
        signature = db.session.scalars(db.select(Signature.id).where(Signature.organisation == "Harbour Kiosk")).one()
    assert "Part of Harbour Café since" in words_of(kiosk.be("ig officer").get(f"/agreements/signatures/{signature}"))
    for other in ("coordinator", "ig officer", "chair", "agency contact"):
        assert kiosk.be(other).get(url).status_code == 404


def test_a_workbook_sent_out_before_comes_back_for_the_agency_that_is_left(hub: Hub) -> None:
    user, context = hub.be("coordinator"), hub.context("school")
    book = workbook(hub, user, context, "Housing")
    put(book, 2, status="Reported complete", update="Both hedges are cut", evidence="Seen from the road")
    with hub.inside():
        merged(hub, "Housing", "Anyshire Police")
        police = str(agency_of("Anyshire Police").id)
    sent = upload(user, context, book, police)
    assert sent.status_code == 303, words_of(sent)
    page = words_of(user.get(sent.location))
    assert "Both hedges are cut" in page and "cannot be used" not in page, page


def test_on_postgres_too(postgres_server, tmp_path) -> None:  # noqa: ANN001
    hub = Hub(create_app(settings(tmp_path, database_url=postgres_server.new_database()))).build()
    with hub.inside():
        with writing():
            kiosk = Agency(name="Harbour Kiosk", kind_id=agency_of("Harbour Café").kind_id)
            db.session.add(kiosk)
            db.session.flush()
            db.session.add(Person(name="Kim Lee", email="kim@kiosk.example", agency_id=kiosk.id))
            db.session.flush()
            agreement.signed(agreement.published(now()), kiosk, now(), person_of("Kim Lee"))
        merged(hub)
        assert stands("Kim Lee") is Cover.SIGNED and stands("Sal Rossi") is Cover.NOT_NAMED
        db.session.remove()
        db.engine.dispose()
