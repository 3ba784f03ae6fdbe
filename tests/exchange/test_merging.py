"""What becomes of each cell of a workbook that came back, as a table of cases."""

import datetime as dt

import pytest

from csc_hub.exchange import alarms, manifest, merging
from csc_hub.exchange.matching import How, Known
from csc_hub.exchange.merging import Base, Line, Outcome, Verdict
from csc_hub.exchange.outgoing import UPDATE_COLUMNS
from csc_hub.exchange.updates import Fault, ReadUpdates, UpdateDraft
from csc_hub.process.plans import rules
from csc_hub.process.plans.statuses import Status

DAY = dt.date(2026, 11, 23)
EMPTY = {"status": Status.NOT_STARTED, "update": "", "updated_on": None, "evidence": "", "barrier": "", "proposed_date": None, "completed_on": None}
GREY = {"context": "Harbour Road", "goal": "Safe after school", "agency": "Housing", "owner": "Des Brown", "due": "2027-04-09"}
LETTERS = {name: "ABCDEFGHIJKLMN"[n] for n, (name, _, _) in enumerate(UPDATE_COLUMNS)}
COLUMNS = {name: title for name, title, _ in UPDATE_COLUMNS}


def known(number: int, text: str = "", agency: str = "Housing", **facts: object) -> Known:
    words = text or f"Action text {number}"
    return Known(f"a{number}", 1, f"CSC-2026-014/{number:02d}", number, agency, agency, words, EMPTY | facts, GREY | {"action": words})


def exported(*actions: Known) -> dict[int, dict[str, str]]:
    """What a workbook made of these actions says in its cells."""
    return {a.number: rules.as_text(a.facts) | a.locked for a in actions}


def row(number: int, action: Known, locked: dict[str, str] | None = None, **said: object) -> UpdateDraft:
    """The row of an action as it was sent out, but for what is said."""
    facts = {name: None if value == "" and name not in ("update", "evidence", "barrier") else value for name, value in (action.facts | said).items()}
    cells = {name: f"{letter}{number}" for name, letter in LETTERS.items()}
    return UpdateDraft(number, action.reference, (action.reference,), action.locked | (locked or {}), cells, **facts)


def merged(drafts: list[UpdateDraft], now: list[Known], base: dict[int, dict[str, str]] | None, faults: tuple[Fault, ...] = (),
           columns: dict[str, str] | None = None) -> list[Line]:
    found = ReadUpdates("Actions", "A1", columns or COLUMNS, tuple(drafts), faults, len(drafts))
    return merging.merge(found, now, "Housing", "CSC-2026-014", DAY, None if base is None else Base(texts=base))


@pytest.mark.parametrize(("base", "now", "says", "verdict"), [
    ("", "", "", None),
    ("", "", "Done", Verdict.TAKE),  # changed in the file
    ("", "Said by phone", "", "ours"),  # changed here
    ("", "Done", "Done", None),  # changed to the same
    ("", "Said by phone", "Done", Verdict.BOTH),  # changed in both
    ("Old", "Old", "", Verdict.TAKE),  # emptied in the file
    ("Old", "New", "", Verdict.BOTH),
    ("Old", "", "Old", "ours"),  # emptied here
    ("Old", "", "", None),
    ("Old", "Old", "Old  \n", None),  # blanks and line ends are no change
    ("Old", "Old", "old", Verdict.TAKE),  # capitals are
    ("–", "", "-", None),  # a dash says nothing
    (None, "", "", None),  # nothing to compare with
    (None, "Old", "Old", None),
    (None, "Old", "New", Verdict.ASK),
    (None, "", "New", Verdict.ASK),
    (None, "Old", "", None),  # an empty cell says nothing then
])
def test_a_cell_is_taken_left_or_asked_about(base: str | None, now: str, says: str, verdict: object) -> None:
    was, is_ = known(7, update=base or ""), known(7, update=now)
    line, = merged([row(2, is_, update=says, status=Status.NOT_STARTED)], [is_], None if base is None else exported(was))
    if verdict == "ours":
        assert line.ours == ("update",) and not line.cells
    else:
        assert [cell.verdict for cell in line.cells] == ([verdict] if verdict else []) and line.ours == ()


