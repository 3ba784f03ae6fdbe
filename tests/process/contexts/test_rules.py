"""The moves a context can make, its counts, and names that look like a person's."""

import datetime as dt

import pytest

from csc_hub.process.contexts import rules
from csc_hub.process.contexts.rules import Move, State


def test_every_state_has_moves_and_words() -> None:
    assert set(rules.MOVES) == set(State) == set(rules.STATE_WORDS)
    assert all(move.label for moves in rules.MOVES.values() for move in moves)


def test_every_state_can_be_reached_from_a_referral() -> None:
    reached, todo = set(), [State.REFERRED]
    while todo:
        state = todo.pop()
        if state not in reached:
            reached.add(state)
            todo += rules.MOVES[state].values()
    assert reached == set(State)


def test_a_move_that_is_not_in_the_table_is_refused_in_words() -> None:
    said = rules.obstacle_to_move(State.REFERRED, Move.SIGN_OFF)
    assert said == "“Sign off the assessment” is not possible while the context is “referred”"


@pytest.mark.parametrize("move", [Move.SEND_ELSEWHERE, Move.WITHDRAW])
def test_leaving_the_process_needs_a_reason(move: Move) -> None:
    assert "Give the reason" in (rules.obstacle_to_move(State.REFERRED, move, "") or "")
    assert rules.obstacle_to_move(State.REFERRED, move, "Agreed with MACE") is None


def test_nobody_assesses_a_context_without_a_lead_practitioner() -> None:
    assert "Choose a lead practitioner" in (rules.obstacle_to_accepting(None) or "")
    assert rules.obstacle_to_accepting("somebody") is None


@pytest.mark.parametrize(("counts", "fine"), [
    ({}, True), ({"in_need": 0}, True), ({"in_need": 9999}, True), ({"in_need": -1}, False), ({"in_need": 10000}, False)])
def test_counts_are_whole_numbers_within_reason(counts: dict[str, int], fine: bool) -> None:
    assert (rules.obstacle_to_counts(counts) is None) is fine


@pytest.mark.parametrize("name", [
    "Jamie Robinson", "kyle robinson", "KYLE ROBINSON", "Kyle Robinson's group", "Kyle Robinson’s group", "Kyle", "Kyle’s friends", "O'Brien, Liam",
    "The Kyle Robinson and Leah Jones group", "Kyle R, Year 10", "Kyle Liam Robinson Jones", "Group around Zoë", "Robinson-Jones, Kyle-Liam",
    "Megan O’Shea Hill", "Kyle at Harbour Road", "Harbour Road, Kyle Robinson", "Year 9 (leah)", "Jack_Thornton"])
def test_a_name_that_may_be_a_persons_is_noticed(name: str) -> None:
    assert rules.looks_like_a_person(name, rules.FIRST_NAMES)


@pytest.mark.parametrize("name", [
    "Harbour Road bus interchange", "Group A – Marina", "Jubilee", "Victoria Park", "St James Church", "St James’s precinct", "St. George's Academy",
    "Albert Road", "Charlotte Street", "James Street", "Oliver Street", "Grace Church", "Lily Lane", "Holly Lane playground", "grace road park",
    "Max Spielmann shop", "Adam's Café, Quayside", "Jamestown library", "Coastlands Academy corridors", ""])
def test_a_place_that_is_called_after_somebody_is_a_place(name: str) -> None:
    assert not rules.looks_like_a_person(name, rules.FIRST_NAMES | {"victoria", "albert", "charlotte"})


def test_a_threshold_decision_is_not_taken_in_the_future() -> None:
    day = dt.date(2026, 11, 23)
    assert rules.obstacle_to_threshold(day, day) is None
    assert rules.obstacle_to_threshold(day + dt.timedelta(days=1), day) == (
        "threshold_on", "The date of the decision must be today or in the past")
