"""The register over HTTP: every tap, walk-ins, deputies, two devices, and what the chair says."""

from __future__ import annotations

import datetime as dt
import io
import re
import uuid

import docx
import pytest

from csc_hub.db import db, writing
from csc_hub.kernel import day_in_words, in_london, london, now, today, working_days_from
from csc_hub.adapters.holidays import bank_holidays
from csc_hub.people.records import Agency, Person
from csc_hub.process.conferences.records import Change, Conference
from csc_hub.process.invitations.records import Attendance, Invitation
from tests.hub import Hub, User, words_of

MINUTE = dt.timedelta(minutes=1)
PART = {"HX-Request": "true", "HX-Request-Type": "partial"}


def moment_ago(minutes: int) -> dt.datetime:
    """So many minutes ago, or the first minute of today in London if that was yesterday."""
    found = now() - minutes * MINUTE
    return found if today(found) == today(now()) else in_london(today(now()), dt.time(0, 0))  # type: ignore[return-value]


class Door:
    """A meeting that is on, seen from its door."""

    def __init__(self, hub: Hub, role: str = "coordinator"):
        self.hub, self.user, self.context = hub, hub.be(role), hub.context("interchange")
        with hub.inside():
            self.conference = db.session.scalar(db.select(Conference.id).where(Conference.context_id == uuid.UUID(self.context)))
        self.url = f"/contexts/{self.context}/register/{self.conference}"

    def set(self, **facts: object) -> Door:
        """Changes the conference behind everybody's back."""
        with self.hub.inside(), writing():
            conference = db.session.get_one(Conference, self.conference)
            for name, value in facts.items():
                setattr(conference, name, value)
        return self

    def line(self, name: str, user: User | None = None) -> dict[str, str]:
        """The hidden fields of somebody's line, as their page holds them."""
        page = (user or self.user).get(self.url).text
        found = next(part for part in page.split('<li id="line-')[1:] if f'csc-door__name">{name}<' in part)
        return {"who": re.findall(r'name="who" value="([^"]+)"', found)[-1], "version": re.findall(r'name="version" value="(\d+)"', found)[-1]}

    def tap(self, name: str, deed: str, status: int = 303, user: User | None = None, **fields: str) -> str:
        """Taps, and what the page then says of this person."""
        answer = (user or self.user).post(f"{self.url}/mark", page=self.url, **{**self.line(name, user), "deed": deed, **fields})
        assert answer.status_code == status, words_of(answer)
        return self.says(name) if status == 303 else words_of(answer)

    def says(self, name: str) -> str:
        """What the register says of somebody."""
        page = self.user.get(self.url).text
        found = next((part for part in page.split('<li id="line-')[1:] if f'csc-door__name">{name}<' in part), "")
        return " ".join(re.sub(r"<[^>]+>", " ", f"<{found.split('</ul>')[0]}>").split()) if found else ""

    def numbers(self) -> str:
        """The first line of the register."""
        found = re.search(r'<p class="csc-numbers__said".*?</p>', self.user.get(self.url).text, re.S)
        assert found
        return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split())


@pytest.fixture
def door(hub: Hub) -> Door:
    """The bus interchange's conference, which began a quarter of an hour ago."""
    return Door(hub).set(starts_at=moment_ago(15))


def test_every_tap_is_noted_and_counted(door: Door) -> None:
    assert door.numbers() == "0 here now · 1 apology · 7 not here yet", "Joy declined; the chair comes without being on the list"
    assert "In person Arrived" in door.tap("Priya Nair", "in_person")
    assert "Online Arrived" in door.tap("Tom Ward", "online")
    assert "By phone Arrived" in door.tap("David Hollis", "phone")
    assert "Apologies" in door.tap("Sal Rossi", "apologies")
    assert "Did not attend" in door.tap("Kemi Ajayi", "absent")
    assert door.numbers() == "3 here now · 2 apologies · 1 did not attend · 2 not here yet"
    page = words_of(door.user.get(door.url))
    assert "3 kinds of agency of 15 are here: Children’s Social Care, Community Safety and Police" in page and "0 of 3 acknowledged confidentiality" in page
    assert "Chair" in door.says("David Hollis")


