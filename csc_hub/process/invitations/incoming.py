"""Mail that arrives at the hub's own address: answers from calendars, and letters that came back. Each counts once.

What the hub can make nothing of, such as a letter from a person, it leaves to people.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
from collections.abc import Iterator, Sequence
from email.parser import BytesHeaderParser

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from csc_hub.adapters import bounces, calendar
from csc_hub.adapters.mailbox import Mailbox, Waiting
from csc_hub.db import db, pause, writing
from csc_hub.outbox import service as outbox
from csc_hub.outbox.records import MailRead
from csc_hub.process.invitations import calendar_replies

HEADER_BYTES = 64 * 1024
CHUNK = 500
log = logging.getLogger("csc_hub.outbox")


def read(mailbox: Mailbox, now: dt.datetime) -> Iterator[tuple[str, str]]:
    """Deals with every mail that waits, each in a transaction of its own; (its name in the mailbox, what became of it).

    Killed in between, the hub goes on where it was: what was recorded is only put away. Raises `MailboxDown`.
    """
    with mailbox.opened() as box:
        for mail in box.waiting(_known):
            said, used = _deal_with(mail, now)
            box.put_away(mail, used)
            yield mail.name, said


def _known(places: Sequence[str]) -> dict[str, bool]:
    found: dict[str, bool] = {}
    for start in range(0, len(places), CHUNK):
        found |= {place: used for place, used in db.session.execute(
            select(MailRead.place, MailRead.used).where(MailRead.place.in_(places[start:start + CHUNK])))}
    pause()
    return found


def _deal_with(mail: Waiting, now: dt.datetime) -> tuple[str, bool]:
    """What became of a mail, and whether it was of use. Only a fault of the database leaves it for the next look."""
    try:
        with writing():
            key = _key(mail.raw)
            before = db.session.scalar(select(MailRead).where(MailRead.key == key))
            said, used = ("read already", before.used) if before else take(mail.raw, now)
            db.session.add(MailRead(key=key if before is None else _digest(mail.place.encode()), place=mail.place, used=used, read_at=now, said=said[:200]))
        return said, used
    except IntegrityError:
        return "read by another worker at the same moment", False
    except SQLAlchemyError:
        raise
    except Exception as fault:  # a mail that no part of the hub can bear must not hold up those behind it
        log.error("mail %s: %s", mail.name, type(fault).__name__)
        with writing():
            db.session.add(MailRead(key=_digest(mail.place.encode()), place=mail.place, used=False, read_at=now, said=f"cannot be read ({type(fault).__name__})"))
        return "cannot be read", False


def take(raw: bytes, now: dt.datetime) -> tuple[str, bool]:
    """What became of a mail, in words without names, and whether it is one for the hub. Needs a writing transaction."""
    bounce = bounces.read_bounce(raw)
    if bounce:
        return outbox.take_back(bounce, now), True
    answer = calendar.read_reply(raw)
    return (calendar_replies.take(answer, now), True) if answer else ("nothing for the hub in it", False)


def _key(raw: bytes) -> str:
    """What names a mail wherever it lies: its Message-ID, or its bytes where it has none."""
    try:
        named = str(BytesHeaderParser().parsebytes(raw[:HEADER_BYTES]).get("Message-ID", "")).strip()
    except Exception:
        named = ""
    return _digest(named.encode("utf-8", "replace") if named else raw)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
