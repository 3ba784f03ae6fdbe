"""What somebody is sent who is asked to sign. A mail holds nothing of a case."""

from __future__ import annotations

import datetime as dt
import uuid

from flask import current_app

from csc_hub.kernel import day_in_words
from csc_hub.outbox import service as outbox
from csc_hub.people.links import Key
from csc_hub.people.records import Person
from csc_hub.process.agreements import receipts
from csc_hub.process.agreements.records import Request, Signature, Version

SUBJECTS = {
    "sign": "Please sign: information sharing agreement", "sign_new": "There is a new version of the agreement: please sign it",
    "sign_ending": "The agreement you signed runs out on {day}", "agreement_review": "The information sharing agreement is due for review",
    "signed": "Your receipt: what you signed", "declined": "Declined: information sharing agreement",
}


def post_request(kind: str, request: Request, version: Version, key: Key, now: dt.datetime, until: dt.date | None = None) -> None:
    """Puts one request to sign into the outbox: for the first time, for a new version, or before a signature runs out."""
    url = f"{current_app.config['CSC'].url}/s/{key.token}"
    _post(kind, request.name, request.email, now, request, {
        "organisation": request.agency.name, "changes": version.changes if kind == "sign_new" else "", "until": day_in_words(until) if until else "",
        "url": url, "code": f"{key.code[:3]} {key.code[3:]}"})


def post_review(name: str, email: str, version: Version, now: dt.datetime) -> None:
    """Tells an officer that a version's review comes up."""
    _post("agreement_review", name, email, now, version, {
        "organisation": "", "changes": "", "until": day_in_words(version.review_on) if version.review_on else "",
        "url": f"{current_app.config['CSC'].url}/agreements", "code": ""})


def post_receipt(signature: Signature, now: dt.datetime) -> None:
    """The receipt of a signature, with what proves it later. Nobody without an address gets one by mail."""
    if signature.email:
        _letter("signed", signature.name, signature.email, now, signature.id, rows=receipts.rows(signature), what=signature.signed_.label)


def post_declined(request: Request, asker: Person, now: dt.datetime) -> None:
    """Tells whoever asked that somebody declined. The reason stands in the register."""
    _letter("declined", asker.name, asker.email or "", now, request.id, rows=[("Organisation", request.agency.name), ("Declined by", request.name)], what="")


def _letter(kind: str, name: str, email: str, now: dt.datetime, about: uuid.UUID, rows: list[tuple[str, str]], what: str) -> None:
    settings = current_app.config["CSC"]
    facts = {"kind": kind, "name": name, "subject": SUBJECTS[kind], "council": settings.council, "colour": settings.colour, "rows": rows, "what": what, "check_url": receipts.check_url()}
    text, html = (current_app.jinja_env.get_template(f"mail/signed.{ending}").render(**facts) for ending in ("txt", "html"))
    outbox.queue(kind=kind, to_name=name, to_address=email, from_name=settings.council, subject=SUBJECTS[kind], text=text, html=html, about=about, now=now)


def _post(kind: str, name: str, email: str, now: dt.datetime, about: Request | Version, more: dict[str, str]) -> None:
    settings = current_app.config["CSC"]
    subject = SUBJECTS[kind].format(day=more["until"])
    facts = {"kind": kind, "name": name, "subject": subject, "council": settings.council, "colour": settings.colour, "code_url": f"{settings.url}/code", **more}
    text, html = (current_app.jinja_env.get_template(f"mail/sign.{ending}").render(**facts) for ending in ("txt", "html"))
    outbox.queue(kind=kind, to_name=name, to_address=email, from_name=settings.council, subject=subject, text=text, html=html, about=about.id, now=now)