def test_late_left_back_and_confidentiality(door: Door) -> None:
    late = today(now() - 15 * MINUTE) == today(now())
    assert ("15 minutes after the start" in door.tap("Tom Ward", "in_person")) == late
    assert 'aria-pressed="false"' in door.user.get(door.url).text
    door.tap("Tom Ward", "acknowledged")
    assert 'aria-pressed="true"' in door.user.get(door.url).text and "1 of 1 acknowledged" in words_of(door.user.get(door.url))
    door.tap("Tom Ward", "not_acknowledged")
    assert "minutes before the end" in door.tap("Tom Ward", "left")
    assert door.numbers().startswith("0 here now · 1 left")
    assert "left already" in door.tap("Tom Ward", "left", 422)
    assert "before the end" not in door.tap("Tom Ward", "back") and door.numbers().startswith("1 here now · 1 apology")


def test_a_mistake_is_taken_back(door: Door) -> None:
    door.tap("Tom Ward", "in_person")
    assert "Arrived" not in door.tap("Tom Ward", "undo") and door.line("Tom Ward")["version"] == "0"
    assert "Nothing is noted of Tom Ward yet" in door.tap("Tom Ward", "undo", 422)
    with door.hub.inside():
        assert not db.session.scalars(db.select(Attendance).where(Attendance.conference_id == door.conference)).all()


def test_somebody_who_sent_apologies_and_comes_is_here(door: Door) -> None:
    assert "In person Arrived" in door.tap("Joy Okafor", "in_person")
    assert door.numbers() == "1 here now · 0 apologies · 7 not here yet"


def test_two_devices_that_note_the_same_person_differently_see_each_other(door: Door) -> None:
    other = door.hub.be("lead")
    stale = door.line("Tom Ward", other)
    door.tap("Tom Ward", "in_person")
    answer = other.post(f"{door.url}/mark", page=door.url, deed="apologies", **stale)
    assert answer.status_code == 409 and "Grace Mensah noted meanwhile of Tom Ward: in person. Nothing of yours was noted" in words_of(answer)
    part = other.client.post(f"{door.url}/mark", headers=PART, data={"csrf_token": other.token(door.url), "deed": "absent", **stale})
    assert part.status_code == 409 and "<html" not in part.text and "Grace Mensah noted meanwhile" in part.text and 'id="numbers"' in part.text
    assert "In person" in door.says("Tom Ward") and "Apologies Did not" not in door.says("Tom Ward")


def test_two_devices_that_note_the_same_agree(door: Door) -> None:
    other = door.hub.be("lead")
    stale = door.line("Tom Ward", other)
    door.tap("Tom Ward", "online")
    assert other.post(f"{door.url}/mark", page=door.url, deed="online", **stale).status_code == 303
    assert door.line("Tom Ward")["version"] == "1"


def test_a_tap_on_what_was_taken_back_meanwhile_is_told(door: Door) -> None:
    door.tap("Tom Ward", "online")
    stale = door.line("Tom Ward")
    door.tap("Tom Ward", "undo")
    answer = door.user.post(f"{door.url}/mark", page=door.url, deed="left", **stale)
    assert answer.status_code == 409 and "taken back meanwhile" in words_of(answer)


def test_a_tap_answers_htmx_with_the_line_and_the_numbers(door: Door) -> None:
    token = door.user.token(door.url)
    answer = door.user.client.post(f"{door.url}/mark", headers=PART, data={"csrf_token": token, "deed": "in_person", **door.line("Tom Ward")})
    assert answer.status_code == 200 and "<html" not in answer.text
    assert answer.text.count("<li ") == 1 and answer.text.count("hx-swap-oob") == 1 and "autofocus" in answer.text
    walk_in(door, "Una Grey")
    gone = door.user.client.post(f"{door.url}/mark", headers=PART, data={"csrf_token": token, "deed": "undo", **door.line("Una Grey")})
    assert gone.headers["HX-Retarget"] == "#register" and "Una Grey" not in gone.text and "Tom Ward" in gone.text and "autofocus" not in gone.text


