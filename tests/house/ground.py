"""What the laws stand on: all routes, a place with one of everything, seats of every role, and a watch on the database."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import re
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask, current_app
from werkzeug.test import TestResponse

from csc_hub import kernel
from csc_hub.db import db, next_number, writing
from csc_hub.exchange.doors.records import UpdateDoor
from csc_hub.exchange.records import Batch, Held
from csc_hub.exchange.whole_plans.records import PlanFile
from csc_hub.papers.records import Paper
from csc_hub.people import links as doors
from csc_hub.people import records as people
from csc_hub.people import service as people_service
from csc_hub.people.records import Person
from csc_hub.people.rules import Role
from csc_hub.process.agreements.records import Request, Signature, Version
from csc_hub.process.assessments.records import Finding, Involvement, ReferralOut, Report, ReportVersion
from csc_hub.process.conferences.records import Conference, PreMeeting
from csc_hub.process.contexts import service as contexts_service
from csc_hub.process.contexts.records import Context
from csc_hub.process.contexts.rules import Move
from csc_hub.process.invitations import links
from csc_hub.process.invitations.records import Attendance, Invitation
from csc_hub.process.plans import service as plans_service
from csc_hub.process.plans.records import Action, Plan, Worry
from tests.hub import CAST, NAMES, Hub

SAFE = ("GET", "HEAD", "OPTIONS")
LOOKED = ("opened_paper", "exported_plan", "exported_updates", "exported_handout", "exported_signatures", "returned_updates")
"""What looking may record: a paper or a plan left the hub."""
KEPT = {"exchange.agency_workbook": ("exports", "sequences"), "exchange.our_workbook": ("exports", "sequences"),
        "doors.workbook": ("exports", "sequences")}
"""What the record of a download is made of besides its event: what stood in the workbook's cells, and its number."""
GUESTS = {"other lead": "Lena Frost", "no role": "Noel Blank", "ended": "Edith Gone"}
SEATS = ("nobody", *CAST, *GUESTS, "invited", "signing", "reporting")
PLACES = ("school", "peers")
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass(frozen=True)
class Route:
    """One method of one URL."""

    method: str
    rule: str
    endpoint: str
    guard: str
    params: tuple[str, ...]


def routes(app: Flask) -> list[Route]:
    """Every method of every URL, in the order of their names."""
    found = [
        Route(method, rule.rule, rule.endpoint, str(getattr(app.view_functions[rule.endpoint], "guard", "")), tuple(sorted(rule.arguments)))
        for rule in app.url_map.iter_rules() for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}]
    return sorted(found, key=lambda r: (r.rule, r.method))


def address(route: Route, ids: dict[str, Any]) -> str:
    """The URL of a route with these ids, whatever they are."""
    return re.sub(r"<(?:[^:<>]+:)?(\w+)>", lambda found: str(ids[found[1]]), route.rule)


def furnish(hub: Hub) -> None:
    """Gives every context one of everything, and the hub people whom the demonstration lacks."""
    sample = next((hub.app.config["CSC"].data / "samples").glob("*filled-in.xlsx")).read_bytes()
    answer = hub.be("agency contact").post(f"/our-actions/upload/{hub.context('school')}", file=(io.BytesIO(sample), "Housing.xlsx"))
    assert answer.status_code == 303, answer.status_code
    with hub.inside(), writing():
        now = kernel.now()
        admin = db.session.scalar(db.select(Person).where(Person.name == CAST["administrator"]))
        for name, roles in (("Lena Frost", {Role.LEAD}), ("Noel Blank", {Role.READER}), ("Edith Gone", {Role.COORDINATOR, Role.LEAD, Role.CHAIR})):
            email = f"{name.lower().replace(' ', '.')}@anyshire.example"
            person = people_service.add_person(people_service.PersonDraft(name=name, email=email, roles=frozenset(roles)), admin, now)
            if name == "Noel Blank":
                person.role_rows = []
        paper = db.session.scalars(db.select(Paper)).first()
        read = db.session.scalar(db.select(Batch.read))
        agencies = {agency.name: agency for agency in people.agencies()}
        for context in db.session.scalars(db.select(Context)):
            _fill(context, paper, read, agencies, now)


