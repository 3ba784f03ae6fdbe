"""The public page says whether a receipt or a text is genuine and in force, and nothing else."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from typing import Any

import pytest

from csc_hub import kernel
from csc_hub.audit.records import Event
from csc_hub.db import db, writing
from csc_hub.people.records import Agency
from csc_hub.people.rules import TOO_MANY
from csc_hub.process.agreements import chain
from csc_hub.process.agreements.records import Act
from csc_hub.process.agreements.rules import Deed, Signed
from tests import agreement
from tests.hub import Hub, words_of

BODY = "## What we share\n\nÜber a place.\n"
TEXT = {"body": BODY, "shown": BODY, "sha256": hashlib.sha256(BODY.encode()).hexdigest()}
ANSWERS = ("Genuine and in force", "Genuine, and ended", "Not known")


def signed(hub: Hub, revoked: bool = False, **more: Any) -> str:
    """The check code of a signature of a version that is not the newest."""
    now = kernel.now()
    with hub.inside(), writing():
        version = agreement.published(now - dt.timedelta(days=400), number=90, **TEXT)
        agency = db.session.scalar(db.select(Agency).where(Agency.statutory.is_(False)))
        made = agreement.signed(version, agency, now - dt.timedelta(days=3), **more)
        if revoked:
            chain.append(Act(deed=Deed.REVOKED, signature_id=made.id, at=now, by_name="Meera Patel", job_title="Officer", reason="Over"))
        return made.code


def newer(hub: Hub, days: int) -> None:
    """A version that took effect so many days ago."""
    with hub.inside(), writing():
        agreement.published(kernel.now() - dt.timedelta(days=days), number=91)


def answer_to(hub: Hub, **fields: Any) -> str:
    """What somebody reads who is not signed in."""
    page = hub.be(None).post("/check", **fields)
    assert page.status_code == 200, words_of(page)
    said = [words for words in ANSWERS if words in page.text]
    assert len(said) == 1 and "Sal Rossi" not in page.text and "Somebody There" not in page.text
    return said[0]


def test_a_code_is_known_however_it_is_typed(hub: Hub) -> None:
    code = signed(hub)
    for typed in (code, code.lower(), f" {code[:4]}-{code[4:7]} {code[7:]} "):
        assert answer_to(hub, code=typed) == "Genuine and in force"
    for typed in ("T999999999", code[:-1], "🦆", "%", "x" * 100, "0" * 64):
        assert answer_to(hub, code=typed) == "Not known"


@pytest.mark.parametrize("more", [{"revoked": True}, {"until": dt.date(2020, 1, 1)}, {"signed": Signed.UNDERTAKING, "until": dt.date(2020, 1, 1)}], ids=["revoked", "run out", "an undertaking of an earlier meeting"])
def test_what_was_ended_or_ran_out_is_genuine_and_ended(hub: Hub, more: dict[str, Any]) -> None:
    code = signed(hub, **more)
    newer(hub, 31)
    assert answer_to(hub, code=code) == "Genuine, and ended"
    assert answer_to(hub, code=TEXT["sha256"]) == "Genuine, and ended"


def test_a_newer_version_ends_it_once_its_time_of_grace_is_over(hub: Hub) -> None:
    code = signed(hub)
    newer(hub, 30)
    assert answer_to(hub, code=code) == "Genuine and in force"
    with hub.inside(), writing():
        agreement.published(kernel.now() - dt.timedelta(days=31), number=92)
    assert answer_to(hub, code=code) == "Genuine, and ended"


def test_a_text_is_known_whatever_a_program_did_to_its_ends_of_lines(hub: Hub) -> None:
    signed(hub)
    for content in (BODY.encode(), BODY.replace("\n", "\r\n").encode(), b"\xef\xbb\xbf" + BODY.encode(), BODY.replace("\n", "\r").encode(), BODY.encode("utf-16")):
        assert answer_to(hub, file=(io.BytesIO(content), "agreement.txt")) == "Genuine and in force"
    assert answer_to(hub, code=TEXT["sha256"].upper()) == "Genuine and in force"
    for content in (BODY.encode() + b".", b"\xff\xfe\x00", b"\x00\xff" * 50):
        assert answer_to(hub, file=(io.BytesIO(content), "agreement.txt")) == "Not known"


def test_neither_both_nor_too_much_is_refused_at_the_field(hub: Hub) -> None:
    user = hub.be(None)
    for fields, said in (({}, "or choose a text"), ({"code": "A", "file": (io.BytesIO(b"a"), "a.txt")}, "not both"), ({"file": (io.BytesIO(b""), "a.txt")}, "file is empty")):
        page = user.post("/check", **fields)
        assert page.status_code == 422 and said in words_of(page)
    page = user.post("/check", file=(io.BytesIO(b"a" * 700_000), "a.txt"))
    assert page.status_code == 413 and "512 kB" in words_of(page)


def test_guessing_is_stopped_counted_under_its_own_verb_and_nothing_else_is_written(hub: Hub) -> None:
    code = signed(hub)
    with hub.inside():
        before = db.session.scalar(db.select(db.func.count()).select_from(Event))
    assert answer_to(hub, code=code) == "Genuine and in force"
    assert hub.be(None).get("/check").status_code == 200
    with hub.inside():
        assert db.session.scalar(db.select(db.func.count()).select_from(Event)) == before
    for _ in range(TOO_MANY):
        assert answer_to(hub, code="T999999999") == "Not known"
    page = hub.be(None).post("/check", code=code)
    assert page.status_code == 422 and "Too many tries" in words_of(page)
    with hub.inside():
        verbs = list(db.session.scalars(db.select(Event.verb).where(Event.verb == "check_failed")))
    assert len(verbs) == TOO_MANY
