"""Calendar entries as other programs read them: icalendar's own parser, and khal, a calendar somebody uses."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from dateutil import tz as dateutil_tz
from hypothesis import example, given
from hypothesis import settings as how
from hypothesis import strategies as st
from icalendar import Calendar

from csc_hub.adapters import calendar
from csc_hub.adapters.calendar import LONDON, UTC, Event, cancel, read_reply, request

EVENT = Event(
    uid="7d0c@hub.example", sequence=0, starts_at=dt.datetime(2027, 4, 12, 9, 0, tzinfo=UTC), minutes=120, summary="Multi-agency meeting",
    description="Please answer.\nhttps://hub.example/a", location="Civic Centre, Room 4; ask for Grace", organizer_name="Anyshire Council",
    organizer_address="csc@anyshire.example", attendee_name="Jürgen Müller", attendee_address="jo@partner.example",
    stamp=dt.datetime(2027, 1, 5, 8, 0, tzinfo=UTC), url="https://hub.example/a")
Khal = Callable[..., str]


def event_of(text: str) -> Any:
    """The one event, read by icalendar."""
    found, = Calendar.from_ical(text).walk("VEVENT")
    assert not found.errors
    return found


@pytest.fixture
def khal(tmp_path: Path) -> Khal:
    """Imports texts into a calendar of khal's, and lists its events from a day on."""
    config = tmp_path / "khal.conf"
    config.write_text(
        f"[calendars]\n[[cal]]\npath = {tmp_path / 'cal'}\n[sqlite]\npath = {tmp_path / 'khal.db'}\n[locale]\nlocal_timezone = Europe/London\n"
        "default_timezone = Europe/London\ntimeformat = %H:%M\ndateformat = %d/%m/%Y\nlongdateformat = %d/%m/%Y\ndatetimeformat = %d/%m/%Y %H:%M\nlongdatetimeformat = %d/%m/%Y %H:%M\n")
    (tmp_path / "cal").mkdir()

    def run(day: str, *texts: str) -> str:
        program = [sys.executable, "-m", "khal", "-c", str(config)]
        env = {**os.environ, "LC_ALL": "C.UTF-8", "HOME": str(tmp_path)}
        files = [tmp_path / f"{number}.ics" for number in range(len(texts))]
        for file, text in zip(files, texts, strict=True):
            file.write_bytes(text.encode())
        subprocess.run([*program, "import", "--batch", "-a", "cal", *files], env=env, check=True, capture_output=True)
        listing = [*program, "list", day, "400d", "--day-format", "", "--format", "{start-date} {start-time}-{end-time} {title} at {location}[{status}]"]
        return subprocess.run(listing, env=env, check=True, capture_output=True, text=True).stdout.strip()

    return run


def test_an_invitation_says_everything_that_calendar_programs_look_for() -> None:
    text = request(EVENT)
    whole, found = Calendar.from_ical(text), event_of(text)
    assert text.count("\n") == text.count("\r\n") and max(len(line.encode()) for line in text.split("\r\n")) <= 75
    assert (whole["METHOD"], whole["VERSION"], bool(whole["PRODID"])) == ("REQUEST", "2.0", True)
    assert (found["UID"], found["SEQUENCE"], found["STATUS"], found["CLASS"], found["TRANSP"]) == ("7d0c@hub.example", 0, "CONFIRMED", "PRIVATE", "OPAQUE")
    assert "DTSTART;TZID=Europe/London:20270412T100000\r\n" in text and "DTEND;TZID=Europe/London:20270412T120000\r\n" in text
    assert "DTSTAMP:20270105T080000Z\r\n" in text and text.count("BEGIN:VTIMEZONE") == 1
    assert found["ORGANIZER"] == "mailto:csc@anyshire.example" and found["ORGANIZER"].params["CN"] == "Anyshire Council"
    assert found["ATTENDEE"] == "mailto:jo@partner.example" and dict(found["ATTENDEE"].params) == {
        "CN": "Jürgen Müller", "CUTYPE": "INDIVIDUAL", "ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION", "RSVP": "TRUE"}
    assert (str(found["SUMMARY"]), str(found["LOCATION"]), str(found["DESCRIPTION"])) == (EVENT.summary, EVENT.location, EVENT.description)


def test_a_move_and_a_cancellation_change_the_same_entry(khal: Khal) -> None:
    moved = replace(EVENT, sequence=1, starts_at=dt.datetime(2027, 4, 13, 13, 30, tzinfo=UTC), location="Online", stamp=EVENT.stamp + dt.timedelta(days=1))
    off = replace(moved, sequence=2, stamp=EVENT.stamp + dt.timedelta(days=2))
    first, second, third = (event_of(text) for text in (request(EVENT), request(moved), cancel(off)))
    assert first["UID"] == second["UID"] == third["UID"] and [e["SEQUENCE"] for e in (first, second, third)] == [0, 1, 2]
    assert Calendar.from_ical(cancel(off))["METHOD"] == "CANCEL" and third["STATUS"] == "CANCELLED" and third.start == second.start
    assert khal("01/04/2027", request(EVENT)) == "12/04/2027 10:00-12:00 Multi-agency meeting at Civic Centre, Room 4; ask for Grace[CONFIRMED ]"
    assert khal("01/04/2027", request(moved)) == "13/04/2027 14:30-16:30 Multi-agency meeting at Online[CONFIRMED ]"
    assert khal("01/04/2027", cancel(off)) == "13/04/2027 14:30-16:30 Multi-agency meeting at Online[CANCELLED ]"


