"""The way in: passwords, one-time links, throttling, and doors that close at once."""

import datetime as dt
import re

import pytest

from csc_hub import kernel
from csc_hub.db import db, writing
from csc_hub.people import records, rules, service
from tests.hub import Hub, User, words_of

PASSWORD = "three unrelated wombats"


def _link(hub: Hub, email: str) -> str:
    with hub.inside(), writing():
        return "/choose-password/" + service.make_link(records.person_by_email(email), None, kernel.now())


def _nobody(hub: Hub) -> User:
    return hub.be(None)


def _sign_in(hub: Hub, email: str, password: str) -> tuple[int, str]:
    answer = _nobody(hub).post("/sign-in", email=email, password=password)
    return answer.status_code, words_of(answer)


def test_a_person_chooses_a_password_once_and_signs_in_with_it(hub: Hub) -> None:
    link = _link(hub, "priya.nair@anyshire.example")
    for _ in range(3):  # a scanner that looks changes nothing
        assert _nobody(hub).get(link).status_code == 200
    assert _nobody(hub).post(link, password=PASSWORD).status_code == 303
    assert _nobody(hub).get(link).status_code == 404
    assert _sign_in(hub, "Priya.Nair@anyshire.example ", PASSWORD)[0] == 303


def test_an_older_link_stops_working_when_a_new_one_is_made(hub: Hub) -> None:
    old, new = _link(hub, "priya.nair@anyshire.example"), _link(hub, "priya.nair@anyshire.example")
    assert (_nobody(hub).get(old).status_code, _nobody(hub).get(new).status_code) == (404, 200)


def test_unknown_address_and_wrong_password_are_told_apart_by_nobody(hub: Hub) -> None:
    _nobody(hub).post(_link(hub, "priya.nair@anyshire.example"), password=PASSWORD)
    wrong = _sign_in(hub, "priya.nair@anyshire.example", "not this one at all")
    unknown = _sign_in(hub, "nobody.atall@anyshire.example", "not this one at all")
    assert wrong[0] == unknown[0] == 422
    assert wrong[1].replace("priya.nair", "x") == unknown[1].replace("nobody.atall", "x")


def test_ten_failures_close_the_door_for_this_address_and_nobody_else(hub: Hub) -> None:
    for email in ("priya.nair@anyshire.example", "grace.mensah@anyshire.example"):
        _nobody(hub).post(_link(hub, email), password=PASSWORD)
    for _ in range(rules.TOO_MANY):
        assert _sign_in(hub, "priya.nair@anyshire.example", "wrong wrong wrong")[0] == 422
    assert "Too many tries" in _sign_in(hub, "priya.nair@anyshire.example", PASSWORD)[1]
    assert _sign_in(hub, "grace.mensah@anyshire.example", PASSWORD)[0] == 303


def test_what_happened_by_a_clock_that_was_years_ahead_shuts_nobody_out_and_opens_nothing(hub: Hub) -> None:
    ahead, lead = kernel.now() + dt.timedelta(days=731), hub.be("lead")
    _nobody(hub).post(_link(hub, "grace.mensah@anyshire.example"), password=PASSWORD)
    with hub.inside(), writing():
        for _ in range(rules.TOO_MANY):
            service.count_guess("grace.mensah@anyshire.example", "127.0.0.1", ahead)
    assert _sign_in(hub, "grace.mensah@anyshire.example", PASSWORD)[0] == 303
    with lead.client.session_transaction() as session:
        session["seen"] = session["since"] = ahead.timestamp()
    assert lead.get("/contexts").status_code == 302


@pytest.mark.parametrize(("password", "said"), [
    ("short", "12 characters or more"), ("aaaaaaaaaaaaaa", "somebody would try"), ("password12345", "somebody would try"),
    ("priyanair2026", "name or e-mail address"), ("x" * 201, "200 characters or fewer")])
def test_a_weak_password_is_refused_with_what_to_do(hub: Hub, password: str, said: str) -> None:
    answer = _nobody(hub).post(_link(hub, "priya.nair@anyshire.example"), password=password)
    assert answer.status_code == 422 and said in words_of(answer)


def test_ended_access_and_a_new_password_close_open_sessions_at_once(hub: Hub) -> None:
    lead, admin = hub.be("lead"), hub.be("administrator")
    assert lead.get("/contexts").status_code == 200
    with hub.inside():
        person = records.person_by_email("priya.nair@anyshire.example")
    admin.post(f"/people/{person.id}/end-access", page=f"/people/{person.id}")
    assert lead.get("/contexts").status_code == 302
    admin.post(f"/people/{person.id}/restore-access", page=f"/people/{person.id}")
    again = hub.be("lead")
    assert again.get("/contexts").status_code == 200
    _nobody(hub).post(_link(hub, "priya.nair@anyshire.example"), password=PASSWORD)
    assert again.get("/contexts").status_code == 302


def test_a_role_taken_away_is_gone_at_the_next_request(hub: Hub) -> None:
    coordinator, admin = hub.be("coordinator"), hub.be("administrator")
    with hub.inside():
        person = records.person_by_email("grace.mensah@anyshire.example")
    url = f"/contexts/{hub.context('peers')}"
    assert coordinator.get(url).status_code == 200
    admin.post(f"/people/{person.id}/edit", name=person.name, email=person.email, roles="ig_officer", agency_id="")
    assert coordinator.get(url).status_code == 404


def test_signing_in_leads_only_to_pages_of_the_hub(hub: Hub) -> None:
    _nobody(hub).post(_link(hub, "priya.nair@anyshire.example"), password=PASSWORD)
    for wanted in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\t/evil.example"):
        answer = _nobody(hub).post("/sign-in", email="priya.nair@anyshire.example", password=PASSWORD, next=wanted)
        assert answer.location == "/"
    answer = _nobody(hub).post("/sign-in", email="priya.nair@anyshire.example", password=PASSWORD, next="/contexts?q=harbour")
    assert answer.location == "/contexts?q=harbour"


def test_outside_a_demonstration_nobody_signs_in_by_choosing_a_name(built: object, tmp_path: object) -> None:
    from tests.hub import copy

    real = copy(built, tmp_path / "real", demonstration=False)  # type: ignore[arg-type,operator]
    page = real.be(None).get("/sign-in").text
    assert "Sign in as" not in page and "demonstration" not in page
    with real.inside():
        person = db.session.scalar(db.select(records.Person.id).limit(1))
    assert real.be(None).post("/sign-in/as", page="/sign-in", person=str(person)).status_code == 404


def test_an_administrator_adds_a_person_and_is_shown_the_link_once(hub: Hub) -> None:
    admin = hub.be("administrator")
    answer = admin.post("/people/add", name="Ada Reed", email="ada.reed@anyshire.example", roles="lead", agency_id="")
    page = admin.post(answer.location + "/link", page=answer.location)
    link = re.search(r"<code>http://localhost(/choose-password/[^<]+)</code>", page.text)
    assert link and _nobody(hub).get(link[1]).status_code == 200
    assert link[1] not in admin.get(answer.location).text
    doubled = admin.post("/people/add", name="Ada Reed", email="ADA.reed@anyshire.example", roles="lead", agency_id="")
    assert doubled.status_code == 422 and "in the hub already" in words_of(doubled)
