"""Every workbook of the corpus goes through the real importer, on a real plan, and comes out as its line says."""

from __future__ import annotations

import datetime as dt
import io
import uuid
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select

from csc_hub import kernel
from csc_hub.db import db, writing
from csc_hub.exchange import exports, incoming, manifest
from csc_hub.exchange.records import Batch
from csc_hub.people.records import Agency
from csc_hub.process.contexts.records import Context
from csc_hub.process.plans.records import Action, Update, Worry
from tests.exchange.corpus import Case, Sent, changed
from tests.exchange.corpus_cases import CASES
from tests.exchange.test_round_trip import housing, saved, upload, workbook
from tests.hub import Hub, words_of
from tests.trust.exchanged import converted


@pytest.fixture(scope="module")
def plan(shared_hub: Hub) -> tuple[Hub, Sent]:
    """A hub with twelve issued actions of Housing, and their workbook as it was sent out."""
    school = shared_hub.context("school")
    with shared_hub.inside(), writing():
        context = db.session.get_one(Context, uuid.UUID(school))
        worry = db.session.scalars(select(Worry).join(Action, Action.worry_id == Worry.id).where(Action.context_id == context.id)).first()
        agency = db.session.scalar(select(Agency.id).where(Agency.name == "Housing"))
        for n in range(10):
            said = f"Walk round number {101 + n} in the evening"
            facts = {"intervention": said, "goal": worry.goal, "owner": "Joy Okafor", "when": "", "timescale": ""}
            db.session.add(Action(
                context_id=context.id, worry_id=worry.id, number=101 + n, intervention=said, agency_id=agency, issued_in=1, issued_agency_id=agency,
                issued_facts=facts, touched_at=kernel.now(), status="in_progress", update=f"Walked {n} times", updated_on=dt.date(2026, 6 + n, 5) if n < 6 else None))
    user = shared_hub.be("coordinator")
    content = saved(workbook(shared_hub, user, school))
    with shared_hub.inside():
        return shared_hub, Sent(content, exports.key())


@pytest.fixture(scope="module")
def office(plan: tuple[Hub, Sent], tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What LibreOffice makes of the cases that it saves; one start for each format."""
    folder, made = tmp_path_factory.mktemp("office"), {}
    for to in sorted({case.to for case in CASES if case.to}):
        cases = [case for case in CASES if case.to == to]
        files = [folder / f"{to}{number}.xlsx" for number in range(len(cases))]
        for case, file in zip(cases, files):
            file.write_bytes(case.build(plan[1]))
        made |= {case.what: file.read_bytes() for case, file in zip(cases, converted(files, to, folder / to))}
    return made


@pytest.mark.parametrize("case", [pytest.param(case, marks=pytest.mark.office) if case.to else case for case in CASES], ids=lambda case: case.what)
def test_the_importer_makes_of_it_what_its_line_says(case: Case, plan: tuple[Hub, Sent], request: pytest.FixtureRequest) -> None:
    hub, sent = plan
    content = request.getfixturevalue("office")[case.what] if case.to else case.build(sent)
    before = _facts(hub)
    user, context = hub.be("coordinator"), hub.context("school")
    answer = upload(user, context, content, housing(hub)[0], case.name)
    if case.refused:
        assert answer.status_code == 422 and case.refused in words_of(answer), words_of(answer)  # type: ignore[attr-defined]
        return
    assert answer.status_code == 303, words_of(answer)  # type: ignore[attr-defined, arg-type]
    url = answer.location  # type: ignore[attr-defined]
    page = words_of(user.get(url))
    with hub.inside():
        batch = db.session.get_one(Batch, uuid.UUID(url.rpartition("/")[2]))
        seen = incoming.preview(batch, db.session.get_one(Context, batch.context_id), dt.date(2026, 11, 27))
        told = {name: seen.counts[name] for name in ("cells", "both", "asked", "faults", "untaken", "matched")}
        assert told == {name: getattr(case, name) for name in told}, (told, page)
        assert tuple(alarm.key for alarm in seen.alarms) == case.alarms, seen.alarms
        assert tuple(batch.read["hidden"]) == case.hidden
    for words in case.says:
        assert words in page, page
    for words in case.hidden:
        assert words in page, page
    assert _facts(hub) == before  # nothing is changed before somebody applies it


def _facts(hub: Hub) -> Any:
    with hub.inside():
        return [(a.number, a.facts, a.version) for a in db.session.scalars(select(Action).order_by(Action.number))], db.session.scalar(select(db.func.count()).select_from(Update))


def test_there_are_enough_of_them_and_each_has_a_line_of_its_own() -> None:
    assert len(CASES) >= 60 and len({case.what for case in CASES}) == len(CASES)


@pytest.mark.office
@pytest.mark.parametrize("to", ["xlsx", "ods", "xls"])
def test_what_libreoffice_saved_comes_back_with_its_faults_mended_by_libreoffice_and_finishes(to: str, plan: tuple[Hub, Sent], tmp_path: Path) -> None:
    """The hub's own sheet survives two programs and the way back, very hidden in the file that is handed out, and never counts as hidden."""
    hub, sent = plan
    user, context = hub.be("coordinator"), hub.context("school")
    (tmp_path / "a.xlsx").write_bytes(changed(status="Sort of", update="Hedges cut")(sent))
    first = converted([tmp_path / "a.xlsx"], to, tmp_path / "one")[0].read_bytes()
    url = upload(user, context, first, housing(hub)[0], f"a.{to}").location  # type: ignore[attr-defined]
    page = words_of(user.get(url))
    assert "hidden content" not in page and "1 action will change: 1 cell" in page and "must ask about" not in page
    back = openpyxl.load_workbook(io.BytesIO(user.get(f"{url}/faults").data))
    assert back[manifest.SHEET].sheet_state == "veryHidden" and back.sheetnames[-1] == "To mend"
    assert str(back["Actions"]["H2"].comment.text).startswith("CSC Hub: “Sort of”")
    back["Actions"]["H2"].value = "Reported complete"
    (tmp_path / "b.xlsx").write_bytes(saved(back))
    again = converted([tmp_path / "b.xlsx"], to, tmp_path / "two")[0].read_bytes()
    url = upload(user, context, again, housing(hub)[0], f"b.{to}").location  # type: ignore[attr-defined]
    page = words_of(user.get(url))
    assert "hidden content" not in page and "1 action will change: 2 cells" in page and "must ask about" not in page and "Every row can be used" in page, page


def test_a_record_that_a_program_has_shown_in_front_is_handed_back_very_hidden_and_behind(plan: tuple[Hub, Sent]) -> None:
    hub, sent = plan
    user, context = hub.be("coordinator"), hub.context("school")
    book = sent.book()
    book.worksheets[0]["H2"], book[manifest.SHEET].sheet_state, book.active = "Sort of", "visible", book[manifest.SHEET]
    url = upload(user, context, saved(book), housing(hub)[0]).location  # type: ignore[attr-defined]
    back = openpyxl.load_workbook(io.BytesIO(user.get(f"{url}/faults").data))
    assert back[manifest.SHEET].sheet_state == "veryHidden" and back.active.title == "Actions"
