"""What arrives at the hub's own address: letters that come back, answers from calendars over IMAP, and what is neither."""

from __future__ import annotations

import re
import socket
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from csc_hub import create_app
from csc_hub.adapters.mailbox import FolderMailbox, MailboxDown
from csc_hub.db import db, writing
from csc_hub.kernel import now
from csc_hub.outbox import beside
from csc_hub.outbox.records import MailRead, Outgoing
from csc_hub.people import service as people
from csc_hub.process.invitations import chores, incoming, sending
from csc_hub.process.invitations.records import Invitation
from tests.adapters.test_bounces import POSTFIX
from tests.hub import words_of
from tests.imap_server import ImapServer
from tests.process.invitations.test_calendar_replies import reply
from tests.process.invitations.test_sending import Post, calendar_of, link_of, sent  # noqa: F401

SAL = "sal.rossi@anyshire.example"


def bounce_of(mail: Any, address: str = SAL, message_id: str = "", number: int = 1) -> bytes:
    """What a mail server writes when it cannot deliver a letter."""
    text = POSTFIX.replace("<0b1c@anyshire.example>", message_id or str(mail["Message-ID"])).replace("<report@mx>", f"<report-{number}@mx>")
    return text.replace("Sal.Rossi@partner.example", address).replace("sal.rossi@partner.example", address).encode()


def read(hub: Any, mailbox: Any) -> list[str]:
    """One look into the hub's mailbox."""
    with hub.inside():
        return [said for _, said in incoming.read(mailbox, now())]


def box(folder: Path, *mails: bytes) -> FolderMailbox:
    """A mailbox that is a folder, with these mails in it."""
    folder.mkdir(exist_ok=True)
    for number, mail in enumerate(mails):
        (folder / f"{number}.eml").write_bytes(mail)
    return FolderMailbox(folder)


def letters_to(hub: Any, address: str) -> list[tuple[str, str]]:
    """(kind, state) of the letters about an invitation to an address, the oldest first."""
    with hub.inside():
        return [(kind, state) for kind, state in db.session.execute(
            db.select(Outgoing.kind, Outgoing.state).where(Outgoing.to_address == address, Outgoing.kind != "sign").order_by(Outgoing.queued_at))]


def test_a_letter_that_comes_back_shows_with_the_what_to_do_next_and_on_the_mail_page_the_servers_words(sent: Any, tmp_path: Path) -> None:  # noqa: F811
    hub, user, context, mails = sent
    assert read(hub, box(tmp_path / "box", bounce_of(mails["Sal Rossi"]))) == ["a mail came back"]
    assert letters_to(hub, SAL) == [("invitation", "bounced")]
    board = words_of(user.get(f"/contexts/{context}/invitations"))
    assert "1 not reached by mail" in board and "Came back Ring them" in board
    assert "Ring them, correct the address of Sal Rossi , send a new link, or print a letter" in board
    page = words_of(user.get(f"/contexts/{context}/invitations/mail"))
    assert "1 person on the list cannot be reached by mail" in page and "User unknown" in page
    assert "Not reached by mail" in words_of(user.get(f"/contexts/{context}/invitations/phone-list"))
    assert "noted that a mail came back" in words_of(user.get(f"/contexts/{context}/history"))


def test_somebody_whom_no_mail_reaches_is_not_reminded_until_a_new_link_is_sent(sent: Any, tmp_path: Path) -> None:  # noqa: F811
    hub, user, context, mails = sent
    read(hub, box(tmp_path / "box", bounce_of(mails["Sal Rossi"])))
    with hub.inside():
        invitation = db.session.scalar(db.select(Invitation).where(Invitation.sent_at.is_not(None), Invitation.person.has(name="Sal Rossi")))
        assert list(sending.not_reached([invitation], {invitation.id: db.session.scalars(db.select(Outgoing).where(Outgoing.about == invitation.id)).all()})) == [invitation.id]
        where = f"/contexts/{context}/invitations/{invitation.id}"
    user.post(f"/contexts/{context}/invitations/remind", page=f"/contexts/{context}/invitations")
    assert letters_to(hub, SAL) == [("invitation", "bounced")]
    assert user.post(f"{where}/again", page=f"/contexts/{context}/invitations").status_code == 303
    assert "not reached by mail" not in words_of(user.get(f"/contexts/{context}/invitations"))
    fresh = Post(hub).new()
    assert read(hub, box(tmp_path / "box", bounce_of(next(m for m in fresh if SAL in str(m["To"]) and m["Message-ID"] != mails["Sal Rossi"]["Message-ID"]), number=2))) == ["a mail came back"]
    assert "1 not reached by mail" in words_of(user.get(f"/contexts/{context}/invitations"))


