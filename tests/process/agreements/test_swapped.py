"""Ids of others in requests to sign, tokens in places where they do not belong, and Word files that are no texts."""

from __future__ import annotations

import io
import uuid

import pytest

from csc_hub.db import db, writing
from csc_hub.kernel import now, today
from csc_hub.people import links
from csc_hub.people.links import Purpose
from csc_hub.people.records import Agency, Person
from csc_hub.process.agreements import records
from csc_hub.process.agreements.records import Request, Signature
from csc_hub.process.agreements.rules import Document
from csc_hub.process.conferences.records import Conference
from tests.hub import Hub, User, words_of
from tests.papers import test_filetypes
from tests.process.agreements.test_signing import ABOUT, read

AGENCIES = ("Harbour Café", "Tideway Buses", "Harbour Youth Project")


@pytest.fixture
def three(hub: Hub) -> dict[str, tuple[str, uuid.UUID]]:
    """Three organisations asked to sign for two conferences: the token of each one's link, and its request."""
    found = {}
    with hub.inside(), writing():
        version, meetings = records.in_force(Document.AGREEMENT, today(now())), list(db.session.scalars(db.select(Conference.id).limit(2)))
        assert len(meetings) == 2
        for place, name in enumerate(AGENCIES):
            agency = db.session.scalar(db.select(Agency).where(Agency.name == name))
            person = db.session.scalar(db.select(Person).where(Person.agency_id == agency.id))
            request = Request(version_id=version.id, agency_id=agency.id, person_id=person.id, conference_id=meetings[place % 2], name=person.name,
                              email=f"someone{place}@swap.example", asked_at=now(), asked_by="Meera Patel", typed={})
            db.session.add(request)
            db.session.flush()
            key = links.make(Purpose.SIGNING, request.id, request.email, now().replace(year=2027), now())
            found[name] = (key.token, request.id)
    return found


def come(hub: Hub, token: str) -> User:
    user = hub.be(None)
    assert user.post(f"/s/{token}").status_code == 303
    return user


def test_no_id_of_another_organisation_or_meeting_changes_whom_one_signs_for(hub: Hub, three: dict[str, tuple[str, uuid.UUID]]) -> None:
    with hub.inside():
        ids = {name: {"agency_id": str(r.agency_id), "person_id": str(r.person_id), "conference_id": str(r.conference_id), "request_id": str(r.id), "version_id": str(r.version_id)}
               for name, (_, some_id) in three.items() for r in [db.session.get_one(Request, some_id)]}
    for name, (token, some_id) in three.items():
        user, other = come(hub, token), ids[AGENCIES[(AGENCIES.index(name) + 1) % 3]]
        read(user)
        swapped = user.post("/sign/about", **{**ABOUT, "covers": "named", "named": other["person_id"]})
        assert swapped.status_code == 422 and "Choose from the options" in words_of(swapped), "a person of another organisation"
        assert user.post("/sign/about", **{**ABOUT, **other}).status_code == 303
        assert user.post("/sign/name", typed_name="Sal Rossi", **other).headers["Location"] == "/sign/done"
        with hub.inside():
            signature = db.session.scalars(db.select(Signature).where(Signature.request_id == some_id)).unique().one()
            assert (str(signature.agency_id), signature.organisation, signature.email) == (ids[name]["agency_id"], name, db.session.get_one(Request, some_id).email)
        receipts = words_of(user.get("/sign/receipt"))
        assert name in receipts and not [n for n in AGENCIES if n != name and n in receipts]
    with hub.inside():
        assert db.session.scalar(db.select(db.func.count()).select_from(Signature).where(Signature.request_id.in_([some_id for _, some_id in three.values()]))) == 3


def test_a_link_to_an_invitation_signs_nothing_and_the_other_way_round(hub: Hub, three: dict[str, tuple[str, uuid.UUID]]) -> None:
    token = three["Harbour Café"][0]
    assert hub.be(None).get(f"/i/{token}").status_code == 404 and hub.be(None).get(f"/s/{token}").status_code == 200
    assert come(hub, token).get("/invitation").status_code == 404


def test_a_token_stands_in_no_page_export_event_or_row(hub: Hub, three: dict[str, tuple[str, uuid.UUID]]) -> None:
    tokens = [token for token, _ in three.values()]
    user = come(hub, tokens[0])
    pages = [user.get(url) for url in ("/sign", "/sign/about", "/sign/decline", "/sign/pass-on")]
    for role in ("coordinator", "lead", "chair", "ig officer", "administrator", "reader"):
        seat = hub.be(role)
        pages += [seat.get(url, follow_redirects=True) for url in ("/", "/agreements/signatures", "/agreements/signatures/download/xlsx", "/agreements/signatures/download/docx", "/audit")]
        pages += [seat.get(f"/contexts/{hub.context('interchange')}/{part}") for part in ("invitations", "invitations/mail", "register", "history")]
    assert len(pages) > 50 and not [page.request.path for page in pages for token in tokens if token.encode() in page.data]
    with hub.inside():
        rows = [repr(tuple(row)) for table in ("links", "signing_requests", "events", "signatures") for row in db.session.execute(db.text(f"SELECT * FROM {table}"))]
        assert not [row for row in rows for token in tokens if token in row]


@pytest.mark.parametrize("name", ["docm", "docm as docx", "macro part", "macro part by another name", "locked Office", "empty"])
def test_a_word_file_that_may_do_harm_is_refused_with_its_reason_and_the_draft_stays(hub: Hub, name: str) -> None:
    content, file_name, said = test_filetypes.BAD[name]
    meera = hub.be("ig officer")
    place = meera.post("/agreements/begin/terms", page="/agreements").headers["Location"].replace("/edit", "/word")
    before = words_of(meera.get(place.replace("/word", "")))
    answer = meera.post(place, file=(io.BytesIO(content), file_name))
    assert answer.status_code == 422 and "There is a problem" in words_of(answer), said
    assert words_of(meera.get(place.replace("/word", ""))) == before


def test_a_document_that_unpacks_to_very_much_is_refused_and_nothing_breaks(hub: Hub) -> None:
    meera = hub.be("ig officer")
    place = meera.post("/agreements/begin/terms", page="/agreements").headers["Location"].replace("/edit", "/word")
    answer = meera.post(place, file=(io.BytesIO(test_filetypes._lying_bomb()), "a.docx"))
    assert answer.status_code == 422 and "There is a problem" in words_of(answer) and meera.get("/agreements").status_code == 200
