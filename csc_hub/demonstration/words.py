"""The words of the demonstration. Everything here is made up."""

from __future__ import annotations

from typing import Any

CONTEXTS: dict[str, dict[str, Any]] = {
    "school": {
        "name": "Coastlands Academy corridors", "type": "school", "place": "Coastlands Academy, upper building",
        "themes": ("harmful_sexual_behaviour",), "counts": {"early_help": 4, "in_need": 2, "none": 11},
        "trigger": "A pupil survey in the spring and three reports to the pastoral team describe sexual comments and unwanted touching in the upper corridors between lessons. Staff had treated each as a single incident.",
    },
    "interchange": {
        "name": "Harbour Road bus interchange", "type": "neighbourhood", "place": "Harbour Road, Seaward ward",
        "themes": ("criminal_exploitation", "youth_violence", "substances"), "counts": {"early_help": 3, "in_need": 5, "protection": 2, "youth_justice": 4, "none": 9},
        "trigger": "Since the staffed ticket office closed, young people wait there after school with no adult about. Youth workers and the bus company report approaches by older groups and two assaults since September.",
    },
    "peers": {
        "name": "Group A – Marina", "type": "peer_group", "place": "Marina and leisure centre",
        "themes": ("substances", "antisocial"), "counts": {"early_help": 2, "in_need": 3, "none": 3},
        "trigger": "Youth outreach and the leisure centre have both seen the group spend evenings by the slipway, where older people sell vapes and alcohol.",
    },
    "park": {
        "name": "Ferry Lane skate park", "type": "neighbourhood", "place": "Ferry Lane, Northside ward",
        "themes": ("youth_violence",), "counts": {},
        "trigger": "Residents and the youth project describe fights on Friday evenings and say that younger children have stopped going.",
    },
    "centre": {
        "name": "Priory shopping centre food court", "type": "other", "place": "Priory shopping centre, level 2",
        "themes": ("antisocial",), "counts": {"unknown": 6},
        "trigger": "The centre’s managers reported noise and arguments on Saturday afternoons.",
    },
}
CENTRE_REASON = "The concern is noise and shop security, with no sign of harm to young people. The centre’s managers and the neighbourhood police team take it on; agreed with the youth service."

THRESHOLD = {
    "school": "Repeated incidents that involve many pupils, in a place where adults are seldom present between lessons, with a lasting effect on attendance and on how safe pupils feel.",
    "neighbourhood": "Frequent incidents over three months, several of them serious, affecting young people from four schools; no adult who could step in is present after 17:00.",
    "peer_group": "To be decided.",
    "other": "To be decided.",
}

