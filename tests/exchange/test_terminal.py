"""Plans out and workbooks in from a terminal: the counts, the exit codes, and what the audit names."""

import json
import os
import pwd
import zipfile
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result

from csc_hub.audit.records import Event
from csc_hub.cli import main
from csc_hub.db import db
from csc_hub.exchange.records import Batch, Export, Held
from csc_hub.process.plans.records import Action, Update
from tests.exchange.test_round_trip import put
from tests.hub import Hub

SCHOOL = "CSC-2026-001"


def run(hub: Hub, *words: object) -> Result:
    """A command inside this hub."""
    with hub.inside():
        return CliRunner().invoke(main, [str(word) for word in words])


def exported(hub: Hub, folder: Path, agency: str = "Housing") -> Path:
    path = folder / "out.xlsx"
    done = run(hub, "export-plan", SCHOOL, "--agency", agency, "-o", path)
    assert done.exit_code == 0, done.output
    return path


def filled(path: Path, **cells: object) -> Path:
    book = openpyxl.load_workbook(path)
    put(book, 2, **cells)
    book.save(path)
    return path


def counts(done: Result) -> tuple[int, ...]:
    found = json.loads(done.stdout)
    return tuple(found[name] for name in ("rows", "matched", "changed_cells", "conflicts", "refused", "held"))


def test_plans_are_listed_with_their_agencies(hub: Hub) -> None:
    found = json.loads(run(hub, "export-plan", "--list", "--json").stdout)
    school = next(plan for plan in found if plan["reference"] == SCHOOL)
    assert set(school) == {"reference", "agencies"} and "Housing" in school["agencies"]
    assert any(plan["agencies"] == [] for plan in found)  # not issued yet
    assert f"{SCHOOL}  " in run(hub, "export-plan", "--list").stdout


@pytest.mark.parametrize(("agency", "ending", "part"), [("", "xlsx", "xl/workbook.xml"), ("", "docx", "word/document.xml"), ("housing", "docx", "word/document.xml")])
def test_a_plan_is_written_by_the_ending_of_the_file_and_recorded(hub: Hub, tmp_path: Path, agency: str, ending: str, part: str) -> None:
    path = tmp_path / f"plan.{ending}"
    assert run(hub, "export-plan", SCHOOL, *(("--agency", agency) if agency else ()), "-o", path).exit_code == 0
    with zipfile.ZipFile(path) as parts:
        assert part in parts.namelist()
    with hub.inside():
        event = db.session.scalars(db.select(Event).order_by(Event.id.desc()).limit(1)).one()
        assert (event.verb, event.actor, event.actor_id) == ("exported_plan", f"command line, {pwd.getpwuid(os.getuid()).pw_name}", None)
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith(".")] == []


def test_what_cannot_be_exported_is_said(hub: Hub, tmp_path: Path) -> None:
    for words, code, said in (
        (("CSC-2026-999", "-o", tmp_path / "a.xlsx"), 1, "There is no plan with the reference “CSC-2026-999”"), ((SCHOOL, "-o", tmp_path / "a.pdf"), 1, "must end in .xlsx or .docx"),
        ((SCHOOL, "--agency", "Nobody", "-o", tmp_path / "a.xlsx"), 1, "There is no agency called “Nobody”"), ((SCHOOL,), 2, "Name the plan"),
        ((SCHOOL, "--agency", "Youth Justice Service", "-o", tmp_path / "a.xlsx"), 1, "has no issued actions"), ((SCHOOL, "-o", tmp_path / "none" / "a.xlsx"), 1, "There is no folder"),
    ):
        done = run(hub, "export-plan", *words)
        assert done.exit_code == code and said in done.output, done.output


