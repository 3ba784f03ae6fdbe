"""The texts: written, published, immutable, asked again; and the register of who signed."""

from __future__ import annotations

import datetime as dt
import hashlib
import io

import pytest

from csc_hub import kernel
from csc_hub.adapters import markdown
from csc_hub.db import db, writing
from csc_hub.kernel import Refused
from csc_hub.outbox.records import Outgoing
from csc_hub.people.records import Agency, Person
from csc_hub.process.agreements import asking, records, sample, service
from csc_hub.process.agreements.records import Request, Signature, Version
from csc_hub.process.agreements.rules import Deed, Document, State
from tests import agreement
from tests.hub import CAST, Hub, words_of

DAY = {"effective_on": dt.date(2026, 12, 1), "review_on": dt.date(2027, 12, 1), "approved_on": dt.date(2026, 11, 20)}
FACTS = {"title": "Sharing agreement", "purpose": "To keep places safe.", "parties": "The council and its partners.", "body": "## What we share\n\nPlaces.",
         "approved_by": "The board", "changes": "Shorter.", **DAY}


def officer() -> Person:
    return db.session.scalar(db.select(Person).where(Person.name == CAST["ig officer"]))


def cafe() -> tuple[Agency, Person]:
    sal = db.session.scalar(db.select(Person).where(Person.name == "Sal Rossi"))
    return sal.agency, sal


def dates(**days: dt.date) -> dict[str, str]:
    return {f"{name}-{part}": str(getattr(day, part)) for name, day in days.items() for part in ("day", "month", "year")}


def test_a_text_is_written_published_and_read_by_everybody_and_its_hash_can_be_checked(hub: Hub) -> None:
    meera = hub.be("ig officer")
    place = meera.post("/agreements/begin/terms", page="/agreements").headers["Location"]
    typed = {name: FACTS[name] for name in ("title", "purpose", "parties", "body", "approved_by", "changes")}
    assert meera.post(place, **typed | {"body": f"## Why\n\n{sample.MARK}"}, **dates(**DAY)).status_code == 303
    refused = meera.post(place.replace("/edit", "/publish"))
    assert refused.status_code == 422 and "still the placeholder" in words_of(refused)
    assert meera.post(place, **typed, **dates(**DAY)).status_code == 303
    assert hub.be("partner").get(place.replace("/edit", "")).status_code == 404  # a draft is the officer's
    assert meera.post(place.replace("/edit", "/publish")).status_code == 303
    sal = hub.be("partner")
    page = sal.get(place.replace("/edit", ""))
    assert "<h2" in page.text and "What we share" in words_of(page)
    text = sal.get(place.replace("/edit", "/text.txt")).data
    assert hashlib.sha256(text).hexdigest() in page.text
    assert meera.post(place, page="/agreements", **typed).status_code in (409, 422)


def test_what_is_published_goes_back_to_a_draft_only_while_nobody_was_asked(hub: Hub) -> None:
    now = kernel.now()
    with hub.inside(), writing():
        version = agreement.published(now, number=90)
        with pytest.raises(Refused, match="stays as it is"):
            service.change(version, service.VersionDraft(**FACTS), officer(), now)
        service.withdraw(version, "", officer(), now)
        assert version.state is State.DRAFT
        version.body = FACTS["body"]
        service.change(version, service.VersionDraft(**FACTS), officer(), now)
        service.publish(version, officer(), now)
        agency, sal = cafe()
        agreement.signed(version, agency, now, sal)
        with pytest.raises(Refused, match="reason"):
            service.withdraw(version, "", officer(), now)
        service.withdraw(version, "A mistake in it", officer(), now)
        assert version.state is State.WITHDRAWN and version.shown