ASSESSMENTS: dict[str, dict[str, Any]] = {
    "school": {
        "title": "Coastlands Academy corridors: assessment",
        "findings": (
            ("risk", "high", "Sexual comments and unwanted touching are treated as normal between lessons in the upper corridors."),
            ("risk", "medium", "Two stairwells are out of sight of staff and cameras."),
            ("vulnerability", "high", "Pupils do not expect that reporting will change anything."),
            ("complicating", "medium", "The behaviour policy and the safeguarding policy give staff different instructions."),
            ("strength", "medium", "A well-liked pastoral team whom pupils can name."),
            ("strength", "low", "Sixth-form students offered to help with the survey."),
        ),
        "priorities": ("Sexual comments and unwanted touching are treated as normal between lessons in the upper corridors.", "Pupils do not expect that reporting will change anything."),
        "involved": (
            ("young_people", None, "A survey of years 9 to 11 and two mapping sessions in which pupils coloured a plan of the building."),
            ("agency", "Coastlands Academy", "Behaviour records and walks through the building at changeover."),
            ("agency", "School Nursing", "What pupils bring to drop-in sessions, in general terms."),
            ("parents", None, "An evening session with eleven parents and carers."),
        ),
        "reports": (("safer_me", "safer-me-coastlands.docx", ""), ("school", "school-assessment-coastlands.docx", "")),
    },
    "interchange": {
        "title": "Harbour Road bus interchange: assessment",
        "findings": (
            ("risk", "high", "No adult with caring intent is at the interchange after 17:00, when most young people pass through."),
            ("risk", "high", "The walkway to the estate is unlit: four of six lamps have failed."),
            ("vulnerability", "medium", "Young people wait up to fifty minutes because the later buses were cut."),
            ("complicating", "medium", "The shelter faces away from the road, so drivers and shops cannot see in."),
            ("strength", "high", "The café stays open until 20:00 and young people trust the owner."),
            ("strength", "medium", "The youth project has an outreach worker who knows the place."),
        ),
        "priorities": ("No adult with caring intent is at the interchange after 17:00, when most young people pass through.", "The walkway to the estate is unlit: four of six lamps have failed."),
        "involved": (
            ("young_people", None, "Safety mapping with two groups at the youth project; red, amber and green places were counted."),
            ("agency", "Harbour Youth Project", "Outreach notes in general terms, and the mapping sessions."),
            ("agency", "Tideway Buses", "Drivers’ reports and the timetable."),
            ("community", None, "The café owner and two residents walked the site at dusk with the lead practitioner."),
            ("parents", None, "Parent Voice collected views at the school gate."),
        ),
        "reports": (("safer_me", "safer-me-harbour-road.docx", ""), ("neighbourhood", "neighbourhood-assessment-harbour-road.docx", "")),
    },
    "peers": {
        "title": "Group A – Marina: assessment", "priorities": (),
        "findings": (
            ("risk", "medium", "Older people sell vapes and alcohol by the slipway on weekday evenings."),
            ("strength", "medium", "The leisure centre’s staff know the group and would like to offer something."),
        ),
        "involved": (("agency", "Harbour Youth Project", "What outreach workers see in the evenings, in general terms."),),
        "reports": (),
    },
}

PLANS: dict[str, dict[str, Any]] = {
    "school": {
        "attendees": "Helen Marsh, Coastlands Academy (chair); Priya Nair, Children’s Social Care; PC Tom Ward, Anyshire Police; Carol Beddoes, School Nursing; Leanne Foss, Harbour Youth Project; Joy Okafor, Housing; Kemi Ajayi, Anyshire Youth Council. Apologies: Youth Justice Service.",
        "worries": (
            ("Sexual harassment is treated as normal in the upper corridors", "Pupils avoid lessons and stairwells, and say that they feel unsafe in school.",
             "A pastoral team whom pupils can name; sixth-form students who want to help.",
             "Pupils say that harassment is noticed and stopped, whoever is about.", (
                 ("Deliver a bystander programme to all staff and to years 9 to 11", "Harbour Youth Project", "Schools team", "Leanne Foss", 84, ""),
                 ("Rewrite the behaviour and safeguarding policies so that they say the same about sexual harassment", "Coastlands Academy", "Leadership", "Helen Marsh", 77, ""),
                 ("Run a well-being survey in every year group with questions about corridor culture", "Coastlands Academy", "Pastoral team", "", 0, "Annually"),
                 ("Put two members of staff on the upper corridors at each changeover", "Coastlands Academy", "", "Helen Marsh", 14, ""))),
            ("Young people feel unsafe on the way home along Harbour Road", "Some take long detours, and some stop coming to clubs.",
             "A café owner who looks out for young people.",
             "Young people say that the way home is lit and that somebody safe is about.", (
                 ("Walk the route with pupils and map where they feel safe", "Children’s Social Care", "Contextual safeguarding", "Priya Nair", 70, ""),
                 ("Repair the six lamps on the walkway between the school and the estate", "Street Lighting", "", "Des Farrow", 40, ""),
                 ("Cut back the hedges along the walkway and move the bins that block the view", "Housing", "Estates", "Joy Okafor", 35, ""),
                 ("Fit a clear panel in the stairwell door of Marsh Court", "Housing", "Repairs", "Joy Okafor", 90, ""),
                 ("Patrol the walkway between 15:00 and 16:30 on school days", "Anyshire Police", "Safer schools", "PC Tom Ward", 0, "Monthly"))),
        ),
    },
    "interchange": {
        "attendees": "",
        "worries": (
            ("No adult with caring intent is at the interchange after 17:00", "Older groups approach young people while they wait, and nobody steps in.",
             "The café stays open until 20:00 and young people trust the owner.",
             "Young people can name an adult at the interchange they would turn to, at any hour that buses run.", (
                 ("Staff the old ticket office from 15:00 to 20:00 on school days, as a trial", "Tideway Buses", "Operations", "Nick Penrose", 42, ""),
                 ("Train café and bus staff to notice harm and to know whom to call", "Harbour Youth Project", "", "Leanne Foss", 56, ""),
                 ("Display in the café window that young people may wait inside", "Harbour Café", "", "Sal Rossi", 21, ""),
                 ("Monitor the situation", "Anyshire Police", "Neighbourhood team", "", 0, ""))),
            ("The walkway to the estate is unlit", "Young people avoid it, or walk it in fear.",
             "Residents report faults, and the housing office is near.",
             "The walkway is lit, and young people mark it green on the safety map.", (
                 ("Repair the four failed lamps and add two at the steps", "Street Lighting", "", "Des Farrow", 35, ""),
                 ("Repeat the safety mapping with the same groups", "Harbour Youth Project", "Outreach", "Leanne Foss", 0, "Termly"),
                 ("Survey tenants of Marsh Court on how they use the walkway", "Housing", "Estates", "Joy Okafor", 49, ""))),
        ),
    },
}

