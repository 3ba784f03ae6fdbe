"""Who should be in the room: the guidance's four questions and a fifth, its kinds of agency, and what is covered. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from csc_hub.kernel import count, listed
from csc_hub.process.agreements import rules as agreement
from csc_hub.process.agreements.rules import Standing

CONSIDERATIONS = (
    # (number, question in short, fuller words). Guidance: Attendance.
    (1, "Engaged in the assessment, and can say more", "Which agencies, practitioners and community members took part in the assessment and can add to the issues raised?"),
    (2, "Works in the context already", "Who is already engaged with work within the context?"),
    (3, "Can make the changes", "Who has the capacity to affect and implement the changes that may be suggested?"),
    (4, "Speaks for young people", "Who is best placed to represent young people’s voices, and the opinions of those affected by what is planned?"),
)
INVOLVEMENT = 5
INVOLVEMENT_WORDS = "How are young people, parents and carers involved in the assessment and the planning?"
QUESTIONS = frozenset({INVOLVEMENT, *(number for number, _, _ in CONSIDERATIONS)})


class Reply(StrEnum):
    """What somebody answered."""

    NONE = "none"
    ACCEPTED = "accepted"
    TENTATIVE = "tentative"
    DECLINED = "declined"
    DEPUTY = "deputy"
    PASSED = "passed"

    @property
    def label(self) -> str:
        """The reply as people read it."""
        return {"none": "No reply yet", "accepted": "Coming", "tentative": "May come", "declined": "Not coming", "deputy": "Sends a deputy", "passed": "Passed to a colleague"}[self]


COMING = frozenset({Reply.ACCEPTED, Reply.DEPUTY})
ASKED = frozenset(Reply) - {Reply.DECLINED, Reply.PASSED}


class Source(StrEnum):
    """The door through which an answer came."""

    BEHALF = "behalf"
    LINK = "link"
    CALENDAR = "calendar"
    DOOR = "door"

    @property
    def label(self) -> str:
        """The door as people read it."""
        return {"behalf": "recorded on their behalf", "link": "through the link", "calendar": "from their calendar", "door": "at the door"}[self]


@dataclass(frozen=True)
class Asked:
    """One person on the list: who, of which kind of agency, why, and what they said."""

    name: str
    agency: str
    kind: str  # id of the kind of agency
    why: Collection[int]
    reply: Reply
    office: str = ""  # "chairs" or "is the lead practitioner": somebody who comes by their office, whether or not they answered
    left: bool = False  # has left the agency they were asked for, or their access has ended: they stand for nobody any more

    @property
    def expected(self) -> bool:
        """Whether they may come."""
        return not self.left and self.reply in ASKED

    @property
    def comes(self) -> bool:
        """Whether they come, or somebody in their place."""
        return self.expected and (self.reply in COMING or bool(self.office))

    @property
    def said(self) -> str:
        """What the board says of somebody who comes."""
        return f"{self.name} {'sends a deputy' if self.reply is Reply.DEPUTY else 'is coming' if self.reply is Reply.ACCEPTED else self.office}"


def totals(asked: Sequence[Asked]) -> list[str]:
    """The people on the list in numbers: '5 coming', '1 not coming', '7 without a reply', '1 has left'."""
    here = [a for a in asked if not a.left]
    left = len(asked) - len(here)
    return [f"{sum(a.comes for a in here)} coming", f"{sum(a.reply is Reply.DECLINED for a in here)} not coming",
            f"{sum(a.reply is Reply.NONE and not a.comes for a in here)} without a reply", *([count(left, "has left", "have left")] if left else [])]


class Cover(StrEnum):
    """How one row of the board stands."""

    COVERED = "Covered"
    WAITING = "Waiting"
    GAP = "Gap"
    ANSWERED = "Answered"
    NOT_NEEDED = "Not needed"


@dataclass(frozen=True)
class Row:
    """One row of the coverage board."""

    key: str
    title: str
    cover: Cover
    said: str
    names: tuple[str, ...] = ()


def questions(asked: Sequence[Asked], answers: dict[int, str]) -> list[Row]:
    """The four questions and the fifth, each with who answers it, or why nobody does."""
    rows = [_row(str(number), words, [a for a in asked if number in a.why], answers.get(number, "")) for number, words, _ in CONSIDERATIONS]
    told = answers.get(INVOLVEMENT, "")
    rows.append(Row(str(INVOLVEMENT), INVOLVEMENT_WORDS, Cover.ANSWERED if told else Cover.GAP, told or "Not written yet"))
    return rows


def kinds(asked: Sequence[Asked], named: Sequence[tuple[str, str]], reasons: dict[str, str]) -> list[Row]:
    """Each kind of agency, (id, name), in the guidance's order: covered, not covered, or not needed because…"""
    return [_row(kind, name, [a for a in asked if a.kind == kind], reasons.get(kind, ""), Cover.NOT_NEEDED) for kind, name in named]


