"""Hostile and unusual words in every field of every form: never a broken page, never live in a page, kept as typed."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from werkzeug.exceptions import HTTPException

from csc_hub.kernel import tidy
from tests.house.ground import Ground, address
from tests.house.page import Field, Form, Page, Walk, injected

STRINGS = (
    "<csc-x>hello</csc-x>", "<script>csc-x()</script>", "</textarea><csc-x>", "</title></head><csc-x>", "\"><csc-x onclick=x>", "'><csc-x>",
    "\" onmouseover=\"csc-x()", "' onfocus='csc-x()' autofocus='", "<img src=x onerror=csc-x()>", "<svg onload=csc-x()>", "--><csc-x><!--",
    "<![CDATA[<csc-x>]]>", "&lt;csc-x&gt; &amp; &#60;csc-x&#62;", "javascript:csc-x()", "\" hx-get=\"/sign-out\" hx-trigger=\"load", "<a href=javascript:csc-x()>a</a>",
    "csc{{7*7}}csc", "csc{%raw%}csc", "csc${7*7}csc", "csc{{config.SECRET_KEY}}csc", "csc#{7*7}csc", "%(name)s %s %d {0} {name}",
    "'; DROP TABLE people; --", "' OR '1'='1", "\" OR 1=1 --", "1; SELECT pg_sleep(9)", "%' ESCAPE '\\", "a_b%c\\d",
    "a\x00b", "bell\x07 escape\x1b[31m delete\x7f c1\x85\x9b", "a\r\nSet-Cookie: csc=x\r\n\r\n<csc-x>", "line one\nline two\r\nline three\rfour", "tab\there",
    "\u202eright to left\u202c", "\u2066isolate\u2069 \u200bzero\u200dwidth \ufeffmark", "Łódź, Ærø, Ελλάδα, العربية, 汉字, עברית", "👩🏽‍🏫 👨‍👩‍👧 🏳️‍🌈 🫥",
    "e\u0301 e\u0323\u0302 \u1e9b\u0323 \ufb01", "lone \ud83d and \udc00 surrogates", "Z" + "\u0335\u0321" * 60, "=1+1", "@SUM(A1)", "-2+3|cmd",
    "word " * 2_000, "é" * 100_000)
VALUES = (
    *STRINGS[:-2], "../../../../etc/passwd", "C:\\CON\\nul", "~root", "NULL", "None", "undefined", "NaN", "1e309", "-1", "٣", "²", "0x1F", "999999999999999999999",
    "a" * 199, "<" * 10_000, "é" * 100_000)
DAYS = {"conferences.add_meeting": ("planned_on",), "conferences.edit_meeting": ("planned_on",), "contexts.threshold": ("threshold_on",), "assessments.add_referral": ("on",)}
"""Dates that these forms cannot do without."""
WORDS, ODD = ("text", "textarea", "tel"), ("email", "password", "hidden", "radio", "select", "checkbox", "number", "search")


@pytest.fixture(scope="module")
def forms(walk: Walk) -> dict[str, tuple[str, str, Form]]:
    """One form for each route that takes words: (role, url, form)."""
    return forms_of(walk)


def forms_of(walk: Walk) -> dict[str, tuple[str, str, Form]]:
    """One form for each route that takes words, among the pages of a walk: the school's where it has one, as its plan and meeting are under way."""
    found: dict[str, tuple[str, str, Form]] = {}
    school = str(walk.ground.ids["school"]["context_id"])
    for step in sorted(walk.pages, key=lambda step: school not in step.url):
        for form in step.page.forms if step.page and step.role != "coordinator" else ():
            url = form.at.get("action") or step.url
            if form.method == "post" and any(control.kind in (*WORDS, "password") for control in form.fields):
                try:
                    endpoint, _ = walk.ground.app.url_map.bind("localhost").match(urlsplit(url).path, method="POST")
                except HTTPException:
                    continue
                found.setdefault(str(endpoint), (step.role, url, form))
    return found


def is_date(control: Field) -> bool:
    """Whether a field is a part of a date."""
    return control.name.endswith(("-day", "-month", "-year"))


def is_number(control: Field) -> bool:
    """Whether a field takes a number."""
    few = any(f"govuk-input--width-{n}" in control.at.get("class", "").split() for n in (3, 4, 5))
    return few and not is_date(control)


INSTEAD = {"invitations.add_new": ("agency_id",)}
"""Lists from which nothing is chosen, because the next box takes words instead."""