@pytest.mark.parametrize(("field", "old", "other", "new"), [
    ("status", Status.NOT_STARTED, Status.IN_PROGRESS, Status.REPORTED_COMPLETE), ("evidence", "a", "b", "c"), ("barrier", "a", "b", "c"),
    ("updated_on", dt.date(2026, 10, 1), dt.date(2026, 10, 2), dt.date(2026, 10, 3)), ("completed_on", None, dt.date(2026, 10, 2), dt.date(2026, 10, 3)),
    ("proposed_date", dt.date(2027, 1, 1), None, dt.date(2027, 1, 3)),
])
def test_every_column_an_agency_fills_in_is_merged_by_itself(field: str, old: object, other: object, new: object) -> None:
    was, here = known(7, **{field: old}), known(7, **{field: other, "update" if field != "update" else "evidence": "Changed here"})
    line, = merged([row(2, was, **{field: new})], [here], exported(was))
    assert [(cell.field, cell.now, cell.says, cell.verdict) for cell in line.cells] == [(field, other, new, Verdict.BOTH)] and line.ours == ("update",)
    line, = merged([row(2, was, **{field: new})], [known(7, **{field: old})], exported(was))
    assert [(cell.field, cell.verdict, cell.address) for cell in line.cells] == [(field, Verdict.TAKE, f"{LETTERS[field]}2")]


def test_marks_alone_merge_as_the_words_themselves_do() -> None:
    key = manifest.key_of("a secret of thirty-two characters")
    was = [known(1, update="Old"), known(2, update="Old")]
    lines = manifest.made(manifest.Named("0" * 32, "1" * 32, "2" * 32, "3" * 32, 4), {a.number: [exported(a)[a.number][n] for n in manifest.COLUMNS] for a in was}, key)
    base = Base(marks=manifest.marks(lines[2:]), key=key)
    now = [known(1, update="Old"), known(2, update="New here")]
    found = ReadUpdates("Actions", "A1", COLUMNS, (row(2, was[0], update="Said"), row(3, was[1])), (), 2)
    one, two = merging.merge(found, now, "Housing", "CSC-2026-014", DAY, base)
    assert one.cells[0].verdict is Verdict.TAKE and two.ours == ("update",) and one.how is How.MANIFEST


def test_a_column_that_was_deleted_says_nothing() -> None:
    was = known(7, update="Old", barrier="Old")
    line, = merged([row(2, was, update="", barrier="")], [was], exported(was), columns={name: title for name, title in COLUMNS.items() if name != "barrier"})
    assert [cell.field for cell in line.cells] == ["update"]


def test_a_row_whose_white_cells_are_all_empty_says_nothing() -> None:
    was = known(7, update="Old")
    line, = merged([row(2, was, status=None, update="")], [was], exported(was))
    assert line.outcome is Outcome.SAME and not line.cells


def test_a_deleted_status_is_refused_and_the_other_cells_go_through() -> None:
    was = known(7, status=Status.IN_PROGRESS)
    line, = merged([row(2, was, status=None, update="Done")], [was], exported(was))
    assert [cell.field for cell in line.cells] == ["update"] and "The status was deleted" in line.refused[0].why and line.refused[0].cell == "H2"


def test_a_refused_cell_holds_itself_back_and_not_its_row() -> None:
    was = known(7)
    line, = merged([row(2, was, status=None, update="Done")], [was], exported(was), (Fault("H2", "No such status", 2, "status"),))
    assert [cell.field for cell in line.cells] == ["update"] and [refusal.cell for refusal in line.refused] == ["H2"]


