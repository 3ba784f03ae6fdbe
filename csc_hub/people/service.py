"""What administrators do with people and agencies, and how a person signs in."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import secrets
import threading
import uuid
from collections.abc import Collection
from dataclasses import dataclass

import argon2
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.attributes import flag_modified

from csc_hub.audit import service as audit
from csc_hub.db import db, pause
from csc_hub.kernel import Refused, listed
from csc_hub.people import mergers, records, rules
from csc_hub.people.records import Agency, Failure, Grant, Kind, Person, PersonRole
from csc_hub.people.rules import Role

_hasher = argon2.PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
_hashing = threading.BoundedSemaphore(2)
_NOBODY = "$argon2id$v=19$m={0.memory_cost},t={0.time_cost},p={0.parallelism}${1}${2}".format(
    _hasher, *(base64.b64encode(secrets.token_bytes(length)).decode().rstrip("=") for length in (_hasher.salt_len, _hasher.hash_len)))
"""What a password is compared with where nobody has such an address: of no password, but it takes as long."""
WRONG = "Enter an e-mail address and password that belong together. If you have forgotten your password, ask an administrator for a new link"
WAIT = f"Too many tries. Wait {rules.WINDOW_MINUTES} minutes and try again"


@dataclass(frozen=True)
class PersonDraft:
    """A person as typed by an administrator."""

    name: str
    email: str
    job_title: str = ""
    phone: str = ""
    access_needs: str = ""
    agency_id: uuid.UUID | None = None
    roles: frozenset[Role] = frozenset()


@dataclass(frozen=True)
class AgencyDraft:
    """An agency as typed by an administrator."""

    name: str
    kind_id: uuid.UUID
    statutory: bool
    contact_name: str = ""
    contact_email: str = ""
    contact_phone: str = ""
    escalation_name: str = ""
    escalation_email: str = ""
    escalation_phone: str = ""


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _doors(who: str, place: str) -> tuple[str, str]:
    return _digest(f"{who}|{place}"), _digest(f"place|{place}")


def refuse_guessing(who: str, place: str, now: dt.datetime) -> None:
    """Raises `Refused` where too many tries for somebody, or from one place, have failed lately."""
    doors, since = _doors(who, place), now - dt.timedelta(minutes=rules.WINDOW_MINUTES)
    if rules.is_throttled(records.failures_since(doors[0], since)) or records.failures_since(doors[1], since) >= 100:
        raise Refused(WAIT)


def count_guess(who: str, place: str, now: dt.datetime, verb: str = "sign_in_failed") -> None:
    """Counts a try that failed, under its own verb. The caller keeps it, whatever the answer will be."""
    db.session.add_all([Failure(who=door, at=now) for door in _doors(who, place)])
    audit.record(verb, None, now)


def tries(who: str, since: dt.datetime) -> int:
    """How often somebody has come to a door that counts its tries, since a moment."""
    return records.failures_since(_digest(who), since)


def nth_try(who: str, number: int) -> dt.datetime | None:
    """When somebody came to such a door for the so-manieth time, counted from the newest; None if they did not come so often."""
    return records.failure(_digest(who), number)


def count_try(who: str, now: dt.datetime) -> None:
    """Counts one try at such a door. The caller keeps and records it."""
    db.session.add(Failure(who=_digest(who), at=now))


def sign_in(email: str, password: str, place: str, now: dt.datetime) -> Person | None:
    """The person, if address and password belong together; None is to be kept, as it counts the failure.

    Costs the same time whoever is asked for. Raises `Refused` after too many failures.
    """
    email = email.strip().lower()
    refuse_guessing(email, place, now)
    person = records.person_by_email(email)
    known = person.password_hash if person and person.active and person.password_hash else _NOBODY
    pause()  # hashing is slow on purpose: nobody else waits for it
    with _hashing:
        try:
            right = _hasher.verify(known, password)
        except argon2.exceptions.VerificationError:
            right = False
    person = records.person_by_email(email)  # asked again for an unknown address too, which takes as long
    if not right or person is None or not person.active or person.password_hash != known:
        count_guess(email, place, now)
        return None
    audit.record("signed_in", person, now, subject=person.id)
    return person


def make_link(person: Person, by: Person | None, now: dt.datetime) -> str:
    """A token with which this person chooses a password, once. Earlier ones stop working."""
    if not person.email:
        raise Refused("This person has no e-mail address, and signs in with one. Add it first")
    if not person.active:
        raise Refused("This person’s access has ended. Give it again first")
    token = secrets.token_urlsafe(32)
    person.link_hash = _digest(token)
    person.link_until = now + dt.timedelta(hours=rules.LINK_HOURS)
    audit.record("made_sign_in_link", by, now, subject=person.id, actor_name="Command line")
    return token


def person_of_link(token: str, now: dt.datetime) -> Person | None:
    """Whose link this is, while it still works."""
    person = db.session.scalar(select(Person).where(Person.link_hash == _digest(token)))
    return person if person and person.active and person.link_until and person.link_until > now else None


def hashed(password: str, person: Person) -> str:
    """The hash of a password that will do; takes its time, and lets go of the database meanwhile. Raises `Refused`."""
    fault = rules.fault_of_password(password, person.email, person.name)
    if fault:
        raise Refused(fault, "password")
    pause()
    with _hashing:
        return _hasher.hash(password)


def choose_password(token: str, password_hash: str, now: dt.datetime) -> None:
    """Keeps the password, spends the link and ends every session that was open."""
    person = person_of_link(token, now)
    if person is None:
        raise Refused("This link no longer works. Ask an administrator for a new one")
    person.password_hash = password_hash
    person.link_hash = person.link_until = None
    person.session_key = uuid.uuid4()
    audit.record("chose_password", person, now, subject=person.id)


def _living(agency_id: uuid.UUID | None) -> Agency | None:
    agency = records.living(agency_id)
    if agency_id and agency is None:
        raise Refused("This agency is part of another now. Choose the agency again", "agency_id")
    return agency


def _check_person(draft: PersonDraft, person: Person | None) -> None:
    other = records.person_by_email(draft.email) if draft.email else None
    if other and other is not person:
        raise Refused("Somebody with this e-mail address is in the hub already", "email")
    agency = _living(draft.agency_id)
    fault = rules.obstacle_to_roles(draft.roles, agency.statutory if agency else None)
    if fault:
        raise Refused(fault, "agency_id" if "agency needs" in fault or "needs an agency" in fault else "roles")


def _set_roles(person: Person, roles: Collection[Role]) -> None:
    person.role_rows = [row for row in person.role_rows if row.role in roles] + [
        PersonRole(role=role) for role in roles if role not in person.roles]


def add_person(draft: PersonDraft, by: Person | None, now: dt.datetime) -> Person:
    """Adds somebody who can then be sent a link to choose a password."""
    _check_person(draft, None)
    person = Person(
        name=draft.name, email=draft.email.strip().lower() or None, job_title=draft.job_title, phone=draft.phone,
        access_needs=draft.access_needs, agency_id=draft.agency_id)
    _set_roles(person, draft.roles)
    db.session.add(person)
    db.session.flush()
    audit.record("added_person", by, now, subject=person.id, actor_name="Command line", roles=sorted(draft.roles))
    return person


def add_invitee(draft: PersonDraft, by: Person, now: dt.datetime, context_id: uuid.UUID) -> Person:
    """Adds somebody who is asked to a conference and does not sign in: no role, and perhaps no e-mail address."""
    if draft.email and records.person_by_email(draft.email):
        raise Refused("Somebody with this e-mail address is in the hub already. Put them on the list from there", "email")
    if _living(draft.agency_id) is None:
        raise Refused("Choose the agency", "agency_id")
    person = Person(
        name=draft.name, email=draft.email.strip().lower() or None, job_title=draft.job_title, phone=draft.phone,
        access_needs=draft.access_needs, agency_id=draft.agency_id)
    db.session.add(person)
    db.session.flush()
    audit.record("added_person", by, now, subject=person.id, context_id=context_id, roles=[])
    return person


def correct_address(person: Person, email: str, by: Person, now: dt.datetime, context_id: uuid.UUID) -> None:
    """Corrects the e-mail address of somebody who is asked to a conference and has no account."""
    if person.role_rows or person.password_hash:
        raise Refused(f"{person.name} signs in with this address, so an administrator changes it", "email")
    email = email.strip().lower()
    if email == (person.email or ""):
        raise Refused("This is the address that the hub has already. Write the right one", "email")
    other = records.person_by_email(email) if email else None
    if other and other is not person:
        raise Refused("Somebody else has this e-mail address in the hub", "email")
    _move(person, email, now)
    db.session.flush()
    audit.record("changed_person", by, now, subject=person.id, context_id=context_id)


def _move(person: Person, email: str, now: dt.datetime) -> None:
    """Gives somebody another address. What was mailed to the one they had opens nothing any more."""
    from csc_hub.people import links

    if email != (person.email or ""):
        links.revoke_address(person.email, now)
        person.email = email or None


def change_person(person: Person, draft: PersonDraft, by: Person, now: dt.datetime) -> None:
    """Changes details and roles; a role taken away is gone at the person's next request."""
    _check_person(draft, person)
    if person is by and Role.ADMINISTRATOR in person.roles and Role.ADMINISTRATOR not in draft.roles:
        raise Refused("You cannot take the administrator role from yourself. Ask another administrator", "roles")
    before = sorted(person.roles)
    for name in ("name", "job_title", "phone", "access_needs", "agency_id"):
        setattr(person, name, getattr(draft, name))
    _move(person, draft.email.strip().lower(), now)
    _set_roles(person, draft.roles)
    flag_modified(person, "name")  # roles alone must raise the version too
    db.session.flush()
    audit.record("changed_person", by, now, subject=person.id, roles_before=before, roles=sorted(draft.roles))