def _fill(context: Context, paper: Paper, read: Any, agencies: dict[str, Any], now: dt.datetime) -> None:
    def add(row: Any) -> Any:
        db.session.add(row)
        db.session.flush()
        return row

    def lacks(table: type, *where: Any) -> bool:
        return db.session.scalar(db.select(table).where(table.context_id == context.id, *where).limit(1)) is None

    day, by = kernel.today(now), paper.uploaded_by_id
    if lacks(Finding):
        add(Finding(context_id=context.id, category="risk", text=f"A risk in {context.reference}", weight="high", added_at=now))
    if lacks(Involvement):
        add(Involvement(context_id=context.id, who="parents", how=f"An evening about {context.reference}", on=day))
    if lacks(ReferralOut, ReferralOut.confirmed_on.is_(None)):
        add(ReferralOut(context_id=context.id, on=day, by_name=f"Sender of {context.reference}", destination="mash"))
    if lacks(Paper, Paper.from_invited.is_(False)):
        kept = add(Paper(**{name: getattr(paper, name) for name in (
            "extension", "content_type", "size", "sha256", "check", "uploaded_at")}, context_id=context.id,
            name=f"{context.reference}.docx", key=f"{paper.key[:-6]}{context.id.hex[:6]}", uploaded_by_id=by))
        store = current_app.extensions["csc_store"]
        store.put(kept.key, io.BytesIO(b"".join(store.open(paper.key))), paper.size, paper.sha256)
        report = add(Report(context_id=context.id, kind="safer_me"))
        add(ReportVersion(report_id=report.id, number=1, paper_id=kept.id))
    if lacks(Conference) and context.name != NAMES["centre"]:
        add(Conference(context_id=context.id, number=1, minutes=120, agenda=[10, 15, 20, 10, 15, 50], chair_id=context.chair_id))
    conference = db.session.scalar(db.select(Conference).where(Conference.context_id == context.id))
    if conference and db.session.scalar(db.select(PreMeeting.id).where(PreMeeting.conference_id == conference.id).limit(1)) is None:
        add(PreMeeting(conference_id=conference.id, kind="chair", planned_on=day))
    if conference and db.session.scalar(db.select(Invitation.id).where(Invitation.conference_id == conference.id).limit(1)) is None:
        add(Invitation(conference_id=conference.id, person_id=by, why=[1], added_at=now))
    if conference and db.session.scalar(db.select(Attendance.id).where(Attendance.conference_id == conference.id).limit(1)) is None:
        add(Attendance(conference_id=conference.id, name=f"Attendee of {context.reference}", how="in_person", noted_by=CAST["coordinator"]))
    if conference:
        conference.starts_at = conference.starts_at or kernel.in_london(kernel.today(now) + dt.timedelta(days=30), dt.time(10))  # those invited may still answer, and send files
        sent_in = add(Paper(**{name: getattr(paper, name) for name in (
            "extension", "content_type", "size", "sha256", "check", "uploaded_at", "uploaded_by_id")}, context_id=context.id,
            name=f"Sent in for {context.reference}.docx", key=f"{context.id.hex[:6]}{paper.key[6:]}", from_invited=True))
        store = current_app.extensions["csc_store"]
        store.put(sent_in.key, io.BytesIO(b"".join(store.open(paper.key))), paper.size, paper.sha256)
        for invitation in db.session.scalars(db.select(Invitation).where(Invitation.conference_id == conference.id)):
            invitation.file_id = sent_in.id
    plan = db.session.scalar(db.select(Plan).where(Plan.context_id == context.id)) or add(Plan(context_id=context.id))
    if lacks(Action):
        worry = add(Worry(plan_id=plan.id, position=1, worry=f"A worry of {context.reference}", goal="Young people say it is safe"))
        for agency in ("Housing", "Anyshire Police", "Street Lighting"):
            number = next_number(f"actions {context.id}")
            add(Action(context_id=context.id, worry_id=worry.id, number=number, intervention=f"Action {number} of {context.reference}",
                       agency_id=agencies[agency].id, touched_at=now, due_on=day))
    if context.name == NAMES["peers"]:  # its plan is issued, as the school's is
        context.state = "assessed"
        plans_service.issue(context, context.chair, now)
    if context.name == NAMES["park"]:  # somebody else leads it, and it is being assessed
        lead, clerk = (db.session.scalar(db.select(Person).where(Person.name == name)) for name in (GUESTS["other lead"], CAST["coordinator"]))
        contexts_service.name_team(context, lead.id, None, None, clerk, now)
        contexts_service.move(context, Move.ACCEPT, "", clerk, now)
    if lacks(PlanFile):
        add(PlanFile(context_id=context.id, name=f"{context.reference}-plan.docx", format="docx", size=1, sha256="0" * 64, key=f"P{context.id.hex}",
                     uploaded_at=now, uploaded_by_id=by, read=_plan_read(context.reference)))
    for name in ("Housing", "Anyshire Police"):
        if lacks(Batch, Batch.agency_id == agencies[name].id):
            file = next((current_app.config["CSC"].data / "samples").glob("*filled-in.xlsx")).read_bytes()
            key, sha256 = f"{name[0].lower()}{context.id.hex}", hashlib.sha256(file).hexdigest()
            current_app.extensions["csc_store"].put(key, io.BytesIO(file), len(file), sha256)
            add(Batch(context_id=context.id, agency_id=agencies[name].id, name=f"{context.reference}-{name}.xlsx", format="xlsx", size=len(file),
                      sha256=sha256, key=key, uploaded_at=now, uploaded_by_id=by, counts={}, read=read))
        batch = db.session.scalar(db.select(Batch).where(Batch.context_id == context.id, Batch.agency_id == agencies[name].id))
        add(UpdateDoor(context_id=context.id, agency_id=agencies[name].id, agency=agencies[name], name=f"Asked of {name}",
                       email=f"{context.id.hex[:8]}@{name[:5].lower()}.example", asked_by=CAST["coordinator"], asked_at=now))
        add(Held(batch_id=batch.id, context_id=context.id, row=9, cell="H9", kind="refused", why=f"A cell of {context.reference}", owner_id=by, due_on=day))


