"""The first page says of each context what the context itself says."""

import re

import pytest

from tests.hub import NAMES, Hub, User, words_of


def row(user: User, which: str) -> str:
    """What the list says of one context."""
    rows = re.findall(r'<li class="csc-row">.*?</li>', user.get("/").text, re.S)
    found = next(row for row in rows if NAMES[which] in row)
    return " ".join(re.sub(r"<[^>]+>", " ", found).split())


def step(text: str) -> tuple[str, str]:
    """The words and the address of the next step on a page of the context."""
    found = re.search(r'<strong>Next:</strong> <a class="govuk-link" href="([^"]+)">([^<]+)</a>', text)
    assert found
    return found[2], found[1]


@pytest.mark.parametrize("which", ["school", "interchange", "peers", "park"])
def test_the_list_says_what_the_context_says_is_next_and_links_it(hub: Hub, which: str) -> None:
    grace = hub.be("coordinator")
    words, url = step(grace.get(f"/contexts/{hub.context(which)}").text)
    page = grace.get("/").text
    assert f"Next: {words}" in row(grace, which) and f'href="{url}">{words}</a>' in page
    assert grace.get(url.partition("#")[0]).status_code == 200


def test_a_reader_is_led_to_pages_they_can_read(hub: Hub) -> None:
    reader = hub.be("reader")
    for url in re.findall(r'Next: <a class="govuk-link" href="([^"#]+)', reader.get("/").text):
        assert reader.get(url).status_code == 200, url
    words, url = step(reader.get(f"/contexts/{hub.context('park')}").text)
    assert reader.get(url).status_code == 200


def test_a_context_under_assessment_counts_what_its_assessment_counts(hub: Hub) -> None:
    grace = hub.be("coordinator")
    page = words_of(grace.get(f"/contexts/{hub.context('peers')}/assessment"))
    tasks = page.partition("Before it is signed off")[2].partition("It can be signed off")[0]
    done = tasks.count(" Done")
    assert f"{done} of {done + tasks.count('To do')} done before sign-off" in row(grace, "peers")


def test_a_plan_to_issue_again_waits_for_lead_and_chair(hub: Hub) -> None:
    priya, helen, context = hub.be("lead"), hub.be("chair"), hub.context("school")
    worry = re.search(rf'/contexts/{context}/plan/worries/[0-9a-f-]{{36}}(?=")', priya.get(f"/contexts/{context}/plan").text)
    assert worry
    assert "Issue the plan again" not in words_of(priya.get("/"))
    priya.post(worry[0], worry="A worry", impact="", helping="", goal="Safe")
    for user in (priya, helen):
        page = words_of(user.get("/"))
        assert f"Issue the plan again : {NAMES['school']} The plan has changed since issue 1." in page
        assert "Next: the plan has changed since it was issued; issue it again – Helen Marsh or Priya Nair" in row(user, "school")
    assert "Issue the plan again" not in words_of(hub.be("coordinator").get("/"))


def test_what_a_coordinator_may_do_for_others_says_whose_move_it_is(hub: Hub) -> None:
    page, countdown = (words_of(hub.be("coordinator").get(url)) for url in ("/", f"/contexts/{hub.context('interchange')}/conference"))
    for todo, line, whose in (("Send the invitations", "Invitations sent", "David Hollis"), ("Tell those invited of the priority issues", "Priority issues communicated", "Priya Nair")):
        assert re.search(rf"{todo} : {NAMES['interchange']} [^.]*\. It is {whose}’s move, and you may make it for them\. By ", page)
        assert re.search(rf"{line} [^.]*\. {whose}’s move", countdown)
    assert "for them" not in words_of(hub.be("lead").get("/"))


def test_a_referral_waits_for_the_coordinator_and_then_for_whoever_leads_it_too(hub: Hub) -> None:
    grace, priya, context = hub.be("coordinator"), hub.be("lead"), hub.context("park")
    page = grace.get("/")
    assert f"Choose a lead practitioner : {NAMES['park']} Referred, and nobody leads it yet." in words_of(page)
    assert f'href="/contexts/{context}/team">Choose a lead practitioner' in page.text
    assert NAMES["park"] not in words_of(priya.get("/"))
    lead = re.search(r'<option value="([^"]+)"[^>]*>Priya Nair', grace.get(f"/contexts/{context}/team").text)
    assert lead and grace.post(f"/contexts/{context}/team", lead_id=lead[1], chair_id="").status_code == 303
    for user in (grace, priya):
        assert f"Decide whether to assess it : {NAMES['park']} Referred, and not decided yet." in words_of(user.get("/"))