def test_a_corrected_address_gets_the_invitation_and_the_old_links_stop(sent: Any, tmp_path: Path) -> None:  # noqa: F811
    hub, user, context, mails = sent
    with hub.inside():
        invitation = db.session.scalar(db.select(Invitation).where(Invitation.sent_at.is_not(None), Invitation.person.has(name="Sal Rossi")))
        where, person_id = f"/contexts/{context}/invitations/{invitation.id}/address", invitation.person_id
    refused = user.post(where, email="new@partner.example")
    assert refused.status_code == 422 and "an administrator changes it" in words_of(refused), "Sal signs in, so no coordinator moves that address"
    with hub.inside(), writing():
        person = db.session.get_one(people.Person, person_id)
        person.role_rows, person.password_hash = [], None
    for typed, words in (("grace.mensah@anyshire.example", "Somebody else has this e-mail address"), (SAL, "the address that the hub has already"), ("no address", "in the correct format")):
        answer = user.post(where, email=typed)
        assert answer.status_code == 422 and words in words_of(answer)
    visitor = hub.be(None)
    assert visitor.get(link_of(mails["Sal Rossi"])).status_code == 200
    assert user.post(where, email="sal@shop.example").status_code == 303
    assert visitor.get(link_of(mails["Sal Rossi"])).status_code == 404
    assert letters_to(hub, "sal@shop.example") == [("invitation", "queued")]
    new = next(mail for mail in Post(hub).new() if "sal@shop.example" in str(mail["To"]))
    assert visitor.get(link_of(new)).status_code == 200


@pytest.mark.parametrize(("change", "said"), [
    ({"message_id": "<guessed@anyshire.example>"}, "not about a mail of this hub"), ({"address": "grace.mensah@anyshire.example"}, "not about the address that the mail went to")])
def test_a_forged_report_counts_for_nothing(sent: Any, tmp_path: Path, change: dict[str, str], said: str) -> None:  # noqa: F811
    hub, user, context, mails = sent
    assert read(hub, box(tmp_path / "box", bounce_of(mails["Sal Rossi"], **change))) == [said]
    assert letters_to(hub, SAL) == [("invitation", "sent")]
    assert "not reached by mail" not in words_of(user.get(f"/contexts/{context}/invitations"))


def test_a_report_about_a_person_who_has_opened_their_page_is_kept_and_they_count_as_reached(sent: Any, tmp_path: Path) -> None:  # noqa: F811
    hub, user, context, mails = sent
    hub.be(None).post(link_of(mails["Sal Rossi"]))
    read(hub, box(tmp_path / "box", bounce_of(mails["Sal Rossi"])))
    assert letters_to(hub, SAL) == [("invitation", "bounced")]
    assert "not reached by mail" not in words_of(user.get(f"/contexts/{context}/invitations"))


def test_mail_over_imap_counts_once_and_letters_from_people_stay(sent: Any, imap: ImapServer) -> None:  # noqa: F811
    hub, user, context, mails = sent
    accepted = b"Message-ID: <a@x>\r\n" + reply(calendar_of(mails["Sal Rossi"]), "ACCEPTED")
    stale = b"Message-ID: <b@x>\r\n" + reply(calendar_of(mails["Sal Rossi"]), "DECLINED", sequence=-1)
    person = b"From: jo@partner.example\r\nMessage-ID: <c@x>\r\n\r\nCan I bring somebody?\r\n"
    joy = next(mail for name, mail in mails.items() if name != "Sal Rossi")
    imap.deliver(accepted, accepted, stale, person, bounce_of(joy, joy["To"].addresses[0].addr_spec))
    assert read(hub, imap.mailbox()) == ["taken", "read already", "about an older date of the meeting", "nothing for the hub in it", "a mail came back"]
    assert imap.mails() == [person] and len(imap.mails("CSC Hub")) == 4
    imap.deliver(accepted)
    assert read(hub, imap.mailbox()) == ["read already"] and imap.mails() == [person]
    assert "Nick Penrose and Sal Rossi are coming" in words_of(user.get(f"/contexts/{context}/invitations"))
    assert "left an answer from a calendar alone, about an older date of the meeting" in words_of(user.get(f"/contexts/{context}/history"))


