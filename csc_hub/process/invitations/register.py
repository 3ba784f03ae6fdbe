"""The register of a conference: who is here, how, from when until when, and what was missing. Pure.

Guidance: Attendance asks for sufficient attendance and gives no number, so the rules warn and never block.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from csc_hub.kernel import count, day_in_words, listed, london, time_in_words, today
from csc_hub.process.invitations.rules import Reply

AFTERWARDS = dt.timedelta(hours=2)
"""How long after the planned end a tap still means that it happens now. Later taps are typed in from paper."""


class How(StrEnum):
    """How somebody took part, or why not."""

    IN_PERSON = "in_person"
    ONLINE = "online"
    PHONE = "phone"
    APOLOGIES = "apologies"
    ABSENT = "absent"

    @property
    def label(self) -> str:
        """The words on the button and in the register."""
        return {"in_person": "In person", "online": "Online", "phone": "By phone", "apologies": "Apologies", "absent": "Did not attend"}[self]


HERE = frozenset({How.IN_PERSON, How.ONLINE, How.PHONE})


class Deed(StrEnum):
    """What else one tap does to a line of the register."""

    LEFT = "left"
    BACK = "back"
    ACKNOWLEDGED = "acknowledged"
    NOT_ACKNOWLEDGED = "not_acknowledged"
    UNDO = "undo"


@dataclass(frozen=True)
class Line:
    """One line of the register: somebody who is expected, and what was noted of them."""

    key: str
    name: str
    job: str = ""
    agency: str = ""
    kind: str = ""  # id of the kind of agency
    why: tuple[int, ...] = ()
    reply: Reply | None = None
    office: str = ""  # "Chair" or "Lead practitioner": comes by their office
    deputy: str = ""  # whom they said they would send, and who has no line of their own
    replaced: bool = False  # somebody with a line of their own comes instead
    row: str = ""  # id of what was noted
    version: int = 0  # 0: nothing noted yet
    how: How | None = None
    deputy_for: str = ""
    arrived_at: dt.datetime | None = None
    left_at: dt.datetime | None = None
    acknowledged: bool = False
    noted_by: str = ""

    @property
    def came(self) -> bool:
        """Whether they took part, however long."""
        return self.how in HERE

    @property
    def here(self) -> bool:
        """Whether they are here now."""
        return self.came and self.left_at is None

    @property
    def excused(self) -> bool:
        """Whether they sent apologies, at the meeting or in their reply."""
        return self.how is How.APOLOGIES or (self.how is None and self.reply is Reply.DECLINED)

    @property
    def waiting(self) -> bool:
        """Whether they are still expected."""
        return self.how is None and not self.excused and not self.replaced and self.reply is not Reply.PASSED

    @property
    def uninvited(self) -> bool:
        """Whether they came without being on the list."""
        return self.reply is None and not self.office and not self.deputy_for

    @property
    def who(self) -> str:
        """'Joy Okafor, Housing'."""
        return f"{self.name}, {self.agency}" if self.agency else self.name


def obstacle_to_noting(day: dt.date | None, on: dt.date) -> str | None:
    """Why nothing can be noted in the register yet, or None: it is kept on the day of the conference and afterwards."""
    if day is None:
        return "This conference has no date. Set its date first: the register opens on that day"
    if on < day:
        return f"The register opens on the day of the conference, {day_in_words(day)}. Until then, print it, and record replies under Invitations"
    return None


def obstacle_to_moving(came: int, day: dt.date | None, on: dt.date, sufficient: str) -> str | None:
    """Why a conference cannot be given another day any more, or None: it was held, and its register stays with it."""
    if not came or day is None or day >= on or sufficient == "no":
        return None
    return ("This conference was held: its register says who came, so its date stays. If too few came and it must be held again, "
            "record in the register first that attendance was not sufficient")


def moment_of_tap(now: dt.datetime, starts_at: dt.datetime, ends_at: dt.datetime) -> dt.datetime | None:
    """The moment that a tap stands for: now, while the meeting may be on; None for what is typed in afterwards."""
    return now if today(now) == today(starts_at) and now <= ends_at + AFTERWARDS else None


def _minutes(first: dt.datetime, last: dt.datetime) -> int:
    return int((last.replace(second=0, microsecond=0) - first.replace(second=0, microsecond=0)).total_seconds() // 60)


def _span(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    return " ".join(words for words in (count(hours, "hour") if hours else "", count(rest, "minute") if rest else "") if words)


def times_in_words(line: Line, starts_at: dt.datetime | None, ends_at: dt.datetime | None) -> str:
    """'Arrived 10:12, 12 minutes after the start. Left 11:30, 30 minutes before the end'. '' where no time is known."""
    said = []
    if line.came and line.arrived_at:
        late = _minutes(starts_at, line.arrived_at) if starts_at else 0
        said.append(f"Arrived {time_in_words(line.arrived_at)}" + (f", {_span(late)} after the start" if late > 0 else ""))
    if line.came and line.left_at:
        early = _minutes(line.left_at, ends_at) if ends_at else 0
        said.append(f"Left {time_in_words(line.left_at)}" + (f", {_span(early)} before the end" if early > 0 else ""))
    return ". ".join(said)


def obstacle_to(deed: How | Deed, line: Line, moment: dt.datetime | None) -> str | None:
    """Why this cannot be noted of somebody, or None."""
    if isinstance(deed, How):
        return None
    if line.how is None:
        return f"Nothing is noted of {line.name} yet. Note first how they took part"
    if deed is not Deed.UNDO and not line.came:
        return f"{line.name} is noted as: {line.how.label.lower()}. Note first that they came"
    if deed is Deed.LEFT and line.left_at:
        return f"{line.name} left already, at {time_in_words(line.left_at)}"
    if deed is Deed.LEFT and moment is None:
        return "The meeting is over, so the hub cannot tell when they left. Choose “Correct” and enter the time"
    return None


def meanwhile(line: Line) -> str:
    """What somebody is told whose page was older than what another device noted."""
    if line.how is None:
        return f"What was noted of {line.name} has been taken back meanwhile. Nothing of yours was noted: look, and tap again if it is still right"
    state = line.how.label.lower() + (f", left {time_in_words(line.left_at)}" if line.left_at else "")
    return f"{line.noted_by} noted meanwhile of {line.name}: {state}. Nothing of yours was noted: look, and tap again if it is still right"


def fault_of_times(how: How, arrived: dt.datetime | None, left: dt.datetime | None) -> tuple[str, str] | None:
    """(field, sentence) of what is wrong with times as typed, or None."""
    if how not in HERE and (arrived or left):
        return "arrived", "Somebody who did not come has no times. Leave them empty, or say that they came"
    if arrived and left and left < arrived:
        return "left", "They cannot leave before they arrive. Check both times"
    return None


@dataclass(frozen=True)
class Numbers:
    """The register in numbers."""

    here: int
    came: int
    excused: int
    absent: int
    waiting: int
    acknowledged: int

    def said(self, on: bool) -> list[str]:
        """'11 here now', '3 apologies', '2 not here yet'; of a meeting that is over, 'came' and 'not noted'."""
        words = [f"{self.here} here now" if on else f"{self.came} came"]
        if on and self.came > self.here:
            words.append(f"{self.came - self.here} left")
        words.append(count(self.excused, "apology", "apologies"))
        if self.absent:
            words.append(f"{self.absent} did not attend")
        return [*words, f"{self.waiting} not here yet" if on else f"{self.waiting} not noted"]


def numbers(lines: Sequence[Line]) -> Numbers:
    """Counts the lines of a register."""
    return Numbers(
        sum(line.here for line in lines), sum(line.came for line in lines), sum(line.excused for line in lines),
        sum(line.how is How.ABSENT for line in lines), sum(line.waiting for line in lines),
        sum(line.came and line.acknowledged for line in lines))


def kinds_covered(lines: Sequence[Line], named: Sequence[tuple[str, str]]) -> list[str]:
    """The kinds of agency, of (id, name), that those who came stand for, in the guidance's order."""
    came = {line.kind for line in lines if line.came}
    return [name for kind, name in named if kind in came]


