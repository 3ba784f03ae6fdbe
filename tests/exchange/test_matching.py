"""What becomes of each row of a workbook that came back, as a table of cases."""

import datetime as dt

import pytest

from csc_hub.exchange import matching
from csc_hub.exchange.matching import Known, Outcome
from csc_hub.exchange.updates import Fault, UpdateDraft
from csc_hub.process.plans.statuses import Status

DAY = dt.date(2026, 11, 23)
NOW = {"status": Status.IN_PROGRESS, "update": "", "updated_on": None, "evidence": "", "barrier": "", "proposed_date": None, "completed_on": None}


def known(number: int, agency: str = "Housing", text: str = "") -> Known:
    return Known(f"a{number}", 1, f"CSC-2026-014/{number:02d}", number, agency, agency, text or f"Action text {number}", dict(NOW))


ACTIONS = [known(1), known(2), known(7), known(3, "Police"), known(8, text="Same words"), known(9, text="Same words")]


def row(number: int, *candidates: str, locked: dict[str, str] | None = None, **said: object) -> UpdateDraft:
    typed = candidates[0] if candidates else ""
    return UpdateDraft(number, typed, candidates, locked or {}, {"reference": f"A{number}", "action": f"D{number}", "completed_on": f"N{number}"}, **said)


def laid(*drafts: UpdateDraft, faults: tuple[Fault, ...] = ()) -> list[matching.Line]:
    return matching.lay_beside(drafts, faults, ACTIONS, "Housing", "CSC-2026-014", DAY)


@pytest.mark.parametrize("candidate", ["CSC-2026-014/07", "/07", "-014/07"])
def test_a_reference_is_known_however_it_was_retyped(candidate: str) -> None:
    line, = laid(row(2, candidate, status=Status.REPORTED_COMPLETE))
    assert (line.outcome, line.action and line.action.number) == (Outcome.CHANGE, 7)
    assert line.changes == {"status": (Status.IN_PROGRESS, Status.REPORTED_COMPLETE)}


def test_a_row_that_says_what_is_known_changes_nothing() -> None:
    assert laid(row(2, "/07", status=Status.IN_PROGRESS))[0].outcome is Outcome.SAME
    assert laid(row(2, "/07"))[0].outcome is Outcome.SAME


@pytest.mark.parametrize(("candidate", "said"), [
    ("/03", "Action 3 is Police’s, not this agency’s"),
    ("/41", "“/41” is not one of this agency’s actions in the plan"),
    ("CSC-2026-002/07", "is an action of another plan")])
def test_a_row_about_somebody_elses_action_is_refused_at_its_cell(candidate: str, said: str) -> None:
    line, = laid(row(5, candidate, status=Status.NOT_STARTED))
    assert line.outcome is Outcome.REFUSED and line.cell == "A5" and said in line.why


def test_without_a_reference_the_actions_own_words_are_enough_if_only_one_has_them() -> None:
    line, = laid(row(2, locked={"action": "action  TEXT 2"}, update="Done"))
    assert line.action and line.action.number == 2
    line, = laid(row(2, locked={"action": "Same words"}, update="Done"))
    assert line.outcome is Outcome.REFUSED and line.cell == "A2" and "exactly one" in line.why


def test_a_remark_without_reference_or_update_is_passed_over() -> None:
    assert laid(row(9, locked={"action": "No actions today"}))[0].outcome is Outcome.SAME


def test_two_rows_for_one_action_are_both_refused_and_name_each_other() -> None:
    lines = laid(row(2, "/07", update="One"), row(5, "CSC-2026-014/07", update="Two"))
    assert [line.outcome for line in lines] == [Outcome.REFUSED] * 2
    assert "Row 5" in lines[0].why and "Row 2" in lines[1].why


def test_a_row_whose_text_is_not_the_plans_is_pointed_out() -> None:
    line, = laid(row(2, "/07", locked={"action": "Action text 2"}, update="Done"))
    assert line.outcome is Outcome.CHANGE and "check that the row belongs to this action" in line.notes[0]


def test_faults_and_rows_come_in_the_order_of_the_sheet() -> None:
    lines = laid(row(4, "/07", update="x"), row(2, "/01", update="y"), faults=(Fault("H3", "No such status", 3, "status"),))
    assert [line.row for line in lines] == [2, 3, 4]


def test_the_digest_changes_when_an_action_was_edited_meanwhile() -> None:
    first = matching.digest(laid(row(2, "/07", update="x")))
    newer = [Known(**{**vars(a), "version": 2}) if a.number == 7 else a for a in ACTIONS]
    again = matching.lay_beside([row(2, "/07", update="x")], (), newer, "Housing", "CSC-2026-014", DAY)
    assert first == matching.digest(laid(row(2, "/07", update="x"))) != matching.digest(again)


def test_an_old_workbook_that_nobody_filled_in_does_not_wind_an_action_back() -> None:
    until = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.timezone.utc)
    before = {**dict.fromkeys(NOW, ""), "status": "not_started"}
    action = Known(**{**vars(known(7)), "past": ((until, before),)})

    def sent(**said: object) -> matching.Line:
        return matching.lay_beside([row(2, "/07", **said)], (), [action], "Housing", "CSC-2026-014", DAY)[0]

    stale = sent(status=Status.NOT_STARTED)
    assert stale.outcome is Outcome.SAME and "knew until 20 November 2026 at 09:00" in stale.why
    meant = sent(status=Status.NOT_STARTED, update="The contractor withdrew, so we begin again")
    assert meant.outcome is Outcome.CHANGE
