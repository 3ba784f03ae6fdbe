"""What a context is, the moves it can make, and what stands in their way. Pure."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum


class Type(StrEnum):
    """What kind of place or group it is (guidance: Background)."""

    PEER_GROUP = "peer_group"
    SCHOOL = "school"
    NEIGHBOURHOOD = "neighbourhood"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The type as people say it."""
        return {"peer_group": "Peer group", "school": "School", "neighbourhood": "Neighbourhood", "other": "Other place"}[self]


THEMES = {
    "sexual_exploitation": "Child sexual exploitation",
    "criminal_exploitation": "Child criminal exploitation",
    "youth_violence": "Serious youth violence",
    "harmful_sexual_behaviour": "Harmful sexual behaviour between young people",
    "substances": "Drugs and alcohol",
    "antisocial": "Anti-social behaviour",
    "radicalisation": "Radicalisation",
    "online": "Harm that carries on online",
    "other": "Something else",
}
STANDINGS = {
    "early_help": "Early help",
    "in_need": "Child in need plan",
    "protection": "Child protection plan",
    "looked_after": "Looked after",
    "youth_justice": "Open to the Youth Justice Service",
    "none": "Not open to any service",
    "unknown": "Not known",
}
"""Where young people sit in Children's Services (guidance: Agenda, item 2): counts, never names."""
MOST_YOUNG_PEOPLE = 9999


class State(StrEnum):
    """How far the case of a context has come."""

    REFERRED = "referred"
    IN_ASSESSMENT = "in_assessment"
    ASSESSED = "assessed"
    PLAN_IN_PROGRESS = "plan_in_progress"
    OTHER_ROUTE = "other_route"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        """The state as people read it."""
        return STATE_WORDS[self][0]

    @property
    def sentence(self) -> str:
        """The state in one sentence."""
        return STATE_WORDS[self][1]


STATE_WORDS = {
    State.REFERRED: ("Referred", "Waiting for the decision whether to assess this context."),
    State.IN_ASSESSMENT: ("In assessment", "The lead practitioner is writing the assessment."),
    State.ASSESSED: ("Assessment signed off", "The assessment is finished and a conference has been agreed."),
    State.PLAN_IN_PROGRESS: ("Plan in progress", "The intervention plan is issued and agencies are working on it."),
    State.OTHER_ROUTE: ("Sent another way", "It was decided that another meeting or service fits better."),
    State.WITHDRAWN: ("Withdrawn", "The referral was taken back."),
}
OPEN = frozenset({State.REFERRED, State.IN_ASSESSMENT, State.ASSESSED, State.PLAN_IN_PROGRESS})


class Move(StrEnum):
    """A step from one state to another."""

    ACCEPT = "accept"
    SIGN_OFF = "sign_off"
    ISSUE_PLAN = "issue_plan"
    SEND_ELSEWHERE = "send_elsewhere"
    WITHDRAW = "withdraw"
    REOPEN = "reopen"

    @property
    def label(self) -> str:
        """The words on the button."""
        return MOVE_WORDS[self]


MOVE_WORDS = {
    Move.ACCEPT: "Accept for assessment",
    Move.SIGN_OFF: "Sign off the assessment",
    Move.ISSUE_PLAN: "Issue the plan",
    Move.SEND_ELSEWHERE: "Send it another way",
    Move.WITHDRAW: "Withdraw the referral",
    Move.REOPEN: "Reopen",
}
MOVES: dict[State, dict[Move, State]] = {
    State.REFERRED: {
        Move.ACCEPT: State.IN_ASSESSMENT, Move.SEND_ELSEWHERE: State.OTHER_ROUTE, Move.WITHDRAW: State.WITHDRAWN},
    State.IN_ASSESSMENT: {
        Move.SIGN_OFF: State.ASSESSED, Move.SEND_ELSEWHERE: State.OTHER_ROUTE, Move.WITHDRAW: State.WITHDRAWN},
    State.ASSESSED: {Move.ISSUE_PLAN: State.PLAN_IN_PROGRESS, Move.SEND_ELSEWHERE: State.OTHER_ROUTE},
    State.PLAN_IN_PROGRESS: {Move.ISSUE_PLAN: State.PLAN_IN_PROGRESS},
    State.OTHER_ROUTE: {Move.REOPEN: State.REFERRED},
    State.WITHDRAWN: {Move.REOPEN: State.REFERRED},
}
NEEDS_REASON = frozenset({Move.SEND_ELSEWHERE, Move.WITHDRAW, Move.REOPEN})
MADE_ON_OWN_PAGE = frozenset({Move.SIGN_OFF, Move.ISSUE_PLAN})
"""Moves with guards of their own, made from the assessment's and the plan's pages."""