def test_a_page_asks_again_and_is_answered_only_when_something_changed(door: Door) -> None:
    def seen() -> str:
        found = re.search(r'hx-get="([^"]+seen=\w+)"', door.user.get(door.url).text)
        assert found
        return found[1]

    url = seen()
    assert door.user.get(url, headers=PART).status_code == 204
    door.tap("Tom Ward", "in_person")
    answer = door.user.get(url, headers=PART)
    assert answer.status_code == 200 and "<html" not in answer.text and "Arrived" in answer.text and "autofocus" not in answer.text
    assert door.user.get(seen(), headers=PART).status_code == 204
    assert "<html" in door.user.get(url).text, "without htmx it is the whole page"


def walk_in(door: Door, name: str, status: int = 303, agency: str = "", **fields: str) -> str:
    """Puts somebody on the register who is not on the list."""
    with door.hub.inside():
        agency_id = str(db.session.scalar(db.select(Agency.id).where(Agency.name == agency))) if agency else ""
    answer = door.user.post(f"{door.url}/add", **{"name": name, "agency_id": agency_id, "how": "in_person", "instead_of": "", **fields})
    assert answer.status_code == status, words_of(answer)
    return words_of(answer)


def test_somebody_who_is_not_on_the_list_is_put_on_the_register_once(door: Door) -> None:
    walk_in(door, "Una Grey", agency="Street Lighting")
    assert "Street Lighting Not on the list Covered by statutory procedures In person Arrived" in door.says("Una Grey")
    assert "Council representatives" in words_of(door.user.get(door.url))
    assert "is on the register already" in walk_in(door, "una grey", 422)
    assert "is on the register already" in walk_in(door, "Tom Ward", 422, agency="Anyshire Police")
    assert "Enter their full name" in walk_in(door, "", 422)
    assert "Choose one of the options" in walk_in(door, "Al Ng", 422, how="apologies")


def test_a_deputy_nobody_announced_takes_the_line_of_whoever_sent_them(door: Door) -> None:
    walk_in(door, "Ben Hale", instead_of=door.line("Joy Okafor")["who"])
    assert "deputy for Joy Okafor, Housing" in door.says("Ben Hale") and not door.says("Joy Okafor")
    assert door.numbers() == "1 here now · 0 apologies · 7 not here yet"
    assert "Ben Hale" not in door.tap("Ben Hale", "undo") and "Apologies" in door.says("Joy Okafor")


def test_an_announced_deputy_is_registered_with_one_tap(door: Door) -> None:
    with door.hub.inside(), writing():
        invitation = db.session.scalar(db.select(Invitation).join(Person, Person.id == Invitation.person_id).where(Person.name == "Tom Ward", Invitation.conference_id == door.conference))
        invitation.reply, invitation.deputy = "deputy", "Sergeant Ida Moss"
    assert "Sends a deputy: Sergeant Ida Moss" in door.says("Tom Ward")
    door.tap("Tom Ward", "online", deputy="1")
    assert "deputy for Tom Ward, Anyshire Police" in door.says("Sergeant Ida Moss") and "Online" in door.says("Sergeant Ida Moss")
    assert "Police" in words_of(door.user.get(door.url)).split("acknowledged")[0]


def test_a_line_is_corrected_and_times_are_typed_in(door: Door) -> None:
    door.tap("Tom Ward", "online")
    link = re.search(rf'href="({door.url}/lines/[0-9a-f-]+)"', door.user.get(door.url).text)
    assert link
    answer = door.user.post(link[1], how="in_person", arrived="12:30", left="12:10")
    assert answer.status_code == 422 and "cannot leave before they arrive" in words_of(answer)
    answer = door.user.post(link[1], how="apologies", arrived="12:30", left="")
    assert answer.status_code == 422 and "Somebody who did not come has no times" in words_of(answer)
    assert door.user.post(link[1], how="in_person", arrived="10.12", left="11.30am", acknowledged="y").status_code == 303
    assert "In person" in door.says("Tom Ward") and "Arrived 10:12" in door.says("Tom Ward") and "Left 11:30" in door.says("Tom Ward")
    version = re.search(r'name="version" value="(\d+)"', door.user.get(link[1]).text)
    assert version
    door.tap("Tom Ward", "back")
    answer = door.user.post(link[1], how="phone", arrived="10:12", left="", version=version[1])
    assert answer.status_code == 422 and "Somebody else saved this" in words_of(answer)