MISSING = {
    1: "Nobody who was engaged in the assessment attended",
    2: "Nobody who already works in the context attended",
    3: "Nobody who can make changes in the context attended",
    4: "Nobody who speaks for young people attended",
}
"""The guidance's four considerations, as the minutes say that one was not met."""
VOICES = 4
MOST_YOUNG_PEOPLE = 200
"""More than that in one meeting is a slip of the finger."""


def gaps(
    lines: Sequence[Line], answers: Mapping[int, str], named: Sequence[tuple[str, str]], reasons: Mapping[str, str], young: int | None = None,
) -> list[str]:
    """What the minutes say was missing: a sentence for each consideration that nobody met, and one for the kinds of agency.

    A consideration that was answered in words, and a kind that is not needed for a reason, leaves no gap. Young people who came
    (`young` of them) speak for themselves.
    """
    found = []
    for number, sentence in MISSING.items():
        if answers.get(number) or any(line.came and number in line.why for line in lines) or (number == VOICES and young):
            continue
        asked = [line.who for line in lines if number in line.why]
        found.append(sentence + (f"; {listed(asked)} had been asked" if asked else ""))
    covered = set(kinds_covered(lines, named))
    missing = [name for kind, name in named if name not in covered and not reasons.get(kind)]
    if missing:
        found.append(f"These kinds of agency were not there, and no reason is on record: {listed(missing)}")
    return found


