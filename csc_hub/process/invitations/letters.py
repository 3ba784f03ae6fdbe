"""What invited people are sent. A mail holds nothing of the case: not its name, type, themes or priority issues."""

from __future__ import annotations

import datetime as dt

from flask import current_app

from csc_hub.adapters import calendar
from csc_hub.db import db
from csc_hub.kernel import day_in_words, time_in_words, today
from csc_hub.outbox import service as outbox
from csc_hub.process.conferences.records import Conference
from csc_hub.process.conferences.rules import AGENDA
from csc_hub.process.invitations.links import Key
from csc_hub.process.invitations.records import Invitation
from csc_hub.process.invitations.rules import Reply

SUMMARY = "Multi-agency meeting"
SUBJECTS = {
    "invitation": "Invitation: {what}, {when}", "update": "Changed: {what}, now {when}", "reminder": "Can you come? {what}, {when}",
    "cancelled": "Not as planned: {what}", "withdrawn": "You are no longer expected: {what}", "passed": "No longer in your calendar: {what}, {when}", "paper": "A paper to read: {what}, {when}",
    "newer": "A newer version of a paper: {what}, {when}",
    "recalled": "A paper was taken back: {what}", "priorities": "What will be discussed: {what}, {when}",
}
PARTSTATS = {Reply.ACCEPTED: "ACCEPTED", Reply.TENTATIVE: "TENTATIVE", Reply.DECLINED: "DECLINED"}
ON_CALENDARS = {"invitation": "REQUEST", "update": "REQUEST", "cancelled": "CANCEL", "withdrawn": "CANCEL", "passed": "CANCEL"}


def place_of(conference: Conference) -> str:
    """Where it is, as far as a mail may say it."""
    return "" if conference.place_hidden else ", ".join(" ".join(part.split()) for part in (conference.venue, conference.address) if part)


def timed_agenda(conference: Conference) -> list[tuple[str, str]]:
    """(start, heading) of the six general items."""
    rows, at = [], conference.starts_at
    for (words, _), minutes in zip(AGENDA, conference.agenda, strict=False):
        rows.append((time_in_words(at) if at else "", words))
        at = at + dt.timedelta(minutes=minutes) if at else None
    return rows


def post(kind: str, invitation: Invitation, conference: Conference, key: Key | None, now: dt.datetime) -> None:
    """Puts one mail to one invited person into the outbox."""
    settings, person = current_app.config["CSC"], invitation.person
    starts_at = invitation.told_at if kind == "passed" else (invitation.told_at or conference.starts_at) if kind == "cancelled" else conference.starts_at or invitation.told_at
    day = day_in_words(today(starts_at)) if starts_at else ""
    hours = f"{time_in_words(starts_at)} to {time_in_words(starts_at + dt.timedelta(minutes=conference.minutes))}" if starts_at else ""
    subject = SUBJECTS[kind].format(what=SUMMARY.lower(), when=f"{day}, {hours[:5]}")
    facts = {
        "kind": kind, "subject": subject, "name": person.name, "day_words": day, "when": f"{day}, {hours}", "place": place_of(conference),
        "access": conference.access, "chair": conference.chair.name if conference.chair else "", "agenda": timed_agenda(conference),
        "url": f"{settings.url}/i/{key.token}" if key else "", "code": f"{key.code[:3]} {key.code[3:]}" if key else "",
        "code_url": f"{settings.url}/code", "answer": "" if invitation.reply_ is Reply.NONE else invitation.reply_.label, "named_by": _named_by(invitation), "council": settings.council, "colour": settings.colour}
    method = ON_CALENDARS.get(kind, "") if starts_at else ""
    outbox.queue(
        kind=kind, to_name=person.name, to_address=person.email or "", from_name=_sender(conference), subject=subject,
        text=_tidy(_rendered("mail/letter.txt", facts)), html=_rendered("mail/letter.html", facts),
        calendar=_entry(method, invitation, conference, starts_at, facts, now) if method and starts_at else "", method=method,
        about=invitation.id, context_id=conference.context_id, now=now)


def _named_by(invitation: Invitation) -> str:
    """Whoever sent this person in their place, or passed their invitation on."""
    return db.session.get_one(Invitation, invitation.deputy_for_id).person.name if invitation.deputy_for_id else ""


def _rendered(template: str, facts: dict[str, object]) -> str:
    """A template without what pages know of the person who looks: a letter may be written while nobody does."""
    return current_app.jinja_env.get_template(template).render(**facts)


def _sender(conference: Conference) -> str:
    council = current_app.config["CSC"].council
    return f"{conference.chair.name}, {council}" if conference.chair else council


def _tidy(text: str) -> str:
    """At most one empty line between paragraphs."""
    lines: list[str] = []
    for line in (line.rstrip() for line in text.strip().splitlines()):
        if line or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines) + "\n"


def _entry(method: str, invitation: Invitation, conference: Conference, starts_at: dt.datetime, facts: dict, now: dt.datetime) -> str:
    settings, person = current_app.config["CSC"], invitation.person
    event = calendar.Event(
        uid=f"{invitation.id}@csc-hub", sequence=invitation.sequence, starts_at=starts_at, minutes=conference.minutes, summary=SUMMARY,
        description=f"{'Say whether you can come: ' + facts['url'] if facts['url'] else ''}", location=facts["place"] or "See your link",
        organizer_name=_sender(conference), organizer_address=settings.mail_from, attendee_name=person.name,
        attendee_address=person.email or "", stamp=now, partstat=PARTSTATS.get(invitation.reply_, "NEEDS-ACTION"))
    return calendar.request(event) if method == "REQUEST" else calendar.cancel(event)