def test_before_the_day_the_register_is_closed_and_says_when_it_opens(hub: Hub) -> None:
    door = Door(hub)
    with hub.inside():
        day = db.session.get_one(Conference, door.conference).day
    page = door.user.get(door.url)
    said = f"The register opens on the day of the conference, {day_in_words(day)}"
    assert said in words_of(page) and 'name="deed"' not in page.text and "hx-get" not in page.text
    with hub.inside():
        some_id = db.session.scalar(db.select(Invitation.id).where(Invitation.conference_id == door.conference))
    answer = door.user.post(f"{door.url}/mark", page=door.url, who=f"i-{some_id}", deed="in_person", version="0")
    assert answer.status_code == 422 and said in words_of(answer)
    for part in ("add", "sufficient"):
        assert said in words_of(door.user.get(f"{door.url}/{part}"))
    assert "Register" not in re.findall(r'<li[^>]*><a class="govuk-link" href="[^"]+">(\w+)</a><small>', page.text)


def test_what_is_typed_in_afterwards_has_no_time_until_one_is_typed(door: Door) -> None:
    door.set(starts_at=now() - dt.timedelta(days=3))
    page = words_of(door.user.get(door.url))
    assert "Type in what stands on paper" in page and "0 came · 1 apology · 7 not noted" in page and "every 5s" not in door.user.get(door.url).text
    assert "Arrived" not in door.tap("Tom Ward", "in_person")
    assert "enter the time" in door.tap("Tom Ward", "left", 422)


def test_the_chair_says_whether_attendance_is_sufficient_and_nothing_is_blocked(door: Door) -> None:
    door.tap("Priya Nair", "in_person")
    page = words_of(door.user.get(f"{door.url}/sufficient"))
    assert "Only 1 kind of agency came. The council asks for 3 (local default). Nobody came who can make changes in the context" in page
    assert "David Hollis chairs and decides" in page
    answer = door.user.post(f"{door.url}/sufficient", sufficient="", sufficient_words="")
    assert answer.status_code == 422 and "Choose yes or no" in words_of(answer) and "Write why" in words_of(answer)
    door.user.post(f"{door.url}/sufficient", sufficient="no", sufficient_words="Nobody can change the lights")
    page = words_of(door.user.get(door.url))
    by = day_in_words(working_days_from(today(now()), 10, bank_holidays()))
    assert "Not sufficient Nobody can change the lights David Hollis, written down by Grace Mensah" in page
    assert f"adjourn it and hold it again by {by} (local default)" in page
    door.tap("Tom Ward", "in_person")
    assert "Nobody who can make changes in the context attended" in page, "in the words of the minutes"


def test_the_chair_of_another_conference_and_a_reader_write_nothing(door: Door) -> None:
    hidden = door.line("Tom Ward")
    for role, status in (("reader", 403), ("other chair", 404), ("agency contact", 404)):
        assert door.hub.be(role).post(f"{door.url}/mark", deed="online", **hidden).status_code == status
    page = door.hub.be("reader").get(door.url)
    assert 'name="deed"' not in page.text and "Tom Ward" in page.text and "Nothing noted" in page.text


