"""Whether what was taken from somebody is gone at their very next request (A3)."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from csc_hub.db import db, writing
from csc_hub.exchange.doors import service as updates
from csc_hub.exchange.doors.records import UpdateDoor
from csc_hub.kernel import LONDON, Refused, now, today
from csc_hub.people import links as doors
from csc_hub.people import records as people
from csc_hub.people import service as people_service
from csc_hub.people.records import Agency, Person
from csc_hub.people.rules import Role
from csc_hub.people.service import PersonDraft
from csc_hub.process.agreements import asking
from csc_hub.process.agreements import records as agreements
from csc_hub.process.agreements import service as agreements_service
from csc_hub.process.agreements.records import Request, Signature
from csc_hub.process.agreements.rules import Deed, Document
from csc_hub.process.assessments.records import Report, ReportVersion
from csc_hub.process.conferences.records import Conference
from csc_hub.process.contexts import service as contexts
from csc_hub.process.contexts.records import Context
from csc_hub.process.invitations import circulation, cover, links, replying, sending
from csc_hub.process.invitations.records import Invitation
from tests import agreement, browser
from tests.hub import CAST, NAMES, Hub, User
from tests.trust.crash import prepared
from tests.trust.stage import Outcome, Stage

SHUT = {302, 403, 404, 422}
PAST = dt.timedelta(seconds=1)


@dataclass(frozen=True)
class Case:
    """Somebody, what is open to them, and what then takes it from them."""

    what: str
    user: User
    urls: list[str]
    end: Callable[[], Any]
    form: tuple[str, dict[str, str]] | None = None


class Scene:
    """One hub, and people in it whose access can be ended."""

    def __init__(self, hub: Hub):
        self.hub = hub
        with hub.inside():
            self.context = db.session.scalars(db.select(Context).where(Context.name == NAMES["interchange"])).one().id
            self.conference = db.session.scalars(db.select(Conference).where(Conference.context_id == self.context).order_by(Conference.number.desc())).first().id
            self.paper = db.session.scalars(db.select(ReportVersion.id).join(Report, Report.id == ReportVersion.report_id).where(Report.context_id == self.context)).first()
            with writing():
                here, conference, version = self.of(Context, self.context), self.of(Conference, self.conference), self.of(ReportVersion, self.paper)
                here.chair_id = here.chair_id or conference.chair_id
                circulation.release(here, conference, version, self.person("lead"), now())

    def of(self, table: Any, key: Any) -> Any:
        """A record that is there."""
        return db.session.get_one(table, key)

    def person(self, role: str) -> Person:
        """One of the cast."""
        return db.session.scalars(db.select(Person).where(Person.name == CAST.get(role, role))).one()

    def member(self, *roles: Role, agency: str | None = None) -> tuple[uuid.UUID, User]:
        """Somebody new with an account, signed in."""
        with self.hub.inside(), writing():
            place = db.session.scalar(db.select(Agency.id).where(Agency.name == agency)) if agency else None
            made = people_service.add_person(PersonDraft("New Colleague", f"{uuid.uuid4().hex}@anyshire.example", agency_id=place, roles=frozenset(roles)), None, now()).id
        user = self.hub.be(None)
        assert user.post("/sign-in/as", person=str(made)).status_code == 303
        return made, user

    def guest(self, signs: bool = False) -> tuple[uuid.UUID, doors.Key, User]:
        """Somebody of a shop of their own who was invited and came in; `signs`, and the shop has signed."""
        with self.hub.inside(), writing():
            kind = db.session.scalars(db.select(Agency).where(~Agency.statutory)).first().kind_id
            shop = Agency(id=uuid.uuid4(), name=f"Shop {uuid.uuid4().hex[:6]}", kind_id=kind, statutory=False, contact_email="shop@partner.example")
            person = Person(id=uuid.uuid4(), name="Somebody There", email=f"{uuid.uuid4().hex}@partner.example", agency_id=shop.id)
            for row in (shop, person):
                db.session.add(row)
                db.session.flush()
            invitation = Invitation(id=uuid.uuid4(), conference_id=self.conference, person_id=person.id, agency_id=shop.id, why=[1], added_at=now(), sent_at=now())
            db.session.add(invitation)
            db.session.flush()
            if signs:
                agreement.signed(agreements.in_force(Document.AGREEMENT, today(now())), shop, now(), person)
            made, key = invitation.id, links.make(invitation, self.of(Conference, self.conference), now())
        user = self.hub.be(None)
        assert user.post(f"/i/{key.token}").status_code == 303
        return made, key, user

    def signer(self) -> tuple[uuid.UUID, User]:
        """Somebody who was asked to sign and came in."""
        with self.hub.inside(), writing():
            shop = db.session.scalars(db.select(Agency).where(~Agency.statutory)).first()
            version = agreements.in_force(Document.AGREEMENT, today(now()))
            request = Request(id=uuid.uuid4(), version_id=version.id, agency_id=shop.id, name="Somebody There", email=f"{uuid.uuid4().hex}@partner.example",
                              asked_at=now(), asked_by="Grace Mensah", typed={})
            db.session.add(request)
            key = doors.make(doors.Purpose.SIGNING, request.id, request.email, now() + dt.timedelta(days=1), now())
            made = request.id
        user = self.hub.be(None)
        assert user.post(f"/s/{key.token}").status_code == 303
        return made, user

    def reporter(self) -> tuple[uuid.UUID, User]:
        """Somebody who was asked to report for an agency and came in."""
        with self.hub.inside(), writing():
            plan, owner = db.session.scalar(db.select(Context.id).where(Context.name == NAMES["school"])), db.session.scalar(db.select(Agency.id).where(Agency.name == "Housing"))
            door = UpdateDoor(id=uuid.uuid4(), context_id=plan, agency_id=owner, name="Somebody There", email="there@partner.example", asked_by="Grace Mensah", asked_at=now())
            db.session.add(door)
            db.session.flush()
            made, key = door.id, doors.make(doors.Purpose.UPDATES, door.id, door.email, now() + dt.timedelta(days=1), now())
        user = self.hub.be(None)
        assert user.post(f"/u/{key.token}").status_code == 303
        return made, user

    def cases(self) -> list[Case]:
        """Everything that can be taken from somebody."""
        return [*self._accounts(), *self._guests(), *self._papers()]

    def _accounts(self) -> list[Case]:
        here = f"/contexts/{self.context}"
        mine = [here, f"{here}/plan", f"{here}/assessment", f"{here}/invitations", f"{here}/invitations/papers", f"{here}/plan/download/xlsx"]
        stopped, user1 = self.member(Role.COORDINATOR)
        less, user2 = self.member(Role.COORDINATOR, Role.READER)
        changed, user3 = self.member(Role.COORDINATOR)
        moved, user4 = self.member(Role.AGENCY_CONTACT, agency="Housing")
        theirs = sorted(set(re.findall(r'href="(/our-actions/[0-9a-f-]{36})', user4.get("/our-actions").text)))

        def draft(key: uuid.UUID, **more: Any) -> None:
            person = self.of(Person, key)
            was = PersonDraft(person.name, person.email or "", agency_id=person.agency_id, roles=frozenset(person.roles))
            people_service.change_person(person, replace(was, **more), self.person("administrator"), now())

        def police() -> uuid.UUID:
            found: uuid.UUID = db.session.scalars(db.select(Agency.id).where(Agency.name == "Anyshire Police")).one()
            return found

        return [
            Case("access was ended", user1, mine, lambda: people_service.end_access(self.of(Person, stopped), self.person("administrator"), now()), (f"{here}/team", {})),
            Case("a role was taken", user2, [f"{here}/edit", f"{here}/team", f"{here}/invitations/add"], lambda: draft(less, roles=frozenset({Role.READER})), (f"{here}/invitations/remind", {})),
            Case("the password was changed", user3, mine, lambda: people_service.choose_password(
                people_service.make_link(self.of(Person, changed), None, now()), "a hash", now())),
            Case("somebody moved to another agency", user4, theirs, lambda: draft(moved, agency_id=police())),
            self._lead(mine), self._reader()]

    def _lead(self, mine: list[str]) -> Case:
        made, user = self.member(Role.LEAD)

        def name(lead: uuid.UUID | None) -> None:
            context = self.of(Context, self.context)
            contexts.name_team(context, lead or self.person("lead").id, context.chair_id, None, self.person("coordinator"), now())

        with self.hub.inside(), writing():
            name(made)
        return Case("somebody else leads", user, mine, lambda: name(None), (f"/contexts/{self.context}/invitations/remind", {}))

    def _reader(self) -> Case:
        with self.hub.inside():
            peers = db.session.scalars(db.select(Context.id).where(Context.name == NAMES["peers"])).one()
        made, user = self.member(Role.READER)

        def name(readers: list[uuid.UUID]) -> None:
            context = self.of(Context, peers)
            contexts.name_team(context, context.lead_id, context.chair_id, readers, self.person("coordinator"), now())

        with self.hub.inside(), writing():
            name([made])
        return Case("a reader is not named any more", user, [f"/contexts/{peers}", f"/contexts/{peers}/assessment"], lambda: name([]))

    def _guests(self) -> list[Case]:
        def deed(verb: Callable[..., Any], key: uuid.UUID, *more: Any) -> Callable[[], Any]:
            return lambda: verb(self.of(Context, self.context), self.of(Conference, self.conference), self.of(Invitation, key), *more, self.person("lead"), now())

        found, yes = [], {"reply": "accepted", "reason": "", "colleague": "", "address": "", "needs": "", "contribution": ""}
        for what in ("the invitation was withdrawn", "the guest was stopped", "the link was replaced", "the address was corrected"):
            key, link, user = self.guest()
            end = {"the invitation was withdrawn": deed(sending.withdraw, key), "the link was replaced": deed(sending.send_again, key),
                   "the address was corrected": deed(sending.correct_address, key, f"{key.hex}@other.example"),
                   "the guest was stopped": lambda key=key: people_service.end_access(self.of(Invitation, key).person, self.person("administrator"), now())}[what]
            found.append(Case(what, user, ["/invitation", "/invitation/file", f"/i/{link.token}"], end, ("/invitation", yes)))
        request, signer = self.signer()
        found.append(Case("the request to sign was taken back", signer, ["/sign", "/sign/text.txt"],
                          lambda: asking.close(self.of(Request, request), self.person("ig officer"), now()), ("/sign", {"seen": ""})))
        door, reporter = self.reporter()
        found.append(Case("the door for updates was closed", reporter, ["/report", "/report/workbook", "/report/sent"],
                          lambda: updates.close(self.of(UpdateDoor, door), self.person("coordinator"), now()), ("/report/nothing-to-report", {})))
        return found

    def _papers(self) -> list[Case]:
        paper, found = [f"/invitation/papers/{self.paper}"], []

        def add(what: str, signs: bool, end: Callable[[Invitation], Any], before: Callable[[Invitation], Any] | None = None) -> None:
            key, _, user = self.guest(signs)
            if before:
                with self.hub.inside(), writing():
                    before(self.of(Invitation, key))
            found.append(Case(what, user, paper, lambda: end(self.of(Invitation, key))))

        def leave(verb: Callable[..., Any], *reason: str) -> Callable[[Invitation], Any]:
            return lambda invitation: verb(self.of(Context, self.context), self.of(Conference, self.conference), self.of(ReportVersion, self.paper), invitation,
                                           *reason, self.of(Person, self.of(Conference, self.conference).chair_id), now())

        def revoke(invitation: Invitation) -> None:
            signature = db.session.scalars(db.select(Signature).where(Signature.agency_id == invitation.agency_id)).one()
            agreements_service.act(signature, Deed.REVOKED, "No longer a partner", self.person("ig officer"), now())

        add("the agreement was ended", True, revoke)
        add("the membership of an agency was ended", True, lambda invitation: setattr(invitation.person, "agency_id", None))
        add("the chair’s leave was ended", False, leave(cover.end_leave), leave(cover.give_leave, "They bring the map"))
        add("somebody declined", True, lambda invitation: setattr(invitation, "reply", "declined"))
        add("the paper was recalled", True, lambda _: circulation.recall(
            self.of(Context, self.context), self.of(Conference, self.conference), self.of(ReportVersion, self.paper), "A street name", self.person("lead"), now()))
        return found


def revocation(stage: Stage) -> Outcome:
    """A3: what ends somebody's access, each followed by their next requests; a signature and links to the second; no presigned URLs."""
    found, kinds = Outcome(), set[str]()
    for base in ("SQLite", "PostgreSQL") if stage.long else ("SQLite",):
        for _ in range(stage.times(1, 5)):
            hub, _ = prepared(stage, base, stage.folder("revoked") / "data")
            scene = Scene(hub)
            for case in scene.cases():
                kinds.add(case.what)
                _judge(found, base, hub, case)
            _to_the_second(found, base, hub, scene)
            with hub.inside():
                db.engine.dispose()
    signed = [path for path in (browser.ROOT / "csc_hub").rglob("*.py") if "presign" in path.read_text().lower()]
    found.expect(not signed, f"presigned URLs are made in {signed}: how long do they work?")
    found.figure = f"{len(kinds)} ways to lose access, {found.tried:,} requests, {len(found.failed)} answered; papers are streamed, no presigned URL is made"
    return found


