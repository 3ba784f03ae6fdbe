"""One valid write for every unsafe route of the agreement, its register and its signing, by link and at the door."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

from csc_hub.audit.records import Event
from csc_hub.db import db, writing
from csc_hub.kernel import now
from csc_hub.people import links
from csc_hub.people.records import Agency, Person
from csc_hub.process.agreements.records import Request, Version
from csc_hub.process.conferences.records import Conference
from csc_hub.process.invitations import links as invitation_links
from csc_hub.process.invitations.records import Invitation
from tests import agreement
from tests.house.deeds import TYPED, Deeds, day
from tests.hub import Hub
from tests.journeys import main_job
from tests.papers.test_filetypes import GOOD


def agreements(deeds: Deeds, hub: Hub) -> None:
    def do(endpoint: str, verb: str, url: str, **fields: Any) -> str:
        return deeds.do(endpoint, verb, "ig officer", f"/agreements{url}", **{"page": "/agreements", **fields})
    texts = {"title": TYPED, "purpose": TYPED, "parties": TYPED, "body": TYPED, "changes": TYPED, "approved_by": TYPED}
    days = {**day("effective_on", "1 11 2026"), **day("review_on", "1 11 2027"), **day("approved_on", "1 10 2026")}
    at = do("agreements.begin", "wrote_agreement", "/begin/terms").removeprefix("/agreements").removesuffix("/edit")
    do("agreements.from_word", "changed_agreement", f"{at}/word", file=(io.BytesIO(main_job.report("terms")), "terms.docx"))
    do("agreements.edit", "changed_agreement", f"{at}/edit", page=f"/agreements{at}/edit", **texts, **days)
    do("agreements.publish", "published_agreement", f"{at}/publish")
    do("agreements.withdraw", "withdrew_agreement", f"{at}/withdraw", reason=TYPED)
    do("agreements.who_signs", "changed_kind", "/who-signs", signing=deeds.one("SELECT id FROM agency_kinds WHERE number = 15"))
    waiting = deeds.one("SELECT id FROM signatures WHERE id NOT IN (SELECT signature_id FROM signature_acts)")
    do("signatures.countersign", "countersigned", f"/signatures/{waiting}/countersign")
    with hub.inside(), writing():
        agreement.signed(db.session.scalars(db.select(Version)).first(), db.session.scalars(db.select(Agency)).first(), now())
    do("signatures.countersign_all", "countersigned", "/signatures/countersign")
    do("signatures.end", "revoked_signature", f"/signatures/{waiting}/end", reason=TYPED)
    cafe = deeds.one("SELECT id FROM agencies WHERE name = 'Harbour Café'")
    version = deeds.one("SELECT id FROM agreement_versions WHERE document = 'agreement' AND published_at IS NOT NULL LIMIT 1")
    do("signatures.record_paper", "recorded_paper_signature", f"/signatures/paper/{cafe}", version_id=version, name="Sal Rossi", job_title=TYPED, covers="named",
       named=deeds.one("SELECT id FROM people WHERE name = 'Sal Rossi'"), file=(io.BytesIO(GOOD["letter.pdf"]), f"{TYPED}.pdf"), **day("signed_on", "1 11 2026"))
    request = deeds.one("SELECT id FROM signing_requests ORDER BY rowid LIMIT 1")
    do("signatures.again", "asked_to_sign", f"/signatures/requests/{request}/again")
    do("signatures.close", "closed_request", f"/signatures/requests/{request}/close")


def signing(deeds: Deeds, hub: Hub) -> None:
    """The manager of the café passes it on, undertakes, signs; declines another request; signs from their invitation, and at the door."""
    with hub.inside(), writing():
        invitation = db.session.scalar(db.select(Invitation).join(Conference, Conference.id == Invitation.conference_id).where(
            Invitation.person.has(name="Sal Rossi"), Conference.starts_at > now(), Invitation.withdrawn_at.is_(None)))
        version = agreement.published(now())
        asked = [Request(version_id=version.id, agency_id=invitation.agency_id, person_id=invitation.person_id, conference_id=invitation.conference_id, name="Sal Rossi",
                         email="sal.rossi@anyshire.example", asked_at=now(), asked_by="Meera Patel", typed={}) for _ in range(2)]
        db.session.add_all(asked)
        db.session.flush()
        soon = now() + dt.timedelta(days=1)
        first, second = (links.make(links.Purpose.SIGNING, one.id, one.email, soon, now()).token for one in asked)
        conference = db.session.get_one(Conference, invitation.conference_id)
        letter = invitation_links.make(invitation, conference, now()).token
        context = conference.context_id
    about = {"name": "Sal Rossi", "job_title": TYPED, "authority": "sign", "covers": "everybody"}

    def do(endpoint: str, verb: str, url: str, page: str | None = None, **fields: Any) -> str:
        return deeds.do(endpoint, verb, "signing", url, page, **fields)

    deeds.users["signing"] = hub.be(None)
    do("signing.link", "came_to_sign", f"/s/{second}")
    do("signing.decline", "declined_agreement", "/sign/decline", reason=TYPED)
    do("signing.link", "came_to_sign", f"/s/{first}")
    do("signing.read", "read_agreement", "/sign")
    do("signing.about", "said_who_signs", "/sign/about", **about)
    do("signing.pass_on", "forwarded_agreement", "/sign/pass-on", name="Ann Hill", email=f"{TYPED}@anyshire.example")
    guest = deeds.users["invited"] = hub.be(None)
    assert guest.post(f"/i/{letter}").status_code == 303
    deeds.do("replies.sign", "came_to_sign", "invited", "/invitation/sign", "/invitation")
    do("signing.undertaking", "gave_undertaking", "/sign/undertaking", typed_name="Sal Rossi")
    with hub.inside(), writing():
        db.session.get_one(Conference, conference.id).starts_at = agreement.later_today(30)
    at = f"/contexts/{context}/register/{conference.id}/sign/{invitation.id}"
    deeds.do("at_door.code", "let_sign_here", "coordinator", f"{at}/code", at, context=context)
    do("signing.sign", "signed_agreement", "/sign/name", typed_name="Sal Rossi")
    assert deeds.users["signing"].post("/sign/leave", page="/sign/done").status_code == 303
    deeds.left.discard("signing.leave")  # it forgets a cookie, and writes nothing
    with hub.inside(), writing():
        agreement.published(now(), grace_days=0)
    handed = deeds.users["handed"] = hub.be("coordinator")
    answer = handed.post(f"{at}/hand-over", page=at)
    assert answer.headers["Location"] == "/sign"
    with hub.inside():
        lines = [(e.verb, e.actor, e.context_id) for e in db.session.scalars(db.select(Event).order_by(Event.id.desc()).limit(2))]
    assert lines == [("came_to_sign", "Sal Rossi", None), ("let_sign_here", "Grace Mensah", context)]
    deeds.left.discard("at_door.hand_over")
