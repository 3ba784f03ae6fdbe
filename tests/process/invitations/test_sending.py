"""Invitations sent, answered through the link, chased and withdrawn: by HTTP, as people meet them."""

import datetime as dt
import email
import email.policy
import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import request

from csc_hub.db import db, writing
from csc_hub.kernel import day_in_words, now, today, working_days_from
from csc_hub.adapters.holidays import bank_holidays
from csc_hub.outbox import worker
from csc_hub.process.conferences.records import Conference
from csc_hub.process.contexts.records import Context
from csc_hub.process.invitations import sending
from csc_hub.process.invitations.records import Invitation, Said
from csc_hub.people.records import Agency, Person
from csc_hub.process.agreements import records as agreements
from csc_hub.process.agreements import service as agreements_service
from csc_hub.process.agreements.rules import Deed, Document
from csc_hub.outbox.records import Outgoing
from csc_hub.process.agreements.records import Signature
from tests import agreement as builders
from tests.hub import NAMES, Hub, User, words_of


class Post:
    """The folder into which the demonstration's mail is written, read as a mailbox."""

    def __init__(self, hub: Hub):
        self.hub, self.read = hub, set()

    def new(self) -> list:
        """What was mailed since the last look, after the worker has done its round."""
        worker.send_due(self.hub.app)
        folder = Path(self.hub.app.config["CSC"].data) / "mail"
        fresh = sorted(set(folder.glob("*.eml")) - self.read, key=lambda p: p.stat().st_mtime_ns)
        self.read |= set(fresh)
        return [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in fresh]


def text_of(mail) -> str:  # noqa: ANN001
    """The plain part."""
    return mail.get_body(("plain",)).get_content()


def link_of(mail) -> str:  # noqa: ANN001
    """The path of the link in a mail."""
    found = re.search(r"http://localhost(/i/\S+)", text_of(mail))
    assert found, text_of(mail)
    return found[1]


def calendar_of(mail) -> str:  # noqa: ANN001
    """The calendar part, unfolded."""
    part = next(p for p in mail.walk() if p.get_content_type() == "text/calendar")
    return part.get_content().replace("\r\n ", "").replace("\n ", "")


@pytest.fixture
def sent(hub: Hub) -> tuple[Hub, User, str, dict[str, object]]:
    """The bus interchange's invitations, sent by the coordinator; mails by name."""
    user, context = hub.be("coordinator"), hub.context("interchange")
    own = f"/contexts/{context}/invitations"
    page = user.get(f"{own}/send")
    chosen = re.findall(r'name="chosen"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="chosen"', page.text)
    answer = user.post(f"{own}/send", chosen=[a or b for a, b in chosen])
    assert answer.status_code == 303, words_of(answer)
    return hub, user, context, {mail["To"].addresses[0].display_name: mail for mail in Post(hub).new()}


def test_an_invitation_says_when_and_where_and_nothing_of_the_case(sent) -> None:  # noqa: ANN001
    hub, user, context, mails = sent
    assert set(mails) == {"Tom Ward", "Priya Nair", "Sal Rossi"}, "Joy declined by phone, and the others have no address"
    mail = mails["Sal Rossi"]
    said = text_of(mail) + mail.get_body(("html",)).get_content() + mail["Subject"] + calendar_of(mail)
    for secret in ("Harbour Road bus interchange", "CSC-2026", "Neighbourhood", "exploitation", "walkway", "caring intent"):
        assert secret not in said, secret
    with hub.inside():
        day = db.session.scalar(db.select(Conference).join(Context, Context.id == Conference.context_id).where(Context.name == NAMES["interchange"])).day
    assert f"When: {day_in_words(day)}, 10:00 to 12:00" in said and "Chair: David Hollis" in said and "confidential" in said
    assert "David Hollis, Anyshire Council" in mail["From"] and mail["From"].addresses[0].addr_spec == "csc-hub@localhost"
    entry = calendar_of(mail)
    assert "METHOD:REQUEST" in entry and "SEQUENCE:0" in entry and "SUMMARY:Multi-agency meeting" in entry and "mailto:sal.rossi@anyshire.example" in entry
    page = words_of(user.get(f"/contexts/{context}/invitations"))
    assert "by Grace Mensah, for David Hollis" in page and "Not sent yet" in page


