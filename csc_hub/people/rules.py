"""Who may do what: roles and their capabilities. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person is in the hub. A person may be several things."""

    COORDINATOR = "coordinator"
    LEAD = "lead"
    CHAIR = "chair"
    AGENCY_CONTACT = "agency_contact"
    PARTNER = "partner"
    IG_OFFICER = "ig_officer"
    ADMINISTRATOR = "administrator"
    READER = "reader"

    @property
    def label(self) -> str:
        """The role as people say it."""
        return ROLE_LABELS[self][0]

    @property
    def hint(self) -> str:
        """What the role may do, in one sentence."""
        return ROLE_LABELS[self][1]


ROLE_LABELS = {
    Role.COORDINATOR: ("Coordinator", "Business support: sees every context, keeps the records and chases."),
    Role.LEAD: ("Lead practitioner", "Refers contexts, writes the assessment and coordinates the plan of the contexts they lead."),
    Role.CHAIR: ("Chair", "Chairs the conferences of the contexts they are named in, and issues their plans."),
    Role.AGENCY_CONTACT: ("Agency contact", "Updates the actions of their own agency, and sees nothing else."),
    Role.PARTNER: ("Partner", "A business or community partner. Sees only their own agency’s actions."),
    Role.IG_OFFICER: ("Information governance officer", "Keeps the information sharing agreement and its signatures, reads who did what, and sees no case content."),
    Role.ADMINISTRATOR: ("Administrator", "Keeps people and agencies, and sees no case content."),
    Role.READER: ("Reader", "A manager or inspector: reads contexts and changes nothing. Peer groups need naming one by one."),
}


class May(StrEnum):
    """One thing a person may be allowed to do."""

    REFER = "refer"
    READ_CASE = "read_case"
    EDIT_CASE = "edit_case"
    EDIT_ASSESSMENT = "edit_assessment"
    DECIDE = "decide"
    EDIT_PLAN = "edit_plan"
    ISSUE_PLAN = "issue_plan"
    BRING_IN_UPDATES = "bring_in_updates"
    UPDATE_OWN_ACTIONS = "update_own_actions"
    KEEP_PEOPLE = "keep_people"
    READ_AUDIT = "read_audit"
    KEEP_AGREEMENTS = "keep_agreements"
    READ_AGREEMENTS = "read_agreements"
    RECORD_SIGNATURES = "record_signatures"


_CASE = {May.READ_CASE, May.EDIT_CASE, May.EDIT_ASSESSMENT, May.EDIT_PLAN, May.BRING_IN_UPDATES}
CAPABILITIES: dict[Role, frozenset[May]] = {
    Role.COORDINATOR: frozenset(_CASE | {May.REFER, May.READ_AGREEMENTS, May.RECORD_SIGNATURES}),
    Role.LEAD: frozenset(_CASE | {May.REFER, May.DECIDE, May.ISSUE_PLAN, May.READ_AGREEMENTS}),
    Role.CHAIR: frozenset({May.READ_CASE, May.EDIT_CASE, May.EDIT_PLAN, May.ISSUE_PLAN, May.DECIDE, May.BRING_IN_UPDATES, May.READ_AGREEMENTS, May.RECORD_SIGNATURES}),
    Role.AGENCY_CONTACT: frozenset({May.UPDATE_OWN_ACTIONS}),
    Role.PARTNER: frozenset({May.UPDATE_OWN_ACTIONS}),
    Role.IG_OFFICER: frozenset({May.READ_AUDIT, May.KEEP_AGREEMENTS, May.READ_AGREEMENTS, May.RECORD_SIGNATURES}),
    Role.ADMINISTRATOR: frozenset({May.KEEP_PEOPLE}),
    Role.READER: frozenset({May.READ_CASE}),
}
"""Field guide 5.1 as far as the hub goes today. Lead and chair hold theirs in the contexts they are named in."""

IN_EVERY_CONTEXT = frozenset({Role.COORDINATOR, Role.READER})
IN_NAMED_CONTEXTS = frozenset({Role.LEAD, Role.CHAIR, Role.READER})


def capabilities(roles: Collection[Role]) -> frozenset[May]:
    """All that these roles together may do."""
    return frozenset().union(*(CAPABILITIES[role] for role in roles))


PASSWORD_LEAST = 12
LINK_HOURS = 72
TOO_MANY = 10
WINDOW_MINUTES = 15
IDLE_HOURS = 2
LONGEST_HOURS = 12


def fault_of_password(password: str, email: str, name: str) -> str | None:
    """Why this password will not do, or None. Length counts, not the kinds of character in it."""
    if len(password) < PASSWORD_LEAST:
        return f"Your password must have {PASSWORD_LEAST} characters or more. Three or more unrelated words work well"
    if len(password) > 200:
        return "Your password must have 200 characters or fewer"
    plain = re.sub(r"[^a-z]", "", password.lower())
    if len(set(password)) < 5 or plain in _COMMON or re.sub(r"\d+$", "", password.lower()) in _COMMON:
        return "This password is one of the first that somebody would try. Choose another"
    own = [part for part in re.split(r"[^a-z]+", f"{email} {name}".lower()) if len(part) > 3]
    if any(part in plain and len(plain) - len(part) < 6 for part in own):
        return "Your password must not be made of your name or e-mail address"
    return None


_COMMON = frozenset(
    "password passwordpassword qwertyuiop qwertyuiopasdf letmeinletmein welcomewelcome administrator "
    "iloveyouiloveyou passwordone changeme changemenow safeguarding safeguardingsafeguarding council".split())


def obstacle_to_roles(roles: Collection[Role], statutory: bool | None) -> str | None:
    """Why a person of an agency may not hold these roles, or None."""
    case = {Role.COORDINATOR, Role.LEAD, Role.CHAIR, Role.READER}
    if Role.ADMINISTRATOR in roles and case & set(roles):
        return "An administrator sees no case content. Give the case role to somebody else, or to a second account"
    if {Role.AGENCY_CONTACT, Role.PARTNER} & set(roles) and statutory is None:
        return "An agency contact or partner needs an agency"
    return None


@dataclass(frozen=True)
class Merging:
    """One of two agencies, as far as a merger asks."""

    name: str
    statutory: bool
    active: bool


def obstacle_to_merging(same: bool, one: Merging, into: Merging) -> str | None:
    """Why one agency cannot become part of another, or None."""
    if same:
        return "An agency cannot become part of itself. Choose the other one"
    for agency in (one, into):
        if not agency.active:
            return f"{agency.name} is part of another agency already"
    if one.statutory is not into.statutory:
        partner, signs = (one, into) if one.statutory else (into, one)
        return (f"{partner.name} is a statutory partner and {signs.name} signs the agreement, so a merger would change what people may read. "
                "If they are of one sort, change that first on the page of one of them")
    return None


def is_throttled(failures: int) -> bool:
    """Whether so many failed sign-ins in the window close the door for a while."""
    return failures >= TOO_MANY
