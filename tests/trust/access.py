"""Who gets in (A1), somebody else's ids (A2), forms that were not ours (A5), what answers say to browsers (A7)."""

from __future__ import annotations

import random
from typing import Any

from csc_hub.db import db
from csc_hub.exchange.records import Batch, Held
from csc_hub.people.records import Agency
from csc_hub.process.contexts.records import Context
from csc_hub.process.conferences.records import Conference
from csc_hub.process.invitations.records import Attendance, Invitation
from csc_hub.process.plans.records import Action
from tests.house.ground import SAFE, SEATS, TOKEN, Ground, Route, address, verdict
from tests.house.probing import ask_everything
from tests.house.test_access import TABLE, table_of
from tests.house.test_foreign_ids import MISSING
from tests.house.test_headers import POLICY, SANDBOX, SITE
from tests.hub import NAMES
from tests.trust.stage import Outcome, Stage

ASKERS = ("coordinator", "lead", "chair", "agency contact", "administrator", "reader", "other lead", "other agency")
CLOSED = {"coordinator": (), "lead": ("park",), "chair": ("peers", "interchange", "park"), "reader": ("peers",),
          "other lead": ("school", "interchange", "peers", "centre")}
"""The contexts that are closed to a role; to all others every context is."""
OFFICE = {"agency contact": "Housing", "other agency": "Anyshire Police"}
KINDS = {"context_id": "contexts", "plan_of": "contexts", "action_id": "actions", "batch_id": "batches", "agency_id": "agencies",
         "kind_id": "agency_kinds", "person_id": "people", "paper_id": "papers", "worry_id": "worries", "finding_id": "findings",
         "involvement_id": "involvements", "referral_id": "referrals_out", "meeting_id": "pre_meetings", "invitation_id": "invitations", "version_id": "report_versions",
         "conference_id": "conferences", "attendance_id": "attendances", "line_id": "invitations", "door_id": "update_doors", "held_id": "held",
         "plan_file_id": "plan_files", "text_id": "agreement_versions", "signature_id": "signatures", "request_id": "signing_requests"}
"""The table whose ids a parameter takes."""
LINKED = ("invited", "signing", "reporting", "at update door")
"""Guards that only a link opens: to all others there is nothing."""
FILES = ("papers.open_paper", "sending.open_file", "replies.open_file", "replies.read", "signatures.scan")
"""Routes that give out a file as somebody sent it in."""
WRONG = ("", "a stranger's", "x", "x" * 2_000)


def roles(stage: Stage) -> Outcome:
    """A1: every method of every route, asked by every role, nobody, a stopped user and the same role elsewhere."""
    found, said = Outcome(), ask_everything(stage.ground())
    held, now = TABLE.read_text().splitlines(), table_of(said).splitlines()
    found.failed += [f"{'now' if line in now else 'in the table'}: {line}" for line in sorted(set(held) ^ set(now))]
    looked = {(p.route, p.place, p.role): p.said for p in said if p.method == "GET"}
    for probe in said:
        what = f"{probe.method} {probe.route.rule} as {probe.role}: {probe.said}"
        found.expect(not probe.said.startswith("!"), f"an accident: {what}")
        if probe.said in ("403", "404", "sign-in"):
            found.expect(not probe.changed, f"refused, and yet it changed {probe.changed}: {what}")
        if probe.method == "HEAD":
            found.expect(probe.said == looked[probe.route, probe.place, probe.role], f"HEAD is not GET: {what}")
        if probe.role in ("nobody", "ended") and probe.route.guard != "anyone":
            gate = "404" if probe.route.guard in LINKED else "sign-in"
            found.expect(probe.said == gate, f"somebody who is nobody got in: {what}")
    found.tried = len(said)
    found.figure = f"{len({(p.method, p.route.rule) for p in said})} routes × {len(SEATS)} roles, {len(found.failed)} mismatches"
    return found


