"""What names an organisation that became part of another: nothing new does, and nothing is left over that nobody can settle."""

from __future__ import annotations

import threading
import uuid
from pathlib import Path
from typing import Any

import pytest

from csc_hub import create_app
from csc_hub.db import db, writing
from csc_hub.kernel import Refused, now
from csc_hub.people import service as people
from csc_hub.people.records import Agency, Kind, Person
from csc_hub.process.agreements import asking, merging, signing
from csc_hub.process.conferences import records as conferences
from csc_hub.process.conferences.records import Change
from csc_hub.process.invitations.records import Earlier
from tests import agreement
from tests.hub import Hub, settings, words_of
from tests.process.agreements.test_merging import agency_of, merged, person_of


def kiosk(kind: uuid.UUID | None = None) -> Agency:
    """An organisation of one person. The caller is writing."""
    found = Agency(name="Harbour Kiosk", kind_id=kind or agency_of("Harbour Café").kind_id)
    db.session.add(found)
    db.session.flush()
    db.session.add(Person(name="Kim Lee", email="kim@kiosk.example", agency_id=found.id))
    db.session.flush()
    return found


def test_who_is_added_while_a_merger_runs_is_refused(postgres_server: Any, tmp_path: Path) -> None:
    hub = Hub(create_app(settings(tmp_path, database_url=postgres_server.new_database()))).build()
    with hub.inside(), writing():
        key = kiosk().id
    administrator, half_done, go_on, answers = hub.be("administrator"), threading.Event(), threading.Event(), []
    page = administrator.get("/people/add")

    def merge() -> None:
        with hub.inside():
            with writing():
                merging.merge(agency_of("Harbour Kiosk"), agency_of("Harbour Café"), person_of("Owen Blake"), now())
                half_done.set()
                go_on.wait(20)
            db.session.remove()

    def add() -> None:
        answers.append(administrator.post("/people/add", name="Late Comer", email="late@kiosk.example", agency_id=str(key)))

    threads = [threading.Thread(target=merge), threading.Thread(target=add)]
    threads[0].start()
    assert half_done.wait(20) and page.status_code == 200
    threads[1].start()
    threads[1].join(2)
    waited = threads[1].is_alive()
    go_on.set()
    for thread in threads:
        thread.join(30)
    assert waited and answers[0].status_code == 422 and "part of another now. Choose the agency again" in words_of(answers[0])
    with hub.inside():
        assert db.session.scalar(db.select(Person).where(Person.name == "Late Comer")) is None
        db.session.remove()
        db.engine.dispose()


def test_a_request_that_was_declined_is_closed_with_the_merger(hub: Hub) -> None:
    with hub.inside():
        with writing():
            one = kiosk()
            agreement.published(now())
            request = asking.ask(one, "Kim Lee", "kim@kiosk.example", person_of("Kim Lee"), None, person_of("Meera Patel"), now())
            signing.decline(request, "We are about to join another", now())
        officer = hub.be("ig officer")
        assert "about to join another" in words_of(officer.get("/agreements/signatures"))
        merged(hub, "Harbour Kiosk", "Harbour Café")
    assert "about to join another" not in words_of(officer.get("/agreements/signatures"))


def test_a_kind_that_only_a_merged_agency_has_says_why_it_stays(hub: Hub) -> None:
    with hub.inside():
        with writing():
            kind = people.add_kind("Market traders", False, person_of("Owen Blake"), now())
            kiosk(kind.id)
            kind_id = kind.id
        merged(hub, "Harbour Kiosk", "Harbour Café")
        with pytest.raises(Refused, match="stands in the record of Harbour Kiosk"), writing():
            people.remove_kind(db.session.get_one(Kind, kind_id), person_of("Owen Blake"), now())


def test_no_paper_is_recorded_for_an_organisation_that_is_no_more(hub: Hub) -> None:
    with hub.inside():
        with writing():
            key = kiosk().id
        officer = hub.be("ig officer")
        assert officer.get(f"/agreements/signatures/paper/{key}").status_code == 200
        merged(hub, "Harbour Kiosk", "Harbour Café")
    assert officer.get(f"/agreements/signatures/paper/{key}").status_code == 404


def test_who_came_earlier_is_thought_of_under_the_name_of_today(hub: Hub) -> None:
    context = uuid.UUID(hub.context("school"))
    with hub.inside():
        with writing():
            change = Change(conference_id=conferences.current(context).id, at=now(), by_name="Grace Mensah", move="adjourn", reason="No heating")
            db.session.add(change)
            db.session.flush()
            db.session.add(Earlier(change_id=change.id, agency_id=kiosk().id, invited=True, came=True, excused=False))
        user = hub.be("coordinator")
        assert "Harbour Kiosk (came to an earlier conference" in words_of(user.get(f"/contexts/{context}/invitations/add"))
        merged(hub, "Harbour Kiosk", "Harbour Café")
    page = words_of(user.get(f"/contexts/{context}/invitations/add"))
    assert "Harbour Kiosk" not in page and "came to an earlier conference" in page


def test_a_merger_sent_without_the_other_agency_says_so(hub: Hub) -> None:
    with hub.inside():
        one = agency_of("Harbour Café").id
    answer = hub.be("administrator").post(f"/agencies/{one}/merge", sure="y")
    assert answer.status_code == 422 and "Choose the agency that it is part of" in words_of(answer)
