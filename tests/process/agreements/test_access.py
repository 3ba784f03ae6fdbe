"""Who may read a paper: kind of agency against what was signed, asked at the door on the day."""

from __future__ import annotations

import datetime as dt
import uuid
from types import SimpleNamespace
from typing import Any

import pytest

from csc_hub import kernel
from csc_hub.db import db, writing
from csc_hub.outbox.records import Outgoing
from csc_hub.people.records import Person
from csc_hub.process.agreements import chores, covering, rules
from csc_hub.process.agreements.rules import Held, Signed, Text
from csc_hub.process.invitations import rules as invitations
from csc_hub.process.invitations.rules import Reply
from tests import agreement
from tests.hub import Hub

DAY = dt.date(2027, 4, 9)
NEXT = DAY + dt.timedelta(days=1)
LAST = DAY - dt.timedelta(days=1)


def held(**more: Any) -> Held:
    facts: dict[str, Any] = {"id": "s", "signed": Signed.AGREEMENT, "number": 1, "until": NEXT, "everybody": True, "named": (), "conference": None, "revoked": False}
    return Held(**facts | more)


def text(days_ago: int, grace: int = 30, kinds: tuple[str, ...] = ()) -> Text:
    return Text(2, DAY - dt.timedelta(days=days_ago), grace, True, kinds)


UNDERTAKING = {"signed": Signed.UNDERTAKING, "everybody": False, "named": ("me",)}
TABLE = [
    ("statutory, nothing signed", True, [], [], False, True, "child protection"),
    ("nothing signed", False, [], [], False, False, "has not signed"),
    ("signed", False, [held()], [], False, True, ""),
    ("signed, last day", False, [held(until=DAY)], [], False, True, ""),
    ("expired", False, [held(until=LAST)], [], False, False, "ran out on 8 April 2027"),
    ("superseded, in grace", False, [held()], [text(10)], False, True, "new version"),
    ("superseded, last day of grace", False, [held()], [text(30)], False, True, "new version"),
    ("superseded, after grace", False, [held()], [text(31)], False, False, "counted until"),
    ("superseded, new version in the future", False, [held()], [text(-5)], False, True, ""),
    ("superseded for another kind", False, [held()], [text(31, kinds=("other",))], False, True, ""),
    ("revoked", False, [held(revoked=True)], [], False, False, "was ended"),
    ("revoked and signed anew", False, [held(revoked=True), held()], [], False, True, ""),
    ("named", False, [held(everybody=False, named=("me",))], [], False, True, ""),
    ("not named", False, [held(everybody=False, named=("you",))], [], False, False, "other people than you"),
    ("undertaking for this meeting", False, [held(conference="this", **UNDERTAKING)], [], False, True, ""),
    ("undertaking for another meeting", False, [held(conference="that", **UNDERTAKING)], [], False, False, "has not signed"),
    ("undertaking of somebody else", False, [held(conference="this", **UNDERTAKING | {"named": ("you",)})], [], False, False, "has not signed"),
    ("undertaking revoked", False, [held(conference="this", revoked=True, **UNDERTAKING)], [], False, False, "has not signed"),
    ("nothing signed, chair's leave", False, [], [], True, True, ""),
    ("undertaking run out", False, [held(conference="this", **UNDERTAKING | {"until": LAST})], [], False, False, "has not signed"),
    ("statutory, signed once and ended", True, [held(revoked=True)], [], False, True, "child protection"),
    ("expired, undertaking for this meeting", False, [held(until=LAST), held(conference="this", **UNDERTAKING)], [], False, True, ""),
    ("expired, chair's leave", False, [held(until=LAST)], [], True, True, ""),
    ("superseded after grace, chair's leave", False, [held()], [text(31)], True, True, ""),
    ("not named, chair's leave", False, [held(everybody=False, named=("you",))], [], True, True, ""),
    ("revoked, chair's leave", False, [held(revoked=True)], [], True, True, ""),
]


@pytest.mark.parametrize(("case", "statutory", "signatures", "texts", "leave", "reads", "said"), TABLE, ids=[row[0] for row in TABLE])
def test_a_paper_opens_to_whom_the_table_says(case: str, statutory: bool, signatures: list[Held], texts: list[Text], leave: bool, reads: bool, said: str) -> None:
    standing = rules.standing(statutory, "kind", "me", "this", signatures, texts, DAY)
    fault = invitations.obstacle_to_reading(True, False, standing, leave, Reply.ACCEPTED, False)
    assert (fault is None) is reads
    assert said in (fault or standing.sentence)
    assert invitations.obstacle_to_reading(True, True, standing, leave, Reply.ACCEPTED, False)  # taken back: nobody reads it
    assert invitations.obstacle_to_reading(True, False, standing, leave, Reply.DECLINED, False)


def test_whoever_left_the_agency_is_not_covered_any_more(hub: Hub) -> None:
    now = kernel.now()
    with hub.inside(), writing():
        sal = db.session.scalar(db.select(Person).where(Person.name == "Sal Rossi"))
        agreement.signed(agreement.published(now, number=90), sal.agency, now, sal)
        one = SimpleNamespace(person_id=sal.id, agency=sal.agency, left=False)
        assert covering.standings([one], uuid.uuid4(), kernel.today(now))[sal.id].covered
        one.left = True
        assert not covering.standings([one], uuid.uuid4(), kernel.today(now))[sal.id].covered


def letters(kind: str, address: str) -> int:
    return len(db.session.scalars(db.select(Outgoing).where(Outgoing.kind == kind, Outgoing.to_address == address)).all())


def test_a_signatory_is_reminded_60_30_and_7_days_before_once_each_and_not_once_renewed(hub: Hub) -> None:
    now = kernel.now()
    with hub.inside():
        with writing():
            sal = db.session.scalar(db.select(Person).where(Person.name == "Sal Rossi"))
            version = agreement.published(now, number=90)
            agreement.signed(version, sal.agency, now, sal, email=sal.email, until=kernel.today(now) + dt.timedelta(days=65))
        counted = []
        for days in (0, 5, 6, 20, 35, 36, 58, 58, 64):
            chores.run(now + dt.timedelta(days=days))
            counted.append(letters("sign_ending", sal.email))
        assert counted == [0, 1, 1, 1, 2, 2, 3, 3, 3]
        with writing():
            agreement.signed(version, sal.agency, now, sal, email=sal.email, until=kernel.today(now) + dt.timedelta(days=125))
            agreement.signed(version, sal.agency, now, sal, email=sal.email, until=kernel.today(now) + dt.timedelta(days=900))
        chores.run(now + dt.timedelta(days=120))
        assert letters("sign_ending", sal.email) == 3


def test_officers_hear_of_a_review_once_each_time(hub: Hub) -> None:
    now = kernel.now()
    with hub.inside():
        with writing():
            agreement.published(now, number=90, review_on=kernel.today(now) + dt.timedelta(days=65))
        counted = []
        for days in (5, 5, 36, 59, 60):
            chores.run(now + dt.timedelta(days=days))
            counted.append(len([row for row in db.session.scalars(db.select(Outgoing).where(Outgoing.kind == "agreement_review")) if "review" in row.subject]))
        assert counted[0] == counted[1] < counted[2] < counted[3] == counted[4]
