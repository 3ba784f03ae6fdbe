"""What waits for the information governance officer and, of the agreement, for a coordinator: first on their first page."""

from __future__ import annotations

import datetime as dt

import pytest

from csc_hub.db import db, writing
from csc_hub.kernel import now, today
from csc_hub.overview import officer
from csc_hub.process.agreements import records
from csc_hub.process.agreements.records import Request, Signature, Version
from csc_hub.process.agreements.rules import Document
from csc_hub.process.conferences.records import Conference
from csc_hub.process.invitations.records import Invitation
from tests import agreement
from tests.hub import Hub, words_of


def tasks(hub: Hub) -> dict[str, officer.Task]:
    with hub.app.test_request_context():
        return {task.words: task for task in officer.waiting(today(now()), now())}


def test_the_officer_sees_first_what_waits_for_them(hub: Hub) -> None:
    meera = hub.be("ig officer")
    page = words_of(meera.get("/"))
    assert "Waiting for you" in page and "Countersign 1 signature" in page and "run" in page and "Who has signed" in page and page.index("Waiting for you") < page.index("Who did what", 900)
    at = meera.get("/agreements/signatures?state=waiting")
    assert "Countersign 1 signature" in words_of(at)
    meera.post("/agreements/signatures/countersign", page="/agreements/signatures")
    assert "Countersign" not in words_of(meera.get("/"))


@pytest.mark.parametrize(("days", "said", "late"), [(7, "within 7 days", True), (8, "within 30 days", False), (30, "within 30 days", False), (31, "within 60 days", False),
                                                    (60, "within 60 days", False), (61, None, False), (-1, None, False)])
def test_what_runs_out_is_told_in_three_stages(hub: Hub, days: int, said: str | None, late: bool) -> None:
    with hub.inside(), writing():
        version = records.in_force(Document.AGREEMENT, today(now()))
        some = db.session.scalars(db.select(Signature).order_by(Signature.number.desc())).unique().first()
        agreement.signed(version, some.agency, now(), until=today(now()) + dt.timedelta(days=days), organisation="The quay club", everybody=False, email="q@example.org")
    found = [task for task in tasks(hub).values() if "run" in task.words and "The quay club" in task.said]
    assert [task.words.partition("out ")[2] for task in found] == ([said] if said else [])
    assert all(task.late is late for task in found)


def test_drafts_and_reviews_stand_there_until_they_are_done(hub: Hub) -> None:
    hub.be("ig officer").post("/agreements/begin/terms", page="/agreements")
    assert any(words.startswith("Publish version 2 of the terms of reference") for words in tasks(hub))
    with hub.inside(), writing():
        version = records.in_force(Document.AGREEMENT, today(now()))
        version.review_on = today(now()) - dt.timedelta(days=1)
    assert tasks(hub)["Review the information sharing agreement"].late
    with hub.inside(), writing():
        db.session.get_one(Version, version.id).review_on = today(now()) + dt.timedelta(days=61)
    assert "Review the information sharing agreement" not in tasks(hub)
    with hub.inside(), writing():
        for one in db.session.scalars(db.select(Version)):
            one.withdrawn_at = now()
    assert tasks(hub)["Publish the information sharing agreement"].late


def declined(hub: Hub) -> str:
    """The café declined for the meeting it is asked to; the name of the case."""
    with hub.inside(), writing():
        request = db.session.scalar(db.select(Request).where(Request.name == "Sal Rossi"))
        request.declined_at, request.decline_reason = now(), "Head office must see it"
        conference = db.session.scalar(db.select(Conference).join(Invitation, Invitation.conference_id == Conference.id).where(
            Invitation.person.has(name="Sal Rossi"), Conference.starts_at > now()))
        conference.starts_at = now() + dt.timedelta(days=5)
        return str(conference.context_id)


def test_a_declined_request_is_told_with_its_reason_until_they_sign(hub: Hub) -> None:
    context = declined(hub)
    assert "Head office must see it" in tasks(hub)["Harbour Café declined to sign"].said
    assert "Organisations not covered at the next meeting" in tasks(hub)
    grace = hub.be("coordinator").get("/")
    assert "not signed the agreement" in words_of(grace) and "Harbour Café declined: Head office must see it" in words_of(grace)
    assert f"/contexts/{context}/invitations#list" in grace.text and "working day" in words_of(grace)
    with hub.inside(), writing():
        cafe = db.session.scalar(db.select(Request).where(Request.name == "Sal Rossi")).agency
        agreement.signed(records.in_force(Document.AGREEMENT, today(now())), cafe, now())
    assert "Harbour Café declined to sign" not in tasks(hub)
    assert "Harbour Café" not in words_of(hub.be("coordinator").get("/")).partition("Find by reference")[0]


def test_only_a_coordinator_is_told_and_only_of_meetings_that_come_soon(hub: Hub) -> None:
    declined(hub)
    assert "not signed the agreement" not in words_of(hub.be("reader").get("/"))
    with hub.inside(), writing():
        for conference in db.session.scalars(db.select(Conference).where(Conference.starts_at > now())):
            conference.starts_at = now() + dt.timedelta(days=22)
    assert "not signed the agreement" not in words_of(hub.be("coordinator").get("/"))


def test_the_register_is_filtered_by_kind_of_agency_on_the_page_and_in_its_downloads(hub: Hub) -> None:
    meera = hub.be("ig officer")
    with hub.inside():
        signatures = list(db.session.scalars(db.select(Signature).order_by(Signature.number)).unique())
        one, other = signatures[0], next(s for s in signatures if s.agency.kind_id != signatures[0].agency.kind_id)
        kind, mine, theirs = one.agency.kind_id, one.organisation, other.organisation

    def table(url: str) -> str:
        return words_of(meera.get(url)).partition("Kind of agency")[2]

    assert mine in table("/agreements/signatures") and theirs in table("/agreements/signatures")
    shown = table(f"/agreements/signatures?kind={kind}")
    assert mine in shown and f"{theirs} " not in shown.partition("Stands")[2]
    import io

    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(meera.get(f"/agreements/signatures/download/xlsx?kind={kind}").data)).active
    names = {row[0].value for row in book.iter_rows(min_row=3)}
    assert mine in names and theirs not in names