def test_broken_mails_over_imap_are_survived_and_those_behind_them_are_read(sent: Any, imap: ImapServer) -> None:  # noqa: F811
    hub, _, _, mails = sent
    whole = reply(calendar_of(mails["Sal Rossi"]), "ACCEPTED")
    junk = [b"\r\n", b"\xff\xfe" * 50, whole[:-80].replace(b"BEGIN:VEVENT", b"BEGIN:VEVENT" * 3), b"Content-Type: multipart/report; report-type=delivery-status\r\n\r\n",
            b"Message-ID: \xff\xff\r\n\r\n", whole + b"x" * 2_000_000]
    imap.deliver(*junk, whole)
    assert read(hub, imap.mailbox())[-1] == "taken"
    with hub.inside():
        assert db.session.scalar(db.select(db.func.count()).select_from(MailRead)) == len(junk) + 1
    assert read(hub, imap.mailbox()) == []


def test_what_was_recorded_before_a_crash_is_only_put_away(sent: Any, imap: ImapServer) -> None:  # noqa: F811
    hub, _, _, mails = sent
    imap.deliver(b"Message-ID: <a@x>\r\n" + reply(calendar_of(mails["Sal Rossi"]), "ACCEPTED"))
    with hub.inside(), imap.mailbox().opened() as open_box:
        for mail in open_box.waiting(lambda places: {}):
            assert incoming._deal_with(mail, now()) == ("taken", True)
    assert len(imap.mails()) == 1
    assert read(hub, imap.mailbox()) == [] and imap.mails() == [] and len(imap.mails("CSC Hub")) == 1


def test_nothing_waits_for_a_mailbox_whose_server_is_dead(sent: Any) -> None:  # noqa: F811
    hub, user, context, _ = sent
    with socket.create_server(("127.0.0.1", 0)) as silent:
        from csc_hub.settings import ImapSettings

        app = create_app(replace(hub.app.config["CSC"], imap=ImapSettings("127.0.0.1", silent.getsockname()[1], "none", "jo", "secret")))
        began = time.monotonic()
        with app.app_context():
            chores.run(now())
            chores.run(now())  # the look before is still under way
        beside._chores(app)
        assert time.monotonic() - began < 10
        assert user.get(f"/contexts/{context}/invitations").status_code == 200
    with pytest.raises(MailboxDown), app.extensions["csc_mailbox"].opened():
        pass


def test_the_hub_reads_its_mailbox_beside_its_other_work(sent: Any, imap: ImapServer) -> None:  # noqa: F811
    hub, _, _, mails = sent
    imap.deliver(reply(calendar_of(mails["Sal Rossi"]), "ACCEPTED"))
    app = create_app(replace(hub.app.config["CSC"], imap=imap.settings()))
    until = time.monotonic() + 60
    while imap.mails() and time.monotonic() < until:
        with app.app_context():
            chores.run(now())
        time.sleep(0.3)
    assert len(imap.mails("CSC Hub")) == 1
    with hub.inside():
        assert db.session.scalar(db.select(Invitation.reply).where(Invitation.sent_at.is_not(None), Invitation.person.has(name="Sal Rossi"))) == "accepted"


def test_a_permanent_refusal_at_sending_shows_with_what_to_do_next(hub: Any, smtp: Any) -> None:
    from csc_hub.outbox import worker

    smtp.refuse.add(SAL)
    hub.app.extensions["csc_mail"] = create_app(replace(hub.app.config["CSC"], smtp=smtp.settings(), mail_from="csc@anyshire.example")).extensions["csc_mail"]
    user, context = hub.be("coordinator"), hub.context("interchange")
    page = user.get(f"/contexts/{context}/invitations/send").text
    chosen = re.findall(r'name="chosen" type="checkbox" value="([^"]+)"', page)
    assert user.client.post(f"/contexts/{context}/invitations/send", data={"csrf_token": user.token(), "chosen": chosen}).status_code == 303
    worker.send_due(hub.app)
    board = words_of(user.get(f"/contexts/{context}/invitations"))
    assert "Refused Ring them" in board and "1 not reached by mail" in board
