"""The confidentiality undertaking of somebody who cannot sign for their organisation: for themselves, and for one meeting."""

from __future__ import annotations

import datetime as dt
import hashlib

from flask import current_app
from sqlalchemy import select

from csc_hub.audit import service as audit
from csc_hub.db import db
from csc_hub.kernel import Refused, today
from csc_hub.process.agreements import chain, letters, rules, signing
from csc_hub.process.agreements.records import Act, Request, Signature
from csc_hub.process.agreements.rules import Deed, Signed


def day_of_meeting(request: Request) -> dt.date | None:
    """The day of the meeting an undertaking could be for; None where there is none."""
    if request.conference_id is None or request.who is None:
        return None
    day = current_app.extensions["csc_day_of_conference"](request.conference_id)
    return day if isinstance(day, dt.date) else None


def undertaking_of(request: Request) -> Signature | None:
    """The undertaking this person gave for this meeting, unless it was ended."""
    if request.who is None or request.conference_id is None:
        return None
    ended = select(Act.id).where(Act.signature_id == Signature.id, Act.deed == Deed.REVOKED).exists()
    given = db.session.scalars(select(Signature).where(
        Signature.signed == Signed.UNDERTAKING, Signature.agency_id == request.agency_id, Signature.conference_id == request.conference_id, ~ended)).unique()
    return next((signature for signature in given if str(request.who) in signature.named), None)


def undertake(came_in: signing.Came, typed_name: str, browser: signing.Browser, now: dt.datetime) -> Signature:
    """Somebody who cannot bind their organisation keeps confidential what this one meeting shares, until the day after it."""
    request = came_in.request
    signing.lock(request)
    before = undertaking_of(request)
    if before:
        return before
    signing.must_wait(request)
    day, version = day_of_meeting(request), signing.version_now(now)
    if day is None or day < today(now):
        raise Refused("There is no meeting ahead for which you could give this undertaking")
    fault = rules.fault_of_name(typed_name, "name")
    if fault:
        raise Refused(fault, "typed_name")
    signature = signing.written(came_in, version, browser, now, Signed.UNDERTAKING, request_id=None, name=typed_name, typed_name=typed_name,
                           job_title=request.typed.get("job_title", ""), authority=rules.UNDERTAKING, everybody=False, named=[str(request.who)],
                           text_sha256=hashlib.sha256(rules.UNDERTAKING.encode()).hexdigest(), conference_id=request.conference_id,
                           until=day + dt.timedelta(days=1))
    chain.append(signature)
    letters.post_receipt(signature, now)
    audit.record("gave_undertaking", signing.actor(request), now, subject=signature.id, about=signature.organisation)
    return signature