def _plan_read(about: str) -> dict[str, Any]:
    """What the sandbox gives of a small plan in Word."""
    titles = ("What are we worried about?", "What is helping to keep children safe?", "What is the safety goal?", "Intervention to be offered", "Agency/Team responsible", "Timescale")
    row = (f"A worry of {about} in a file", "A café", "It is lit", f"An action of {about} in a file", "Housing", "Termly")
    rows = [[number, {str(column): ["s", text, 1] for column, text in enumerate(texts, 1)}] for number, texts in enumerate((titles, row), 1)]
    return {"format": "docx", "date1904": False, "notes": [], "hidden": [], "blocks": [{"name": "table 1", "kind": "table", "visible": True, "rows": rows}]}


class Seat:
    """Somebody at a browser whose cookie never changes: every request stands alone."""

    def __init__(self, app: Flask, cookie: str, token: str, base: str = "http://localhost"):
        self.app, self.cookie, self.token, self.base = app, cookie, token, base

    def ask(self, method: str, url: str, data: Any = None, headers: dict[str, str] | None = None, token: str | None = None, **kw: Any) -> TestResponse:
        """A request; forms carry this seat's CSRF token unless another is given ('' for none)."""
        headers = {"Cookie": self.cookie, **({"Referer": f"{self.base}/"} if self.base.startswith("https") else {}), **(headers or {})}
        if method not in SAFE and (data is None or isinstance(data, dict)):
            token = self.token if token is None else token
            data = {**({"csrf_token": token} if token else {}), **(data or {})}
        return self.app.test_client(use_cookies=False).open(url, method=method, data=data, headers=headers, base_url=self.base, **kw)


def seat(app: Flask, person: str | None = None, base: str = "http://localhost") -> Seat:
    """A seat for somebody of the hub by name, or for nobody."""
    def jar(answer: TestResponse) -> str:
        return "; ".join(cookie.partition(";")[0] for cookie in answer.headers.getlist("Set-Cookie"))

    page = app.test_client(use_cookies=False).get("/sign-in", base_url=base)
    found = Seat(app, jar(page), TOKEN.search(page.text)[1], base)  # type: ignore[index]
    if person is None:
        return found
    with app.app_context():
        some_id = db.session.scalar(db.select(Person.id).where(Person.name == person))
    answer = found.ask("POST", "/sign-in/as", {"person": str(some_id)})
    assert answer.status_code == 303, (person, answer.status_code)
    found.cookie = jar(answer)
    page = found.ask("GET", "/")
    page = found.ask("GET", page.headers["Location"]) if page.status_code == 303 else page
    return Seat(app, jar(page) or found.cookie, TOKEN.search(page.text)[1], base)  # type: ignore[index]