def test_a_date_that_nobody_touched_is_no_fault_however_doubtful_its_column_is() -> None:
    was = known(7, proposed_date=dt.date(2027, 3, 4))
    draft = UpdateDraft(**{**vars(row(2, was)), "proposed_date": None, "read_as": {"proposed_date": "2027-03-04"}})
    line, = merged([draft], [was], exported(was), (Fault("M2", "may have been swapped", 2, "proposed_date"),))
    assert line.outcome is Outcome.SAME and not line.refused


def test_a_date_still_to_come_is_refused_only_where_somebody_changed_it() -> None:
    was = known(7, completed_on=DAY + dt.timedelta(days=1))
    assert merged([row(2, was)], [was], exported(was))[0].outcome is Outcome.SAME
    line, = merged([row(2, known(7), completed_on=DAY + dt.timedelta(days=1))], [known(7)], exported(known(7)))
    assert not line.cells and "cannot be in the future" in line.refused[0].why and line.refused[0].cell == "N2"


def test_what_is_not_the_agencys_to_change_is_listed_cell_by_cell_and_never_taken() -> None:
    was = known(7)
    line, = merged([row(2, was, {"owner": "Somebody else", "due": "2027-09-04"}, update="Done")], [was], exported(was))
    assert [(cell.field, cell.address, cell.stands, cell.says) for cell in line.untaken] == [
        ("owner", "F2", "Des Brown", "Somebody else"), ("due", "G2", "2027-04-09", "2027-09-04")]
    assert [cell.field for cell in line.cells] == ["update"]


def test_a_grey_cell_that_was_changed_here_since_is_not_the_agencys_doing() -> None:
    was, here = known(7), Known(**{**vars(known(7)), "locked": GREY | {"action": "Action text 7", "owner": "New owner"}})
    assert merged([row(2, was)], [here], exported(was))[0].untaken == ()


def test_an_action_issued_again_with_other_words_is_asked_about() -> None:
    was, here = known(7, "Cut the hedges"), known(7, "Cut the hedges and move the bins")
    line, = merged([row(2, was, update="Done")], [here], exported(was))
    assert [cell.verdict for cell in line.cells] == [Verdict.ASK] and "issued again since" in line.cells[0].why


def test_a_guess_is_asked_about_in_all_its_cells() -> None:
    was = known(7, "Cut back the hedges on the path")
    draft = UpdateDraft(2, "", (), {"action": "Cut the hedges on the path"}, {"action": "D2"}, status=Status.IN_PROGRESS, update="Done")
    line, = merged([draft], [was], exported(was))
    assert line.how is How.GUESS and {cell.verdict for cell in line.cells} == {Verdict.ASK} and "is it that one?" in line.why


def test_two_rows_for_one_action_are_both_refused_and_name_each_other() -> None:
    was = known(7)
    lines = merged([row(2, was, update="One"), row(5, was, update="Two")], [was], exported(was))
    assert not any(line.cells for line in lines) and "Row 5" in lines[0].refused[0].why and "Row 2" in lines[1].refused[0].why


def test_the_digest_changes_when_an_action_was_edited_meanwhile() -> None:
    was = known(7)
    newer = Known(**{**vars(was), "version": 2})
    first = merging.digest(merged([row(2, was, update="x")], [was], exported(was)))
    assert first == merging.digest(merged([row(2, was, update="x")], [was], exported(was))) != merging.digest(merged([row(2, was, update="x")], [newer], exported(was)))


def test_faults_are_listed_by_sheet_and_cell_for_the_file_that_goes_back() -> None:
    was, here = known(7), known(7, update="Here")
    lines = merged([row(2, was, {"owner": "X"}, update="Theirs", status=None)], [here], exported(was), (Fault("H2", "No such status", 2, "status"),))
    batch = type("Batch", (), {"read": {"sheet": "Actions"}})()
    assert {(sheet, cell) for sheet, cell, _ in merging.faults_of(batch, lines)} == {("Actions", "H2"), ("Actions", "I2"), ("Actions", "F2")}