def test_a_venue_that_gives_the_context_away_is_left_out(hub: Hub) -> None:
    user, context = hub.be("coordinator"), hub.context("interchange")
    with hub.inside(), writing():
        conference = db.session.scalar(db.select(Conference).where(Conference.context_id == db.session.scalar(db.select(Context.id).where(Context.name == NAMES["interchange"]))))
        conference.place_hidden = True
        db.session.info["recorded"] = True
    ids = re.findall(r'value="([0-9a-f-]{36})"', user.get(f"/contexts/{context}/invitations/send").text)
    user.post(f"/contexts/{context}/invitations/send", chosen=ids)
    for mail in (mail for mail in Post(hub).new() if "agreement" not in mail["Subject"]):
        assert "St Anne" not in text_of(mail) + calendar_of(mail) and "Where: see your link" in text_of(mail) and "LOCATION:See your link" in calendar_of(mail)


def test_looking_at_a_link_changes_nothing_however_often_and_continue_opens_the_page(sent) -> None:  # noqa: ANN001
    hub, _, _, mails = sent
    url, scanner = link_of(mails["Sal Rossi"]), hub.be(None)
    for _ in range(20):
        assert scanner.get(url).status_code == 200 and scanner.client.head(url).status_code == 200
        scanner.client.options(url)
    with hub.inside():
        assert db.session.scalar(db.select(db.func.count()).select_from(Invitation).where(Invitation.seen_at.is_not(None))) == 0
    sal = hub.be(None)
    assert "Continue" in sal.get(url).text
    assert sal.post(url).status_code == 303
    page = words_of(sal.get("/invitation"))
    assert "St Anne’s Hall" in page and "Can you come?" in page and "Harbour Road bus interchange" not in page


def come_in(hub: Hub, mail) -> User:  # noqa: ANN001
    """Somebody who pressed Continue."""
    user = hub.be(None)
    assert user.post(link_of(mail)).status_code == 303
    return user


def answer(user: User, **fields: str):  # noqa: ANN201
    """Sends the form on somebody's own page."""
    return user.post("/invitation", **{"reply": "", "reason": "", "colleague": "", "address": "", "needs": "", "contribution": "", **fields})


def test_an_answer_through_the_link_is_on_the_board_with_its_source(sent) -> None:  # noqa: ANN001
    hub, user, context, mails = sent
    sal = come_in(hub, mails["Sal Rossi"])
    assert "Choose your answer" in words_of(answer(sal))
    refused = answer(sal, reply="declined")
    assert refused.status_code == 422 and "Write in a line why you cannot come" in words_of(refused)
    assert answer(sal, reply="accepted", needs="Step-free access", contribution="Young people buy tea and stay until eight.").status_code == 303
    assert answer(sal, reply="accepted", needs="Step-free access", contribution="Young people buy tea and stay until eight.").status_code == 303
    with hub.inside():
        assert db.session.scalar(db.select(db.func.count()).select_from(Said).where(Said.source == "link")) == 1, "the same form sent twice is one answer"
    assert "Your answer: Coming" in words_of(sal.get("/invitation"))
    page = words_of(user.get(f"/contexts/{context}/invitations"))
    assert "Nick Penrose and Sal Rossi are coming" in page and "Needs: Step-free access" in page and "Young people buy tea" in page
    assert "recorded a reply, coming, through the link" in words_of(user.get(f"/contexts/{context}/history"))


