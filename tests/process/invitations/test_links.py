"""Ways in that close, and codes that are guessed: nobody else can spend what was mailed to somebody."""

from __future__ import annotations

import datetime as dt

import pytest

from csc_hub.db import db, writing
from csc_hub.kernel import now
from csc_hub.people import links as doors
from csc_hub.people.records import Failure, Person
from csc_hub.process.conferences.records import Conference
from csc_hub.process.invitations import links
from csc_hub.process.invitations.records import Invitation
from tests.hub import Hub, words_of

SAL = "sal.rossi@anyshire.example"


@pytest.fixture
def key(hub: Hub) -> doors.Key:
    """A link and a code that were mailed to a shop manager."""
    with hub.inside(), writing():
        invitation = _invitation()
        return links.make(invitation, db.session.get_one(Conference, invitation.conference_id), now() - dt.timedelta(hours=1))


def _invitation() -> Invitation:
    found = db.session.scalars(db.select(Invitation).join(Person).where(Person.email == SAL).order_by(Invitation.added_at.desc())).first()
    assert found
    return found


def _types(hub: Hub, code: str, place: str, email: str = SAL) -> tuple[int, str]:
    somebody = hub.be(None)
    somebody.client.environ_base["REMOTE_ADDR"] = place
    answer = somebody.post("/code", email=email, code=code)
    return answer.status_code, words_of(answer)


def _later(hub: Hub) -> None:
    """A quarter of an hour passes: what was typed wrongly is so much older."""
    with hub.inside(), writing():
        for failure in db.session.scalars(db.select(Failure)):
            failure.at -= dt.timedelta(minutes=16)


def test_a_stopped_guests_link_says_what_a_stopped_link_says(hub: Hub, key: doors.Key) -> None:
    nobody = hub.be(None)
    assert nobody.get(f"/i/{key.token}").status_code == 200
    with hub.inside(), writing():
        _invitation().person.active = False
    stopped, wrong = nobody.get(f"/i/{key.token}"), nobody.get("/i/" + "x" * 43)
    assert stopped.status_code == wrong.status_code == 404 and words_of(stopped) == words_of(wrong)
    assert nobody.post(f"/i/{key.token}").status_code == 404 and _types(hub, key.code, "10.0.0.1")[0] == 422


def test_pressing_continue_is_noted_once_and_is_in_nobodys_way(hub: Hub, key: doors.Key) -> None:
    def state() -> tuple[int, dt.datetime | None]:
        with hub.inside():
            return _invitation().version, _invitation().seen_at

    version, before = state()
    assert before is None
    assert hub.be(None).post(f"/i/{key.token}").status_code == 303
    first = state()
    assert first[0] == version and first[1] is not None
    assert hub.be(None).post(f"/i/{key.token}").status_code == 303 and state() == first


def test_a_stranger_cannot_end_somebodys_code(hub: Hub, key: doors.Key) -> None:
    wrong = f"{(int(key.code) + 1) % 1_000_000:06}"
    for _ in range(3):
        said = [_types(hub, wrong, "10.0.0.66")[1] for _ in range(11)]
        _later(hub)
    assert doors.ENOUGH in said[0], "the stranger is heard no more"
    assert _types(hub, key.code, "10.0.0.66")[0] == 422
    assert _types(hub, key.code, "10.0.0.1")[0] == 303, "and the code works where its owner is"


def test_a_code_that_is_guessed_from_many_places_fits_no_more_and_the_next_one_does(hub: Hub, key: doors.Key) -> None:
    for number in range(doors.TRIES):
        assert _types(hub, f"{(int(key.code) + 1 + number) % 1_000_000:06}", f"10.0.1.{number}")[0] == 422
    assert _types(hub, key.code, "10.0.0.1")[0] == 422
    with hub.inside(), writing():
        invitation = _invitation()
        fresh = links.make(invitation, db.session.get_one(Conference, invitation.conference_id), now())
    assert _types(hub, fresh.code, "10.0.0.1")[0] == 303


def test_an_unknown_address_meets_the_same_words_at_each_try(hub: Hub, key: doors.Key) -> None:
    wrong = f"{(int(key.code) + 1) % 1_000_000:06}"
    for number in range(23):
        if number in (11, 22):  # heard again, and then no more
            _later(hub)
        known, unknown = _types(hub, wrong, "10.0.2.1"), _types(hub, wrong, "10.0.2.2", "nobody@anyshire.example")
        assert known == unknown and known[0] == 422
