"""Pictures of a plan that comes in from Word or from a sheet."""

from __future__ import annotations

from tests.exchange.whole_plans.corpus import TITLES, word
from tests.screenshots.gallery import Gallery, send

ROWS = (
    ("Harmful sexual behavior is taken for normal in the corridors", "Two trusted teachers; the school council", "Everybody walks the corridors without being touched or called names",
     "Bystander approach delivered to staff and students", "Early Help", "Annually"),
    ("", "", "", "Review the policies, as Kyle aged 14 asked", "Academy", "w/c 12/4/27"),
    ("Young people feel unsafe on the way to school", "", "", "• Map the routes with students\n• Light the footpath", "Housing (Estates team), Des Brown", "end of March 2027"),
    ("", "", "", "Patrol after school", "Police", "ASAP"))
SHEET = "Ref;What to do;Why;Who;Until\r\n1;Light the stairs;The stairs are dark;Housing;8/1/27\r\n2;Cut the hedge;The stairs are dark;Parks;Termly\r\n".encode()


def brought(gallery: Gallery, s: dict[str, str]) -> None:
    """The page, refusals, the preview, the columns, and what was added."""
    take, url = gallery.take, f"{s['interchange']}/plan/bring-in"
    plan = {"name": "Intervention plan final v3.docx", "mimeType": "application/octet-stream", "buffer": word(rows=(TITLES, *ROWS))}
    sheet = {"name": "actions.csv", "mimeType": "text/csv", "buffer": SHEET}
    take("plan-in", "lead", url)
    take("plan-in-wrong", "lead", url, lambda p: (p.locator("input[type=file]").set_input_files({"name": "plan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\n"}), send(p)))
    preview = take("plan-in-preview", "lead", url, lambda p: (p.locator("input[type=file]").set_input_files(plan), send(p)))
    take("plan-in-preview-wrong", "lead", preview, lambda p: p.get_by_role("button", name="Add these").click())
    take("plan-in-columns", "lead", url, lambda p: (p.locator("input[type=file]").set_input_files(sheet), send(p)))
    take("plan-in-several", "lead", url, lambda p: (p.locator("input[type=file]").set_input_files([plan, sheet]), send(p), p.get_by_text("2 files were read").wait_for()))
    take("plan-in-added", "lead", preview, lambda p: (
        p.get_by_label("Early Help").select_option(label="Coastlands Academy"), p.get_by_label("Leave out (row 3 of table 2)").check(),
        p.get_by_label("I have looked").check(), p.get_by_role("button", name="Add these").click()))
    take("plan-in-take-back", "lead", f"{preview}/take-back")
