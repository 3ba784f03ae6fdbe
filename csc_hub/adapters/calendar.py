"""Writes invitations that calendar programs understand, one attendee each, and reads the answers those send by mail.

Times stand in London's clock time with London's own rules beside them, so that a calendar shows what the letter says
also across a change of the clocks.
"""

from __future__ import annotations

import datetime as dt
import functools
import unicodedata
from dataclasses import dataclass, replace
from email import message_from_bytes
from email.message import Message
from email.utils import parseaddr
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:  # imported where it is used: it takes as long to load as everything else of a page
    from icalendar import Event as VEvent
    from icalendar import vCalAddress

LONDON = ZoneInfo("Europe/London")
UTC = dt.timezone.utc
REPLY_BYTES = 1024 * 1024
ANSWERS = ("ACCEPTED", "TENTATIVE", "DECLINED", "DELEGATED")
PRODUCT = "-//CSC Hub//csc-hub//EN"
# The library's own zone begins summer an hour late, and lists dates where Outlook wants rules.
ZONE = """BEGIN:VTIMEZONE
TZID:Europe/London
BEGIN:DAYLIGHT
TZNAME:BST
TZOFFSETFROM:+0000
TZOFFSETTO:+0100
DTSTART:19960331T010000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
TZNAME:GMT
TZOFFSETFROM:+0100
TZOFFSETTO:+0000
DTSTART:19961027T020000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE
""".replace("\n", "\r\n")


@dataclass(frozen=True)
class Event:
    """One meeting as one attendee is asked to it.

    `uid` stays the same for good; `sequence` rises with every change of time or place and with the cancellation;
    `starts_at` and `stamp` (when this text was written) are moments with a zone.
    """

    uid: str
    sequence: int
    starts_at: dt.datetime
    minutes: int
    summary: str
    description: str
    location: str
    organizer_name: str
    organizer_address: str
    attendee_name: str
    attendee_address: str
    stamp: dt.datetime
    url: str = ""
    partstat: str = "NEEDS-ACTION"


@dataclass(frozen=True)
class CalendarReply:
    """An answer as a mail claims it: mail can be forged, so the caller compares the addresses and what was asked.

    `attendee` and `from_address` are in small letters; `at` is when the answer was written, where it says so.
    """

    uid: str
    sequence: int
    attendee: str
    partstat: str
    comment: str
    from_address: str
    at: dt.datetime | None


def request(event: Event) -> str:
    """Asks to the meeting, or tells of its new time or place where `sequence` has risen."""
    return _calendar(event, "REQUEST", "CONFIRMED")


def cancel(event: Event) -> str:
    """Calls the meeting off. Its `sequence` is higher than the last request's."""
    return _calendar(event, "CANCEL", "CANCELLED")


def _calendar(event: Event, method: str, status: str) -> str:
    meeting = replace(event, uid="", sequence=0, description="", url="", attendee_name="", attendee_address="", partstat="")
    same, own = _same(meeting, method, status), _own(event).to_ical().decode().removeprefix("BEGIN:VEVENT\r\n")
    return f"{same}{own}END:VCALENDAR\r\n"


@functools.lru_cache(maxsize=4)
def _same(meeting: Event, method: str, status: str) -> str:
    """All that is the same for everybody who is asked to a meeting: five hundred letters are written at once, and this is most of each."""
    from icalendar import Calendar

    made = Calendar()
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    made.add("method", method)
    made.add_component(_meeting(meeting, status))
    text = str(made.to_ical().decode()).replace("BEGIN:VEVENT", f"{_zone()}BEGIN:VEVENT", 1)
    return text.removesuffix("END:VEVENT\r\nEND:VCALENDAR\r\n")


@functools.cache
def _zone() -> str:
    """The zone as the library writes it: always the same, and dearer than the event itself."""
    from icalendar import Component

    return str(Component.from_ical(ZONE).to_ical().decode())