def test_an_unchanged_workbook_changes_nothing_and_a_preview_keeps_nothing(hub: Hub, tmp_path: Path) -> None:
    path = exported(hub, tmp_path)
    done = run(hub, "import-updates", path, "--agency", "Housing", "--json")
    assert done.exit_code == 0 and counts(done) == (2, 2, 0, 0, 0, 0), done.output
    done = run(hub, "import-updates", filled(path, status="Reported complete"), "--agency", "Housing", "--json")
    assert done.exit_code == 0 and counts(done) == (2, 2, 1, 0, 0, 0)
    assert "CSC-2026-001/07 Status: In progress → Reported complete" in run(hub, "import-updates", path, "--agency", "housing").stdout
    with hub.inside():
        assert db.session.scalar(db.select(db.func.count()).select_from(Batch)) == 0 and hub.app.extensions["csc_store"].keys() is not None
        assert db.session.scalars(db.select(Action.status).where(Action.number == 7, Action.issued_in.is_not(None))).first() == "in_progress"


def test_what_is_applied_names_the_command_line_and_twice_is_once(hub: Hub, tmp_path: Path) -> None:
    path = filled(exported(hub, tmp_path), status="Reported complete", update="Hedges cut")
    done = run(hub, "import-updates", path, "--agency", "Housing", "--apply", "--json")
    assert done.exit_code == 0 and counts(done) == (2, 2, 2, 0, 0, 0) and json.loads(done.stdout)["applied"] is True, done.output
    again = run(hub, "import-updates", path, "--agency", "Housing", "--apply", "--json")
    assert again.exit_code == 0 and counts(again) == (2, 2, 0, 0, 0, 0) and json.loads(again.stdout)["applied"] is False
    me = f"command line, {pwd.getpwuid(os.getuid()).pw_name}"
    with hub.inside():
        assert [(u.by_id, u.by_name, u.source) for u in db.session.scalars(db.select(Update).where(Update.source == "workbook"))] == [(None, me, "workbook")]
        assert {e.verb for e in db.session.scalars(db.select(Event).where(Event.actor == me))} == {"exported_updates", "uploaded_updates", "applied_updates", "updated_action"}


def test_what_is_held_or_refused_gives_1_and_has_an_owner(hub: Hub, tmp_path: Path) -> None:
    path = filled(exported(hub, tmp_path), status="Sort of done", update="Theirs", evidence="Seen")
    with hub.inside():
        action = db.session.scalars(db.select(Action).where(Action.number == 7, Action.issued_in.is_not(None))).one()
        where = f"/contexts/{action.context_id}/plan/actions/{action.id}/update"
    hub.be("lead").post(where, status="in_progress", update="Said by phone", evidence="", barrier="")
    done = run(hub, "import-updates", path, "--agency", "Housing", "--apply", "--json")
    assert done.exit_code == 1 and counts(done) == (2, 2, 1, 1, 1, 1), done.output
    with hub.inside():
        assert sorted((held.kind, held.field) for held in db.session.scalars(db.select(Held))) == [("both", "update"), ("refused", "status")]
        assert all(held.owner_id and held.due_on for held in db.session.scalars(db.select(Held)))


def test_a_workbook_that_hides_something_waits_for_a_person(hub: Hub, tmp_path: Path) -> None:
    path = exported(hub, tmp_path)
    book = openpyxl.load_workbook(path)
    put(book, 2, status="Reported complete")
    book.create_sheet("Names")["A1"] = "x"
    book["Names"].sheet_state = "hidden"
    book.save(path)
    done = run(hub, "import-updates", path, "--agency", "Housing", "--apply", "--json")
    assert done.exit_code == 1 and counts(done) == (2, 2, 1, 0, 0, 1) and "Hidden: sheet “Names”" in json.loads(done.stdout)["said"]
    with hub.inside():
        assert [batch.state for batch in db.session.scalars(db.select(Batch))] == ["waiting"]


