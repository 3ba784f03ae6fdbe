"""Numbers in forms: what is wrong names its field, and the limits that are said are those that hold."""

import re

from tests.hub import Hub, words_of


def summary(page: str) -> list[str]:
    """What the list of faults at the top says."""
    found = re.search(r'class="govuk-list govuk-error-summary__list">(.*?)</ul>', page, re.S)
    assert found
    import html

    return [html.unescape(line) for line in re.findall(r"<a[^>]*>([^<]+)</a>", found[1])]


def test_each_item_of_the_agenda_without_minutes_is_named(hub: Hub) -> None:
    answer = hub.be("lead").post(f"/contexts/{hub.context('interchange')}/conference/agenda", **{f"item{n}": "" for n in range(1, 7)})
    assert answer.status_code == 422 and summary(answer.text) == [f"Enter the minutes of item {n}" for n in range(1, 7)]


def test_a_figure_of_the_council_says_its_limits_and_keeps_to_them(hub: Hub) -> None:
    owen = hub.be("administrator")
    page = owen.get("/settings")
    figures = dict(re.findall(r'name="([a-z_]+)" type="text"[^>]*value="(\d+)"', page.text))
    assert "From 1 to 120, the hub’s default is 20." in words_of(page)
    answer = owen.post("/settings", **{**figures, "conference_after": "0", "people_at_most": "", "plan_share": "most"})
    assert answer.status_code == 422 and summary(answer.text) == [
        "Enter a whole number from 1 to 120 for “Conference held after the assessment is signed off, within (working days)”",
        "Enter a whole number from 10 to 80 for “Part of the meeting kept for the plan, at least (per cent)”",
        "Enter a number for “How many can be in the room before numbers grow unmanageable”"]
    assert owen.post("/settings", **{**figures, "conference_after": "1"}).status_code == 303
