"""Pictures of contexts, assessments and plans."""

from __future__ import annotations

from tests.screenshots.gallery import Gallery, conflict, send


def contexts(gallery: Gallery, s: dict[str, str], long: str) -> None:
    """Sign-in, lists of contexts, and a context."""
    take = gallery.take
    take("sign-in", None, "/sign-in")
    take("sign-in-wrong", None, "/sign-in", send)
    take("link-spent", None, "/choose-password/xyz")
    take("not-found", "coordinator", "/nowhere")
    take("not-allowed", "coordinator", f"{s['school']}/threshold")
    take("contexts", "coordinator", "/")
    take("contexts-all", "coordinator", "/contexts?show=all")
    take("contexts-none-found", "coordinator", "/contexts?q=zebra")
    take("contexts-lead", "lead", "/")
    take("contexts-chair-with-one", "other chair", "/")
    take("contexts-reader", "reader", "/")
    take("refer", "coordinator", "/contexts/refer")
    take("refer-wrong", "coordinator", "/contexts/refer", send)
    take("refer-a-persons-name", "coordinator", "/contexts/refer", lambda p: (p.get_by_label("Name of the context").fill("Kyle Smith"), send(p)))
    for which in ("school", "interchange", "peers", "park", "centre"):
        take(f"context-{which}", "coordinator", s[which])
    take("context-school-lead", "lead", s["school"])
    take("context-long-names", "coordinator", long)
    take("contexts-long-names", "coordinator", "/contexts?q=Northside-and")
    take("context-edit", "coordinator", f"{s['interchange']}/edit")
    take("context-conflict", "coordinator", f"{s['interchange']}/edit", conflict(gallery, f"{s['interchange']}/edit"))
    take("context-counts", "coordinator", f"{s['school']}/young-people")
    take("context-counts-wrong", "coordinator", f"{s['school']}/young-people", lambda p: (p.get_by_label("Early help").fill("a few"), send(p)))
    take("context-team", "coordinator", f"{s['park']}/team")
    take("context-team-peers", "coordinator", f"{s['peers']}/team")
    take("context-threshold", "lead", f"{s['school']}/threshold")
    take("context-threshold-wrong", "lead", f"{s['peers']}/threshold", send)
    take("context-move", "coordinator", f"{s['park']}/move/send_elsewhere")
    take("context-move-wrong", "coordinator", f"{s['park']}/move/withdraw", send)
    take("context-reopen", "coordinator", f"{s['centre']}/move/reopen")
    take("history", "coordinator", f"{s['school']}/history")


def assessments(gallery: Gallery, s: dict[str, str]) -> None:
    """The assessment and its forms."""
    take = gallery.take
    for which in ("school", "interchange", "peers", "park", "centre"):
        take(f"assessment-{which}", "coordinator", f"{s[which]}/assessment")
    take("assessment-peers-lead", "lead", f"{s['peers']}/assessment")
    own = f"{s['peers']}/assessment"
    for name, path in (("dates", "dates"), ("finding", "findings/add"), ("involvement", "involvement/add"), ("referral", "referrals/add"), ("report", "reports/add")):
        take(f"assessment-{name}", "lead", f"{own}/{path}")
    take("assessment-dates-wrong", "lead", f"{own}/dates", lambda p: (p.locator("input[name=period_from-day]").fill("31"), p.locator("input[name=period_from-month]").fill("2"), p.locator("input[name=period_to-day]").fill("3"), send(p)))
    take("assessment-finding-wrong", "lead", f"{own}/findings/add", send)
    take("assessment-involvement-wrong", "lead", f"{own}/involvement/add", send)
    take("assessment-referral-wrong", "lead", f"{own}/referrals/add", send)
    take("assessment-report-wrong", "lead", f"{own}/reports/add", send)
    take("assessment-priorities", "lead", f"{own}/priorities")
    take("assessment-finding-change", "lead", own, lambda p: p.locator("a[href*='/findings/']").first.click())
    take("assessment-report-withdraw", "lead", f"{s['school']}/assessment", lambda p: p.get_by_role("link", name="Withdraw this report").first.click())
    take("assessment-closed", "lead", f"{s['school']}/assessment/dates")


def plans(gallery: Gallery, s: dict[str, str]) -> None:
    """The plan and its forms."""
    take = gallery.take
    for which in ("school", "interchange", "peers", "park"):
        take(f"plan-{which}", "coordinator", f"{s[which]}/plan")
    take("plan-interchange-lead", "lead", f"{s['interchange']}/plan")
    take("plan-dates", "lead", f"{s['school']}/plan/header")
    take("plan-dates-wrong", "lead", f"{s['school']}/plan/header", lambda p: (p.locator("input[name=review_on-year]").fill("2029"), send(p)))
    take("plan-worry", "lead", f"{s['peers']}/plan/worries/add")
    take("plan-worry-change", "lead", f"{s['school']}/plan", lambda p: p.get_by_role("link", name="Change this worry").first.click())
    take("plan-worry-wrong", "lead", f"{s['peers']}/plan/worries/add", send)
    page = gallery.page("lead")
    page.goto(f"{gallery.server.url}{s['school']}/plan")
    action = page.locator("td a.csc-kept").nth(6).get_attribute("href")
    add = page.get_by_role("link", name="Add an intervention").first.get_attribute("href")
    take("plan-action", "lead", action)
    take("plan-action-edit", "lead", f"{action}/edit")
    take("plan-action-add", "lead", add)
    take("plan-action-add-wrong", "lead", add, send)
    take("plan-action-update", "lead", f"{action}/update")
    take("plan-action-update-wrong", "lead", f"{action}/update", lambda p: (p.locator("input[name=completed_on-year]").fill("2040"), p.locator("input[name=completed_on-day]").fill("1"), p.locator("input[name=completed_on-month]").fill("1"), send(p)))
