"""What an agency reported, said and sent still counts after a reminder, until the plan is issued again."""

from __future__ import annotations

import datetime as dt

from csc_hub.db import db, writing
from csc_hub.kernel import now, today
from csc_hub.outbox.records import Outgoing
from csc_hub.process.contexts.records import Context
from csc_hub.process.plans import service as plans
from csc_hub.process.plans.records import Action
from tests.exchange.doors.conftest import ask, come_in
from tests.exchange.doors.test_addresses import yesterday
from tests.exchange.test_round_trip import housing as own_actions
from tests.hub import NAMES, Hub, User, words_of


def report(hub: Hub, user: User) -> None:
    assert user.post(f"/report/{own_actions(hub)[1][7].id}/nothing-to-report", page="/report").status_code == 303


def issue_again(hub: Hub) -> None:
    with hub.inside(), writing():
        context = db.session.scalars(db.select(Context).where(Context.name == NAMES["school"])).one()
        plans.begun(context).changed_since = True
        plans.issue(context, context.lead, now())


def test_what_was_said_is_still_shown_after_a_reminder(hub: Hub) -> None:
    report(hub, come_in(hub, ask(hub)))
    yesterday(hub)
    sent = words_of(come_in(hub, ask(hub)).get("/report/sent"))
    assert "Action 7" in sent and "Nothing yet" not in sent


def test_a_plan_issued_again_is_reported_on_again(hub: Hub) -> None:
    report(hub, come_in(hub, ask(hub)))
    yesterday(hub)
    base, lead = f"/contexts/{hub.context('school')}/updates", hub.be("lead")
    mails = db.select(db.func.count()).select_from(Outgoing).where(Outgoing.to_address == "contact@housing.example", Outgoing.kind.in_(("report", "report_again")))

    def count() -> int | None:
        with hub.inside():
            return db.session.scalar(mails)

    assert "Housing , 2 actions Reported" in words_of(lead.get(base))
    lead.post(f"{base}/ask", page=base)
    assert count() == 1, "who has reported is not asked"
    issue_again(hub)
    assert "Housing , 2 actions Reported" not in words_of(lead.get(base))
    lead.post(f"{base}/ask", page=base)
    assert count() == 2, "the plan is new to them"


def test_only_actions_that_wait_are_counted_as_late(hub: Hub) -> None:
    user = come_in(hub, ask(hub))
    with hub.inside(), writing():
        ids = [action.id for action in own_actions(hub)[1].values()]
        db.session.execute(db.update(Action).where(Action.id.in_(ids)).values(
            due_on=today(now()) - dt.timedelta(days=9), status="in_progress", updated_on=today(now()) - dt.timedelta(days=30)))
    assert "2 actions to report on, 2 of them late" in words_of(user.get("/report"))
    report(hub, user)
    assert "1 action to report on, 1 of them late" in words_of(user.get("/report"))