def test_a_placeholder_cannot_be_published_in_part_either(hub: Hub) -> None:
    with hub.inside(), writing():
        version = Version(document=Document.AGREEMENT, number=95, **FACTS | {"body": f"## Mine\n\n{sample.MARK} more"})
        assert service.obstacle_to_publishing(version, True)[0] == "body"


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", "[x](javascript:alert(1))", "![p](https://a.example/p.png)", "<img src=x onerror=alert(1)>", "[go](/sign-out)"])
def test_hostile_text_is_only_text(hostile: str) -> None:
    shown = str(markdown.html(hostile))
    assert "<script" not in shown and "<img" not in shown and 'href="javascript' not in shown and 'href="/' not in shown


def test_headings_never_skip_a_level() -> None:
    assert [tag for tag in ("<h2", "<h3", "<h4") if tag in str(markdown.html("# A\n\n#### B\n\n##### C\n\n# D"))] == ["<h2", "<h3", "<h4"]


def test_a_new_version_asks_only_those_it_concerns_and_each_of_them_once(hub: Hub) -> None:
    now = kernel.now()
    with hub.inside(), writing():
        first = agreement.published(now, number=90)
        agency, sal = cafe()
        agreement.signed(first, agency, now, sal, email=sal.email)
        agreement.signed(first, agency, now, sal, email=sal.email)
        second = agreement.published(now, number=91, changes="Shorter.")
        assert asking.ask_again(second, officer(), now) == 3  # the café, and the two of the demonstration whose signatures count
        assert asking.ask_again(second, officer(), now) == 0
        letter = db.session.scalars(db.select(Outgoing).where(Outgoing.kind == "sign_new", Outgoing.to_address == sal.email)).one()
        assert "Shorter." in letter.text and "/s/" in letter.text
        third = agreement.published(now, number=92, asks_kinds=["another kind"])
        assert asking.ask_again(third, officer(), now) == 0


def test_asking_twice_on_one_day_is_refused_and_a_mail_says_nothing_of_a_case(hub: Hub) -> None:
    now = kernel.now()
    with hub.inside(), writing():
        agency, sal = cafe()
        if records.in_force(Document.AGREEMENT, kernel.today(now)) is None:
            agreement.published(now, number=90)
        request = asking.ask(agency, sal.name, sal.email, sal, None, officer(), now)
        with pytest.raises(Refused, match="today"):
            asking.ask(agency, sal.name, sal.email, sal, None, officer(), now)
        assert asking.ask(agency, sal.name, sal.email, sal, None, officer(), now + dt.timedelta(days=1)) is request
        letter = db.session.scalars(db.select(Outgoing).where(Outgoing.about == request.id)).first()
        assert "Harbour Road" not in letter.text + letter.subject + letter.html and "two minutes" in letter.text
        asking.close(request, officer(), now)
        assert not request.open


def test_the_register_shows_countersigns_ends_and_downloads(hub: Hub) -> None:
    now = kernel.now()
    with hub.inside(), writing():
        agency, sal = cafe()
        one = agreement.signed(agreement.published(now, number=90), agency, now, sal, organisation="=cmd()|'x'!A1").id
    meera, grace = hub.be("ig officer"), hub.be("coordinator")
    assert grace.get("/agreements/signatures").status_code == 200 and hub.be("reader").get("/agreements/signatures").status_code == 404
    assert grace.post(f"/agreements/signatures/{one}/countersign", page="/agreements/signatures").status_code == 404
    assert meera.post("/agreements/signatures/countersign", page="/agreements/signatures").status_code == 303
    assert "countersigned" in words_of(grace.get("/agreements/signatures?q=cmd&state=counts"))
    assert meera.post(f"/agreements/signatures/{one}/end").status_code == 422
    assert meera.post(f"/agreements/signatures/{one}/end", reason="They closed").status_code == 303
    assert "They closed" in words_of(meera.get(f"/agreements/signatures/{one}"))
    assert "They closed" in words_of(meera.get("/agreements/signatures?state=over"))
    from openpyxl import load_workbook

    sheet = load_workbook(io.BytesIO(meera.get("/agreements/signatures/download/xlsx").data)).active
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert meera.get("/agreements/signatures/download/docx").data[:2] == b"PK"


def test_a_kind_that_changes_carries_its_agencies_over(hub: Hub) -> None:
    with hub.inside(), writing():
        agency, _ = cafe()
        before = agency.statutory
        signing = {kind.id for kind in service.people.kinds() if not kind.statutory} ^ {agency.kind_id}
        assert service.set_kinds(signing, officer(), kernel.now()) >= 1
        assert agency.statutory is not before


def test_the_text_of_a_word_file_keeps_headings_lists_tables_and_bold(hub: Hub) -> None:
    from docx import Document as Word

    made = Word()
    made.add_heading("What we share", 1)
    made.add_paragraph("1. <b>*Hostile*</b>")
    made.add_paragraph("One", style="List Bullet")
    made.add_paragraph("").add_run("Bold").bold = True
    table = made.add_table(rows=1, cols=2)
    table.rows[0].cells[0].text = "a|b"
    file = io.BytesIO()
    made.save(file)
    meera = hub.be("ig officer")
    place = meera.post("/agreements/begin/terms", page="/agreements").headers["Location"].replace("/edit", "/word")
    assert meera.post(place, file=(io.BytesIO(b"{\\rtf1}"), "a.docx")).status_code == 422
    assert meera.post(place, file=(io.BytesIO(file.getvalue()), "a.docx")).status_code == 303
    page = meera.get(place.replace("/word", ""))
    assert "<strong>Bold</strong>" in page.text and "<li>One</li>" in page.text and "<table" in page.text and "&lt;b&gt;*Hostile*&lt;/b&gt;" in page.text