def plain_form(endpoint: str, form: Form) -> list[tuple[str, str]]:
    """The form as a person would send it who types nothing."""
    sent, chosen = [], {c.name for c in form.fields if c.kind == "radio" and "checked" in c.at}
    for control in form.fields:
        value = control.at.get("value", "")
        if control.kind in ("hidden", "text", "tel", "email", "number", "search"):
            if control.name.rpartition("-")[0] in DAYS.get(endpoint, ()):
                value = {"day": "2", "month": "3", "year": "2026"}[control.name.rpartition("-")[2]]
            sent.append((control.name, value or ("somebody@anyshire.example" if control.name == "email" else "")))
        elif control.kind == "textarea":
            sent.append((control.name, control.text.lstrip("\n")))
        elif control.kind == "select" and control.name in INSTEAD.get(endpoint, ()):
            sent.append((control.name, ""))
        elif control.kind == "select":
            named = [v for v, selected in control.options if selected and v] or [v for v, _ in control.options if v]
            sent.append((control.name, named[0] if named else ""))
        elif control.kind == "radio" and ("checked" in control.at or control.name not in chosen):
            chosen.add(control.name)
            sent.append((control.name, value))
        elif control.kind == "checkbox" and ("checked" in control.at or control.name == "roles" and value == "chair" or control.name == "not_a_person"):
            sent.append((control.name, value))
    return sent


def send(ground: Ground, role: str, url: str, sent: list[tuple[str, str]]) -> Any:
    """Sends a form with exactly these words, also such as no browser would send."""
    seat = ground.seats[role]
    sent = [(name, seat.token if name == "csrf_token" else value) for name, value in sent]
    body = "&".join(f"{quote(name, safe='')}={quote(value.encode('utf-8', 'surrogatepass'), safe='')}" for name, value in sent)
    return seat.ask("POST", url, data=body.encode(), content_type="application/x-www-form-urlencoded")


def as_kept(control: Field, text: str) -> str:
    """What the hub should keep of these words in this field."""
    text = tidy(text.encode("utf-8", "surrogatepass").decode("utf-8", "werkzeug.url_quote"))  # as Werkzeug reads it
    return text if control.kind == "textarea" else " ".join(text.split("\n"))


def held_words(line: sqlite3.Connection) -> Iterator[str]:
    """Every text that the database holds, but for its events."""
    for (table,) in line.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN ('events', 'alembic_version')").fetchall():
        for row in line.execute(f'SELECT * FROM "{table}"'):
            yield from (value for value in row if isinstance(value, str))


def _check(answer: Any, what: Any) -> None:
    assert answer.status_code in (200, 303, 404, 409, 413, 422), (what, answer.status_code)
    if answer.mimetype == "text/html" and answer.text:
        page = Page(answer.text)
        assert not injected(page), (what, injected(page))
        assert "csc49csc" not in page.words and "\x00" not in answer.text and "only-for-tests" not in page.words, what
        assert not [v for name in ("hx-get", "hx-trigger") for v in page.all(name) if "sign-out" in v or v == "load"], what



def test_there_are_forms_to_type_in(forms: dict[str, Any]) -> None:
    assert {"contexts.refer", "contexts.edit", "contexts.threshold", "contexts.move", "contexts.counts", "assessments.add_finding", "plans.header",
            "assessments.add_involvement", "assessments.add_referral", "assessments.add_report", "plans.add_worry", "plans.add_action", "plans.update",
            "our_actions.update", "people.add_person", "people.add_agency", "people.add_kind", "signing_in.sign_in"} <= set(forms)


def test_hostile_words_are_kept_as_typed_or_refused_and_never_live(walk: Walk, forms: dict[str, Any]) -> None:
    ground, sent_words, accepted = walk.ground, 0, 0
    ground.watch.changed()
    for endpoint, (role, url, form) in forms.items():
        if any(c.kind in ("file", "password") for c in form.fields):
            continue
        texts = [c for c in form.fields if c.kind in WORDS and not is_date(c) and not is_number(c)]
        taken = 0
        for text in STRINGS if texts else ():
            words = {control.name: text for control in texts}
            answer = send(ground, role, url, [(name, words.get(name, value)) for name, value in plain_form(endpoint, form)])
            _check(answer, (endpoint, text[:40]))
            sent_words += len(texts)
            if answer.status_code == 303:
                taken += 1
                held = set(held_words(ground.watch.line))
                for control in texts:
                    assert as_kept(control, text) in held, (endpoint, control.name, text[:60])
                if set(text) & set("<\"'{"):
                    _check(ground.seats[role].ask("GET", answer.headers["Location"]), (endpoint, "the page after", text[:40]))
            if ground.watch.changed():
                ground.watch.restore()
        accepted += taken
        assert taken > 20 or not texts, f"{endpoint} took only {taken} of {len(STRINGS)} strings"
    print(f"{sent_words} words in fields, {accepted} forms accepted", end=" ")