def test_a_deputy_is_put_on_the_list_and_inherits_nothing_secret(sent) -> None:  # noqa: ANN001
    hub, user, context, mails = sent
    tom = come_in(hub, mails["Tom Ward"])
    assert answer(tom, reply="deputy").status_code == 422
    assert answer(tom, reply="deputy", colleague="Ruth Bell", address="ruth.bell@anyshire.example").status_code == 303
    page = words_of(user.get(f"/contexts/{context}/invitations"))
    assert "Tom Ward sends a deputy" in page and "Ruth Bell" in page and "Named by Tom Ward" in page
    other = come_in(hub, mails["Sal Rossi"])
    assert answer(other, reply="passed", colleague="Joy Okafor", address="joy.okafor@anyshire.example").status_code == 303
    assert "with an address that is to be checked" in words_of(user.get(f"/contexts/{context}/invitations")), "whose address it is stays unsaid"


def test_a_wrong_an_expired_and_a_withdrawn_link_look_alike(sent) -> None:  # noqa: ANN001
    hub, user, context, mails = sent
    url, sal = link_of(mails["Sal Rossi"]), come_in(hub, mails["Sal Rossi"])
    with hub.inside():
        invitation = db.session.scalar(db.select(Invitation.id).where(Invitation.sent_at.is_not(None), Invitation.person.has(name="Sal Rossi")))
    own = f"/contexts/{context}/invitations"
    assert user.post(f"{own}/{invitation}/withdraw", page=own).status_code == 303
    nobody = hub.be(None)
    wrong, withdrawn = nobody.get("/i/" + "x" * 43), nobody.get(url)
    assert wrong.status_code == withdrawn.status_code == 404 and words_of(wrong) == words_of(withdrawn)
    assert sal.get("/invitation").status_code == 404, "the open page closes at once"
    cancelled = next(m for m in Post(hub).new() if "METHOD:CANCEL" in str(m.get_body(("plain",))) or any(p.get_content_type() == "text/calendar" and "METHOD:CANCEL" in p.get_content() for p in m.walk()))
    assert "STATUS:CANCELLED" in calendar_of(cancelled) and "SEQUENCE:1" in calendar_of(cancelled)
    assert calendar_of(cancelled).split("UID:")[1].split("\n")[0] == calendar_of(mails["Sal Rossi"]).split("UID:")[1].split("\n")[0]


def test_the_code_opens_the_page_on_another_device_and_ten_wrong_ones_make_it_wait(sent) -> None:  # noqa: ANN001
    hub, _, _, mails = sent
    found = re.search(r"the code (\d{3}) (\d{3})", text_of(mails["Sal Rossi"]))
    assert found
    phone = hub.be(None)
    assert phone.post("/code", email="sal.rossi@anyshire.example", code=f"{found[1]} {found[2]}").status_code == 303
    assert phone.get("/invitation").status_code == 200
    guesser = hub.be(None)
    said = {words_of(guesser.post("/code", email=who, code="000000"))[:400] for who in ("tom.ward@anyshire.example", "nobody@anyshire.example")}
    assert len(said) == 1, "known and unknown addresses answer alike"
    for _ in range(12):
        last = guesser.post("/code", email="tom.ward@anyshire.example", code="000001")
    assert last.status_code == 422 and "Too many tries" in words_of(last)


def test_moving_the_meeting_sends_an_update_on_the_same_entry_and_asks_again(sent) -> None:  # noqa: ANN001
    hub, _, context, mails = sent
    answer(come_in(hub, mails["Sal Rossi"]), reply="accepted")
    lead, box = hub.be("lead"), Post(hub)
    box.new()
    url = f"/contexts/{context}/conference"
    day = working_days_from(today(now()), 18, bank_holidays())
    chair = re.search(r'<option value="([^"]+)"[^>]*selected', lead.get(f"{url}/edit").text)
    assert chair
    moved = lead.post(f"{url}/edit", **{"day-day": str(day.day), "day-month": str(day.month), "day-year": str(day.year)}, begins="14:00", ends="16:00",
                      chair_id=chair[1], chair_reason="", independence_note="", venue="Library", near="near", near_reason="", address="", access="", online_link="")
    assert moved.status_code == 303, words_of(moved)
    updates = box.new()
    entry = calendar_of(next(m for m in updates if m["To"].addresses[0].display_name == "Sal Rossi"))
    assert len(updates) == 3 and "SEQUENCE:1" in entry and "METHOD:REQUEST" in entry and f"{day:%Y%m%d}T140000" in entry
    assert "Sal Rossi are coming" not in words_of(lead.get(f"/contexts/{context}/invitations"))
    lead.post(f"{url}/move/cancel", reason="The place has closed")
    gone = box.new()
    assert len(gone) == 3 and all("METHOD:CANCEL" in calendar_of(m) and "SEQUENCE:2" in calendar_of(m) for m in gone)
    assert come_in(hub, updates[0]).get("/invitation").status_code == 200


