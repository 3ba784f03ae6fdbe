"""Letters as they wait, went, or could not go."""

from __future__ import annotations

import datetime as dt
import uuid
from enum import StrEnum

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from csc_hub.db import Base, Moment


class Sending(StrEnum):
    """How far a letter has come. "Sent" means that a mail server took it, not that somebody read it."""

    QUEUED = "queued"
    SENT = "sent"
    REFUSED = "refused"
    GIVEN_UP = "given_up"
    BOUNCED = "bounced"


class Outgoing(Base):
    """One letter to one person.

    `kind` is a word of the room that queued it, `about` the id of what it tells of. While a worker holds it,
    `leased_until` says until when; `due_at` is the earliest moment of the next try; `said` is what the mail server
    answered last.
    """

    __tablename__ = "outgoing"
    __table_args__ = (Index("ix_outgoing_due", "state", "due_at"),)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    message_id: Mapped[str] = mapped_column(String(300), unique=True)
    kind: Mapped[str] = mapped_column(String(40))
    about: Mapped[uuid.UUID | None] = mapped_column(index=True)
    context_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    to_name: Mapped[str] = mapped_column(String(200))
    to_address: Mapped[str] = mapped_column(String(320))
    from_name: Mapped[str] = mapped_column(String(200))
    subject: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    calendar: Mapped[str] = mapped_column(Text)
    method: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(12))
    tries: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[dt.datetime] = mapped_column(Moment)
    leased_until: Mapped[dt.datetime | None] = mapped_column(Moment)
    queued_at: Mapped[dt.datetime] = mapped_column(Moment)
    sent_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    said: Mapped[str] = mapped_column(String(500))

    @property
    def lost(self) -> bool:
        """Whether it did not reach anybody: refused, given up, or come back."""
        return self.state_ in (Sending.REFUSED, Sending.GIVEN_UP, Sending.BOUNCED)

    @property
    def state_(self) -> Sending:
        """How far it has come, as a rule knows it."""
        return Sending(self.state)


class MailRead(Base):
    """A mail that arrived and was dealt with: by its Message-ID and by its place, so that none counts twice. Its words are not kept."""

    __tablename__ = "mail_read"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    place: Mapped[str] = mapped_column(String(64), index=True)
    used: Mapped[bool] = mapped_column()
    read_at: Mapped[dt.datetime] = mapped_column(Moment)
    said: Mapped[str] = mapped_column(String(200))