def test_hostile_values_in_fields_that_are_not_words_break_nothing(walk: Walk, forms: dict[str, Any]) -> None:
    ground, tried = walk.ground, 0
    for number, (endpoint, (role, url, form)) in enumerate(forms.items()):
        plain = plain_form(endpoint, form)
        odd = [c for c in form.fields if c.kind in ODD and c.name not in ("csrf_token", "") or is_date(c) or is_number(c)]
        for place, control in enumerate(odd):
            for text in VALUES[(number + place) % 14::14] if control.kind != "password" else VALUES[:30:10]:
                sent = [(name, value) for name, value in plain if name != control.name] + [(control.name, text)]
                _check(send(ground, role, url, sent), (endpoint, control.name, text[:40]))
                tried += 1
        ground.watch.restore()
    print(f"{tried} odd values", end=" ")


def test_hostile_addresses_break_nothing(walk: Walk) -> None:
    ground, lead = walk.ground, walk.ground.seats["lead"]
    base, admin = f"/contexts/{ground.ids['school']['context_id']}", ground.seats["administrator"]
    for text in (*VALUES[:-2], "x" * 5_000):
        word = quote(text.encode("utf-8", "surrogatepass"), safe="")
        for seat, url in ((lead, f"/contexts?q={word}&show={word}&below={word}"), (admin, f"/people?q={word}"),
                          (ground.seats["ig officer"], f"/audit?before={word}"), (lead, f"{base}/history?before={word}"),
                          (lead, f"{base}/assessment/reports/add?kind={word}"), (lead, f"{base}/updates/upload?agency={word}"),
                          (ground.seats["nobody"], f"/sign-in?next={word}"), (ground.seats["nobody"], f"/choose-password/{word}"),
                          (lead, f"/contexts/{word}"), (lead, f"{base}/move/{word}"), (lead, f"/static/{word}"), (lead, f"/{word}")):
            answer = seat.ask("GET", url)
            assert answer.status_code < 500, (url[:80], answer.status_code)
            if answer.mimetype == "text/html":
                assert not injected(Page(answer.text)), url[:80]
            for name, value in answer.headers:
                assert "\r" not in value and "\n" not in value and name != "Set-Cookie" or "csc=x" not in value, url[:80]


def test_hostile_words_leave_the_hub_in_files_that_open(walk: Walk) -> None:
    ground, ids = walk.ground, walk.ground.ids["school"]
    lead, line = ground.seats["lead"], ground.watch.line
    for text in (*STRINGS[:12], *STRINGS[28:36], STRINGS[38], "=1+1", "+1", "\t=1", "x" * 4_000):
        words = tidy(text.encode("utf-8", "surrogatepass").decode("utf-8", "replace"))
        line.execute("UPDATE worries SET worry = ?, impact = ?, helping = ?, goal = ?", (words,) * 4)
        line.execute("UPDATE actions SET intervention = ?, team = ?, owner = ?, timescale = ?, barrier = ?, evidence = ?", (words,) * 6)
        line.execute("UPDATE agencies SET name = ? WHERE name IN ('Housing', (SELECT name FROM agencies WHERE id = ?))", (words[:150], ids["agency_id"].hex))
        line.execute("UPDATE papers SET name = ?", (f"{words[:180]}.docx",))
        for url in ("plan/download/xlsx", "plan/download/docx", f"updates/workbook/{ids['agency_id']}", f"papers/{ids['paper_id']}"):
            answer = lead.ask("GET", f"/contexts/{ids['context_id']}/{url}")
            assert answer.status_code == 200 and answer.data[:2] == b"PK", (url, text[:40], answer.status_code)
            disposition = answer.headers["Content-Disposition"]
            assert re.fullmatch(r"attachment; filename=\"[A-Za-z0-9._-]+\"(; filename\*=UTF-8''[A-Za-z0-9%._~-]+)?", disposition), disposition
        for url in (f"/contexts/{ids['context_id']}/plan", f"/contexts/{ids['context_id']}/assessment"):
            _check(lead.ask("GET", url), (url, text[:40]))
    ground.watch.restore()


def test_a_hostile_route_is_asked_as_its_address_says(ground: Ground) -> None:
    for route in ground.routes:
        if "context_id" in route.params:
            for some_id in ("0", "..", "%2e%2e", "00000000000000000000000000000000", "{11111111-2222-4333-8444-555555555555}", "\u0661"):
                assert ground.seats["lead"].ask(route.method, address(route, {**ground.ids["school"], "context_id": some_id})).status_code in (404, 405, 308), route