def test_an_answer_asks_once_who_it_is_and_writes_three_rows(sent) -> None:  # noqa: ANN001
    hub, _, _, mails = sent
    sal, asked = come_in(hub, mails["Sal Rossi"]), []
    with hub.inside():
        sa.event.listen(db.engine, "before_cursor_execute", lambda _c, _cur, words, *_: asked.append(words.split()[:3]) if request.method == "POST" else None)
    assert answer(sal, reply="accepted").status_code == 303
    assert [words[0] for words in asked] == ["SELECT", "UPDATE", "INSERT", "INSERT"], asked


@pytest.mark.parametrize("weekday", [2, 5])
def test_reminders_go_once_a_day_to_those_who_have_not_answered(sent, weekday: int) -> None:  # noqa: ANN001
    hub, user, context, mails = sent
    with hub.inside(), writing():
        conference = db.session.scalar(db.select(Conference).where(Conference.context_id == db.session.scalar(db.select(Context.id).where(Context.name == NAMES["interchange"]))))
        later = dt.timedelta(days=(weekday - conference.day.weekday()) % 7)  # on a Wednesday, and on a Saturday
        conference.starts_at += later
        day = conference.day
    holidays = bank_holidays()
    early = dt.datetime.combine(working_days_from(day, -5, holidays), dt.time(9), dt.timezone.utc)
    for moment, expected in ((early - dt.timedelta(days=1), 0), (early, 1), (early + dt.timedelta(hours=2), 0)):
        with hub.inside(), writing():
            assert sending.remind_due(moment, holidays) == expected, moment
    answer(come_in(hub, mails["Sal Rossi"]), reply="declined", reason="Market day")
    with hub.inside(), writing():
        assert sending.remind_due(dt.datetime.combine(working_days_from(day, -1, holidays), dt.time(9), dt.timezone.utc), holidays) == 0
    assert "Sal Rossi" not in words_of(user.get(f"/contexts/{context}/invitations/phone-list"))


def test_a_letter_on_paper_leads_to_the_same_page(sent) -> None:  # noqa: ANN001
    hub, user, context, _ = sent
    own = f"/contexts/{context}/invitations"
    with hub.inside():
        kemi = db.session.scalar(db.select(Invitation.id).where(Invitation.person.has(name="Kemi Ajayi"), Invitation.conference_id.in_(
            db.select(Conference.id).join(Context, Context.id == Conference.context_id).where(Context.name == NAMES["interchange"]))))
    letter = user.post(f"{own}/{kemi}/letter", page=own)
    url = re.search(r"http://localhost(/i/[\w-]+)", letter.text)
    assert letter.status_code == 200 and url and "<svg" in letter.text and "Dear Kemi Ajayi" in words_of(letter)
    assert NAMES["interchange"] not in letter.text and "CSC-2026" not in letter.text, "what is printed says nothing of the context"
    assert hub.be(None).post(url[1]).status_code == 303
    assert user.post(f"{own}/{kemi}/withdraw", page=own).status_code == 303
    board = user.get(own)
    assert "They have no e-mail address: ring them, or write to them." in words_of(board) and hub.be(None).get(url[1]).status_code == 404
    assert re.search(rf'action="{own}/{kemi}/letter".*?name="anew".*?Invite again, by letter', board.text)
    assert user.post(f"{own}/{kemi}/letter", page=own).status_code == 422, "the letter of a page from before"
    again = user.post(f"{own}/{kemi}/letter", page=own, anew="yes")
    anew = re.search(r"http://localhost(/i/[\w-]+)", again.text)
    assert again.status_code == 200 and anew and hub.be(None).post(anew[1]).status_code == 303 and hub.be(None).get(url[1]).status_code == 404


