"""The register over HTTP: every tap, walk-ins, deputies, two devices, and what the chair says."""

from __future__ import annotations

import datetime as dt
import io
import re

import docx

from csc_hub.db import db, writing
from csc_hub.kernel import day_in_words, london, now, today
from csc_hub.people.records import Agency, Person
from csc_hub.process.conferences.records import Conference
from csc_hub.process.invitations.records import Attendance, Invitation
from tests.hub import Hub, words_of
from tests.process.invitations.door import PART, MINUTE, Door, door  # noqa: F401


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