def invited(app: Flask, key: str, base: str = "http://localhost") -> Seat:
    """A seat for somebody who came in by the link of an invitation."""
    return _by_link(app, f"/i/{key}", "/invitation", base)


def signing(app: Flask, key: str, base: str = "http://localhost") -> Seat:
    """A seat for somebody who came in by the link of a request to sign."""
    return _by_link(app, f"/s/{key}", "/sign", base)


def reporting(app: Flask, key: str, base: str = "http://localhost") -> Seat:
    """A seat for somebody who came in by the link of a door for updates."""
    return _by_link(app, f"/u/{key}", "/report", base)


def _by_link(app: Flask, link: str, home: str, base: str) -> Seat:
    answer = seat(app, None, base).ask("POST", link)
    assert answer.status_code == 303, answer.status_code
    cookie = "; ".join(part.partition(";")[0] for part in answer.headers.getlist("Set-Cookie"))
    page = Seat(app, cookie, "", base).ask("GET", home)
    return Seat(app, cookie, TOKEN.search(page.text)[1], base)  # type: ignore[index]


def key_to_sign(hub: Hub) -> str:
    """A link by which the café is asked to sign."""
    with hub.inside(), writing():
        request = db.session.scalar(db.select(Request).where(Request.name == CAST["partner"]))
        db.session.info["recorded"] = True
        return doors.make(doors.Purpose.SIGNING, request.id, request.email, kernel.now() + dt.timedelta(days=30), kernel.now()).token


def key_to_report(hub: Hub) -> str:
    """A link by which Housing is asked to report on its actions of the school's plan."""
    with hub.inside(), writing():
        door = db.session.scalar(db.select(UpdateDoor).join(Context, Context.id == UpdateDoor.context_id).where(
            Context.name == NAMES["school"], UpdateDoor.name == "Asked of Housing"))
        db.session.info["recorded"] = True
        return doors.make(doors.Purpose.UPDATES, door.id, door.email, kernel.now() + dt.timedelta(days=30), kernel.now()).token


class Watch:
    """Notices what is written to a hub's database, and puts it back as it was, with the files that were taken away."""

    def __init__(self, hub: Hub):
        self.files = {path: path.read_bytes() for path in (Path(hub.app.config["CSC"].data) / "papers").rglob("*") if path.is_file()}
        self.line = sqlite3.connect(Path(hub.app.config["CSC"].data) / "csc.sqlite3", isolation_level=None, timeout=20)
        self.line.execute("PRAGMA synchronous = OFF")
        self.kept = sqlite3.connect(":memory:")
        self.line.backup(self.kept)
        self.mark = self._version()

    def _version(self) -> int:
        return int(self.line.execute("PRAGMA data_version").fetchone()[0])

    def changed(self) -> bool:
        """Whether anything was committed since it was last asked, or put back."""
        before, self.mark = self.mark, self._version()
        return self.mark != before

    def restore(self) -> None:
        """Puts the database back as it was at first."""
        self.kept.backup(self.line)
        self.mark = self._version()
        for path in self.files:
            if not path.exists():
                path.write_bytes(self.files[path])

    def differs(self, but: Iterable[str] = ()) -> list[str]:
        """The tables that hold something else than at first, leaving out events of these verbs."""
        marks = ",".join("?" * len(tuple(but)))
        found = []
        for (table,) in self.kept.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"):
            query, told = f'SELECT * FROM "{table}" ORDER BY 1', ()
            if table == "events" and but:
                query, told = f"SELECT * FROM events WHERE verb NOT IN ({marks}) ORDER BY 1", tuple(but)
            if self.line.execute(query, told).fetchall() != self.kept.execute(query, told).fetchall():
                found.append(table)
        return found


