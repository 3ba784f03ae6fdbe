"""What a made council's contexts, people and actions are called. Nobody in it is real."""

from __future__ import annotations

import random

FIRST = ("Amina", "Ben", "Carys", "Dev", "Elin", "Farid", "Gwen", "Hana", "Idris", "Jess", "Kofi", "Lowri", "Mo", "Nadia", "Owain", "Priti", "Rhys", "Sian", "Tariq", "Una")
LAST = ("Abbott", "Begum", "Clarke", "Davies", "Evans", "Farrell", "Gill", "Hughes", "Iqbal", "Jones", "Khan", "Lewis", "Morgan", "Nolan", "Osei", "Price", "Rees", "Shaw", "Thomas", "Wood")
JOBS = ("Team manager", "Youth worker", "Police constable", "Head of year", "Housing officer", "School nurse", "Social worker", "Community warden")
PLACES = ("bus interchange", "skate park", "corridors", "shopping centre", "estate", "beach front", "playing fields", "high street", "leisure centre", "underpass")
ROADS = ("Harbour", "Ferry", "Mill", "Station", "Castle", "Church", "Market", "Quay", "Forge", "Abbey", "Orchard", "Priory", "Canal", "Chapel", "Park", "Bridge")
WARDS = ("Northside", "Riverside", "Old Town", "Eastfield", "Westgate", "Southbrook")
WORKS = ("Housing", "Academy", "Youth Project", "Health Visiting", "Leisure Trust", "Buses", "Street Lighting", "Retail Forum", "Outreach", "Policing Team")
ACTIONS = (
    "Walk the route with young people and map where they feel safe", "Train café and bus staff to notice harm and to know whom to call",
    "Repair the failed lamps on the walkway and cut back the hedges", "Put two members of staff on the upper corridors at each changeover",
    "Deliver a bystander programme to all staff and to years 9 to 11", "Open the hall on Friday evenings with two youth workers",
    "Fit a clear panel in the stairwell door and check it each month", "Patrol between 15:00 and 16:30 on school days")
WORRIES = (
    "No adult with caring intent is there after 17:00", "The walkway is unlit and young people avoid it",
    "Harm is treated as normal between lessons", "Older people approach young people while they wait")
GOALS = (
    "Young people say that the place is staffed and feels safe after school", "Young people mark the walkway green on the safety map",
    "Pupils say that harm is noticed and stopped, whoever is about")
UPDATES = ("Two sessions held. The next is booked for half-term.", "Waiting for parts. The contractor comes next week.", "Done, and young people have noticed.")
FINDINGS = ("Two stairwells are out of sight of staff.", "Young people wait up to fifty minutes because the later buses were cut.", "Young people trust the café owner.", "The shelter faces away from the road.")


def person(dice: random.Random) -> str:
    """A made-up name."""
    return f"{dice.choice(FIRST)} {dice.choice(LAST)}-{dice.choice(LAST)}"


def job(dice: random.Random) -> str:
    """A job title."""
    return dice.choice(JOBS)


def agency(number: int) -> str:
    """A name no other agency has."""
    return f"{ROADS[number % len(ROADS)]} {WORKS[number % len(WORKS)]} {number}"


def place(dice: random.Random) -> tuple[str, str]:
    """(name of a context, where it is)."""
    road = dice.choice(ROADS)
    return f"{road} Road {dice.choice(PLACES)}", f"{road} Road, {dice.choice(WARDS)} ward"
