"""Looking changes nothing, and whatever changes something asks who you are and whether your page was ours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.house.ground import SAFE, Ground, Route, address
from tests.hub import copy


REFUSED = ("refused_door",)


def _unsafe(ground: Ground) -> list[Route]:
    return [route for route in ground.routes if route.method not in SAFE]


def test_no_page_changes_the_database_whoever_looks(probes: list[Any]) -> None:
    looked = [probe for probe in probes if probe.method in ("GET", "HEAD")]
    assert len(looked) > 1000
    assert not [probe for probe in looked if probe.changed]


def test_only_the_verbs_of_looking_are_recorded_and_not_by_head(ground: Ground) -> None:
    for endpoint in ("papers.open_paper", "exchange.download_plan", "exchange.agency_workbook"):
        route = next(r for r in ground.routes if r.endpoint == endpoint)
        url = address(route, ground.ids["school"])
        kept = ["events", "exports", "sequences"] if endpoint == "exchange.agency_workbook" else ["events"]  # the numbered record of the download
        for method, tables in (("HEAD", []), ("OPTIONS", []), ("GET", kept)):
            ground.seats["lead"].ask(method, url).close()
            assert sorted(ground.watch.differs(but=REFUSED)) == tables, (endpoint, method)
        ground.watch.restore()


def test_every_form_is_refused_without_our_token_and_changes_nothing(ground: Ground) -> None:
    roles = ("nobody", "coordinator", "lead", "chair", "agency contact", "administrator", "ig officer", "invited", "signing", "reporting")
    stranger = ground.seats["reader"].token
    for route in _unsafe(ground):
        url, said = address(route, ground.ids["school"]), set()
        for role in roles:
            for token in ("", stranger, ground.seats[role].token + "x", "x" * 2000):
                answer = ground.seats[role].ask("POST", url, ground.form(route), token=token)
                assert answer.status_code in (400, 401, 403, 404), (route, role, answer.status_code)
                said.add(answer.status_code)
                if answer.status_code != 400:
                    break
        assert 400 in said, f"no role reached the token of {route.rule}"
    assert ground.watch.differs(but=REFUSED) == []


def test_a_token_in_the_address_does_not_count(ground: Ground) -> None:
    lead = ground.seats["lead"]
    assert lead.ask("POST", f"/sign-out?csrf_token={lead.token}", {}, token="").status_code == 400


def test_over_https_a_form_from_another_site_or_from_nowhere_is_refused(furnished: Path, tmp_path: Path) -> None:
    ground = Ground(copy(furnished, tmp_path / "hub", url="https://hub.example"), "https://hub.example")
    seat = ground.seats["lead"]
    for referrer in ("https://evil.example/", "https://hub.example.evil.example/", "http://hub.example/", ""):
        assert seat.ask("POST", "/sign-out", {}, headers={"Referer": referrer}).status_code == 400, referrer
    assert seat.ask("POST", "/sign-out", {}).status_code == 303


@pytest.mark.parametrize("role", ["nobody", "ended"])
def test_a_form_without_sign_in_gets_401_and_htmx_is_sent_to_sign_in(ground: Ground, role: str) -> None:
    for route in _unsafe(ground):
        if route.guard not in ("anyone", "invited", "signing", "reporting", "at update door"):
            url = address(route, ground.ids["school"])
            assert ground.seats[role].ask("POST", url).status_code == 401, route
            part = ground.seats[role].ask("POST", url, headers={"HX-Request": "true"})
            assert (part.status_code, part.headers.get("HX-Redirect"), part.text) == (401, "/sign-in", ""), route
    assert ground.watch.differs(but=REFUSED) == []


def test_a_page_without_sign_in_leads_to_sign_in_and_back(ground: Ground) -> None:
    nobody = ground.seats["nobody"]
    assert nobody.ask("GET", "/").headers["Location"] == "/sign-in"
    answer = nobody.ask("GET", "/contexts?q=park")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in?next=/contexts?q%3Dpark")
    assert nobody.ask("GET", "/contexts", headers={"HX-Request": "true"}).headers["HX-Redirect"] == "/sign-in"


def test_methods_no_page_knows_are_refused(ground: Ground) -> None:
    rules = {route.rule: route for route in ground.routes}
    for route in rules.values():
        for method in ("PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"):
            answer = ground.seats["coordinator"].ask(method, address(route, ground.ids["school"]), {})
            assert answer.status_code == 405, (method, route.rule, answer.status_code)
    for route in _unsafe(ground):
        if not any(r.rule == route.rule and r.method == "GET" for r in ground.routes):
            for method in ("GET", "HEAD"):
                assert ground.seats["lead"].ask(method, address(route, ground.ids["school"])).status_code == 405, route
    assert ground.watch.differs(but=REFUSED) == []


def test_no_header_turns_one_method_into_another(ground: Ground) -> None:
    url = f"/contexts/{ground.ids['school']['context_id']}"
    for name in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
        ground.seats["lead"].ask("GET", f"{url}/accept?_method=POST", headers={name: "POST"})
        ground.seats["lead"].ask("GET", f"{url}/plan/issue?_method=POST", headers={name: "POST"})
    assert ground.watch.differs(but=REFUSED) == []