def test_two_columns_for_one_thing_wait_for_a_person(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "two.csv").write_text("Ref,Status,Update,Comments\n7,Done,Cut,Not cut\n")
    for words, state in (((), []), (("--apply",), ["waiting"])):
        done = run(hub, "import-updates", tmp_path / "two.csv", "--agency", "Housing", "--plan", SCHOOL, "--json", *words)
        assert done.exit_code == 1 and counts(done) == (1, 0, 0, 0, 0, 1), done.output
        assert "“Update” (C1) and “Comments” (D1)" in done.stdout and json.loads(done.stdout)["applied"] is False
        with hub.inside():
            assert [batch.state for batch in db.session.scalars(db.select(Batch))] == state


def test_a_file_that_cannot_be_read_gives_2_and_leaves_nothing(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "broken.xlsx").write_bytes(b"PK\x03\x04broken")
    with hub.inside():
        kept = set(hub.app.extensions["csc_store"].keys())
    for name in ("broken.xlsx", "missing.xlsx", "."):
        done = run(hub, "import-updates", tmp_path / name, "--agency", "Housing", "--apply", "--json")
        assert done.exit_code == 2 and json.loads(done.stdout)["error"], done.output
    with hub.inside():
        assert set(hub.app.extensions["csc_store"].keys()) == kept


def test_a_workbook_of_another_agency_or_plan_is_refused_and_one_that_names_no_plan_asks_for_it(hub: Hub, tmp_path: Path) -> None:
    path = exported(hub, tmp_path)
    done = run(hub, "import-updates", path, "--agency", "Anyshire Police", "--json")
    assert done.exit_code == 1 and "was made for Housing, not for Anyshire Police" in done.output
    (tmp_path / "plain.csv").write_text("Ref,Status\n7,Done\n")
    done = run(hub, "import-updates", tmp_path / "plain.csv", "--agency", "Housing")
    assert done.exit_code == 1 and "does not say which plan" in done.output
    done = run(hub, "import-updates", tmp_path / "plain.csv", "--agency", "Housing", "--plan", SCHOOL, "--json")
    assert done.exit_code == 1 and counts(done) == (1, 1, 0, 0, 0, 1)  # nothing to compare with: a question
    with hub.inside():
        assert db.session.scalar(db.select(db.func.count()).select_from(Export)) >= 1


def test_one_of_two_columns_is_chosen_by_its_letter(hub: Hub, tmp_path: Path) -> None:
    path = tmp_path / "two.csv"
    path.write_text("Ref,Status,Update,Comments\n/07,,One hedge is left,Both hedges are cut\n")
    words = ("import-updates", path, "--agency", "Housing", "--plan", SCHOOL)
    asked = run(hub, *words)
    assert asked.exit_code == 1 and "Or say here which one is read: --column C" in asked.output
    wrong = run(hub, *words, "--column", "B")
    assert wrong.exit_code == 1 and "There is nothing to choose about column B. The columns that mean the same are C and D." in wrong.output
    both = run(hub, *words, "--column", "c", "--column", "D")
    assert both.exit_code == 1 and "Name one of them" in both.output
    chosen = run(hub, *words, "--column", "d")
    assert "Both hedges are cut" in chosen.output and "One hedge is left" not in chosen.output
    taken = run(hub, *words, "--column", "D", "--apply", "--json")
    with hub.inside():
        batch = db.session.scalars(db.select(Batch)).one()
        assert not batch.read["questions"] and "update" in batch.read["columns"], taken.output


def test_what_may_identify_somebody_is_told_by_row_and_kind_and_never_written_out(hub: Hub, tmp_path: Path) -> None:
    path = filled(exported(hub, tmp_path), update="Spoke to AB (14), ring 07700 900123")
    checked = run(hub, "check-workbook", path)
    assert checked.exit_code == 1 and "refused I2: Row 2 may identify a young person (" in checked.output
    seen = run(hub, "import-updates", path, "--agency", "Housing")
    assert seen.exit_code == 1 and "This may identify a young person" in seen.output and "(held)" in seen.output
    assert not [word for word in ("AB (14)", "07700") if word in checked.output + seen.output]
