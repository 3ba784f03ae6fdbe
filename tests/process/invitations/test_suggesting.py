"""Whom the list suggests: agencies that took part in the assessment, that hold actions here, or that came before."""

from __future__ import annotations

import uuid

from csc_hub.db import db, writing
from csc_hub.kernel import now
from csc_hub.people import records as people
from csc_hub.process.conferences import records as conferences
from csc_hub.process.conferences.records import Change, Conference
from csc_hub.process.invitations import suggesting
from csc_hub.process.invitations.records import Attendance, Earlier
from csc_hub.process.invitations.register import How
from tests.hub import Hub


def reasons(hub: Hub) -> dict[str, str]:
    """agency -> why the second conference of the school suggests it, where several ways to have come are on record of the first."""
    with hub.inside(), writing():
        context = uuid.UUID(hub.context("school"))
        first = conferences.current(context)
        assert first
        for how, name in ((How.IN_PERSON, "Harbour Café"), (How.ONLINE, "Tideway Buses"), (How.APOLOGIES, "Housing")):
            agency = people.agency_by_name(name)
            db.session.add(Attendance(conference_id=first.id, agency_id=agency.id, name="Somebody", how=how, noted_by="Grace Mensah"))
        change = Change(conference_id=first.id, at=now(), by_name="Grace Mensah", move="adjourn", reason="No heating")
        second = Conference(context_id=context, number=first.number + 1, minutes=120, agenda=first.agenda)
        db.session.add_all([change, second])
        db.session.flush()
        db.session.add(Earlier(change_id=change.id, agency_id=people.agency_by_name("Street Lighting").id, invited=True, came=True, excused=False))
        db.session.flush()
        return {one.name: one.why for one in suggesting.suggested(second).values()}


def test_those_who_came_in_person_or_otherwise_are_suggested_and_those_who_did_not_are_not(hub: Hub) -> None:
    found = reasons(hub)
    assert "came to an earlier conference" in found["Harbour Café"] and "came to an earlier conference" in found["Tideway Buses"]
    assert "came to an earlier conference" in found["Street Lighting"], "also to one that was adjourned"
    assert "came" not in found.get("Housing", "")


def test_who_took_part_in_the_assessment_and_who_holds_actions_is_suggested(hub: Hub) -> None:
    said = " ".join(reasons(hub).values())
    assert "took part in the assessment" in said and "holds actions here" in said