def test_a_released_paper_is_read_by_those_who_may_and_taken_back_from_all(sent) -> None:  # noqa: ANN001
    hub, user, context, mails = sent
    lead, box, own = hub.be("lead"), Post(hub), f"/contexts/{context}/invitations"
    box.new()
    version = re.search(rf'action="{own}/papers/([0-9a-f-]+)/release"', lead.get(f"{own}/papers").text)
    assert version
    tom, sal = come_in(hub, mails["Tom Ward"]), come_in(hub, mails["Sal Rossi"])
    paper = f"/invitation/papers/{version[1]}"
    assert tom.get(paper).status_code == 404, "not released"
    assert lead.post(f"{own}/papers/{version[1]}/release", page=f"{own}/papers").status_code == 303
    assert {m["To"].addresses[0].display_name for m in box.new()} == {"Tom Ward", "Priya Nair"}, "the café is not covered yet"
    assert "has not signed the information sharing agreement" in words_of(sal.get("/invitation")) and sal.get(paper).status_code == 422
    got = tom.get(paper)
    assert got.status_code == 200 and got.data[:2] == b"PK" and got.headers["Content-Disposition"].startswith("attachment")
    assert "Opened by Tom Ward" in words_of(lead.get(f"{own}/papers"))
    with hub.inside(), writing():
        agency = db.session.scalar(db.select(Agency).where(Agency.id == db.select(Person.agency_id).where(Person.name == "Sal Rossi").scalar_subquery()))
        builders.signed(agreements.in_force(Document.AGREEMENT, today(now())), agency, now())
    assert sal.get(paper).status_code == 200
    answer(sal, reply="declined", reason="Market day")
    assert sal.get(paper).status_code == 422 and "for those who come" in words_of(sal.get("/invitation"))
    recalled = lead.post(f"{own}/papers/{version[1]}/recall", reason="A street name can identify a family", follow=True)
    assert "Tom Ward, Sal Rossi had opened it" in words_of(recalled) or "Sal Rossi" in words_of(recalled)
    assert tom.get(paper).status_code == 404 and sal.get(paper).status_code == 404
    assert all("A paper was taken back" in m["Subject"] for m in box.new())


def test_somebody_invited_signs_from_their_page_and_the_paper_opens_by_itself(sent) -> None:  # noqa: ANN001
    hub, _, context, mails = sent
    lead, own = hub.be("lead"), f"/contexts/{context}/invitations"
    version = re.search(rf'action="{own}/papers/([0-9a-f-]+)/release"', lead.get(f"{own}/papers").text)
    assert version and lead.post(f"{own}/papers/{version[1]}/release", page=f"{own}/papers").status_code == 303
    sal, paper = come_in(hub, mails["Sal Rossi"]), f"/invitation/papers/{version[1]}"
    assert sal.get(paper).status_code == 422 and "Read and sign it" in words_of(sal.get("/invitation"))
    assert sal.post("/invitation/sign", page="/invitation").headers["Location"] == "/sign"
    seen = re.search(r'name="seen" value="(\w+)"', sal.get("/sign").text)
    assert seen and sal.post("/sign", seen=seen[1]).status_code == 303
    assert sal.post("/sign/about", name="Sal Rossi", job_title="Manager", authority="sign", covers="everybody").status_code == 303
    assert sal.post("/sign/name", typed_name="Sal Rossi").headers["Location"] == "/sign/done"
    assert "Back to your invitation" in words_of(sal.get("/sign/done"))
    page = words_of(sal.get("/invitation"))
    assert sal.get(paper).status_code == 200 and "It counts until" in page and "Read and sign it" not in page
    assert sal.post("/invitation/sign", page="/invitation").status_code == 422
    with hub.inside():
        signature = db.session.scalar(db.select(Signature).where(Signature.name == "Sal Rossi"))
        assert "page of their invitation, whose link was mailed to sal.rossi@anyshire.example" in signature.verified
        assert db.session.scalar(db.select(db.func.count()).select_from(Outgoing).where(Outgoing.about == signature.request_id)) == 0, "no second mail"