def test_an_adjourned_conference_keeps_its_register_in_words_and_begins_a_new_one(door: Door) -> None:
    door.tap("Priya Nair", "in_person")
    door.tap("Kemi Ajayi", "absent")
    door.user.post(f"{door.url}/sufficient", sufficient="no", sufficient_words="Too few")
    with door.hub.inside(), writing():  # it was planned for a later day, and moved to this one
        db.session.add(Change(conference_id=door.conference, at=now() - dt.timedelta(days=9), by_name="Grace Mensah", move="move_date", reason="Sooner", was_at=now() + dt.timedelta(days=9)))
    assert door.user.post(f"/contexts/{door.context}/conference/move/adjourn", reason="Nobody came").status_code == 303
    page = words_of(door.user.get(f"/contexts/{door.context}/conference"))
    assert "Nobody came" in page and "The register of that day, kept in words. Came: Priya Nair, Children’s Social Care." in page and "Did not attend: Kemi Ajayi" in page and "Attendance was not sufficient: Too few" in page
    by = day_in_words(working_days_from(today(now()), 10, bank_holidays()))
    assert f"by {by} (within 10 working days of the meeting that was adjourned, local default)" in page
    assert "This conference has no date" in words_of(door.user.get(door.url))
    door.set(starts_at=moment_ago(1), state="planned")
    assert door.numbers() == "0 here now · 1 apology · 7 not here yet" and "The chair has not said yet" in words_of(door.user.get(door.url))


def test_a_meeting_that_was_adjourned_counts_with_its_own_attendance(door: Door) -> None:
    door.tap("Tom Ward", "in_person")
    door.user.post(f"{door.url}/sufficient", sufficient="no", sufficient_words="Too few")
    door.user.post(f"/contexts/{door.context}/conference/move/adjourn", reason="Too few")
    page = words_of(door.user.get("/attendance"))
    assert "Counted: 1 conference you may see that is over and whose register was kept, and 1 meeting that began and was then adjourned or put off, each with its own attendance" in page
    assert "Anyshire Police Came to 2 of 2 meetings" in page and "Housing Came to 0 of 2 meetings it was invited to Apologies once" in page and "did not come (adjourned)" in page
    door.set(starts_at=moment_ago(15), state="planned")
    door.tap("Joy Okafor", "in_person")
    door.set(starts_at=now() - dt.timedelta(hours=5))
    page = words_of(door.user.get("/attendance"))
    assert "Counted: 2 conferences you may see" in page and "Anyshire Police Came to 2 of 3 meetings" in page and "Housing Came to 1 of 3 meetings" in page
    assert "No conference that you may see has a register yet" in words_of(door.hub.be("other chair").get("/attendance"))


def test_young_people_are_counted_and_never_named(door: Door) -> None:
    door.tap("Priya Nair", "in_person")
    assert "Whether young people came is not on record" in words_of(door.user.get(door.url))
    for wrong in ("Kyle", "-1", "201"):
        answer = door.user.post(f"{door.url}/young-people", young_people=wrong)
        assert answer.status_code == 422 and "must be a whole number from 0 to 200" in words_of(answer), wrong
    assert door.user.post(f"{door.url}/young-people", young_people="3").status_code == 303
    page = words_of(door.user.get(door.url))
    assert "3 young people came. They are counted and never named" in page and "Nobody who speaks for young people" not in page
    door.user.post(f"/contexts/{door.context}/conference/move/postpone", reason="The fire alarm")
    assert "3 young people came" in words_of(door.user.get(f"/contexts/{door.context}/conference"))
    door.set(starts_at=moment_ago(1), state="planned")
    assert "Whether young people came is not on record" in words_of(door.user.get(door.url))


def test_that_no_young_person_came_is_of_the_day_on_which_it_was_counted(door: Door) -> None:
    door.user.post(f"{door.url}/young-people", young_people="0")
    door.user.post(f"/contexts/{door.context}/conference/move/postpone", reason="The fire alarm")
    assert "No young people came" in words_of(door.user.get(f"/contexts/{door.context}/conference"))
    door.set(starts_at=moment_ago(1), state="planned")
    assert "Whether young people came is not on record" in words_of(door.user.get(door.url))


def test_a_conference_that_was_held_keeps_its_date_and_register(door: Door) -> None:
    door.tap("Tom Ward", "in_person")
    door.set(starts_at=now() - dt.timedelta(days=1))
    conference = f"/contexts/{door.context}/conference"
    assert "Cancel this conference" not in words_of(door.user.get(conference))
    for how in ("postpone", "cancel", "adjourn"):
        answer = door.user.post(f"{conference}/move/{how}", page=conference, reason="By mistake")
        assert answer.status_code == 422 and "its register says who came" in words_of(answer)
    door.user.post(f"{door.url}/sufficient", sufficient="no", sufficient_words="Too few")
    assert "Adjourn: not enough agencies" in words_of(door.user.get(door.url))
    assert door.user.post(f"{conference}/move/adjourn", reason="Too few").status_code == 303
    assert "Came: Tom Ward, Anyshire Police." in words_of(door.user.get(conference))