class Ground:
    """A furnished hub, a seat for every role, and the ids of everything in it."""

    def __init__(self, hub: Hub, base: str = "http://localhost"):
        self.hub, self.app = hub, hub.app
        self.routes = routes(hub.app)
        self.seats = {role: seat(hub.app, {**CAST, **GUESTS}.get(role), base) for role in SEATS if role not in ("invited", "signing", "reporting")}
        with hub.inside(), writing():
            edith, admin = (db.session.scalar(db.select(Person).where(Person.name == name)) for name in ("Edith Gone", CAST["administrator"]))
            people_service.end_access(edith, admin, kernel.now())
            self.token = people_service.make_link(
                db.session.scalar(db.select(Person).where(Person.name == "Noel Blank")), admin, kernel.now())
            peers = db.session.scalar(db.select(Context).where(Context.name == NAMES["peers"]))
            conference = db.session.scalar(db.select(Conference).where(Conference.context_id == peers.id))
            invitation = db.session.scalar(db.select(Invitation).where(Invitation.conference_id == conference.id))
            self.key = links.make(invitation, conference, kernel.now()).token
        self.seats["invited"] = invited(hub.app, self.key, base)
        self.sign_key = key_to_sign(hub)
        self.seats["signing"] = signing(hub.app, self.sign_key, base)
        self.door_key = key_to_report(hub)
        self.seats["reporting"] = reporting(hub.app, self.door_key, base)
        self.ids = {which: self._ids(which) for which in NAMES}
        self.watch = Watch(hub)

    def _ids(self, which: str) -> dict[str, Any]:
        """One id for every parameter of a route, in one context; actions and workbooks are Housing's."""
        with self.hub.inside():
            context = db.session.scalar(db.select(Context.id).where(Context.name == NAMES[which]))
            agency = db.session.scalar(db.select(people.Agency.id).where(people.Agency.name == "Housing"))
            person = db.session.scalar(db.select(Person.id).where(Person.name == CAST["partner"]))

            def one(table: type, *where: Any) -> Any:
                return db.session.scalar(db.select(table.id).where(table.context_id == context, *where).order_by(table.id))

            plan, conference = one(Plan), one(Conference)

            def of_conference(table: type, *where: Any) -> Any:
                return db.session.scalar(db.select(table.id).where(table.conference_id == conference, *where).order_by(table.id))

            report = one(Report)
            version = db.session.scalar(db.select(ReportVersion.id).where(ReportVersion.report_id == report))
            return {
                "version_id": version, "key": self.key, "sign_key": self.sign_key, "door_key": self.door_key, "door_id": one(UpdateDoor, UpdateDoor.agency_id == agency), "context_id": context, "plan_of": context, "finding_id": one(Finding), "involvement_id": one(Involvement),
                "referral_id": one(ReferralOut, ReferralOut.confirmed_on.is_(None)), "paper_id": one(Paper, Paper.from_invited.is_(False)),
                "worry_id": db.session.scalar(db.select(Worry.id).where(Worry.plan_id == plan)) if plan else None,
                "action_id": one(Action, Action.agency_id == agency) or one(Action), "batch_id": one(Batch, Batch.agency_id == agency),
                "plan_file_id": one(PlanFile),
                "held_id": one(Held, Held.batch_id == one(Batch, Batch.agency_id == agency)),
                "conference_id": conference, "attendance_id": of_conference(Attendance), "meeting_id": of_conference(PreMeeting), "invitation_id": of_conference(Invitation, Invitation.person.has(Person.email.is_not(None))), "how": "postpone", "question": 5, "line_id": of_conference(Invitation, Invitation.person.has(Person.email.is_not(None))),
                "kind_id": db.session.scalar(db.select(people.Kind.id).where(people.Kind.number == 9)),
                "text_id": db.session.scalar(db.select(Version.id).where(Version.published_at.is_not(None)).order_by(Version.number)),
                "signature_id": db.session.scalar(db.select(Signature.id).order_by(Signature.number)), "document": "agreement",
                "request_id": db.session.scalar(db.select(Request.id).where(Request.closed_at.is_(None)).order_by(Request.asked_at)),
                "agency_id": agency, "person_id": person, "token": self.token, "which": "withdraw", "ending": "xlsx", "filename": "csc.css"}

    def form(self, route: Route) -> dict[str, str]:
        """The fields without which a route could not tell what is asked of it."""
        return {"person": str(self._person("coordinator"))} if route.endpoint == "signing_in.sign_in_as" else {}

    def _person(self, role: str) -> Any:
        with self.hub.inside():
            return db.session.scalar(db.select(Person.id).where(Person.name == CAST[role]))


def verdict(answer: TestResponse) -> str:
    """What a door said: yes, sign-in, 403 or 404."""
    if answer.status_code == 401 or (answer.status_code == 302 and "/sign-in" in answer.headers["Location"]):
        return "sign-in"
    if answer.status_code in (403, 404):
        return str(answer.status_code)
    return "yes" if answer.status_code in (200, 303, 409, 422) else f"!{answer.status_code}"
