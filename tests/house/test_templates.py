"""Every template is used, and every page that is served can be read and used with nothing but a browser."""

from __future__ import annotations

import datetime as dt
import io
import re
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from werkzeug.exceptions import HTTPException

from csc_hub.db import db, writing
from csc_hub.kernel import now
from csc_hub.people import links
from csc_hub.people.records import Agency
from csc_hub.process.agreements.records import Request
from tests.house.page import Field, Page, Step, Walk, injected

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"


def _name(step: Step) -> str:
    return f"{step.role} at {step.url}"


def _pages(walk: Walk) -> list[tuple[Step, Page]]:
    assert len(walk.pages) > 200
    return [(step, step.page) for step in walk.pages if step.page]


def test_every_template_compiles(walk: Walk) -> None:
    for path in TEMPLATES.rglob("*.html"):
        name = str(path.relative_to(TEMPLATES))
        if name.split("/")[0] != "components":
            walk.ground.app.jinja_env.get_template(name)


def test_every_template_is_rendered_on_somebodys_way(walk: Walk) -> None:
    ground = walk.ground
    ground.app.jinja_env.cache.clear()  # type: ignore[union-attr]
    seen = set()
    for step in walk.pages:
        key = (step.role, urlsplit(step.url).path.count("/"), step.url.rpartition("/")[2][:8] if "-" not in step.url.rpartition("/")[2] else "")
        if key not in seen:
            seen.add(key)
            ground.seats[step.role].ask("GET", step.url)
    ground.seats["nobody"].ask("GET", "/choose-password/spent")
    ground.seats["lead"].ask("GET", "/nowhere")
    ground.seats["lead"].ask("GET", f"/contexts/{ground.ids['centre']['context_id']}/invitations")  # it has no conference
    for url in (f"/i/{ground.key}", "/i/spent", "/invitation"):
        ground.seats["invited"].ask("GET", url)
    seen = re.search(r'name="seen" value="(\w+)"', ground.seats["signing"].ask("GET", "/sign").text)
    about = {"name": "Sal Rossi", "job_title": "Manager", "authority": "sign", "covers": "everybody"}
    for method, url, fields in (("GET", f"/s/{ground.sign_key}", None), ("GET", "/s/spent", None), ("POST", "/sign", {"seen": seen[1] if seen else ""}),
                                ("GET", "/sign/about", None), ("POST", "/sign/about", about), ("POST", "/sign/pass-on", {"name": "Ann Hill", "email": "ann@anyshire.example"}),
                                ("GET", "/sign/passed", None), ("GET", "/sign/name", None), ("POST", "/sign/name", {"typed_name": "Sal Rossi"}),
                                ("GET", "/sign/done", None), ("GET", "/sign/receipt", None)):
        assert ground.seats["signing"].ask(method, url, fields).status_code in (200, 303) or url == "/s/spent", url
    with ground.hub.inside(), writing():
        closed = db.session.scalar(db.select(Request.id).where(Request.name == "Ann Hill", Request.closed_at.is_not(None)))
        over = links.make(links.Purpose.SIGNING, closed, "", now() + dt.timedelta(days=1), now()).token
    for url in (f"/s/{over}", "/check"):
        ground.seats["nobody"].ask("GET", url)
    for url in (f"/u/{ground.door_key}", "/u/spent", "/report/sent"):
        ground.seats["reporting"].ask("GET", url)
    with ground.hub.inside(), writing():
        db.session.scalar(db.select(Agency).where(Agency.name == "Housing")).statutory = False
    assert ground.seats["reporting"].ask("GET", "/report/before").status_code == 200
    ids = ground.ids["interchange"]
    ground.seats["ig officer"].ask("GET", f"/agreements/{ids['text_id']}")
    for method, url in (("GET", "phone-list"), ("POST", f"{ids['invitation_id']}/letter"), ("POST", f"{ids['invitation_id']}/again"), ("POST", "ask-to-sign")):
        ground.seats["lead"].ask(method, f"/contexts/{ids['context_id']}/invitations/{url}")
    ids = ground.ids["school"]
    ground.seats["lead"].ask("GET", f"/contexts/{ids['context_id']}/register/{ids['conference_id']}/sign/{ids['line_id']}")
    assert ground.seats["lead"].ask("POST", f"/contexts/{ids['context_id']}/updates/ask").status_code == 303
    batch = f"/contexts/{ids['context_id']}/updates/{ids['batch_id']}"
    shown = ground.seats["lead"].ask("GET", batch)
    seen_ = re.search(r'name="seen" value="(\w+)"', shown.text)
    assert shown.status_code == 200 and seen_
    assert ground.seats["lead"].ask("POST", batch, {"seen": seen_[1]}).status_code == 303
    assert ground.seats["lead"].ask("GET", f"{batch}/undo").status_code == 200
    two = "Ref,Status,Update,Comments\n/07,Done,Cut,Not cut\n"
    sent = ground.seats["lead"].ask("POST", f"/contexts/{ids['context_id']}/updates/upload", {"agency_id": str(ids["agency_id"]), "file": (io.BytesIO(two.encode()), "two.csv")})
    assert "Which column is meant?" in ground.seats["lead"].ask("GET", sent.headers["Location"]).text
    for url in ("", f"/{ids['plan_file_id']}"):
        assert ground.seats["lead"].ask("GET", f"/contexts/{ids['context_id']}/plan/bring-in{url}").status_code == 200
    ground.seats["lead"].ask("POST", f"/contexts/{ids['context_id']}/register/{ids['conference_id']}/mark", {"who": f"i-{ids['invitation_id']}", "deed": "left"},
                             headers={"HX-Request": "true", "HX-Request-Type": "partial"})
    rendered = {name for _, name in ground.app.jinja_env.cache.keys()}  # type: ignore[union-attr]
    lost = {str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html")} - rendered - {"components/fields.html", "mail/_words.html"}
    assert not lost, f"nobody ever sees {sorted(lost)}"


def test_every_link_a_page_offers_leads_somewhere(walk: Walk) -> None:
    broken = [(_name(step), step.answer.status_code, f"from {step.came_from}") for step in walk.steps if step.answer.status_code >= 400]
    assert not broken


def test_every_page_has_one_heading_a_title_and_a_language(walk: Walk) -> None:
    for step, page in _pages(walk):
        tags = [tag for tag, _ in page.tags]
        assert tags.count("h1") == tags.count("main") == tags.count("title") == 1, _name(step)
        assert page.lang == "en-GB" and len(page.title.split("–")[0].strip()) > 3, _name(step)
        levels = [int(tag[1]) for tag in tags if tag in ("h1", "h2", "h3", "h4")]
        body = levels[levels.index(1):]
        assert all(after - before <= 1 for before, after in zip(body, body[1:])), (_name(step), "a heading skips a level")


def test_titles_tell_the_pages_of_a_context_apart(walk: Walk) -> None:
    context = str(walk.ground.ids["school"]["context_id"])
    steps = [step for step in walk.pages if step.role == "lead" and step.url.rstrip("/").endswith((context, "/assessment", "/plan", "/updates", "/history")) and context in step.url]
    assert len({step.page.title for step in steps if step.page}) == len(steps) == 5


def test_no_page_holds_code_of_its_own(walk: Walk) -> None:
    for step, page in _pages(walk):
        assert not injected(page) and not page.all("style"), (_name(step), injected(page))
        assert all(urlsplit(value).netloc == "" for name in ("src", "action", "hx-post", "hx-get") for value in page.all(name)), _name(step)


def test_ids_are_given_once_and_whatever_names_one_finds_it(walk: Walk) -> None:
    for step, page in _pages(walk):
        ids = page.ids
        assert len(ids) == len(set(ids)), (_name(step), [i for i in ids if ids.count(i) > 1])
        named = [word for name in ("for", "aria-labelledby", "aria-describedby", "aria-controls") for value in page.all(name) for word in value.split()]
        named += [value[1:] for value in page.all("hx-target") if value.startswith("#")]
        named += [link[1:] for link in page.all("href") if link.startswith("#") and len(link) > 1]
        assert not set(named) - set(ids), (_name(step), set(named) - set(ids))
        for value in page.all("hx-target"):
            assert value.startswith("#") or value in ("this", "body", "closest li", "closest tr"), (_name(step), value)


def _leads_to_a_route(walk: Walk, step: Step, where: str, method: str) -> bool:
    path = urlsplit(urljoin(f"http://localhost{step.url}", where)).path
    try:
        walk.ground.app.url_map.bind("localhost").match(path, method=method.upper())
    except HTTPException:
        return False
    return True


def test_every_form_works_without_javascript(walk: Walk) -> None:
    for step, page in _pages(walk):
        for form in page.forms:
            assert form.method in ("get", "post") and _leads_to_a_route(walk, step, form.at.get("action") or step.url, form.method), (_name(step), form.at)
            names = [control.name for control in form.fields]
            assert ("csrf_token" in names) == (form.method == "post"), (_name(step), form.at)
            assert any(control.kind == "submit" for control in form.fields), (_name(step), form.at)
            if any(control.kind == "file" for control in form.fields):
                assert form.at.get("enctype") == "multipart/form-data", (_name(step), form.at)
        for tag, at in page.tags:
            for verb in ("hx-post", "hx-get"):
                if verb in at:
                    fallback = at.get("action") or at.get("href") or step.url
                    assert urlsplit(fallback).path == urlsplit(at[verb]).path, (_name(step), tag, at)


def _unlabelled(page: Page, controls: list[Field]) -> list[dict[str, str]]:
    labelled = set(page.all("for"))
    return [c.at for c in controls if c.kind not in ("hidden", "submit", "button") and c.at.get("id") not in labelled and not c.at.get("aria-label")]


def test_every_field_has_a_label_and_every_group_a_legend(walk: Walk) -> None:
    for step, page in _pages(walk):
        controls = [control for form in page.forms for control in form.fields] + page.loose
        assert not _unlabelled(page, controls), _name(step)
        tags = [tag for tag, _ in page.tags]
        assert tags.count("fieldset") == tags.count("legend"), _name(step)
        assert all(at.get("alt") is not None for tag, at in page.tags if tag == "img"), _name(step)


def test_a_button_that_a_page_offers_is_never_refused_for_the_role(walk: Walk) -> None:
    ground, asked = walk.ground, set()
    ground.watch.changed()
    for step, page in _pages(walk):
        for form in page.forms:
            url = form.at.get("action") or step.url
            if form.method == "post" and (step.role, url) not in asked and not url.startswith(("/sign", "/choose")):
                asked.add((step.role, url))
                status = ground.seats[step.role].ask("POST", url).status_code
                assert status in (200, 303, 409, 422), (_name(step), url, status)
                if ground.watch.changed():
                    ground.watch.restore()
    assert len(asked) > 60


def test_a_page_of_faults_names_each_field_it_is_about(walk: Walk) -> None:
    for step, page in _pages(walk):
        if step.role in ("lead", "administrator") and any("novalidate" in form.at for form in page.forms):
            answer = walk.ground.seats[step.role].ask("POST", step.url)
            if walk.ground.watch.changed():
                walk.ground.watch.restore()
            if answer.status_code == 422:
                wrong = Page(answer.text)
                assert wrong.title.startswith("Error: ") and "There is a problem" in wrong.words or "saved this" in wrong.words, _name(step)
                targets = [link[1:] for link in wrong.all("href") if link.startswith("#")]
                assert not set(targets) - set(wrong.ids), (_name(step), set(targets) - set(wrong.ids))
                assert not injected(wrong) and not _unlabelled(wrong, [c for form in wrong.forms for c in form.fields]), _name(step)


def test_fragments_are_part_of_the_page_they_belong_to(walk: Walk) -> None:
    part = {"HX-Request": "true", "HX-Request-Type": "partial"}
    for role, url in (("lead", "/contexts?q=a"), ("administrator", "/people?q=a")):
        seat = walk.ground.seats[role]
        fragment, whole = seat.ask("GET", url, headers=part), seat.ask("GET", url)
        assert fragment.status_code == 200 and "<html" not in fragment.text and "<html" in whole.text, url
        assert fragment.headers["Vary"] == whole.headers["Vary"] and "HX-Request" in whole.headers["Vary"]
        assert {line.strip() for line in fragment.text.splitlines()} <= {line.strip() for line in whole.text.splitlines()}, url
        assert "<html" in seat.ask("GET", url, headers={"HX-Request": "true"}).text, "boosted requests get the whole page"
