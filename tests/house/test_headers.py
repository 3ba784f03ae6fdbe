"""What every answer says to the browser, whatever it is an answer to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from werkzeug.test import TestResponse

from tests.house.ground import Ground, seat
from tests.hub import CAST, Hub, copy

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; manifest-src 'self'")
SANDBOX = "sandbox; default-src 'none'"
SITE = "https://hub.example"
HOSTILE = (
    "https://evil.example", "http://evil.example/", "//evil.example", "///evil.example", "////evil.example/%2e%2e", "/\\evil.example",
    "\\\\evil.example", "/\\/evil.example", "\t//evil.example", "/\t/evil.example", "/\n/evil.example", "/%0a/evil.example/..//\\evil.example",
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "https:evil.example", "https:/evil.example", "evil.example",
    "@evil.example", "/.evil.example\r\nLocation: https://evil.example", " //evil.example", "/\u2028/evil.example", "/\x00/evil.example",
    "http:///evil.example", "//evil.example\\@localhost/", "?next=//evil.example", "/..//evil.example", "//localhost@evil.example/")


@pytest.fixture(scope="module")
def secure(furnished: Path, tmp_path_factory: pytest.TempPathFactory) -> Ground:
    """A hub that people reach over https."""
    return Ground(copy(furnished, tmp_path_factory.mktemp("secure") / "hub", url=SITE), SITE)


def _answers(ground: Ground) -> Iterator[tuple[str, TestResponse]]:
    """One answer of every kind."""
    ids, lead, admin, nobody = ground.ids["school"], *(ground.seats[role] for role in ("lead", "administrator", "nobody"))
    base = f"/contexts/{ids['context_id']}"
    part = {"HX-Request": "true", "HX-Request-Type": "partial"}
    yield "page", lead.ask("GET", base)
    yield "list", lead.ask("GET", "/contexts?q=harbour")
    yield "fragment", lead.ask("GET", "/contexts?q=harbour", headers=part)
    yield "fragment of people", admin.ask("GET", "/people?q=a", headers=part)
    yield "nothing to report", ground.seats["agency contact"].ask("POST", f"/our-actions/{ids['action_id']}/nothing-to-report", headers=part)
    yield "redirect", ground.seats["administrator"].ask("GET", "/")
    yield "redirect after a write", ground.seats["partner"].ask("POST", "/sign-out")
    yield "HX-Redirect", ground.seats["other agency"].ask("POST", "/sign-out", headers={"HX-Request": "true"})
    yield "to sign-in", nobody.ask("GET", "/contexts")
    yield "sign-in", nobody.ask("GET", "/sign-in")
    yield "link", nobody.ask("GET", f"/choose-password/{ground.token}")
    yield "spent link", nobody.ask("GET", "/choose-password/spent")
    yield "400", lead.ask("POST", "/sign-out", token="")
    yield "401", nobody.ask("POST", f"{base}/accept")
    yield "401 for htmx", nobody.ask("POST", f"{base}/accept", headers={"HX-Request": "true"})
    yield "403", ground.seats["reader"].ask("GET", f"{base}/edit")
    yield "404", lead.ask("GET", "/nowhere")
    yield "404 of a foreign id", ground.seats["other chair"].ask("GET", base)
    yield "405", lead.ask("GET", "/sign-out")
    yield "413", lead.ask("POST", "/contexts/refer", {"name": "x" * 2_000_000})
    yield "422", lead.ask("POST", f"{base}/edit", {})
    yield "422 refused", lead.ask("POST", f"{base}/accept", {})
    yield "paper", lead.ask("GET", f"{base}/papers/{ids['paper_id']}")
    yield "workbook", lead.ask("GET", f"{base}/plan/download/xlsx")
    yield "document", lead.ask("GET", f"{base}/plan/download/docx")
    yield "agency's workbook", lead.ask("GET", f"{base}/updates/workbook/{ids['agency_id']}")
    yield "static", nobody.ask("GET", "/static/csc.css")
    yield "missing static", lead.ask("GET", "/static/none.css?v=1")
    yield "theme", nobody.ask("GET", "/theme.css")
    yield "health", nobody.ask("GET", "/healthz")
    yield "options", lead.ask("OPTIONS", base)


@pytest.fixture(params=["http", "https"])
def either(request: pytest.FixtureRequest, ground: Ground, secure: Ground) -> Ground:
    """The hub as it is reached over http, and over https."""
    return ground if request.param == "http" else secure


def test_every_kind_of_answer_carries_every_header(either: Ground) -> None:
    for kind, answer in _answers(either):
        head = answer.headers
        assert head["Content-Security-Policy"] == (SANDBOX if kind == "paper" else POLICY), kind
        assert head["X-Content-Type-Options"] == "nosniff" and head["X-Frame-Options"] == "DENY", kind
        assert head["Referrer-Policy"] in ("same-origin", "no-referrer"), kind
        assert head["Cross-Origin-Opener-Policy"] == head["Cross-Origin-Resource-Policy"] == "same-origin", kind
        if kind not in ("static", "theme"):
            assert head["Cache-Control"] == "no-store", kind
        assert len(head.getlist("Content-Security-Policy")) == len(head.getlist("Cache-Control")) == 1, kind
        assert not {"Server", "X-Powered-By", "Access-Control-Allow-Origin"} & set(head.keys()), kind
        assert ("Strict-Transport-Security" in head) == (either.seats["lead"].base == SITE), kind
        answer.close()
    either.watch.restore()


def test_every_answer_of_the_walk_carries_them_too(walk: Any) -> None:
    assert len(walk.steps) > 200
    for step in walk.steps:
        head = step.answer.headers
        assert head["Content-Security-Policy"] in (POLICY, SANDBOX) and head["Cache-Control"] == "no-store", step.url
        assert head["X-Content-Type-Options"] == "nosniff" and "unsafe" not in head["Content-Security-Policy"], step.url
        assert head["Content-Type"].startswith("text/html; charset=utf-8") or "attachment" in head.get("Content-Disposition", "") or step.answer.status_code < 400 and "Location" in head, step.url


def test_what_is_downloaded_is_named_typed_and_never_shown_in_the_page(ground: Ground) -> None:
    for kind, answer in _answers(ground):
        if kind in ("paper", "workbook", "document", "agency's workbook"):
            assert answer.headers["Content-Disposition"].startswith('attachment; filename="'), kind
            assert answer.mimetype.startswith("application/vnd.openxmlformats-officedocument."), kind
            assert answer.headers["Content-Length"] == str(len(answer.data)), kind
        answer.close()
    ground.watch.restore()


def _cookies(answer: TestResponse) -> list[str]:
    return answer.headers.getlist("Set-Cookie")


def test_over_https_the_cookie_is_bound_to_the_host_and_sent_over_nothing_else(secure: Ground) -> None:
    cookie = _cookies(secure.app.test_client(use_cookies=False).get("/sign-in", base_url=SITE))[0]
    assert cookie.startswith("__Host-csc=") and {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie and "Expires" not in cookie
    assert secure.seats["lead"].ask("GET", "/contexts").headers["Strict-Transport-Security"].startswith("max-age=31536000")


def test_over_http_on_this_machine_the_cookie_is_plain(shared_hub: Hub) -> None:
    answer = shared_hub.app.test_client(use_cookies=False).get("/sign-in")
    assert _cookies(answer)[0].startswith("csc=") and "HttpOnly" in _cookies(answer)[0] and "SameSite=Lax" in _cookies(answer)[0]
    assert "Strict-Transport-Security" not in answer.headers


def test_signing_out_clears_what_the_browser_kept(ground: Ground) -> None:
    answer = seat(ground.app, CAST["reader"]).ask("POST", "/sign-out")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"' and answer.headers["Location"] == "/sign-in"
    assert "csc=;" in _cookies(answer)[0] or "Expires=Thu, 01 Jan 1970" in _cookies(answer)[0]
    ground.watch.restore()


def test_signing_in_gives_a_new_session(ground: Ground) -> None:
    with ground.app.test_client() as client:
        client.get("/sign-in")
        before = client.get_cookie("csc")
        token = seat(ground.app).ask  # a seat of its own: its cookie is not this browser's
        assert token("GET", "/contexts").status_code == 302
        person = ground.form(next(r for r in ground.routes if r.endpoint == "signing_in.sign_in_as"))
        page = client.get("/sign-in").text
        assert client.post("/sign-in/as", data={**person, "csrf_token": page.split('name="csrf_token" value="')[1].split('"')[0]}).status_code == 303
        assert before and client.get_cookie("csc").value != before.value  # type: ignore[union-attr]
    ground.watch.restore()


def _is_ours(location: str) -> bool:
    parts = urlsplit(location)
    plain = not parts.scheme and not parts.netloc and location.startswith("/") and not location.startswith(("//", "/\\"))
    return plain and "\\" not in location and location.isprintable()


def test_no_address_to_go_on_to_leads_elsewhere(ground: Ground) -> None:
    person = ground.form(next(r for r in ground.routes if r.endpoint == "signing_in.sign_in_as"))
    for hostile in HOSTILE:
        for place in ("form", "query"):
            sent = {"query_string": {"next": hostile}} if place == "query" else {}
            fields = {**person, **({"next": hostile} if place == "form" else {})}
            answer = ground.seats["nobody"].ask("POST", "/sign-in/as", fields, **sent)
            assert answer.status_code == 303 and _is_ours(answer.headers["Location"]), (hostile, answer.headers["Location"])
        answer = ground.seats["lead"].ask("GET", "/sign-in", query_string={"next": hostile})
        assert answer.status_code == 303 and _is_ours(answer.headers["Location"]), hostile
        ground.watch.restore()
    answer = ground.seats["nobody"].ask("POST", "/sign-in/as", {**person, "next": "/contexts?q=a"})
    assert answer.headers["Location"] == "/contexts?q=a"
    ground.watch.restore()


def test_a_wrong_host_is_refused_with_all_headers(either: Ground) -> None:
    for role in ("nobody", "lead"):
        answer = either.seats[role].ask("GET", "/contexts", headers={"Host": "evil.example"})
        assert answer.status_code == 400 and answer.headers["Content-Security-Policy"] == POLICY
        assert answer.headers["Cache-Control"] == "no-store" and "evil" not in answer.text


def test_no_header_of_the_request_gets_into_a_link_to_choose_a_password(either: Ground) -> None:
    admin, person = either.seats["administrator"], either.ids["school"]["person_id"]
    for headers in ({"X-Forwarded-Host": "evil.example"}, {"Forwarded": "host=evil.example"},
                    {"X-Forwarded-Proto": "gopher", "X-Forwarded-Prefix": "/evil.example"}):
        answer = admin.ask("POST", f"/people/{person}/link", headers=headers)
        assert "evil" not in answer.text + str(answer.headers) and "gopher" not in answer.text, headers
        assert answer.status_code == 200, headers
        either.watch.restore()
    answer = admin.ask("POST", f"/people/{person}/link")
    assert f"<code>{either.app.config['CSC'].url}/choose-password/" in answer.text
    either.watch.restore()