def test_foreign_and_senseless_taps_note_nothing(door: Door) -> None:
    own = door.line("Tom Ward")
    with door.hub.inside():
        elsewhere = db.session.scalar(db.select(Invitation.id).where(Invitation.conference_id != door.conference))
    for fields, status in (({"who": f"i-{elsewhere}"}, 404), ({"who": ""}, 404), ({"who": "i-"}, 404), ({"deed": "dance"}, 422), ({"deed": ""}, 422)):
        assert door.user.post(f"{door.url}/mark", page=door.url, **{**own, "deed": "online", **fields}).status_code == status, fields
    for version in ("x", "", "-1", "99999999999", "٣"):
        door.user.post(f"{door.url}/mark", page=door.url, who=own["who"], deed="left", version=version)
    assert door.numbers().startswith("0 here now")


def test_the_printed_register_has_everybody_and_empty_rows(door: Door) -> None:
    answer = door.user.get(f"{door.url}/download/register")
    paper = docx.Document(io.BytesIO(answer.data))
    rows = [[cell.text for cell in row.cells] for row in paper.tables[0].rows]
    assert rows[0] == ["Name", "Agency", "Signature: confidentiality", "Arrived", "Left"] and len(rows) == 1 + 8 + 8
    assert rows[1][:2] == ["David Hollis (chair)", "Community Safety Partnership"] and rows[-1] == [""] * 5
    assert any("Number of young people who came: ______" in p.text for p in paper.paragraphs)
    assert any("With my signature I say" in p.text for p in paper.paragraphs) and "register.docx" in answer.headers["Content-Disposition"]


def test_attendance_by_agency_says_the_denominator_and_only_of_what_one_may_see(door: Door) -> None:
    door.tap("Tom Ward", "in_person")
    door.set(starts_at=now() - dt.timedelta(hours=5))
    page = words_of(door.user.get("/attendance"))
    assert "Counted: 2 conferences" in page and "Anyshire Police Came to 2 of 2 meetings it was invited to" in page
    assert "Housing Came to 0 of 2 meetings it was invited to Apologies once" in page and "Community Safety Partnership Came to 0 of 1 meeting" in page
    assert "Counted: 1 conference " in words_of(door.hub.be("chair").get("/attendance"))
    assert "No conference that you may see has a register yet" in words_of(door.hub.be("other chair").get("/attendance"))
    assert door.hub.be("agency contact").get("/attendance").status_code == 404


def test_a_hundred_and_fifty_people_are_on_one_register(door: Door) -> None:
    with door.hub.inside(), writing():
        housing = db.session.scalar(db.select(Agency.id).where(Agency.name == "Housing"))
        for number in range(150):
            person = Person(name=f"Tenant Adviser {number}", email=None, agency_id=housing)
            db.session.add(person)
            db.session.flush()
            db.session.add(Invitation(conference_id=door.conference, person_id=person.id, agency_id=housing, why=[2], added_at=now()))
    assert "Arrived" in door.tap("Tenant Adviser 149", "in_person")
    assert door.numbers() == "1 here now · 1 apology · 156 not here yet"
    assert f"{london(now()):%H}" in door.says("Tenant Adviser 149")


def test_the_register_of_the_last_day_that_came_is_found_from_the_steps(hub: Hub) -> None:
    user, context = hub.be("reader"), hub.context("school")
    assert f'href="/contexts/{context}/register"' in user.get(f"/contexts/{context}").text
    page = words_of(user.get(f"/contexts/{context}/register", follow_redirects=True))
    assert "8 came · 1 apology · 1 did not attend · 0 not noted" in page and "Helen Marsh, 2" in page
    assert user.get(f"/contexts/{hub.context('centre')}/register").status_code == 422
