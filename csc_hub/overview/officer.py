"""The first page of an information governance officer: what waits for them, whose move it is and by when."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from flask import url_for
from sqlalchemy import select

from csc_hub.db import db
from csc_hub.kernel import count, day_in_words, day_short, listed, today
from csc_hub.overview import signed
from csc_hub.process.agreements import records
from csc_hub.process.agreements.records import Version
from csc_hub.process.agreements.rules import Document

STAGES = ((7, "within 7 days"), (30, "within 30 days"), (60, "within 60 days"))


@dataclass(frozen=True)
class Task:
    """One thing that waits: what to do, where, and why."""

    words: str
    url: str
    said: str
    late: bool = False


def waiting(day: dt.date, now: dt.datetime) -> list[Task]:
    """Everything that waits for the officer, the most pressing first."""
    return sorted([*_signatures(), *_declined(now), *_gaps(day, now), *_ending(day), *_texts(day)], key=lambda task: not task.late)


def _texts(day: dt.date) -> list[Task]:
    versions = list(db.session.scalars(select(Version).where(Version.withdrawn_at.is_(None)).order_by(Version.document, Version.number)))
    found = []
    for document in Document:
        own = [version for version in versions if version.document_ is document and not version.placeholder]
        in_force = records.newest_in_effect([version for version in reversed(own) if version.published_at], day)
        if in_force is None and document is Document.AGREEMENT:
            found.append(Task("Publish the information sharing agreement", url_for("agreements.texts"), "Nobody can sign before it is published.", True))
        for version in own:
            if version.published_at is None:
                found.append(Task(f"Publish version {version.number} of the {document.label.lower()}", url_for("agreements.text", text_id=version.id), "It is a draft that nobody else can read."))
        if in_force and in_force.review_on and (in_force.review_on - day).days <= STAGES[-1][0]:
            late = in_force.review_on < day
            found.append(Task(f"Review the {document.label.lower()}", url_for("agreements.text", text_id=in_force.id),
                              f"Version {in_force.number} {'was' if late else 'is'} to be reviewed by {day_in_words(in_force.review_on)}.", late))
    return found


def _signatures() -> list[Task]:
    there = records.to_countersign()
    if not there:
        return []
    since = today(there[0].signed_at)
    who = listed([s.organisation for s in there[:3]]) if len(there) <= 3 else f"{', '.join(s.organisation for s in there[:3])} and {len(there) - 3} more"
    return [Task(f"Countersign {count(len(there), 'signature')}", url_for("signatures.show", state="waiting"), f"{who}. The longest waits since {day_short(since)}.")]


def _declined(now: dt.datetime) -> list[Task]:
    return [Task(f"{one.agency.name} declined to sign", url_for("signatures.show") + "#waiting", f"{one.name}, {day_short(today(one.declined_at))}: {one.decline_reason}")
            for one in signed.requests(now) if one.declined_at][:5]


def _gaps(day: dt.date, now: dt.datetime) -> list[Task]:
    return [Task("Organisations not covered at the next meeting" if number == 0 else "Organisations not covered at a later meeting",
                 url_for("signatures.show") + "#gap", f"{day_in_words(on)}: {who}.", (on - day).days <= 7)
            for number, (on, who) in enumerate(signed.gap(now)[:3])]


def _ending(day: dt.date) -> list[Task]:
    found, before = [], -1
    ending = records.running_out(day, STAGES[-1][0])
    for days, words in STAGES:
        own = [s for s in ending if before < (s.until - day).days <= days]
        if own:
            names = list(dict.fromkeys(s.organisation for s in own))
            said = ", ".join(f"{s.organisation} on {day_short(s.until)}" for s in own[:5]) + (f" and {len(own) - 5} more" if len(own) > 5 else "")
            found.append(Task(f"{count(len(names), 'agreement')} run{'s' if len(names) == 1 else ''} out {words}", url_for("signatures.show", state="ending"), f"{said}. The hub reminds them.", days == 7))
        before = days
    return found
