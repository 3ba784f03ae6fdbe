"""What may identify one young person is found where it stands; what an agency writes of its work is left alone."""

from __future__ import annotations

import datetime as dt

import pytest

from csc_hub.privacy import identifying

TODAY = dt.date(2026, 11, 27)


def kinds(text: str) -> list[str]:
    return identifying.kinds(identifying.find(text, TODAY))


@pytest.mark.parametrize(("text", "what", "marked"), [
    ("He is known here, DOB 12/03/2012, and others", "a date of birth", "DOB 12/03/2012"),
    ("d.o.b. is on file", "a date of birth", "d.o.b."),
    ("she was born in 2011", "a date of birth", "born in 2011"),
    ("NHS no 943 476 5919 was quoted", "a National Health Service number", "943 476 5919"),
    ("9434765919", "a National Health Service number", "9434765919"),
    ("UPN A823432106001 moved", "a pupil number", "A823432106001"),
    ("NI QQ is wrong but AB 12 34 56 C is not", "a National Insurance number", "AB 12 34 56 C"),
    ("his mum is kelly@example.org", "an e-mail address", "kelly@example.org"),
    ("ring 07700 900123 after six", "a phone number", "07700 900123"),
    ("ring +44 7700 900123", "a phone number", "+44 7700 900123"),
    ("ring (01632) 960 001", "a phone number", "(01632) 960 001"),
    ("at 14 Ferry Lane, Seaward AN4 7QX most nights", "a home address", "14 Ferry Lane, Seaward AN4 7QX"),
    ("who lives at the flats", "a home address", "lives at"),
    ("spoke to Child A and mum", "a child under a letter or number", "Child A"),
    ("spoke to young person 3 about it", "a child under a letter or number", "young person 3"),
    ("YP2 was there", "a child under a letter or number", "YP2"),
    ("AB (14) was there again", "initials with an age", "AB (14)"),
    ("KJM, aged 15, was there", "initials with an age", "KJM, aged 15"),
    ("Kyle (14) was there", "a name with an age", "Kyle (14)"),
    ("a boy aged 14 was there", "an age", "aged 14"),
    ("a 15-year-old said so", "an age", "15-year-old"),
    ("K.J. was there", "initials", "K.J."),
    ("seen on 3 March 2012", "a date that may be a date of birth", "3 March 2012"),
    ("seen on 03.03.12", "a date that may be a date of birth", "03.03.12"),
])
def test_a_sign_is_found_and_marked_and_can_be_taken_out(text: str, what: str, marked: str) -> None:
    assert kinds(text) == [what]
    assert [piece for piece, is_marked in identifying.pieces(text, TODAY) if is_marked] == [marked]
    assert "".join(piece for piece, _ in identifying.pieces(text, TODAY)) == text
    assert marked not in identifying.without(text, TODAY) and identifying.TAKEN_OUT in identifying.without(text, TODAY)
    assert not identifying.find(identifying.without(text, TODAY), TODAY)


@pytest.mark.parametrize("text", [
    "Both hedges are cut and the bins moved on 3 November 2026.",
    "Young people aged 11 to 16 say the path feels safe; 14 of 20 in Year 10.",
    "Patrols between 15:00 and 18:30, 12 incidents of ASB (14 last year).",
    "PC Ward and Joy walk the route weekly. See action 7 (12) and row 14.",
    "CCTV at Harbour Road, AN4 7QX, is repaired. Order number 1234567890.",
    "CSC-2026-014/07 is done. LED (14) lamps. Invoice 943 476 5918.",
    "The CHILD IN NEED team; students A level; the young person is heard; U.K. rules, N.B. cost £1,500.00",
    "Opened in 1998. Budget 2026/27. Week of 12/10/2026. May (14) was busy.",
    "", "Ende", "12 Harbour Road is lit",
])
def test_what_an_agency_writes_of_its_work_is_left_alone(text: str) -> None:
    assert kinds(text) == []


def test_several_signs_stand_in_their_order_and_never_overlap() -> None:
    signs = identifying.find("AB (14), DOB 1/2/2012, ring 07700 900123, aged 15", TODAY)
    assert [sign.what for sign in signs] == ["initials with an age", "a date of birth", "a phone number", "an age"]
    assert all(one.end <= other.start for one, other in zip(signs, signs[1:]))


def test_only_fields_in_which_something_was_found_are_named() -> None:
    assert list(identifying.in_fields({"update": "AB (14) came", "evidence": "The path is lit"}, TODAY)) == ["update"]


def test_a_long_hostile_text_takes_no_time_worth_naming() -> None:
    for piece in ("1 ", "a", "A.", "0 ", "(14", "12 x", "Aa", "a@"):
        identifying.find(piece * (4_000 // len(piece)), TODAY)