TWENTY = [known(n, f"Text of action {n}", status=Status.IN_PROGRESS, update=f"Update {n}", evidence=f"Evidence {n}", updated_on=dt.date(2026, 10, 1),
                proposed_date=dt.date(2027, (n % 11) + 1, (n * 5) % 12 + 1)) for n in range(1, 21)]


def raised(drafts: list[UpdateDraft]) -> set[str]:
    base = exported(*TWENTY)
    return {alarm.key for alarm in alarms.of(merged(drafts, TWENTY, base), TWENTY, Base(texts=base), dt.date(2026, 11, 23))}


def test_rows_sorted_without_their_references_raise_an_alarm() -> None:
    others = TWENTY[::-1]
    drafts = [row(n + 2, a, {"action": b.intervention}, status=b.facts["status"], update=b.facts["update"]) for n, (a, b) in enumerate(zip(TWENTY, others))]
    assert "sorted" in raised(drafts)


def test_one_column_moved_by_itself_raises_an_alarm() -> None:
    drafts = [row(n + 2, a, update=b.facts["update"]) for n, (a, b) in enumerate(zip(TWENTY, TWENTY[1:] + TWENTY[:1]))]
    assert raised(drafts) == {"shuffled-update"}


def test_an_unlikely_share_of_one_column_raises_an_alarm() -> None:
    assert raised([row(n + 2, a, evidence=f"Another {n}") for n, a in enumerate(TWENTY)]) == {"share-evidence"}
    assert raised([row(n + 2, a, status=Status.REPORTED_COMPLETE) for n, a in enumerate(TWENTY)]) == {"share-status"}
    assert raised([row(n + 2, a, evidence="") for n, a in enumerate(TWENTY)]) == {"share-evidence", "emptied-evidence"}
    assert raised([row(n + 2, a, {"owner": f"Owner {n}"}) for n, a in enumerate(TWENTY)]) == {"locked-owner"}


def test_day_and_month_changed_about_in_a_column_raise_an_alarm() -> None:
    drafts = [row(n + 2, a, proposed_date=alarms.turned_about(a.facts["proposed_date"]) or a.facts["proposed_date"]) for n, a in enumerate(TWENTY)]
    assert "swapped-proposed_date" in raised(drafts)


def test_dates_far_from_their_column_and_near_it_when_turned_about_raise_an_alarm_and_honest_ones_none() -> None:
    honest = [dt.date(2026, 10, 20), dt.date(2026, 10, 28), *(dt.date(2026, month, day) for month, day in ((10, 1), (11, 4), (11, 5), (10, 6)))]
    turned = [alarms.turned_about(day) or day for day in honest]

    def of(days: list[dt.date]) -> set[str]:
        return raised([row(n + 2, a, updated_on=day, update=f"Said {n}") for n, (a, day) in enumerate(zip(TWENTY[10:], days))])

    assert of(honest) == set() and of(turned) == {"swapped-updated_on"}
    assert of([dt.date(2026, month, 5) for month in range(1, 11)]) == set()  # a return that was kept up every month


def test_a_monthly_return_that_writes_every_update_anew_raises_none() -> None:
    assert raised([row(n + 2, a, update=f"What we did in November, {n}", updated_on=dt.date(2026, 11, 20)) for n, a in enumerate(TWENTY)]) == set()
    first = [known(n, status=Status.NOT_STARTED) for n in range(1, 11)]
    base = exported(*first)
    lines = merged([row(n + 2, a, status=Status.IN_PROGRESS, update=f"Begun {n}", evidence=f"Seen {n}") for n, a in enumerate(first)], first, base)
    assert alarms.of(lines, first, Base(texts=base), dt.date(2026, 11, 23)) == []
