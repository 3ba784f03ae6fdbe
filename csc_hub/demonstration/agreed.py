"""The made-up council's own agreement, who has signed it, and who has not."""

from __future__ import annotations

import datetime as dt

from csc_hub.db import db, writing
from csc_hub.kernel import london, today
from csc_hub.people import records as people_records
from csc_hub.people.records import Agency, Person
from csc_hub.process.agreements import chain, records, rules, service
from csc_hub.process.agreements.records import Request, Signature, Version
from csc_hub.process.agreements.rules import Deed, Document, Signed, Way

BODY = """## What is shared

At the meeting we share what we know of a place or group in which young people come to harm, and what each of us can do about it. **We do not name young people.**

## How it is kept

- Papers are read in the hub and not passed on.
- Notes of your own are destroyed when the plan is issued.
- Nobody speaks to the press about a meeting.

## When something goes wrong

Tell the information governance officer the same day. Nobody is blamed for telling.
"""
TERMS = """## What the meeting is for

To make a place or group safer by changing what surrounds it.

## Who comes

Whoever knows the place, works there or can change it.
"""

def agree(people: dict[str, Person], now: dt.datetime) -> None:
    """Publishes both texts, and signs for some of the agencies that must sign."""
    meera, began = people["Meera Patel"], now - dt.timedelta(days=340)
    with writing():
        for document, body in ((Document.AGREEMENT, BODY), (Document.TERMS, TERMS)):
            version = service.begin(document, meera, began)
            on = today(began)
            service.change(version, service.VersionDraft(
                title=f"{document.label} of Anyshire", body=body, purpose="To make places safer for young people.",
                parties="Anyshire Council and every organisation that signs.", effective_on=on, review_on=on + dt.timedelta(days=395),
                approved_by="Anyshire Safeguarding Partnership", approved_on=on), meera, began)
            service.publish(version, meera, began)
        version = records.in_force(Document.AGREEMENT, today(now))
        signing = [agency for agency in people_records.agencies() if not agency.statutory and agency.name != "Harbour Café"]
        for agency, (days, counter, ended) in zip(signing, ((30, True, ""), (340, False, ""), (90, True, "The organisation has closed")), strict=False):
            if version:
                _sign(version, agency, now - dt.timedelta(days=days), counter, ended, meera, now)
        sal = people["Sal Rossi"]
        if version and sal.agency_id:  # asked, and not signed; the letter went out long ago
            db.session.add(Request(
                version_id=version.id, agency_id=sal.agency_id, person_id=sal.id, name=sal.name, email=sal.email or "", asked_at=now - dt.timedelta(days=3),
                asked_by=meera.name, typed={}))


def _sign(version: Version, agency: Agency, when: dt.datetime, counter: bool, ended: str, by: Person, now: dt.datetime) -> None:
    person = db.session.scalars(db.select(Person).where(Person.agency_id == agency.id)).first()
    name = person.name if person else agency.contact_name or "Robin Lake"
    signature = Signature(
        code=f"DEMO{len(records.signatures_of([agency.id])) + 1}{agency.id.hex[:6].upper()}", signed=Signed.AGREEMENT, way=Way.LINK, version_id=version.id,
        version_number=version.number, text_sha256=version.sha256, agency_id=agency.id, organisation=agency.name, person_id=person.id if person else None, name=name,
        typed_name=name, job_title="Manager", email=(person and person.email) or f"{name.lower().replace(' ', '.')}@anyshire.example",
        authority=f"I am authorised to sign for {agency.name}", everybody=True, named=[], verified="A link was mailed to this address", witness="",
        opened_at=when - dt.timedelta(seconds=95), signed_at=when, signed_local=f"{london(when):%d/%m/%Y %H:%M:%S %Z}",
        until=rules.signature_until(today(when), version.months), ip="192.0.2.1", agent="A browser")
    chain.append(signature)
    if counter:
        service.act(signature, Deed.COUNTERSIGNED, "", by, when + dt.timedelta(days=1))
    if ended:
        service.act(signature, Deed.REVOKED, ended, by, now - dt.timedelta(days=1))