def _judge(found: Outcome, base: str, hub: Hub, case: Case) -> None:
    """Open before, shut at the next request, each on its own; a form changes nothing any more."""
    found.expect(case.urls, f"{base}, {case.what}: nothing is open to them before")
    token = case.user.token("/invitation" if case.urls[0].startswith("/invitation") else "/sign-in") if case.form else ""
    for url in case.urls:
        status = case.user.get(url).status_code
        found.expect(status == 200, f"{base}, before {case.what}: {url} answers {status}")
    with hub.inside(), writing():
        case.end()
    for url in case.urls:
        answer = case.user.get(url)
        found.expect(answer.status_code in SHUT, f"{base}, once {case.what}: {url} still answers {answer.status_code}")
    if case.form:
        url, fields = case.form
        answer = case.user.client.post(url, data={"csrf_token": token, **fields})
        found.expect(answer.status_code in SHUT | {401}, f"{base}, once {case.what}: a form at {url} is answered {answer.status_code}")


def _to_the_second(found: Outcome, base: str, hub: Hub, scene: Scene) -> None:
    """A signature holds to the end of its last day in London; a link, its code and a link to choose a password to their second."""
    key, link, _ = scene.guest(True)
    with hub.inside(), writing():
        invitation, circulated = scene.of(Invitation, key), scene.of(ReportVersion, scene.paper)
        circulated.recalled_at = None
        until = db.session.scalars(db.select(Signature.until).where(Signature.agency_id == invitation.agency_id)).one()
        midnight = dt.datetime.combine(until + dt.timedelta(days=1), dt.time(), LONDON)
        row = db.session.scalars(db.select(doors.Link).where(doors.Link.about_id == key)).one()
        token = people_service.make_link(people.person_by_email("grace.mensah@anyshire.example"), None, now())
        last = people.person_by_email("grace.mensah@anyshire.example").link_until
        db.session.flush()

        def reads(moment: dt.datetime) -> bool:
            try:
                return replying.paper(invitation, scene.paper, moment) is not None
            except Refused:
                return False

        for what, end, works in (
                ("a signature", midnight, reads), ("a link", row.until, lambda moment: links.of_token(link.token, moment)),
                ("a code", row.until, lambda moment: doors.of_code(invitation.person.email, link.code, "10.5.0.1", moment)),
                ("a session by a link", row.until, lambda moment: links.still_works(row.id, moment)),
                ("a link to choose a password", last, lambda moment: people_service.person_of_link(token, moment))):
            found.expect(works(end - PAST), f"{base}: {what} is over a second too early")
            found.expect(not works(end + PAST), f"{base}: {what} still works a second too late")