def _row(key: str, title: str, people: list[Asked], reason: str, reasoned: Cover = Cover.ANSWERED) -> Row:
    names = tuple(f"{a.name}, {a.agency}" if a.agency else a.name for a in people)
    if any(a.comes for a in people):
        return Row(key, title, Cover.COVERED, _coming([a for a in people if a.comes]), names)
    if any(a.expected for a in people):
        return Row(key, title, Cover.WAITING, f"{listed([a.name for a in people if a.expected])}: asked or to be asked, no firm answer yet", names)
    if reason:
        return Row(key, title, reasoned, reason, names)
    declined = [a.name for a in people if not a.left]
    said = [*([f"{listed(declined)} declined"] if declined else []), *(f"{has_left(a.name, a.agency)}: ask whoever took over" for a in people if a.left)]
    return Row(key, title, Cover.GAP, ". ".join(said) or "Nobody", names)


def has_left(name: str, agency: str) -> str:
    """What is said of somebody who has left the agency they were asked for."""
    return f"{name} has left {agency or 'the hub'}"


def _coming(people: list[Asked]) -> str:
    plain = [a for a in people if a.reply is Reply.ACCEPTED]
    said = [a.said for a in people if a not in plain]
    return ", ".join([f"{listed(sorted(a.name for a in plain))} are coming" if len(plain) > 1 else plain[0].said, *said] if plain else said)


def warnings(asked: Sequence[Asked], kind_rows: Sequence[Row], figures: dict[str, int], open_to_services: int) -> list[str]:
    """What the board warns of before the invitations go. It never blocks anybody."""
    found = []
    coming = [a for a in asked if a.expected]
    covered = sum(row.cover in (Cover.COVERED, Cover.WAITING) for row in kind_rows)
    if asked and covered < figures["kinds_at_least"]:
        found.append(f"Only {count(covered, 'kind')} of agency on the list. The council asks for {figures['kinds_at_least']} (local default)")
    if len(coming) > figures["people_at_most"]:
        found.append(f"{len(coming)} people are asked, and numbers grow unmanageable above {figures['people_at_most']} (local default)"
                     + (". Young people’s own workers can be met beforehand instead, and told afterwards" if open_to_services else ""))
    return found


def obstacle_to_adding(name: str, email: str, namesake: bool) -> str | None:
    """Why somebody cannot be kept as new, or None: of two people of one name at one agency, an address tells them apart."""
    if email or not namesake:
        return None
    return (f"Somebody called {name} is at this agency already. Choose them under “Put somebody on the list”. "
            "If this is another person, give their e-mail address, or add to the name what tells them apart")


def obstacle_to_asking(active: bool, already: bool) -> str | None:
    """Why somebody cannot be put on the list, or None."""
    if already:
        return "This person is on the list already"
    return None if active else "This person’s access has ended. Choose whoever took over from them"


def fault_of_reply(reply: Reply, reason: str, deputy: str) -> tuple[str, str] | None:
    """(field, sentence) of what is wrong with a reply as typed, or None."""
    if reply is Reply.DECLINED and not reason:
        return "reason", "Write the reason they gave, or that they gave none"
    if reply is Reply.DEPUTY and not deputy:
        return "deputy", "Write who comes instead"
    return None


def used(reply: Reply, reason: str, deputy: str) -> tuple[str, str]:
    """(reason, deputy) as far as this reply has a use for them: what belongs to an earlier reply does not stand beside this one."""
    return reason if reply is Reply.DECLINED else "", deputy if reply in (Reply.DEPUTY, Reply.PASSED) else ""


def obstacle_to_sending(day: dt.date | None, planned: bool, chair: str, venue: str, past: bool) -> str | None:
    """Why invitations cannot be sent yet, or None (guidance: the chair sends the invites)."""
    if not planned:
        return "This conference is not going ahead as planned. Set a new date first"
    if day is None:
        return "Set the date first"
    if past:
        return "The conference has been held. Record who came in the register"
    if not chair:
        return "Choose the chair first: the invitations go out in the chair’s name"
    return None if venue else "Find a venue first, so that people know where to come"


def obstacle_to_answering(withdrawn: bool, planned: bool, begun: bool) -> str | None:
    """Why an invitation cannot be answered any more, or None."""
    if withdrawn:
        return "This invitation was withdrawn. Ask the council if you think that is wrong"
    if not planned:
        return "This meeting does not take place as planned. If there is a new date, you will hear of it"
    return "The meeting has begun or is over, so answers are no longer taken. You can still read what is open to you here" if begun else None


def obstacle_to_reading(released: bool, recalled: bool, standing: Standing, leave: bool, reply: Reply, withdrawn: bool) -> str | None:
    """Why an invited person may not read a paper, or None (guidance: papers go to attendees before the meeting; Information sharing).

    `standing` is how they stand with the agreement today, `leave` whether the chair lets them read this one paper without it.
    """
    if withdrawn or not released:
        return "This paper is not open to you"
    if recalled:
        return "This paper was taken back. Delete copies that you have made"
    if reply in (Reply.DECLINED, Reply.PASSED):
        return "Papers are for those who come to the meeting. Change your answer if you are coming after all"
    return agreement.obstacle_to_opening(standing, leave)


def shows_issues(told: bool, reply: Reply, withdrawn: bool) -> bool:
    """Whether the priority issues belong on this person's page: told, and they may come (guidance: Agenda).

    Only those who are covered read them there (guidance: Information sharing). A leave of the chair is for one paper and opens no issues.
    """
    return told and not withdrawn and reply not in (Reply.DECLINED, Reply.PASSED)


REMIND_BEFORE = (5, 1)
"""Working days before the conference at which those who have not answered are reminded: a local default."""
