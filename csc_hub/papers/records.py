"""Papers as the register knows them. The bytes lie in the store under a key that says nothing."""

from __future__ import annotations

import datetime as dt
import uuid
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from csc_hub.db import Kept, Moment, db
from csc_hub.people.records import Person


class Check(StrEnum):
    """Whether a virus scanner has looked at a paper."""

    NO_SCANNER = "no_scanner"
    CLEAN = "clean"
    WAITING = "waiting"
    INFECTED = "infected"

    @property
    def sentence(self) -> str:
        """What a person reads beside the paper."""
        return {
            "no_scanner": "Not checked for viruses: the council has no scanner.",
            "clean": "Checked for viruses.",
            "waiting": "Waiting to be checked for viruses. Nobody can open it until then.",
            "infected": "A virus was found in this paper, and it was removed. Upload a clean copy.",
        }[self]


class Paper(Kept):
    """One stored file of a context, or of the agreement."""

    __tablename__ = "papers"
    context_id: Mapped[uuid.UUID | None] = mapped_column(index=True)  # none: a signed agreement on paper
    name: Mapped[str] = mapped_column(String(200))
    extension: Mapped[str] = mapped_column(String(10))
    content_type: Mapped[str] = mapped_column(String(120))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(String(80), unique=True)
    check: Mapped[str] = mapped_column(String(20))
    uploaded_at: Mapped[dt.datetime] = mapped_column(Moment)
    uploaded_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("people.id"))
    from_invited: Mapped[bool] = mapped_column(default=False)  # sent by a guest: opened through their invitation alone
    withdrawn_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    withdrawn_by: Mapped[str | None] = mapped_column(String(160))
    withdrawn_reason: Mapped[str | None] = mapped_column(Text)
    uploaded_by: Mapped[Person] = relationship(lazy="joined", innerjoin=True)

    @property
    def check_(self) -> Check:
        """The virus check as a rule knows it."""
        return Check(self.check)

    @property
    def is_there(self) -> bool:
        """Whether its bytes are still kept: it was not withdrawn, and no virus was found in it."""
        return self.withdrawn_at is None and self.check_ is not Check.INFECTED

    @property
    def size_in_words(self) -> str:
        """'1.4 MB'."""
        if self.size < 1000:
            return f"{self.size} bytes"
        return f"{self.size / 1000:.0f} kB" if self.size < 1_000_000 else f"{self.size / 1_000_000:.1f} MB"


def keys() -> set[str]:
    """The keys of all papers that are kept, for the sweep that looks for files without a row."""
    return set(db.session.scalars(select(Paper.key).where(Paper.withdrawn_at.is_(None))))


def unchecked() -> list[Paper]:
    """Papers that no scanner has looked at yet, also those from before there was one."""
    return list(db.session.scalars(select(Paper).where(
        Paper.check.in_((Check.WAITING, Check.NO_SCANNER)), Paper.withdrawn_at.is_(None)).order_by(Paper.uploaded_at)))