@dataclass(frozen=True)
class ContextDraft:
    """A context as typed: the neutral name, the place, and why now. Never about one young person."""

    name: str
    type: Type
    place: str = ""
    themes: tuple[str, ...] = ()
    trigger: str = ""
    description: str = ""
    lead_id: object = None
    chair_id: object = None
    counts: dict[str, int] = field(default_factory=dict)


def obstacle_to_move(state: State, move: Move, reason: str = "") -> str | None:
    """Why a context in this state cannot make this move, or None."""
    if move not in MOVES[state]:
        return f"“{move.label}” is not possible while the context is “{state.label.lower()}”"
    if move in NEEDS_REASON and not reason:
        return "Give the reason, so that somebody who reads this in a year understands it"
    return None


def obstacle_to_accepting(lead: object | None) -> str | None:
    """Why assessment cannot begin, or None. The assessment has a lead practitioner (guidance: Pre-conference)."""
    return None if lead else "Choose a lead practitioner first: they carry out the assessment"


SOMEBODY_ELSE_CHAIRS = "The lead practitioner presents the assessment, so somebody else must chair"
"""Why one person cannot lead and chair (guidance: Structure of meeting)."""


def total_of(counts: dict[str, int]) -> int:
    """How many young people are known to be affected."""
    return sum(counts.values())


def obstacle_to_counts(counts: dict[str, int]) -> str | None:
    """Why these counts cannot be kept, or None."""
    if any(number < 0 or number > MOST_YOUNG_PEOPLE for number in counts.values()):
        return f"Each count must be a whole number from 0 to {MOST_YOUNG_PEOPLE:,}"
    return None


DECIDED_IN = frozenset({State.REFERRED, State.IN_ASSESSMENT})


def obstacle_to_deciding(state: State) -> str | None:
    """Why the threshold decision cannot be recorded or changed now, or None."""
    return None if state in DECIDED_IN else "The threshold decision stands once the assessment is signed off or the case has ended"


def obstacle_to_threshold(on: dt.date | None, today: dt.date) -> tuple[str, str] | None:
    """(field, sentence) of why the threshold decision cannot be recorded as typed, or None. Guidance: Background."""
    if on and on > today:
        return "threshold_on", "The date of the decision must be today or in the past"
    return None


def stage(state: State, held: bool) -> int:
    """Which of `STAGES` a context has reached; `held`: its conference is behind it."""
    if state is State.ASSESSED:
        return 3 if held else 2
    return {State.REFERRED: 0, State.IN_ASSESSMENT: 1, State.PLAN_IN_PROGRESS: 4}.get(state, 0)


STAGES = ("Referral", "Assessment", "Conference", "Intervention plan", "Agencies’ updates")


def looks_like_a_person(name: str, first_names: Collection[str]) -> bool:
    """Whether a context's name might name somebody: it holds a first name, in whatever case, that no word makes a place.

    "Charlotte Street", "St James" and "Max Spielmann shop" are places; "kyle", "Kyle’s group" and "O’Brien, Liam" are not.
    """
    plain = unicodedata.normalize("NFKD", name.replace("’", "'")).lower()
    words = [word.removesuffix("'s") for word in re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)*", "".join(c for c in plain if not unicodedata.combining(c)))]
    for place, word in enumerate(words):
        before, after = words[max(0, place - 1):place], words[place + 1:place + 3]
        if word in first_names and not (before in (["st"], ["saint"]) or PLACES & set(after[:1]) or SHOPS & set(after)):
            return True
    return False


PLACES = frozenset(
    "road street park lane church square school academy centre bridge gardens garden court house estate station avenue close way "
    "drive hall green common market quay wood woods field fields terrace place crescent hill primary college row walk grove".split())
"""Directly after a first name, they make it a place: Victoria Park, Grace Church."""
SHOPS = frozenset("shop store cafe restaurant pub takeaway salon gym pharmacy supermarket".split())
"""After a first name, or one word further on, they make it a business: Max Spielmann shop."""
FIRST_NAMES = frozenset(
    "adam aisha alex alfie ali amelia amy anna archie ava ben beth callum charlie chloe connor daniel dylan ella "
    "ellie emily emma ethan evie finley freya george grace hannah harry henry holly isaac isla jack jacob jake james "
    "jamie jasmine jayden jess jessica joe joseph josh joshua kai katie keira kieran kyle lauren leah leo lewis liam "
    "lily logan lola lucas lucy luke maisie mason max megan mia mohammed molly muhammad nathan niamh noah oliver "
    "olivia oscar owen poppy rhys riley rosie ruby ryan sam samuel sarah scarlett sophia sophie summer theo thomas "
    "toby tyler william yusuf zac zara zoe".split())
