"""Every write leaves an event with its doer and place, which nobody can change, and which holds no typed word."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import sqlite3
import uuid
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from csc_hub.audit.records import Event
from csc_hub.audit.verbs import VERBS
from csc_hub.db import db, writing
from csc_hub.kernel import now
from csc_hub.outbox.records import Outgoing
from csc_hub.people.records import Agency, Person
from csc_hub.process.conferences.records import Conference
from csc_hub.process.invitations import links
from csc_hub.process.invitations.records import Invitation
from csc_hub.web import guards
from tests.house import agreed
from tests.house.deeds import TYPED, Deeds, day, doors
from tests.hub import CAST, Hub, User, copy, words_of
from tests.journeys import main_job

def _case(deeds: Deeds, hub: Hub) -> None:
    park = deeds.ids("park")
    base, own = park["context"], park["context_id"]
    people = {name: deeds.one(f"SELECT id FROM people WHERE name = '{name}'") for name in ("Priya Nair", "Samira Khan")}
    deeds.do("contexts.edit", "changed_context", "coordinator", f"{base}/edit", context=own, name=f"{TYPED} park", type="neighbourhood", trigger=TYPED, place=TYPED, description=TYPED)
    deeds.do("contexts.counts", "changed_counts", "coordinator", f"{base}/young-people", context=own, in_need="3")
    deeds.do("contexts.team", "changed_team", "coordinator", f"{base}/team", context=own, lead_id=people["Priya Nair"], chair_id=people["Samira Khan"])
    deeds.do("contexts.move", "moved", "coordinator", f"{base}/move/withdraw", context=own, reason=TYPED)
    deeds.do("contexts.move", "moved", "coordinator", f"{base}/move/reopen", context=own, reason=TYPED)
    deeds.do("contexts.accept", "moved", "coordinator", f"{base}/accept", base, context=own)
    deeds.do("contexts.threshold", "decided_threshold", "lead", f"{base}/threshold", context=own, threshold_met="True", threshold_reasons=TYPED, threshold_by=TYPED, **day("threshold_on", "2 3 2026"))


def _assessment(deeds: Deeds, hub: Hub) -> None:
    own, base = deeds.ids("park")["context_id"], deeds.ids("park")["context"] + "/assessment"

    def do(endpoint: str, verb: str, url: str, page: str | None = None, role: str = "lead", **fields: Any) -> None:
        deeds.do(f"assessments.{endpoint}", verb, role, base + url, page and base, context=own, **fields)

    do("dates", "changed_assessment", "/dates", **day("period_from", "1 9 2026"), **day("period_to", "1 10 2026"))
    do("add_finding", "added_finding", "/findings/add", category="risk", text=TYPED, weight="high")
    finding = deeds.ids("park")["finding"]
    do("edit_finding", "changed_finding", f"/findings/{finding}", category="risk", text=TYPED * 2, weight="low")
    do("priorities", "chose_priorities", "/priorities", chosen=str(finding))
    do("add_finding", "added_finding", "/findings/add", category="risk", text=TYPED, weight="high")
    do("remove_finding", "removed_finding", f"/findings/{deeds.ids('park')['finding']}/remove", "page")
    do("add_involvement", "added_involvement", "/involvement/add", who="parents", how=TYPED)
    do("remove_involvement", "removed_involvement", f"/involvement/{deeds.ids('park')['involvement']}/remove", "page")
    do("add_referral", "added_referral_out", "/referrals/add", by_name=TYPED, destination="mash", **day("on", "2 3 2026"))
    do("confirm_referral", "confirmed_referral_out", f"/referrals/{deeds.ids('park')['referral']}/confirm", "page")
    for kind in ("safer_me", "neighbourhood"):
        report = main_job.report(kind)
        do("add_report", "uploaded_paper", "/reports/add", kind=kind, note=TYPED, nobody="y", file=(io.BytesIO(report), f"{TYPED}.docx"))
    do("add_report", "uploaded_paper", "/reports/add", kind="safer_me", note=TYPED, nobody="y", file=(io.BytesIO(main_job.report("again")), f"{TYPED}.docx"))
    paper = deeds.one("SELECT id FROM papers ORDER BY rowid DESC LIMIT 1")
    deeds.do("papers.withdraw", "withdrew_paper", "lead", f"{deeds.ids('park')['context']}/papers/{paper}/withdraw", context=own, reason=TYPED)
    do("sign_off", "moved", "/sign-off", "page")


def _conference(deeds: Deeds, hub: Hub) -> None:
    own, base = deeds.ids("park")["context_id"], deeds.ids("park")["context"]
    people = {name: deeds.one(f"SELECT id FROM people WHERE name = '{name}'") for name in ("Samira Khan", "Joy Okafor")}
    housing, camhs = deeds.one("SELECT id FROM agencies WHERE name = 'Housing'"), deeds.one("SELECT id FROM agency_kinds WHERE number = 9")

    def do(endpoint: str, verb: str, url: str, page: str | None = None, role: str = "lead", **fields: Any) -> None:
        deeds.do(endpoint, verb, role, base + url, page and base + page, context=own, **fields)

    def last(table: str) -> str:
        return deeds.one(f"SELECT id FROM {table} ORDER BY rowid DESC LIMIT 1")

    do("conferences.edit", "changed_conference", "/conference/edit", **day("day", "6 9 2027"), begins="10:00", ends="12:00",
       chair_id=people["Samira Khan"], chair_reason=TYPED, venue=TYPED, near="near")
    do("conferences.agenda", "changed_agenda", "/conference/agenda", **{f"item{n}": "10" for n in range(1, 6)}, item6="60")
    do("conferences.add_meeting", "kept_pre_meeting", "/conference/meetings/add", kind="chair", who=TYPED, **day("done_on", "2 3 2026"))
    do("conferences.edit_meeting", "kept_pre_meeting", f"/conference/meetings/{last('pre_meetings')}", kind="workers", who=TYPED, **day("done_on", "2 3 2026"))
    do("invitations.add", "asked_person", "/invitations/add", person_id=people["Joy Okafor"], why="3", note=TYPED)
    first = last("invitations")
    do("invitations.why", "changed_invitation", f"/invitations/{first}/why", why="2", note=TYPED)
    do("invitations.remove", "removed_invitation", f"/invitations/{first}/remove", "/invitations")
    do("invitations.add", "asked_person", "/invitations/add", person_id=people["Joy Okafor"], why="3", note=TYPED)
    do("invitations.reply", "recorded_reply", f"/invitations/{last('invitations')}/reply", reply="declined", reason=TYPED)
    do("invitations.question", "answered_question", "/invitations/questions/5", text=TYPED)
    do("invitations.kinds", "answered_question", "/invitations/kinds", **{f"kind_{uuid.UUID(camhs)}": TYPED})
    do("conferences.agree", "agreed_attendance", "/conference/agree", "/invitations")
    deeds.do("invitations.add_new", "asked_person", "lead", f"{base}/invitations/add-new", context=own, name=TYPED, agency_id=housing, why="1", job_title="", email="", phone="", access_needs="")
    do("sending.address", "changed_person", f"/invitations/{last('invitations')}/address", email="new@partner.example")
    do("conferences.move", "moved_conference", "/conference/move/postpone", reason=TYPED)


def _invitations(deeds: Deeds, hub: Hub) -> None:
    context = uuid.UUID(hub.context("interchange"))
    base = f"/contexts/{context}/invitations"
    sal = deeds.one("SELECT id FROM invitations WHERE person_id = (SELECT id FROM people WHERE name = 'Sal Rossi') ORDER BY added_at DESC LIMIT 1")
    version = deeds.one(f"SELECT v.id FROM report_versions v JOIN reports r ON r.id = v.report_id WHERE r.context_id = '{context.hex}' LIMIT 1")

    def do(endpoint: str, verb: str, url: str, page: str = "", **fields: Any) -> None:
        deeds.do(endpoint, verb, "lead", base + url, base + (page or url), context=context, **fields)

    do("sending.send", "sent_invitations", "/send", chosen=sal)
    do("sending.again", "sent_invitations", f"/{sal}/again", "/phone-list")
    do("sending.letter", "sent_invitations", f"/{sal}/letter", "/phone-list")
    do("sending.priorities", "told_priorities", "/priorities", "/papers")
    do("sending.release", "released_paper", f"/papers/{version}/release", "/papers")
    do("cover.ask_one", "asked_to_sign", f"/{sal}/ask-to-sign", "/papers")
    with hub.inside(), writing():
        db.session.query(Outgoing).update({Outgoing.queued_at: now() - dt.timedelta(days=2)})
    do("cover.ask_all", "asked_to_sign", "/ask-to-sign", "/papers")
    helen = deeds.one("SELECT id FROM people WHERE name = 'Helen Marsh'")
    with hub.inside():
        on = f"{db.session.scalars(db.select(Conference).where(Conference.context_id == context)).one().day:%d %m %Y}"
    deeds.do("conferences.edit", "changed_conference", "coordinator", f"/contexts/{context}/conference/edit", context=context, **day("day", on),
             begins="10:00", ends="12:00", chair_id=helen, chair_reason=TYPED, venue=TYPED, near="near")
    deeds.do("cover.give_leave", "gave_leave", "chair", f"{base}/papers/{version}/leave", context=context, person=sal, reason=TYPED)
    deeds.do("cover.end_leave", "ended_leave", "chair", f"{base}/papers/{version}/leave/{sal}/end", f"{base}/papers", context=context)
    do("sending.recall", "recalled_paper", f"/papers/{version}/recall", reason=TYPED)
    with hub.inside(), writing():
        invitation = db.session.get(Invitation, uuid.UUID(sal))
        key = links.make(invitation, db.session.get(Conference, invitation.conference_id), now())
        db.session.query(Outgoing).update({Outgoing.queued_at: now() - dt.timedelta(days=2)})
    do("sending.remind", "reminded_invited", "/remind", "/phone-list")
    guest = hub.be(None)
    deeds.users[""] = guest
    _as_guest(deeds, guest, "replies.link", "came_by_invitation", f"/i/{key.token}", context)
    _as_guest(deeds, guest, "replies.show", "recorded_reply", "/invitation", context, reply="declined", reason=TYPED, needs=TYPED, contribution=TYPED)
    _as_guest(deeds, guest, "replies.add_file", "uploaded_paper", "/invitation/file", context, file=(io.BytesIO(TYPED.encode()), f"{TYPED}.txt"), nobody="y")
    _as_guest(deeds, guest, "replies.remove_file", "withdrew_paper", "/invitation/file/remove", context)
    assert guest.post("/invitation/leave", page="/invitation").status_code == 303
    _as_guest(deeds, guest, "replies.code", "came_by_invitation", "/code", context, email="sal.rossi@anyshire.example", code=key.code)
    do("sending.withdraw", "withdrew_invitation", f"/{sal}/withdraw", "/phone-list")
    deeds.left.discard("replies.leave")  # it forgets a cookie, and writes nothing


def _register(deeds: Deeds, hub: Hub) -> None:
    school = uuid.UUID(hub.context("school"))
    conference = deeds.one(f"SELECT id FROM conferences WHERE context_id = '{school.hex}'")
    bilal = deeds.one(f"SELECT i.id FROM invitations i JOIN people p ON p.id = i.person_id WHERE p.name = 'Bilal Chaudhry' AND i.conference_id = '{conference.replace('-', '')}'")
    base = f"/contexts/{school}/register/{conference}"

    def do(endpoint: str, verb: str, url: str, page: str = "", **fields: Any) -> None:
        deeds.do(f"register.{endpoint}", verb, "chair", base + url, base + page, context=school, **fields)

    for verb, deed, version in (("took_back_attendance", "undo", 1), ("noted_attendance", "in_person", 0), ("noted_confidentiality", "acknowledged", 1), ("noted_leaving", "back", 2)):
        do("mark", verb, "/mark", who=f"i-{bilal}", deed=deed, version=str(version))
    do("add", "noted_attendance", "/add", name=TYPED, how="online", agency_id="", instead_of="")
    line = deeds.one("SELECT id FROM attendances ORDER BY rowid DESC LIMIT 1")
    do("correct", "corrected_attendance", f"/lines/{line}", f"/lines/{line}", how="phone", arrived="10:12", left="")
    do("young_people", "counted_young_people", "/young-people", "/young-people", young_people="2")
    do("sufficient", "said_sufficient", "/sufficient", "/sufficient", sufficient="no", sufficient_words=TYPED)


def _as_guest(deeds: Deeds, guest: User, endpoint: str, verb: str, url: str, context: uuid.UUID, **fields: Any) -> None:
    """Somebody invited does it, and the event names them and holds no typed word."""
    with deeds.hub.inside():
        before = db.session.scalar(db.select(db.func.max(Event.id)))
    answer = guest.post(url, **fields)
    assert answer.status_code == 303, (endpoint, words_of(answer)[:400])
    with deeds.hub.inside():
        added = list(db.session.scalars(db.select(Event).where(Event.id > before)))
        assert [(e.verb, e.actor, e.context_id) for e in added] == [(verb, "Sal Rossi", context)], endpoint
        assert TYPED.lower() not in json.dumps(added[0].detail).lower()
    deeds.left.discard(endpoint)


def _plan(deeds: Deeds, hub: Hub) -> None:
    own, base = deeds.ids("park")["context_id"], deeds.ids("park")["context"] + "/plan"
    housing = deeds.one("SELECT id FROM agencies WHERE name = 'Housing'")

    def do(endpoint: str, verb: str, url: str, page: str | None = None, role: str = "lead", **fields: Any) -> None:
        deeds.do(f"plans.{endpoint}", verb, role, base + url, page and base, context=own, **fields)

    worry = {"worry": TYPED, "impact": TYPED, "helping": TYPED, "goal": TYPED}
    action = {"intervention": TYPED, "agency_id": housing, "team": TYPED, "owner": TYPED, "timescale": f"Monthly {TYPED}"}
    do("header", "changed_plan", "/header", attendees=TYPED)
    do("add_worry", "added_worry", "/worries/add", **worry)
    do("add_worry", "added_worry", "/worries/add", **worry)
    do("remove_worry", "removed_worry", f"/worries/{deeds.ids('park')['worry']}/remove", "page")
    own_worry = deeds.ids("park")["worry"]
    do("edit_worry", "changed_worry", f"/worries/{own_worry}", **{**worry, "goal": TYPED * 2})
    do("add_action", "added_action", f"/worries/{own_worry}/actions/add", **action)
    do("add_action", "added_action", f"/worries/{own_worry}/actions/add", **action)
    do("remove_action", "removed_action", f"/actions/{deeds.ids('park')['action']}/remove", "page")
    own_action = deeds.ids("park")["action"]
    do("edit_action", "changed_action", f"/actions/{own_action}/edit", **{**action, "owner": TYPED * 2})
    do("issue", "issued_plan", "/issue", "page", role="other chair")
    do("update", "updated_action", f"/actions/{own_action}/update", status="in_progress", update=TYPED, evidence=TYPED, barrier=TYPED)


def _exchange(deeds: Deeds, hub: Hub) -> None:
    own, school = deeds.ids("school")["context_id"], deeds.ids("school")["context"]
    housing = deeds.one("SELECT id FROM agencies WHERE name = 'Housing'")
    sample = next((hub.app.config["CSC"].data / "samples").glob("*filled-in.xlsx")).read_bytes()
    file = f"{TYPED}.xlsx"
    mine = deeds.one(f"SELECT id FROM actions WHERE context_id = '{own.hex}' AND agency_id = '{housing.replace('-', '')}' LIMIT 1")
    deeds.do("our_actions.nothing", "updated_action", "agency contact", f"/our-actions/{mine}/nothing-to-report", "/our-actions", context=own)
    deeds.do("our_actions.update", "updated_action", "agency contact", f"/our-actions/{mine}", context=own, status="in_progress", update=TYPED)
    for number in range(2):
        deeds.do("exchange.upload", "uploaded_updates", "lead", f"{school}/updates/upload", context=own, agency_id=housing, file=(io.BytesIO(_another(sample, number)), file))
    deeds.do("exchange.set_aside", "discarded_updates", "lead", f"{school}/updates/{deeds.ids('school')['batch']}/set-aside", f"{school}/updates", context=own)
    deeds.do("exchange.our_upload", "uploaded_updates", "agency contact", f"/our-actions/upload/{own}", context=own, file=(io.BytesIO(_another(sample, 2)), file))
    batch = deeds.ids("school")["batch"]
    deeds.do("exchange.our_set_aside", "discarded_updates", "agency contact", f"/our-actions/updates/{batch}/set-aside", f"/our-actions/updates/{batch}", context=own)
    waiting = deeds.one("SELECT id FROM batches WHERE state = 'waiting' ORDER BY uploaded_at LIMIT 1")
    deeds.do("exchange.preview", "applied_updates", "lead", f"{school}/updates/{waiting}", context=own)
    held = deeds.one("SELECT id FROM held WHERE kind = 'both' LIMIT 1")
    deeds.do("exchange.settle", "settled_held", "lead", f"{school}/updates/{waiting}/held/{held}", f"{school}/updates/{waiting}", context=own, way="ours")
    deeds.do("exchange.undo", "undid_updates", "lead", f"{school}/updates/{waiting}/undo", context=own)


def _another(workbook: bytes, number: int) -> bytes:
    """The same workbook in another file: the same file waits only once."""
    made = io.BytesIO(workbook)
    with zipfile.ZipFile(made, "a") as parts:
        parts.comment = str(number).encode()
    return made.getvalue()


def _whole_plan(deeds: Deeds, hub: Hub) -> None:
    own, base = deeds.ids("school")["context_id"], f"{deeds.ids('school')['context']}/plan/bring-in"
    housing = deeds.one("SELECT id FROM agencies WHERE name = 'Housing'")
    sheet = f"Title;What to do;Who\r\n{TYPED};{TYPED} the stairs;{TYPED}\r\n".encode()

    def do(endpoint: str, verb: str, url: str, page: str | None = None, **fields: Any) -> str:
        return deeds.do(f"whole_plans.{endpoint}", verb, "lead", url, page, context=own, **fields)

    do("bring_in", "uploaded_plan", base, file=(io.BytesIO(sheet), f"{TYPED}.csv"))
    do("set_aside", "set_plan_aside", f"{base}/{deeds.one('SELECT id FROM plan_files ORDER BY rowid DESC LIMIT 1')}/set-aside", base)
    do("bring_in", "uploaded_plan", base, file=(io.BytesIO(sheet), f"{TYPED}.csv"))
    file = f"{base}/{deeds.one('SELECT id FROM plan_files ORDER BY rowid DESC LIMIT 1')}"
    do("choose_columns", "chose_columns", f"{file}/columns", table="0", row="1", column_1="worry", column_2="intervention", column_3="agency")
    do("preview", "brought_in_plan", file, agency_0=housing)
    do("take_back", "took_back_plan", f"{file}/take-back")


def _their_own_workbook(deeds: Deeds, hub: Hub) -> None:
    own = deeds.ids("school")["context_id"]
    sample = next((hub.app.config["CSC"].data / "samples").glob("*mistakes.xlsx")).read_bytes()
    deeds.do("exchange.our_upload", "uploaded_updates", "agency contact", f"/our-actions/upload/{own}", context=own, file=(io.BytesIO(sample), "ours.xlsx"))
    batch = f"/our-actions/updates/{deeds.ids('school')['batch']}"
    deeds.do("exchange.our_preview", "applied_updates", "agency contact", batch, context=own, hidden="y")
    held = deeds.one("SELECT id FROM held WHERE kind = 'refused' AND settled_at IS NULL LIMIT 1")
    deeds.do("exchange.our_settle", "settled_held", "agency contact", f"{batch}/held/{held}", batch, context=own, way="ours")
    deeds.do("exchange.our_undo", "undid_updates", "agency contact", f"{batch}/undo", context=own)


def _people(deeds: Deeds, hub: Hub) -> None:
    agency = deeds.one("SELECT id FROM agencies WHERE name = 'Housing'")
    kind = deeds.one("SELECT id FROM agency_kinds WHERE number = 14")
    person = {"name": f"{TYPED} Person", "email": f"{TYPED}@anyshire.example", "roles": "agency_contact", "agency_id": agency, "job_title": TYPED, "access_needs": TYPED, "phone": TYPED}
    where = deeds.do("people.add_person", "added_person", "administrator", "/people/add", **person)
    deeds.do("people.edit_person", "changed_person", "administrator", f"{where}/edit", **{**person, "job_title": TYPED * 2})
    deeds.do("people.make_link", "made_sign_in_link", "administrator", f"{where}/link", where)
    token = deeds.users["administrator"].post(f"{where}/link", page=where).text.split("/choose-password/")[1].split("<")[0]
    deeds.do("signing_in.choose_password", "chose_password", None, f"/choose-password/{token}", password=f"{TYPED} horse staple")
    deeds.do("signing_in.sign_in", "signed_in", None, "/sign-in", email=person["email"], password=f"{TYPED} horse staple")
    deeds.do("people.end_access", "ended_access", "administrator", f"{where}/end-access", where)
    deeds.do("people.restore_access", "restored_access", "administrator", f"{where}/restore-access", where)
    details = {"name": f"{TYPED} agency", "kind_id": kind, "statutory": "1", "contact_name": TYPED, "contact_email": f"{TYPED}@a.example"}
    deeds.do("people.add_agency", "added_agency", "administrator", "/agencies/add", **details)
    deeds.do("people.edit_agency", "changed_agency", "administrator", f"/agencies/{agency}", **{**details, "name": f"{TYPED} housing"})
    lighting = deeds.one("SELECT id FROM agencies WHERE name = 'Street Lighting'")
    deeds.do("merging.merge_agency", "merged_agencies", "administrator", f"/agencies/{lighting}/merge?into={agency}", into=agency, sure="y")
    deeds.do("people.add_kind", "added_kind", "administrator", "/agencies/kinds/add", name=f"{TYPED} kind", statutory="0")
    kind = f"/agencies/kinds/{deeds.one('SELECT id FROM agency_kinds WHERE number IS NULL')}"
    deeds.do("people.edit_kind", "changed_kind", "administrator", kind, name=f"{TYPED} sort", statutory="1")
    deeds.do("people.remove_kind", "removed_kind", "administrator", f"{kind}/remove", "/agencies")
    page = hub.be("administrator").get("/settings").text
    figures = {name: value for name, value in re.findall(r'id="(\w+)" name="\w+" type="text" value="(\d+)"', page)} or dict(
        re.findall(r'name="(\w+)"[^>]*?value="(\d+)"', page))
    deeds.do("council.settings", "changed_figure", "administrator", "/settings", **{**figures, "chair_before": "4"})
    deeds.do("signing_in.sign_in_as", "signed_in", None, "/sign-in/as", "/sign-in", person=deeds.one("SELECT id FROM people WHERE name = 'Frances Cole'"))
    deeds.do("checking.check", "check_failed", None, "/check", code=TYPED)
    deeds.do("signing_in.sign_out", "signed_out", "reader", "/sign-out", "/contexts")


def _refer(deeds: Deeds, hub: Hub) -> None:
    user = hub.be("coordinator")
    where = user.post("/contexts/refer", name=f"{TYPED} square", type="other", trigger=TYPED).headers["Location"]
    with hub.inside():
        events = list(db.session.scalars(db.select(Event).order_by(Event.id.desc()).limit(1)))
    assert [(e.verb, e.actor, f"/contexts/{e.context_id}") for e in events] == [("referred", CAST["coordinator"], where)]
    assert TYPED not in json.dumps([e.detail for e in events])
    deeds.left.discard("contexts.refer")


def test_every_writing_route_leaves_an_event_of_its_doer_in_its_context(hub: Hub, built: Path, tmp_path: Path) -> None:
    deeds = Deeds(hub)
    chapters: tuple[Callable[[Deeds, Hub], None], ...] = (_refer, _case, _assessment, _conference, _invitations, _register, _plan, _whole_plan, _exchange, _people, agreed.agreements)
    for chapter in chapters:
        chapter(deeds, hub)
    deeds.hub, deeds.users = copy(built, tmp_path / "other"), {}
    _their_own_workbook(deeds, deeds.hub)
    agreed.signing(deeds, deeds.hub)
    deeds.hub, deeds.users = copy(built, tmp_path / "third"), {}
    doors(deeds, deeds.hub)
    assert deeds.left == {"papers.check_again"}  # below, with a scanner
    with hub.inside():
        assert not [e for e in db.session.scalars(db.select(Event)) if TYPED in json.dumps(e.detail) or e.verb not in VERBS]


def test_a_virus_check_leaves_an_event(built: Path, tmp_path: Path, clamd_socket: str) -> None:
    hub = copy(built, tmp_path / "hub", clamd=clamd_socket)
    deeds, own = Deeds(hub), hub.context("school")
    paper = deeds.one(f"SELECT id FROM papers WHERE context_id = '{own.replace('-', '')}' LIMIT 1")
    deeds.do("papers.check_again", "checked_paper", "lead", f"/contexts/{own}/papers/{paper}/check", f"/contexts/{own}/assessment", context=deeds.ids("school")["context_id"])


def test_a_refused_write_leaves_no_event(hub: Hub) -> None:
    user, base = hub.be("lead"), f"/contexts/{hub.context('school')}"
    with hub.inside():
        before = db.session.scalar(db.select(db.func.count()).select_from(Event))
    for url in (f"{base}/edit", f"{base}/accept", f"{base}/assessment/sign-off", f"{base}/plan/worries/add", f"{base}/move/withdraw"):
        assert user.post(url, page=base if url.endswith(("accept", "off")) else url, name="", worry="").status_code == 422, url
    with hub.inside():
        assert db.session.scalar(db.select(db.func.count()).select_from(Event)) == before


def test_a_failed_sign_in_and_a_refused_door_are_recorded(hub: Hub) -> None:
    hub.be(None).post("/sign-in", email="grace.mensah@anyshire.example", password=f"{TYPED} wrong")
    hub.be("reader").get(f"/contexts/{hub.context('school')}/edit")
    with hub.inside():
        refused, failed = db.session.scalars(db.select(Event).where(Event.verb.in_(["refused_door", "sign_in_failed"])).order_by(Event.id.desc()).limit(2))
    assert (refused.actor, refused.detail["status"]) == (CAST["reader"], 403)
    assert (failed.actor, failed.detail) == ("Nobody signed in", {})


def test_a_write_that_no_event_records_is_not_kept(hub: Hub) -> None:
    def silent() -> str:
        db.session.add(Person(name=TYPED, email="silent@anyshire.example"))
        db.session.flush()
        return "done"

    hub.app.add_url_rule("/silent", "silent", guards.anyone(silent), methods=["POST"])
    assert hub.be("coordinator").post("/silent", page="/contexts").status_code == 500
    with hub.inside():
        assert db.session.scalar(db.select(Person).where(Person.name == TYPED)) is None


@pytest.mark.parametrize("sql", [
    "UPDATE events SET actor = 'Nobody'", "DELETE FROM events", "DELETE FROM events WHERE id = 1", "UPDATE events SET detail = '{}' WHERE id = 2",
    "INSERT OR REPLACE INTO events SELECT id, at, NULL, 'Nobody', verb, subject, context_id, detail FROM events WHERE id = 1"])
def test_no_sql_changes_or_removes_an_event(hub: Hub, sql: str) -> None:
    with sqlite3.connect(hub.app.config["CSC"].data / "csc.sqlite3") as line:
        before = line.execute("SELECT * FROM events").fetchall()
        try:
            line.execute(sql)
        except sqlite3.DatabaseError as fault:
            assert "never changed or removed" in str(fault)
        else:
            assert line.execute("SELECT * FROM events").fetchall() == before
            pytest.fail(f"{sql} went through")
