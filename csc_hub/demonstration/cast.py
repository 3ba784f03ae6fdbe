"""The people and agencies of the made-up council."""

from __future__ import annotations

import datetime as dt

from csc_hub.audit import service as audit
from csc_hub.people import records, service
from csc_hub.people.records import Agency, Person
from csc_hub.people.rules import Role
from csc_hub.people.service import AgencyDraft, PersonDraft

AGENCIES = (
    # (name, number of its kind in the guidance, contact, escalation contact)
    ("Children’s Social Care", 1, "Priya Nair", "Marion Teague, head of service"),
    ("Street Lighting", 2, "Des Farrow", "Ruth Okell, highways manager"),
    ("Community Safety Partnership", 3, "David Hollis", "Angela Poole, director of communities"),
    ("Coastlands Academy", 4, "Helen Marsh", "Ian Drew, chair of governors"),
    ("Anyshire Parent Voice", 5, "Tess Morley", ""),
    ("Anyshire Youth Council", 6, "Kemi Ajayi, participation worker", ""),
    ("Anyshire Police", 7, "PC Tom Ward", "Inspector Jill Crane"),
    ("Youth Justice Service", 8, "Bilal Chaudhry", ""),
    ("Harbour Youth Project", 10, "Leanne Foss", ""),
    ("School Nursing", 12, "Carol Beddoes", ""),
    ("Housing", 14, "Joy Okafor", "Martin Hale, estates director"),
    ("Harbour Café", 15, "Sal Rossi", ""),
    ("Tideway Buses", 15, "Nick Penrose, depot manager", "Paula Venn, operations director"),
)
PEOPLE = (
    # (name, job, roles, agency)
    ("Grace Mensah", "Safeguarding business support", {Role.COORDINATOR}, "Children’s Social Care"),
    ("Priya Nair", "Senior social worker", {Role.LEAD}, "Children’s Social Care"),
    ("David Hollis", "Community Safety Partnership chair", {Role.CHAIR}, "Community Safety Partnership"),
    ("Helen Marsh", "Headteacher", {Role.CHAIR}, "Coastlands Academy"),
    ("Samira Khan", "Independent Safeguarding and Reviewing Officer", {Role.CHAIR}, "Children’s Social Care"),
    ("Joy Okafor", "Estates officer", {Role.AGENCY_CONTACT}, "Housing"),
    ("Tom Ward", "Police constable, safer schools", {Role.AGENCY_CONTACT}, "Anyshire Police"),
    ("Sal Rossi", "Café owner", {Role.PARTNER}, "Harbour Café"),
    ("Meera Patel", "Information governance officer", {Role.IG_OFFICER}, None),
    ("Owen Blake", "IT support", {Role.ADMINISTRATOR}, None),
    ("Frances Cole", "Safeguarding partnership manager", {Role.READER}, None),
)


def hire(now: dt.datetime) -> dict[str, Person]:
    """Adds agencies and people; people by name."""
    kinds = {kind.number: kind for kind in records.kinds()}
    admin = service.add_person(_draft("Owen Blake", "IT support", {Role.ADMINISTRATOR}, None), None, now)
    agencies: dict[str, Agency] = {}
    for name, number, contact, escalation in AGENCIES:
        slug = "".join(c for c in name.lower().replace("é", "e") if c.isascii() and c.isalpha())
        agencies[name] = service.save_agency(None, AgencyDraft(
            name=name, kind_id=kinds[number].id, statutory=kinds[number].statutory, contact_name=contact,
            contact_email=f"contact@{slug}.example", contact_phone="01632 960000", escalation_name=escalation,
            escalation_email=f"manager@{slug}.example" if escalation else ""), admin, now)
    people = {"Owen Blake": admin}
    for name, job, roles, agency in PEOPLE:
        if name not in people:
            people[name] = service.add_person(_draft(name, job, roles, agencies[agency] if agency else None), admin, now)
    audit.record("made_demonstration", admin, now)
    return people


def _draft(name: str, job: str, roles: set[Role], agency: Agency | None) -> PersonDraft:
    first, last = name.lower().split()
    return PersonDraft(
        name=name, email=f"{first}.{last}@anyshire.example", job_title=job, phone="01632 960001",
        agency_id=agency.id if agency else None, roles=frozenset(roles))
