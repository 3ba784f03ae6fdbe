"""What a request read before it writes counts on while nobody has changed anything, and a deed is whole or not at all."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm.exc import StaleDataError

from csc_hub.audit import service as audit
from csc_hub.db import db, let_go, save, write, writing
from csc_hub.kernel import Refused, now
from csc_hub.people.records import Person
from csc_hub.web.forms import whole
from tests.hub import CAST, Hub

GRACE = sa.select(Person).where(Person.name == CAST["coordinator"])
RENAME = sa.update(Person).where(Person.name == CAST["coordinator"]).values(job_title="Somebody else", version=Person.version + 1)


def elsewhere() -> None:
    """Changes a person by another connection."""
    with sa.create_engine(db.engine.url).begin() as other:
        other.execute(RENAME)


def asked() -> list[str]:
    """Every statement from now on."""
    found: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda _c, _cur, statement, *_: found.append(statement))
    return found


def test_what_was_read_is_not_read_again_while_nothing_has_changed(hub: Hub) -> None:
    with hub.inside():
        person, statements = db.session.scalars(GRACE).one(), asked()
        let_go()
        with writing():
            assert person.job_title and not statements


@pytest.mark.parametrize("when", ["before it is let go", "while it is let go"])
def test_what_somebody_changed_meanwhile_is_seen_by_whoever_writes(either: Hub, when: str) -> None:
    with either.inside():
        person = db.session.scalars(GRACE).one()
        if when == "before it is let go":
            elsewhere()
        let_go()
        if when == "while it is let go":
            elsewhere()
        with writing():
            assert person.job_title == "Somebody else"


def test_a_change_is_seen_also_after_reading_something_else(either: Hub) -> None:
    with either.inside():
        person = db.session.scalars(GRACE).one()
        let_go()
        elsewhere()
        db.session.execute(sa.select(sa.func.count()).select_from(Person))
        with writing():
            assert person.job_title == "Somebody else"


@pytest.mark.parametrize("reading", [False, True])
def test_a_change_is_seen_between_two_that_write(either: Hub, reading: bool) -> None:
    with either.inside():
        db.session.scalars(GRACE).one()
        elsewhere()
        with writing():
            person = db.session.scalars(GRACE).one()
            person.job_title = "As it was"
        elsewhere()
        if reading:
            db.session.execute(sa.select(sa.func.count()).select_from(Person))
        with writing():
            assert person.job_title == "Somebody else"


def test_of_a_deed_that_is_refused_nothing_is_kept_and_what_came_before_is(either: Hub) -> None:
    def deed() -> None:
        person.phone = "1"
        db.session.flush()
        audit.record("changed_person", person, now(), subject=person.id)
        raise Refused("Not like this")

    for before in ("", "2"):
        with either.inside(), writing():
            person = db.session.scalars(GRACE).one()
            if before:
                person.phone = before
                db.session.flush()
            was = person.phone
            with pytest.raises(Refused), whole():
                deed()
            assert person.phone == was
        with either.inside():
            assert db.session.scalars(GRACE).one().phone == was


def test_a_record_is_saved_by_one_statement_and_never_over_what_somebody_saved_meanwhile(either: Hub) -> None:
    with either.inside():
        with writing():
            person = db.session.scalars(GRACE).one()
            before, statements = person.version, asked()
            save(person, job_title="Clerk")
            assert (person.job_title, person.version, len(statements)) == ("Clerk", before + 1, 1)
            person.phone = "01632 960000"  # the session goes on from what was saved
            audit.record("changed_person", person, now())
        with pytest.raises(StaleDataError), writing():
            db.session.scalars(GRACE).one()
            write(RENAME, {})  # past the session, as somebody else's
            save(person, job_title="Not this")
        db.session.expire_all()
        kept = db.session.scalars(GRACE).one()
        assert (kept.job_title, kept.phone, kept.version) == ("Clerk", "01632 960000", before + 2), "nothing of it is kept"