def _meeting(event: Event, status: str) -> VEvent:
    from icalendar import Event as VEvent
    from icalendar import vText

    starts, ends = event.starts_at.astimezone(LONDON), (event.starts_at.astimezone(UTC) + dt.timedelta(minutes=event.minutes)).astimezone(LONDON)
    if starts.fold or ends.fold:  # the hour that comes twice: London's clock time would mean its first coming
        starts, ends = starts.astimezone(UTC), ends.astimezone(UTC)
    made = VEvent()
    made.add("dtstamp", event.stamp.astimezone(UTC))
    made.add("dtstart", starts)
    made.add("dtend", ends)
    for name in ("summary", "location"):
        if text := _clean(getattr(event, name)):
            made.add(name, vText(text))
    made.add("status", status)
    made.add("class", "PRIVATE")
    made.add("transp", "OPAQUE")
    made.add("organizer", _person(event.organizer_name, event.organizer_address))
    return made


def _own(event: Event) -> VEvent:
    """What only one attendee's entry says."""
    from icalendar import Event as VEvent
    from icalendar import vText

    made = VEvent()
    made.add("uid", _clean(event.uid))
    made.add("sequence", event.sequence)
    if text := _clean(event.description):
        made.add("description", vText(text))
    if event.url:
        made.add("url", _clean(event.url))
    attendee = _person(event.attendee_name, event.attendee_address)
    for name, value in (("CUTYPE", "INDIVIDUAL"), ("ROLE", "REQ-PARTICIPANT"), ("PARTSTAT", event.partstat), ("RSVP", "TRUE")):
        attendee.params[name] = vText(value)
    made.add("attendee", attendee)
    return made


def _person(name: str, address: str) -> vCalAddress:
    from icalendar import vCalAddress, vText

    made = vCalAddress(f"mailto:{_clean(address).strip()}")
    shown = " ".join(_clean(name).replace('"', "”").split())
    if shown:
        made.params["CN"] = vText(shown)
    return made


def _clean(text: str) -> str:
    """Text without the characters that no calendar takes; line ends are \\n."""
    if text.isprintable():
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))


def read_reply(raw: bytes) -> CalendarReply | None:
    """The answer that a mail carries; None where it carries none, is broken, or has more than 1 MB. Never raises."""
    if len(raw) > REPLY_BYTES:
        return None
    try:
        mail = message_from_bytes(raw)
        sender = parseaddr(str(mail.get("From", "")))[1].lower()
        for part in mail.walk():
            if part.get_content_type() in ("text/calendar", "application/ics"):
                if found := _reply(part, sender):
                    return found
    except Exception:
        return None
    return None


def _reply(part: Message, sender: str) -> CalendarReply | None:
    """The answer in one part of a mail."""
    from icalendar import Calendar

    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return None
    try:
        calendar = Calendar.from_ical(content.decode("utf-8", "replace").lstrip("\ufeff"))
    except ValueError:
        return None
    if _text(calendar.get("method")).upper() != "REPLY":
        return None
    for event in calendar.walk("VEVENT"):
        attendees = event.get("attendee")
        for attendee in attendees if isinstance(attendees, list) else [attendees]:
            answer = _text(getattr(attendee, "params", {}).get("PARTSTAT")).upper()
            address = _text(attendee).strip()
            uid = _text(event.get("uid")).strip()
            if uid and answer in ANSWERS and address[:7].lower() == "mailto:":
                return CalendarReply(
                    uid=uid[:500], sequence=_number(event.get("sequence")), attendee=address[7:].strip().lower()[:320], partstat=answer,
                    comment=_comment(event.get("comment")), from_address=sender[:320], at=_moment(event))
    return None


def _text(value: Any) -> str:
    return "" if value is None or isinstance(value, list) else str(value)


def _number(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return 0


def _comment(value: Any) -> str:
    return "\n".join(_clean(str(text)).strip() for text in (value if isinstance(value, list) else [value]) if text is not None)[:2000]


def _moment(event: Any) -> dt.datetime | None:
    found = getattr(event.get("dtstamp"), "dt", None)
    if not isinstance(found, dt.datetime):
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
