"""What has ended stays ended: leaves with the paper or the invitation, mail with the person's access, and an office with nothing but itself."""

import re
import uuid

import pytest

from csc_hub.adapters.holidays import bank_holidays
from csc_hub.db import db, writing
from csc_hub.kernel import Refused, now, today, working_days_from
from csc_hub.people.records import Person
from csc_hub.process.assessments.records import Report, ReportVersion
from csc_hub.process.conferences import records as conferences
from csc_hub.process.contexts.records import Context
from csc_hub.process.invitations import attending, circulation, cover, records, replying, service
from csc_hub.process.invitations.records import Invitation
from tests.hub import words_of
from tests.process.invitations.test_changing import change, on
from tests.process.invitations.test_sending import Post, answer, calendar_of, come_in, sent  # noqa: F401


def place(context: str):  # noqa: ANN201
    """The context, its conference, a version of its assessment, and Sal's invitation, read anew."""
    found = db.session.get(Context, uuid.UUID(context))
    conference = conferences.current(found.id)
    version = db.session.scalars(db.select(ReportVersion).join(Report, Report.id == ReportVersion.report_id).where(Report.context_id == found.id)).first()
    return found, conference, version, invitation(conference.id, "Sal Rossi")


def invitation(conference_id: uuid.UUID, name: str) -> Invitation:
    return db.session.scalars(db.select(Invitation).where(Invitation.conference_id == conference_id, Invitation.person.has(name=name))).unique().one()


def reads(context: str) -> bool:
    """Whether Sal, whose organisation has not signed, gets the paper."""
    _, _, version, sal = place(context)
    return {v.id: fault for _, v, fault in replying.papers(sal, now())}.get(version.id, "") is None


def test_no_leave_is_given_for_a_paper_that_was_taken_back(sent) -> None:  # noqa: ANN001, F811
    hub, _, context, _ = sent
    with hub.inside():
        with writing():
            found, conference, version, sal = place(context)
            circulation.release(found, conference, version, conference.chair, now())
            circulation.recall(found, conference, version, "A name stands in it", conference.chair, now())
        with pytest.raises(Refused, match="taken back"), writing():
            found, conference, version, sal = place(context)
            cover.give_leave(found, conference, version, sal, "The form was open", conference.chair, now())
        with writing():
            found, conference, version, _ = place(context)
            circulation.release(found, conference, version, conference.chair, now())
        assert not reads(context)


def test_a_leave_ends_with_the_invitation(sent) -> None:  # noqa: ANN001, F811
    hub, user, context, _ = sent
    own = f"/contexts/{context}/invitations"
    with hub.inside():
        with writing():
            found, conference, version, sal = place(context)
            circulation.release(found, conference, version, conference.chair, now())
            cover.give_leave(found, conference, version, sal, "They sign next week", conference.chair, now())
            sal_id = sal.id
        assert reads(context)
    assert user.post(f"{own}/{sal_id}/withdraw", page=own).status_code == user.post(f"{own}/{sal_id}/again", page=own).status_code == 303
    with hub.inside():
        assert not reads(context)


def test_nothing_is_sent_to_somebody_whose_access_has_ended(sent) -> None:  # noqa: ANN001, F811
    hub, user, context, _ = sent
    own, box = f"/contexts/{context}/invitations", Post(hub)
    with hub.inside(), writing():
        tom = invitation(place(context)[1].id, "Tom Ward").id
        db.session.scalars(db.select(Person).where(Person.name == "Tom Ward")).one().active = False
    page = user.get(own).text
    assert f"{own}/{tom}/again" not in page and f"{own}/{tom}/letter" not in page
    box.new()
    for which in ("again", "letter"):
        answer = user.post(f"{own}/{tom}/{which}", page=own)
        assert answer.status_code == 422 and "Tom Ward has left since. Ask whoever took over" in words_of(answer)
    assert user.post(f"{own}/{tom}/withdraw", page=own).status_code == 303 and "Invite again" not in user.get(own).text and not box.new()


def test_a_lead_whose_invitation_is_withdrawn_still_comes_as_the_lead(sent) -> None:  # noqa: ANN001, F811
    hub, user, context, _ = sent
    own = f"/contexts/{context}/invitations"
    with hub.inside():
        priya = invitation(place(context)[1].id, "Priya Nair").id
    assert user.post(f"{own}/{priya}/withdraw", page=own).status_code == 303
    with hub.inside():
        found, conference, *_ = place(context)
        _, invitations, of_lead = records.in_hand(found.id)
        assert [asked.name for asked in service.by_office(found, conference, invitations, of_lead, today(now()))] == ["David Hollis", "Priya Nair"]
        assert [line.office for line in attending.lines(found, conference) if line.name == "Priya Nair"] == ["Lead practitioner"]


def test_an_answer_after_passing_it_on_outlasts_a_change_of_the_venue(sent) -> None:  # noqa: ANN001, F811
    hub, user, context, mails = sent
    answer(come_in(hub, mails["Tom Ward"]), reply="passed", colleague="Ruth Bell", address="ruth.bell@anyshire.example")
    change(user, context, **on(working_days_from(today(now()), 18, bank_holidays())))
    answer(come_in(hub, mails["Tom Ward"]), reply="declined", reason="I have left the team")
    change(user, context, venue="The library")
    with hub.inside():
        tom = invitation(place(context)[1].id, "Tom Ward")
        assert (tom.reply, tom.reason) == ("declined", "I have left the team")


def test_an_answer_by_phone_after_passing_it_on_puts_the_entry_back(sent) -> None:  # noqa: ANN001, F811
    hub, user, context, mails = sent
    answer(come_in(hub, mails["Tom Ward"]), reply="passed", colleague="Ruth Bell", address="ruth.bell@anyshire.example")
    change(user, context, **on(working_days_from(today(now()), 18, bank_holidays())))
    with hub.inside():
        tom = invitation(place(context)[1].id, "Tom Ward").id
    box = Post(hub)
    box.new()
    said = {f"replied_on-{part}": str(getattr(today(now()), part)) for part in ("day", "month", "year")}
    assert user.post(f"/contexts/{context}/invitations/{tom}/reply", reply="accepted", **said).status_code == 303
    told = [mail for mail in box.new() if mail["To"].addresses[0].display_name == "Tom Ward"]
    assert [re.search(r"METHOD:(\w+)", calendar_of(mail))[1] for mail in told] == ["REQUEST"]  # type: ignore[index]
    change(user, context, venue="The library")
    with hub.inside():
        assert db.session.get(Invitation, tom).reply == "accepted"
