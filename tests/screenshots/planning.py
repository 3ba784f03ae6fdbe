"""Pictures of the conference, the coverage board and the council's settings."""

from __future__ import annotations

from typing import Any

from tests.screenshots.gallery import Gallery, send


def _fill(page: Any, **values: str) -> None:
    for name, value in values.items():
        page.locator(f"[name={name.replace('_day', '-day').replace('_month', '-month').replace('_year', '-year')}]").fill(value)


def conferences(gallery: Gallery, s: dict[str, str]) -> None:
    """The conference, its countdown and its forms."""
    take = gallery.take
    for which in ("school", "interchange", "peers", "park", "centre"):
        take(f"conference-{which}", "coordinator", f"{s[which]}/conference")
    take("conference-interchange-chair", "David Hollis", f"{s['interchange']}/conference")
    at = f"{s['interchange']}/conference"
    take("conference-edit", "lead", f"{at}/edit")
    take("conference-edit-wrong", "lead", f"{at}/edit", lambda p: (
        _fill(p, day_day="28", day_month="3", day_year="2027", begins="01:30", ends="25:00", venue=""), send(p)))
    take("conference-begin", "lead", f"{s['peers']}/conference/edit")
    take("conference-agenda", "lead", f"{at}/agenda")
    take("conference-agenda-too-long", "lead", f"{at}/agenda", lambda p: (_fill(p, item1="90", item6="5"), send(p)))
    take("conference-pre-meeting", "lead", f"{at}/meetings/add?kind=workers")
    take("conference-pre-meeting-wrong", "lead", f"{at}/meetings/add", send)
    take("conference-pre-meeting-change", "coordinator", at, lambda p: p.locator("#meetings ~ ul a").first.click())
    take("conference-postpone", "coordinator", f"{at}/move/postpone")
    take("conference-cancel-wrong", "coordinator", f"{at}/move/cancel", send)


def invitations(gallery: Gallery, s: dict[str, str]) -> None:
    """Who is asked, why, and what they answered; and the council's clocks."""
    take = gallery.take
    for which in ("school", "interchange", "peers"):
        take(f"invitations-{which}", "coordinator", f"{s[which]}/invitations")
    take("invitations-interchange-chair", "David Hollis", f"{s['interchange']}/invitations")
    at = f"{s['interchange']}/invitations"
    take("invitations-add", "lead", f"{at}/add?why=3")
    take("invitations-add-wrong", "lead", f"{at}/add", send)
    take("invitations-add-new", "lead", f"{at}/add-new")
    take("invitations-add-new-wrong", "lead", f"{at}/add-new", send)
    take("invitations-question", "lead", f"{at}/questions/3")
    take("invitations-involvement", "lead", f"{at}/questions/5")
    page = gallery.page("coordinator")
    page.goto(gallery.server.url + at)
    links = {words: page.locator(f"a[href*='{words}']").first.get_attribute("href") for words in ("/why", "/reply")}
    take("invitations-why", "coordinator", links["/why"])
    take("invitations-reply", "coordinator", links["/reply"])
    take("invitations-reply-wrong", "coordinator", links["/reply"], lambda p: (p.get_by_label("Sends a deputy").check(), send(p)))
    take("invitations-kinds", "coordinator", f"{at}/kinds")
    take("settings", "administrator", "/settings")
    take("settings-wrong", "administrator", "/settings", lambda p: (p.locator("main input[type=text]").first.fill("soon"), send(p)))


def register(gallery: Gallery, s: dict[str, str]) -> None:
    """The register of a conference that was held, of one whose day has not come, and attendance by agency."""
    take = gallery.take
    at = take("register-school", "coordinator", f"{s['school']}/register")
    take("register-school-reader", "reader", at)
    take("register-before-the-day", "coordinator", f"{s['interchange']}/register")
    take("register-add", "coordinator", f"{at}/add")
    take("register-add-wrong", "coordinator", f"{at}/add", send)
    take("register-sufficient", "chair", f"{at}/sufficient")
    take("register-young-people", "coordinator", f"{at}/young-people")
    take("register-young-people-wrong", "coordinator", f"{at}/young-people", lambda p: (_fill(p, young_people="a few"), send(p)))
    take("register-correct", "coordinator", at, lambda p: p.locator("a[href*='/lines/']").first.click())
    take("attendance", "coordinator", "/attendance")