def test_the_priority_issues_are_told_and_shown_to_those_who_are_covered(sent) -> None:  # noqa: ANN001
    hub, user, context, mails = sent
    own, issue, withheld = f"/contexts/{context}/invitations", "The walkway to the estate is unlit", "shown here once the information sharing agreement covers you"
    sal, tom = come_in(hub, mails["Sal Rossi"]), come_in(hub, mails["Tom Ward"])
    for person in (sal, tom):
        assert "walkway" not in (page := words_of(person.get("/invitation"))) and withheld not in page
    assert user.post(f"{own}/priorities", page=f"{own}/papers").status_code == 303
    assert "walkway" not in "".join(text_of(m) for m in Post(hub).new())
    assert issue in (page := words_of(tom.get("/invitation"))) and withheld not in page, "statutory"
    assert "walkway" not in (page := words_of(sal.get("/invitation"))) and withheld in page
    with hub.inside(), writing():
        agency = db.session.scalars(db.select(Person).where(Person.name == "Sal Rossi")).one().agency
        signature = builders.signed(agreements.in_force(Document.AGREEMENT, today(now())), agency, now())
    assert issue in (page := words_of(sal.get("/invitation"))) and withheld not in page
    with hub.inside(), writing():
        agreements_service.act(db.session.get(Signature, signature.id), Deed.REVOKED, "They closed", db.session.scalars(db.select(Person).where(Person.name == "Grace Mensah")).one(), now())
    assert "walkway" not in (page := words_of(sal.get("/invitation"))) and withheld in page
    answer = {"reply": "declined", "reason": "On leave", "colleague": "", "address": "", "needs": "", "contribution": ""}
    assert tom.post("/invitation", **answer).status_code == 303 and issue not in words_of(tom.get("/invitation"))


def test_those_to_think_of_stand_first_and_a_new_agency_can_be_named(hub: Hub) -> None:
    user, own = hub.be("coordinator"), f"/contexts/{hub.context('school')}/invitations"
    first = re.findall(r"<option value=.[0-9a-f-]+.[^>]*>([^<]+)", user.get(f"{own}/add").text)
    assert "took part in the assessment" in first[0] or "holds actions here" in first[0], first[:3]
    new = {"name": "Ivo Marsh", "job_title": "Shift manager", "email": "", "phone": "01632 960444", "access_needs": "", "why": "2", "agency_id": "", "new_agency": "Marina Security"}
    refused = user.post(f"{own}/add-new", **new, kind_id="")
    assert refused.status_code == 422 and "Choose what kind of agency it is" in words_of(refused) and 'value="Marina Security"' in refused.text
    kind = re.search(r"<option value=.([0-9a-f-]+).[^>]*>Local businesses", user.get(f"{own}/add-new").text)
    assert kind and user.post(f"{own}/add-new", **new, kind_id=kind[1]).status_code == 303
    assert "Shift manager, Marina Security" in words_of(user.get(own))
    again = user.post(f"{own}/add-new", **{**new, "name": "Una Marsh"}, kind_id=kind[1])
    assert again.status_code == 422 and "Choose it from the list" in words_of(again)


def test_no_link_and_no_code_is_kept_once_the_mail_is_out(sent) -> None:  # noqa: ANN001
    hub, _, _, mails = sent
    assert link_of(mails["Sal Rossi"])
    with hub.inside():
        assert db.session.execute(db.text("SELECT count(*) FROM outgoing WHERE text != '' OR html != '' OR calendar != ''")).scalar() == 0


def test_a_lead_without_an_agency_hides_neither_the_list_nor_its_papers(hub: Hub) -> None:
    own = f"/contexts/{hub.context('interchange')}/invitations"
    with hub.inside(), writing():
        db.session.scalars(db.select(Person).where(Person.name == "Priya Nair")).one().agency_id = None
    user = hub.be("coordinator")
    assert "Sal Rossi" in words_of(user.get(own)) and user.get(f"{own}/papers").status_code == 200
