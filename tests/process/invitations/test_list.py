"""The list of those asked: what stands beside a reply, who is added twice, and what is typed for somebody who is gone meanwhile."""

import re
import uuid
from pathlib import Path

import pytest

from csc_hub.db import db, writing
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