def sign_out(person: Person, now: dt.datetime) -> None:
    """Ends all of a person's sessions, also one whose cookie somebody copied."""
    person.session_key = uuid.uuid4()
    db.session.flush()
    audit.record("signed_out", person, now, subject=person.id)


def end_access(person: Person, by: Person, now: dt.datetime) -> None:
    """Closes every door at once; what the person did stays on record."""
    if person is by:
        raise Refused("You cannot end your own access. Ask another administrator")
    person.active = False
    person.session_key = uuid.uuid4()
    person.link_hash = person.link_until = None
    audit.record("ended_access", by, now, subject=person.id)


def restore_access(person: Person, by: Person, now: dt.datetime) -> None:
    """Lets a person in again, with the roles they had."""
    person.active = True
    audit.record("restored_access", by, now, subject=person.id)


def taken(agency: Agency) -> str:
    """Why no other agency can have the name of this one."""
    merger = mergers.merger_of(agency.id)
    return f"{agency.name} is part of {merger.into.name} now. Choose that one" if merger else "There is an agency with this name already"


def save_agency(
    agency: Agency | None, draft: AgencyDraft, by: Person, now: dt.datetime, context_id: uuid.UUID | None = None,
) -> Agency:
    """Adds or changes an agency. Two agencies never share a name: workbooks are told apart by it."""
    same = records.agency_by_name(draft.name)
    if same and same is not agency:
        raise Refused(taken(same), "name")
    if agency and not agency.active:
        raise Refused(taken(agency))
    verb = "changed_agency" if agency else "added_agency"
    agency = agency or Agency()
    for name, value in vars(draft).items():
        setattr(agency, name, value)
    db.session.add(agency)
    db.session.flush()
    audit.record(verb, by, now, subject=agency.id, context_id=context_id)
    return agency


