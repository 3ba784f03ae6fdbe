"""Which action each row is about, and how that is known, as a table of cases."""

import pytest

from csc_hub.exchange.matching import How, Known, Matcher
from csc_hub.exchange.updates import UpdateDraft


def known(number: int, agency: str = "Housing", text: str = "") -> Known:
    return Known(f"a{number}", 1, f"CSC-2026-014/{number:02d}", number, agency, agency, text or f"Action text {number}", {})


ACTIONS = [known(1, text="Repair the lamps on the walkway"), known(2, text="Open the community room on Friday evenings"), known(7),
           known(3, "Police"), known(8, text="Same words"), known(9, text="Same words")]


def row(*candidates: str, action: str = "", typed: str = "") -> UpdateDraft:
    return UpdateDraft(2, typed or (candidates[0] if candidates else ""), candidates, {"action": action} if action else {}, {})


def matched(draft: UpdateDraft, *sent: int) -> tuple[int | None, How | None, str]:
    found = Matcher(ACTIONS, "Housing", "CSC-2026-014", sent).find(draft)
    return found.action.number if found.action else None, found.how, found.why


@pytest.mark.parametrize("candidate", ["CSC-2026-014/07", "/07", "-014/07"])
def test_a_reference_is_known_however_it_was_retyped_and_says_whether_the_workbook_was_sent_out_with_it(candidate: str) -> None:
    assert matched(row(candidate))[:2] == (7, How.REFERENCE)
    assert matched(row(candidate), 1, 7)[:2] == (7, How.MANIFEST)


@pytest.mark.parametrize(("action", "number", "how"), [
    ("repair the  LAMPS on the walkway", 1, How.TEXT),  # its own words, whatever their case and blanks
    ("Repair the lamp on the walkway", 1, How.GUESS),  # nearly its words
    ("Open community room on Friday evening", 2, How.GUESS),
    ("Same words", None, None),  # two actions have them
    ("Paint the shelter", None, None),
])
def test_without_a_reference_the_words_decide_or_only_propose(action: str, number: int | None, how: How | None) -> None:
    found = matched(row(action=action))
    assert found[:2] == (number, how)
    assert how is not How.GUESS or f"action {number}: is it that one?" in found[2]
    assert number or "not that of exactly one of this agency’s actions" in found[2]


@pytest.mark.parametrize(("candidate", "said"), [
    ("/03", "Action 3 is Police’s, not this agency’s"),
    ("/41", "“/41” is not one of this agency’s actions in the plan"),
    ("CSC-2026-002/07", "is an action of another plan")])
def test_a_row_about_something_else_is_not_matched_and_says_why(candidate: str, said: str) -> None:
    assert matched(row(candidate))[0] is None and said in matched(row(candidate))[2]


def test_a_wrong_number_beside_an_actions_own_words_is_a_guess_and_never_a_match() -> None:
    number, how, why = matched(row("/41", action="Repair the lamps on the walkway"))
    assert (number, how) == (1, How.GUESS) and "“/41” is not one of this agency’s actions in the plan. Its words are those of action 1" in why


def test_another_plans_reference_is_never_guessed_at_by_its_words() -> None:
    assert matched(row("CSC-2026-002/01", action="Repair the lamps on the walkway"))[0] is None