def foreign_ids(stage: Stage) -> Outcome:
    """A2: every id in the database in every place for an id, but where it belongs; foreign answers like missing."""
    ground, found, chance = stage.ground(), Outcome(), random.Random(2)
    everything, each = _everything(ground), stage.times(4, 20)
    with ground.hub.inside():
        names = [name for name in db.session.scalars(db.select(Context.name)) if name != NAMES["school"]]
    for route in ground.routes:
        for name in (n for n in route.params if f"<uuid:{n}>" in route.rule):
            for role in ASKERS:
                own, seat = dict(ground.ids["school"]), ground.seats[role]
                missing = seat.ask(route.method, address(route, {**own, name: MISSING}))
                expected, body = verdict(missing), _same(missing)
                found.expect(expected in ("404", "403"), f"{route.method} {route.rule} as {role}: a missing {name} answers {expected}")
                for some_id in _foreign(ground, everything, _own(ground, route, name, role), KINDS[name], each, chance):
                    answer = seat.ask(route.method, address(route, {**own, name: some_id}))
                    alike = verdict(answer) == expected and _same(answer) == body
                    told = [word for word in names if word in _same(answer)]
                    found.expect(alike and not told, f"{route.method} {route.rule} as {role} with {name}={some_id}: "
                                 f"{answer.status_code} {told or ''}, a missing one answers {expected}")
    changed = ground.watch.differs(but=["refused_door"])
    found.expect(not changed, f"the database changed in {changed}")
    found.figure = f"{found.tried} probes, {len(found.failed)} leaks"
    return found


def _foreign(ground: Ground, everything: set[Any], own: set[Any], table: str, each: int, chance: random.Random) -> list[Any]:
    """So many ids that are somebody else's: first those of the same kind, then any others."""
    with ground.hub.inside():
        kin = set(db.session.scalars(db.select(db.metadata.tables[table].c.id))) - own
    near, far = sorted(kin, key=str), sorted(everything - own - kin, key=str)
    return chance.sample(near, min(each, len(near))) + chance.sample(far, min(each, len(far)))


def _same(answer: Any) -> str:
    """What an answer says, also where it is a file, but for its token."""
    return TOKEN.sub("", answer.data.decode("utf-8", "replace"))


def _everything(ground: Ground) -> set[Any]:
    """Every id of every record in the database."""
    with ground.hub.inside():
        tables = [table for table in db.metadata.sorted_tables if "id" in table.c and table.name != "events"]
        return {row for table in tables for row in db.session.scalars(db.select(table.c.id))}


def _own(ground: Ground, route: Route, name: str, role: str) -> set[Any]:
    """The ids with which this parameter of this route opens something to this role, or may."""
    table = db.metadata.tables[KINDS[name]]
    with ground.hub.inside():
        if name == "context_id":
            closed = [NAMES[which] for which in CLOSED.get(role, NAMES)]
            return set(db.session.scalars(db.select(Context.id).where(Context.name.not_in(closed))))
        if route.rule.startswith("/our-actions"):
            return _of_agency(name, OFFICE.get(role, ""))
        if "context_id" not in route.params or name == "kind_id":
            return set(db.session.scalars(db.select(table.c.id)))
        school = ground.ids["school"]["context_id"]
        if name == "agency_id":
            return set(db.session.scalars(db.select(Action.agency_id).where(Action.context_id == school)))
        if name == "line_id":  # a line of the register is somebody invited, or somebody who was noted
            return {row for lines in (Invitation, Attendance) for row in db.session.scalars(
                db.select(lines.id).join(Conference, Conference.id == lines.conference_id).where(Conference.context_id == school))}
        if "context_id" in table.c:
            return set(db.session.scalars(db.select(table.c.id).where(table.c.context_id == school)))
        parent = next(key.column.table for key in table.foreign_keys if "context_id" in key.column.table.c)
        column = next(key.parent for key in table.foreign_keys if key.column.table is parent)
        return set(db.session.scalars(db.select(table.c.id).join(parent, column == parent.c.id).where(parent.c.context_id == school)))


def _of_agency(name: str, agency: str) -> set[Any]:
    """What an agency's own people reach: issued actions, their contexts, and workbooks for those."""
    mine = db.select(Agency.id).where(Agency.name == agency)
    issued = db.select(Action.context_id).where(Action.agency_id.in_(mine), Action.issued_in.is_not(None))
    held = db.select(Held.id).join(Batch, Batch.id == Held.batch_id).where(Batch.agency_id.in_(mine), Batch.context_id.in_(issued))
    query = {"plan_of": issued, "held_id": held, "action_id": db.select(Action.id).where(Action.agency_id.in_(mine), Action.issued_in.is_not(None)),
             "batch_id": db.select(Batch.id).where(Batch.agency_id.in_(mine), Batch.context_id.in_(issued))}[name]
    return set(db.session.scalars(query))


