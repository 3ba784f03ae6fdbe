"""A signature on paper is recorded with its scan, counts like any other, and its scan is opened by three roles alone."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest

from csc_hub.audit.records import Event
from csc_hub.db import db
from csc_hub.kernel import LONDON, now, today
from csc_hub.papers import service as papers
from csc_hub.papers.records import Paper
from csc_hub.people.records import Agency
from csc_hub.process.agreements import covering, proof, records, rules
from csc_hub.process.agreements.records import Request, Signature
from csc_hub.process.agreements.rules import Document, Way
from tests import parts
from tests.hub import Hub, User, copy, words_of
from tests.papers.test_filetypes import GOOD

DAY = today(now()) - dt.timedelta(days=20)


def form(hub: Hub, **more: Any) -> tuple[str, dict[str, Any]]:
    """The page for the café, and what its form is filled in with."""
    with hub.inside():
        cafe = db.session.scalar(db.select(Agency.id).where(Agency.name == "Harbour Café"))
        version = str(records.in_force(Document.AGREEMENT, today(now())).id)
    fields = {"version_id": version, "name": "Sal Rossi", "job_title": "Owner", "signed_on-day": str(DAY.day), "signed_on-month": str(DAY.month),
              "signed_on-year": str(DAY.year), "email": "", "covers": "everybody", "file": (io.BytesIO(GOOD["letter.pdf"]), "signed.pdf")}
    return f"/agreements/signatures/paper/{cafe}", fields | more


def record(hub: Hub, user: User, status: int = 303, **more: Any) -> str:
    url, fields = form(hub, **more)
    answer = user.post(url, **fields)
    assert answer.status_code == status, words_of(answer)[:800]
    return answer.headers["Location"] if status == 303 else words_of(answer)


def test_a_signature_on_paper_counts_from_its_day_and_keeps_its_scan(hub: Hub) -> None:
    chair = hub.be("chair")
    assert "Harbour Café" in words_of(chair.get("/agreements/signatures/paper")) and "Anyshire Police" not in words_of(chair.get("/agreements/signatures/paper"))
    at = record(hub, chair, email="sal.rossi@anyshire.example")
    page = words_of(chair.get(at))
    assert "on paper" in page and f"{DAY:%d/%m/%Y}, the date on the paper" in page and "Recorded by Helen Marsh" in page and "Open the scan" in page
    with hub.inside():
        (signature,) = db.session.scalars(db.select(Signature).where(Signature.organisation == "Harbour Café")).unique()
        assert (signature.way, signature.witness, signature.authority) == (Way.PAPER, "Helen Marsh", "Signed on paper for Harbour Café")
        assert today(signature.signed_at) == DAY and signature.signed_at.astimezone(LONDON).hour == 0 and signature.until == rules.signature_until(DAY, 12)
        assert "The scan was recorded by Helen Marsh on" in signature.verified and signature.paper.sha256 in signature.verified and signature.paper.context_id is None
        assert proof.prove().whole and not db.session.scalar(db.select(Request).where(Request.name == "Sal Rossi", Request.closed_at.is_(None)))
        cafe = signature.agency
        stands = rules.standing(False, str(cafe.kind_id), "anybody", None, covering.known([cafe]).held[cafe.id], [], today(now()))
        assert stands.covered
    for role, status in (("coordinator", 200), ("chair", 200), ("ig officer", 200), ("lead", 404), ("administrator", 404), ("reader", 404), ("partner", 404)):
        answer = hub.be(role).get(f"{at}/scan")
        assert answer.status_code == status, role
        if status == 200:
            assert answer.data == GOOD["letter.pdf"] and answer.headers["Content-Disposition"].startswith("attachment") and "sandbox" in answer.headers["Content-Security-Policy"]
    with hub.inside():
        assert db.session.scalar(db.select(db.func.count()).select_from(Event).where(Event.verb == "opened_paper", Event.context_id.is_(None))) == 3


@pytest.mark.parametrize(("more", "said"), [
    ({"name": " "}, "Enter the name of whoever signed"), ({"name": "\U0001f389"}, "in letters"), ({"job_title": ""}, "Enter their job title"),
    ({"signed_on-year": "2030"}, "cannot be in the future"), ({"signed_on-year": "2019"}, "ran out on"), ({"signed_on-day": ""}, "must include a day"),
    ({"version_id": ""}, "Choose the version"), ({"covers": "named"}, "Choose the people"), ({"file": None}, "Choose the scan"),
    ({"file": (io.BytesIO(b"A text"), "signed.txt")}, "must be a PDF, JPG or PNG"), ({"file": (io.BytesIO(b"A text"), "signed.pdf")}, "PDF"),
    ({"file": (io.BytesIO(GOOD["photo.jpg"]), "signed.pdf")}, "JPEG")])
def test_what_is_wrong_is_said_and_nothing_is_kept(hub: Hub, more: dict[str, Any], said: str) -> None:
    words = record(hub, hub.be("coordinator"), 422, **more)
    assert said in words
    with hub.inside():
        assert not db.session.scalar(db.select(Signature).where(Signature.way == Way.PAPER)) and not db.session.scalar(db.select(Paper).where(Paper.context_id.is_(None)))
        assert not papers.strays()


def test_the_same_scan_twice_is_refused_and_no_stray_file_stays(hub: Hub) -> None:
    clerk = hub.be("coordinator")
    record(hub, clerk)
    assert "This scan was recorded already" in record(hub, clerk, 422)
    with hub.inside():
        strays = papers.strays()
    assert not strays, strays


def test_a_scan_with_a_virus_is_not_kept(built: Any, tmp_path: Any, clamd_socket: str) -> None:
    hub = copy(built, tmp_path / "hub", clamd=clamd_socket)
    assert "A virus was found" in record(hub, hub.be("coordinator"), 422, file=(io.BytesIO(GOOD["letter.pdf"].replace(b"\n", b"\n%" + parts.eicar() + b"\n", 1)), "signed.pdf"))
    at = record(hub, hub.be("coordinator"))
    assert "Checked for viruses" in words_of(hub.be("coordinator").get(at))
