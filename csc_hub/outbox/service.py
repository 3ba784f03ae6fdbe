"""Queues letters in the transaction of what they tell of, and says what became of them. It never sends."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.orm import load_only

from csc_hub.adapters.bounces import Bounce
from csc_hub.adapters.mail import MailRefused, plain_address
from csc_hub.audit import service as audit
from csc_hub.db import db
from csc_hub.kernel import Refused, today
from csc_hub.outbox.records import Outgoing, Sending

AT_ONCE = 500


def queue(
    *, kind: str, to_name: str, to_address: str, from_name: str, subject: str, text: str, html: str = "", calendar: str = "",
    method: str = "", about: uuid.UUID | None = None, context_id: uuid.UUID | None = None, now: dt.datetime,
) -> Outgoing:
    """Adds a letter, which goes out once the caller's transaction is kept and never if it is undone."""
    made = uuid.uuid4()
    row = Outgoing(
        id=made, message_id=f"<{made}@{_host()}>", kind=kind, about=about, context_id=context_id, to_name=_plain(to_name)[:200],
        to_address=_plain(to_address).strip()[:320], from_name=_plain(from_name)[:200], subject=_plain(subject)[:200], text=_plain(text),
        html=_plain(html), calendar=_plain(calendar), method=method, state=Sending.QUEUED, tries=0, due_at=now, queued_at=now, said="")
    db.session.add(row)  # written at the caller's next flush: many letters go in together
    return row


def _host() -> str:
    """The right side of a Message-ID: where mail comes from, or the hub's own name while no address is set."""
    settings = current_app.config["CSC"]
    domain = settings.mail_from.rpartition("@")[2]
    return domain if domain != "localhost" else urlsplit(settings.url).hostname or domain


def _plain(text: str) -> str:
    """Text that every database takes."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def of(about_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Outgoing]]:
    """The letters about each of these, the newest first, without their bodies. What has no letter is not in it."""
    found: dict[uuid.UUID, list[Outgoing]] = {}
    ids = list(about_ids)
    bodies = {"text", "html", "calendar"}
    columns = [getattr(Outgoing, name) for name in Outgoing.__table__.columns.keys() if name not in bodies]
    for start in range(0, len(ids), AT_ONCE):
        rows = select(Outgoing).where(Outgoing.about.in_(ids[start:start + AT_ONCE])).options(load_only(*columns, raiseload=True))
        for row in db.session.scalars(rows.order_by(Outgoing.queued_at.desc(), Outgoing.id)):
            if row.about:
                found.setdefault(row.about, []).append(row)
    return found


def written_on(about: uuid.UUID, kinds: Collection[str] | None, day: dt.date) -> bool:
    """Whether the last letter about this, of these kinds or of any, was written on a day."""
    query = select(func.max(Outgoing.queued_at)).where(Outgoing.about == about)
    last = db.session.scalar(query if kinds is None else query.where(Outgoing.kind.in_(kinds)))
    return last is not None and today(last) == day


def take_back(bounce: Bounce, now: dt.datetime) -> str:
    """Notes that a letter came back, with the server's words; what became of the report. Needs a writing transaction.

    Anybody can write such a report. It counts only when it names a Message-ID of ours and the address that very letter went
    to. That is enough: every letter has a Message-ID of its own with 122 random bits, which only its recipient and the
    servers on its way have seen. Whoever could forge it could have kept the letter from arriving anyway; and all that a
    report does is to ask a person to look. It sends nothing, opens nothing, and shuts nobody out.
    """
    row = db.session.scalar(select(Outgoing).where(Outgoing.message_id == bounce.message_id))
    if row is None:
        return "not about a mail of this hub"
    words = next((failure.words for failure in bounce.failures if comparable(row.to_address) in map(comparable, failure.addresses)), None)
    if words is None:
        return "not about the address that the mail went to"
    if row.state_ is not Sending.SENT:
        return "about a mail that has not gone out" if row.state_ is not Sending.BOUNCED else "known already"
    row.state, row.said = Sending.BOUNCED, words[:500]
    db.session.flush()
    audit.record("mail_came_back", None, now, subject=row.about, context_id=row.context_id, actor_name="The hub itself")
    return "a mail came back"


def comparable(text: str) -> str:
    """An address as two of them are compared."""
    try:
        return plain_address(text).lower()
    except MailRefused:
        return text.strip().lower()


def again(row: Outgoing, now: dt.datetime) -> None:
    """Queues a letter again that was refused or given up. Raises `Refused` for any other: the words of one that went are gone."""
    if row.state_ not in (Sending.REFUSED, Sending.GIVEN_UP):
        raise Refused("This mail is on its way or has gone already")
    row.state, row.tries, row.due_at, row.queued_at, row.leased_until, row.said = Sending.QUEUED, 0, now, now, None, ""
    db.session.flush()