def forgery(stage: Stage) -> Outcome:
    """A5: every unsafe route refuses a form that was not ours, and looking changes nothing."""
    ground, found = stage.ground(), Outcome()
    secure = stage.ground(SITE, url=SITE)
    for route in (r for r in ground.routes if r.method not in SAFE):
        reached = False
        for role in SEATS:
            stranger = ground.seats["reader" if role != "reader" else "lead"].token
            for wrong in WRONG:
                token = stranger if wrong == "a stranger's" else wrong
                answer = ground.seats[role].ask(route.method, address(route, ground.ids["school"]), ground.form(route), token=token)
                reached = reached or answer.status_code == 400
                found.expect(answer.status_code in (400, 401, 403, 404), f"{route.rule} as {role}, {wrong[:12]} token: {answer.status_code}")
            for origin in ("https://evil.example/", "https://hub.example.evil.example/", "http://hub.example/", ""):
                answer = secure.seats[role].ask(route.method, address(route, secure.ids["school"]), secure.form(route), headers={"Referer": origin})
                found.expect(answer.status_code in (400, 401, 403, 404), f"{route.rule} as {role} from {origin or 'nowhere'}: {answer.status_code}")
        found.expect(reached, f"no role reached the token of {route.rule}")
    for hub in (ground, secure):
        found.expect(not hub.watch.differs(but=["refused_door"]), f"a refused form changed {hub.watch.differs(but=['refused_door'])}")
    looked = [probe for probe in ask_everything(stage.ground()) if probe.method in ("GET", "HEAD")]
    for probe in looked:
        found.expect(not probe.changed, f"{probe.method} {probe.route.rule} as {probe.role} changed {probe.changed}")
    found.figure = f"{found.tried - len(looked)} forged forms, {len(looked)} looks, {len(found.failed)} failures"
    return found


def headers(stage: Stage) -> Outcome:
    """A7: every answer to every role carries every header, over http and over https."""
    found = Outcome()
    for base in ("http://localhost", SITE):
        ground = stage.ground(base, **({"url": base} if base == SITE else {}))
        for route in ground.routes:
            for role in SEATS:
                for part in ({}, {"HX-Request": "true"}):
                    answer = ground.seats[role].ask(route.method, address(route, ground.ids["school"]), ground.form(route), headers=part)
                    lacking = _lacking(answer, route, base == SITE)
                    answer.close()
                    found.expect(not lacking, f"{route.method} {route.rule} as {role} over {base[:5]}: {answer.status_code} lacks {lacking}")
            ground.watch.restore()
        for role in (role for role in SEATS if role not in ("nobody", "ended", "invited", "signing", "reporting")):  # who is signed in
            answer = ground.seats[role].ask("POST", "/sign-out")
            found.expect(answer.headers.get("Clear-Site-Data") == '"cache", "storage"', f"signing out as {role} leaves the browser's storage")
    found.figure = f"{found.tried} answers, {len(found.failed)} with a header missing or wrong"
    return found


def _lacking(answer: Any, route: Route, https: bool) -> list[str]:
    """The headers that this answer should carry otherwise."""
    head, static = answer.headers, route.endpoint in ("static", "look.theme", "theme")
    policy = SANDBOX if answer.status_code == 200 and route.endpoint in FILES else POLICY
    wanted = {"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
              "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin"}
    lacking = [name for name, value in wanted.items() if head.getlist(name) != [value]]
    lacking += [] if head.get("Referrer-Policy") in ("same-origin", "no-referrer") else ["Referrer-Policy"]
    lacking += [] if static or head.getlist("Cache-Control") == ["no-store"] else ["Cache-Control"]
    lacking += [] if https == head.get("Strict-Transport-Security", "").startswith("max-age=31536000") else ["Strict-Transport-Security"]
    lacking += [name for name in ("Server", "X-Powered-By", "Access-Control-Allow-Origin") if name in head]
    return lacking