CONFERENCES: dict[str, dict[str, Any]] = {
    "school": {
        "venue": "Coastlands Academy library", "near": "in", "address": "School Lane, Seaward", "access": "Step-free from the car park. Hearing loop.",
        "independence": "Samira Khan, reviewing officer, attends and closes each item with the chair.", "agreed": True,
        "involved": "A summary of the survey was shown to the school council, who chose two of the questions. Parents hear by letter what was agreed.",
        "asked": (
            ("Priya Nair", [1, 2], "accepted", ""), ("Tom Ward", [1, 2, 3], "accepted", ""), ("Joy Okafor", [3], "accepted", ""),
            ("Carol Beddoes", [1], "accepted", "School nurse"), ("Leanne Foss", [2, 3], "accepted", "Youth worker"),
            ("Kemi Ajayi", [4], "accepted", "Participation worker"), ("Bilal Chaudhry", [2], "declined", "Team manager")),
    },
    "interchange": {
        "venue": "St Anne’s Hall", "near": "near", "address": "Harbour Road, beside the interchange", "access": "Step-free. Buses 4 and 11 stop outside.",
        "independence": "", "agreed": False,
        "involved": "Two groups at the youth project marked safe and unsafe places; the outreach worker takes back what is agreed.",
        "asked": (
            ("Priya Nair", [1, 2], "accepted", ""), ("Leanne Foss", [1, 2], "accepted", ""), ("Nick Penrose", [2], "accepted", "Depot manager"),
            ("Sal Rossi", [2], "", ""), ("Tom Ward", [1, 2], "accepted", ""), ("Kemi Ajayi", [4], "", ""), ("Joy Okafor", [1], "declined", "")),
    },
}

REGISTER: dict[str, Any] = {
    # how each took part, and minutes after the start; who came without being asked; who left early; what the chair said
    "people": (
        ("Helen Marsh", "in_person", -10), ("Priya Nair", "in_person", -12), ("Carol Beddoes", "in_person", -4), ("Kemi Ajayi", "in_person", -2),
        ("Tom Ward", "in_person", 9), ("Leanne Foss", "online", 0), ("Joy Okafor", "absent", 20), ("Bilal Chaudhry", "apologies", 20)),
    "others": (("Samira Khan", "Children’s Social Care", -8), ("Tess Morley", "Anyshire Parent Voice", 3)),
    "left": (("Tom Ward", 25),),
    "sufficient": "Those who see the corridors every day are here, and the police. Housing is missing: the route to school is settled with Joy Okafor this week.",
}

UPDATES = (
    # (action, days after the conference, status, what was said)
    (1, 20, "in_progress", "Staff sessions held on two dates. Pupil sessions are booked for next half-term."),
    (4, 14, "reported_complete", "A rota is in place and pupils have noticed it."),
    (5, 30, "in_progress", "Route walked with one of two groups."),
    (7, 25, "in_progress", "Hedges cut on the school side."),
    (9, 40, "in_progress", "Patrolled on eleven of fourteen school days. Pupils greet the officers by name."),
)