def of_young_people(young: int | None, involved: str) -> list[str]:
    """What the minutes say of young people, parents and carers: how many young people came, never who, and how they are involved."""
    came = {None: "Whether young people came is not on record", 0: "No young people came"}.get(
        young, f"{count(young or 0, 'young person', 'young people')} came. They are counted and never named")
    return [came, f"How young people, parents and carers are involved: {involved.rstrip(' .')}" if involved
            else "How young people, parents and carers are involved is not on record"]


def obstacle_to_counting(young: int | None) -> str | None:
    """Why this cannot be the number of young people who came, or None."""
    return f"Enter a number from 0 to {MOST_YOUNG_PEOPLE}, or leave it empty" if young is not None and not 0 <= young <= MOST_YOUNG_PEOPLE else None


def doubts(lines: Sequence[Line], covered: int, least: int, answers: Mapping[int, str]) -> list[str]:
    """Why attendance may not be sufficient. The chair decides; nothing is blocked."""
    found = []
    if covered < least:
        came = f"Only {count(covered, 'kind')}" if covered else "No kind"
        found.append(f"{came} of agency came. The council asks for {least} (local default)")
    if not answers.get(3) and not any(line.came and 3 in line.why for line in lines):
        found.append("Nobody came who can make changes in the context, the guidance’s third consideration")
    return found


def in_words(lines: Sequence[Line], sufficient: str, words: str, young: int | None = None) -> str:
    """A register as a few sentences, for the history of a conference that is held again on another day."""
    groups = (
        ("Came", [f"{line.who}{f' (deputy for {line.deputy_for})' if line.deputy_for else ''}" for line in lines if line.came]),
        ("Apologies", [line.who for line in lines if line.excused]),
        ("Did not attend", [line.who for line in lines if line.how is How.ABSENT]))
    said = [f"{title}: {'; '.join(names)}." for title, names in groups if names]
    if young is not None:
        said.append(f"{of_young_people(young, '')[0]}.")
    if sufficient:
        said.append(f"Attendance was {'' if sufficient == 'yes' else 'not '}sufficient: {words}")
    return "\n".join(said)


def fingerprint(*facts: object) -> str:
    """A short mark that changes when the register does, so that a page asks for it again only then."""
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]


def clock(moment: dt.datetime | None) -> str:
    """'10:12', or '' where no time is known: as it stands in a form."""
    return f"{london(moment):%H:%M}" if moment else ""