def add_kind(name: str, statutory: bool, by: Person, now: dt.datetime) -> Kind:
    """Adds a kind of agency of the council's own, after those it has."""
    kinds = records.kinds()
    if any(kind.name.lower() == name.lower() for kind in kinds):
        raise Refused("There is a kind of agency with this name already", "name")
    kind = Kind(name=name, statutory=statutory, position=max((k.position for k in kinds), default=0) + 1)
    db.session.add(kind)
    db.session.flush()
    audit.record("added_kind", by, now, subject=kind.id)
    return kind


def change_kind(kind: Kind, name: str, statutory: bool, by: Person, now: dt.datetime) -> None:
    """Renames a kind of the council's own, or changes whether a kind is statutory. The guidance's names stay."""
    if any(other.name.lower() == name.lower() and other is not kind for other in records.kinds()):
        raise Refused("There is a kind of agency with this name already", "name")
    if kind.number is None:
        kind.name = name
    kind.statutory = statutory
    db.session.flush()
    audit.record("changed_kind", by, now, subject=kind.id)


def remove_kind(kind: Kind, by: Person, now: dt.datetime) -> None:
    """Removes a kind of the council's own that nothing uses."""
    if kind.number is not None:
        raise Refused("The guidance’s own kinds of agency stay. Say at a conference where one is not needed")
    for active, why in ((True, "This kind is in use by {}. Choose another kind for them first"), (False, "This kind stands in the record of {}, now part of another agency, so it stays")):
        if used := [agency.name for agency in records.agencies(active) if agency.kind_id == kind.id]:
            raise Refused(why.format(listed(used)))
    kind_id = kind.id
    try:
        with db.session.begin_nested():
            db.session.delete(kind)
    except IntegrityError:
        raise Refused("This kind stands in the record of a conference, so it stays") from None
    audit.record("removed_kind", by, now, subject=kind_id)


def open_door(person_id: uuid.UUID, context_id: uuid.UUID, role: Role, step: str, now: dt.datetime) -> None:
    """Lets a person into a context in a role, until the door is closed."""
    if context_id in db.session.scalars(records.granted(), records.granted_to(person_id, {role}, now)).all():
        return
    db.session.add(Grant(person_id=person_id, context_id=context_id, role=role, opened_by=step, opened_at=now))
    db.session.flush()


def close_doors(context_id: uuid.UUID, role: Role, now: dt.datetime) -> None:
    """Closes the doors into a context for everybody in a role."""
    for grant in db.session.scalars(select(Grant).where(Grant.context_id == context_id, Grant.role == role)):
        if grant.until is None or grant.until > now:
            grant.until = now
