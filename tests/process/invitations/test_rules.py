"""The coverage board as a table of cases."""

import pytest

from csc_hub.process.conferences.figures import FIGURES
from csc_hub.process.invitations import rules
from csc_hub.process.invitations.rules import Asked, Cover, Reply

FIGURES_NOW = {figure.name: figure.default for figure in FIGURES}


def ask(name: str, why: tuple[int, ...] = (3,), reply: Reply = Reply.NONE, kind: str = "housing", **more: object) -> Asked:
    return Asked(name, "Agency", kind, why, reply, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(("asked", "answer", "cover", "said"), [
    ([], "", Cover.GAP, "Nobody"),
    ([], "Lighting was repaired", Cover.ANSWERED, "Lighting was repaired"),
    ([ask("Des")], "", Cover.WAITING, "Des: asked or to be asked"),
    ([ask("Des", reply=Reply.TENTATIVE)], "", Cover.WAITING, "Des: asked"),
    ([ask("Des", reply=Reply.ACCEPTED)], "", Cover.COVERED, "Des is coming"),
    ([ask("Des", reply=Reply.DEPUTY)], "", Cover.COVERED, "Des sends a deputy"),
    ([ask("Des", reply=Reply.DECLINED)], "", Cover.GAP, "Des declined"),
    ([ask("Des", reply=Reply.DECLINED)], "Written input instead", Cover.ANSWERED, "Written input instead"),
    ([ask("Des", reply=Reply.DECLINED), ask("Ann", reply=Reply.ACCEPTED)], "", Cover.COVERED, "Ann is coming"),
    ([ask("Des", reply=Reply.ACCEPTED), ask("Ann", reply=Reply.ACCEPTED), ask("Kim", reply=Reply.DEPUTY)], "", Cover.COVERED, "Ann and Des are coming, Kim sends a deputy"),
    ([ask("Des", why=(1,), reply=Reply.ACCEPTED)], "", Cover.GAP, "Nobody"),
    ([ask("Des", reply=Reply.ACCEPTED, left=True)], "", Cover.GAP, "Des has left Agency: ask whoever took over"),
    ([ask("Des", reply=Reply.DEPUTY, left=True)], "", Cover.GAP, "Des has left Agency: ask whoever took over"),
    ([ask("Des", left=True)], "", Cover.GAP, "Des has left Agency: ask whoever took over"),
    ([ask("Des", reply=Reply.ACCEPTED, left=True)], "Written input instead", Cover.ANSWERED, "Written input instead"),
    ([ask("Des", reply=Reply.ACCEPTED, left=True), ask("Ann")], "", Cover.WAITING, "Ann: asked or to be asked"),
    ([ask("Des", reply=Reply.ACCEPTED, left=True), ask("Ann", reply=Reply.ACCEPTED)], "", Cover.COVERED, "Ann is coming"),
    ([ask("Des", reply=Reply.ACCEPTED, left=True), ask("Ann", reply=Reply.DECLINED)], "", Cover.GAP, "Ann declined. Des has left Agency"),
    ([ask("Ria", office="chairs")], "", Cover.COVERED, "Ria chairs"),
    ([ask("Ria", reply=Reply.ACCEPTED, office="chairs")], "", Cover.COVERED, "Ria is coming"),
    ([ask("Ria", reply=Reply.DEPUTY, office="chairs")], "", Cover.COVERED, "Ria sends a deputy"),
    ([ask("Ria", reply=Reply.DECLINED, office="chairs")], "", Cover.GAP, "Ria declined"),
    ([ask("Ria", office="chairs", left=True)], "", Cover.GAP, "Ria has left Agency")])
def test_a_question_is_covered_by_those_who_come(asked: list[Asked], answer: str, cover: Cover, said: str) -> None:
    row = rules.questions(asked, {3: answer} if answer else {})[2]
    assert row.cover is cover and row.said.startswith(said)


def test_the_fifth_question_is_answered_in_words_only() -> None:
    assert rules.questions([ask("Kemi", why=(1, 2, 3, 4))], {})[4].cover is Cover.GAP
    assert rules.questions([], {5: "Two groups were asked"})[4].cover is Cover.ANSWERED


def test_unanswered_counts_the_gaps_of_the_five() -> None:
    rows = rules.questions([ask("Des", why=(1, 2))], {4: "Nobody yet"})
    assert sum(row.cover is rules.Cover.GAP for row in rows) == 2


def test_a_kind_of_agency_is_covered_asked_or_not_needed_because() -> None:
    rows = rules.kinds([ask("Des", reply=Reply.ACCEPTED)], [("housing", "Housing"), ("camhs", "CAMHs"), ("police", "Police")], {"camhs": "No health matter here"})
    assert [row.cover for row in rows] == [Cover.COVERED, Cover.NOT_NEEDED, Cover.GAP]
    assert rows[1].said == "No health matter here"


def test_the_totals_count_whoever_has_left_apart() -> None:
    every = [ask("Des", reply=Reply.ACCEPTED), ask("Kim", reply=Reply.DEPUTY), ask("Ria", office="chairs"), ask("Una"), ask("Bo", reply=Reply.DECLINED),
             ask("Lea", reply=Reply.ACCEPTED, left=True), ask("Max", left=True)]
    assert rules.totals(every) == ["3 coming", "1 not coming", "1 without a reply", "2 have left"]
    assert rules.totals(every[:1]) == ["1 coming", "0 not coming", "0 without a reply"]


def test_the_board_warns_of_too_few_kinds_and_too_many_people() -> None:
    few = [ask("Des")]
    rows = rules.kinds(few, [("housing", "Housing"), ("police", "Police")], {})
    assert "Only 1 kind of agency" in rules.warnings(few, rows, FIGURES_NOW, 0)[0]
    many = [ask(f"P{n}", kind=f"k{n % 4}") for n in range(150)]
    rows = rules.kinds(many, [(f"k{n}", f"K{n}") for n in range(4)], {})
    said = rules.warnings(many, rows, FIGURES_NOW, 5)
    assert len(said) == 1 and "150 people are asked" in said[0] and "workers can be met beforehand" in said[0]


@pytest.mark.parametrize(("reply", "reason", "deputy", "field"), [
    (Reply.ACCEPTED, "", "", None), (Reply.DECLINED, "", "", "reason"), (Reply.DECLINED, "On leave", "", None),
    (Reply.DEPUTY, "", "", "deputy"), (Reply.DEPUTY, "", "Ann Lee", None)])
def test_a_reply_says_what_it_needs_to(reply: Reply, reason: str, deputy: str, field: str | None) -> None:
    fault = rules.fault_of_reply(reply, reason, deputy)
    assert (fault[0] if fault else None) == field


@pytest.mark.parametrize(("reply", "kept"), [
    (Reply.NONE, ("", "")), (Reply.ACCEPTED, ("", "")), (Reply.TENTATIVE, ("", "")), (Reply.DECLINED, ("On leave", "")),
    (Reply.DEPUTY, ("", "Ann Lee")), (Reply.PASSED, ("", "Ann Lee"))])
def test_a_reply_keeps_only_what_it_uses(reply: Reply, kept: tuple[str, str]) -> None:
    assert rules.used(reply, "On leave", "Ann Lee") == kept