CLOCKS = [
    ("2027-03-26T10:00", 120, "26/03/2027 10:00-12:00"), ("2027-03-28T00:30", 60, "28/03/2027 00:30-02:30"),
    ("2027-03-28T01:00", 60, "28/03/2027 02:00-03:00"), ("2027-03-29T09:00", 120, "29/03/2027 10:00-12:00"),
    ("2027-10-29T09:00", 120, "29/10/2027 10:00-12:00"), ("2027-10-31T00:30", 30, "31/10/2027 01:30-01:00"),
    ("2027-10-31T01:30", 60, "31/10/2027 01:30-02:30"), ("2027-10-31T02:00", 60, "31/10/2027 02:00-03:00"),
    ("2027-11-01T10:00", 120, "01/11/2027 10:00-12:00"), ("2028-02-29T10:00", 30, "29/02/2028 10:00-10:30")]


def test_the_clock_in_london_is_right_on_both_sides_of_a_change(khal: Khal) -> None:
    texts = []
    for number, (starts, minutes, shown) in enumerate(CLOCKS):
        event = replace(EVENT, uid=f"{number}@hub.example", starts_at=dt.datetime.fromisoformat(starts).replace(tzinfo=UTC), minutes=minutes)
        texts.append(request(event))
        read = event_of(texts[-1])
        assert read.start == event.starts_at and read.end == event.starts_at + dt.timedelta(minutes=minutes)
        assert f"{read.start.astimezone(LONDON):%d/%m/%Y %H:%M}-{read.end.astimezone(LONDON):%H:%M}" == shown
    assert [line[:22] for line in khal("26/03/2027", *texts).splitlines()] == [shown for _, _, shown in CLOCKS]


def test_our_zone_agrees_with_the_worlds_at_every_hour_of_the_years() -> None:
    import io

    ours = dateutil_tz.tzical(io.StringIO(calendar.ZONE)).get()
    moment, last = dt.datetime(2026, 1, 1), dt.datetime(2032, 1, 1)
    while moment < last:
        there = moment.replace(tzinfo=UTC).astimezone(LONDON)
        if not there.fold and not (there - dt.timedelta(hours=1)).fold and there.replace(fold=1).utcoffset() == there.utcoffset():
            assert there.replace(tzinfo=ours).utcoffset() == there.utcoffset(), moment
        moment += dt.timedelta(hours=1)


@how(max_examples=300, deadline=None)
@given(summary=st.text(max_size=120), location=st.text(max_size=200), name=st.text(max_size=80))
@example(summary="BEGIN:VEVENT\r\nATTENDEE:mailto:x", location="a\\nb\\, \\; \\\\", name='"; X=1:mailto:thief@example.org')
@example(summary="\x00\x85\u2028\ud800", location="é" * 200, name="^n^'^^")
def test_odd_words_arrive_as_they_were(summary: str, location: str, name: str) -> None:
    text = request(replace(EVENT, summary=summary, location=location, attendee_name=name, organizer_name=name, description=location))
    found = event_of(text)
    assert str(found.get("SUMMARY", "")) == calendar._clean(summary)
    assert str(found.get("LOCATION", "")) == str(found.get("DESCRIPTION", "")) == calendar._clean(location)
    assert found["ATTENDEE"] == "mailto:jo@partner.example" and found["ATTENDEE"].params["RSVP"] == "TRUE" and found["UID"] == EVENT.uid
    assert set(found["ATTENDEE"].params) <= {"CN", "CUTYPE", "ROLE", "PARTSTAT", "RSVP"}


def answer(partstat: str = "ACCEPTED", method: str = "REPLY", subtype: str = "calendar", extra: str = "COMMENT:I am late\\, sorry\r\n") -> bytes:
    """A mail as a calendar program answers."""
    text = (
        f"BEGIN:VCALENDAR\r\nPRODID:x\r\nVERSION:2.0\r\nMETHOD:{method}\r\nBEGIN:VEVENT\r\nUID:7d0c@hub.example\r\nSEQUENCE:1\r\n"
        f"DTSTAMP:20270110T101112Z\r\nDTSTART:20270412T090000Z\r\nATTENDEE;CN=Jo;PARTSTAT={partstat}:MAILTO:Jo@Partner.example\r\n{extra}END:VEVENT\r\nEND:VCALENDAR\r\n")
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "Jo M <JO@partner.example>", "Accepted"
    mail.set_content("Yes")
    mail.add_attachment(text.encode(), maintype="text" if subtype == "calendar" else "application", subtype=subtype)
    return mail.as_bytes()


def test_an_answer_by_mail_is_read() -> None:
    found = read_reply(answer())
    assert found == calendar.CalendarReply(
        uid="7d0c@hub.example", sequence=1, attendee="jo@partner.example", partstat="ACCEPTED", comment="I am late, sorry",
        from_address="jo@partner.example", at=dt.datetime(2027, 1, 10, 10, 11, 12, tzinfo=UTC))
    declined = read_reply(answer("declined", subtype="ics", extra=""))
    assert declined and declined.partstat == "DECLINED" and declined.comment == ""


def test_what_is_no_answer_is_none_and_never_an_error() -> None:
    for raw in (b"", b"\xff\x00", answer(method="REQUEST"), answer("NEEDS-ACTION"), answer("X" * 5000), b"a" * (calendar.REPLY_BYTES + 1),
                b"Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\n",
                b"Content-Type: multipart/mixed; boundary=a\r\n\r\n" + b"--a\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n" * 20_000):
        assert read_reply(raw) is None
    whole = answer()
    for cut in range(0, len(whole), 7):
        read_reply(whole[:cut])
        read_reply(whole[:cut] + b"\xff;:\r\n" + whole[cut:])


@how(max_examples=200, deadline=None)
@given(st.binary(max_size=600))
def test_no_bytes_break_the_reading(junk: bytes) -> None:
    read_reply(junk)
    read_reply(b"From: a@b\r\nContent-Type: text/calendar; method=REPLY\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\n" + junk)
