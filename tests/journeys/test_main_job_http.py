"""The main job from end to end over HTTP alone, without scripts, on both kinds of database and store."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from csc_hub.kernel import day_in_words, day_short
from tests import browser
from tests.browser import Server
from tests.journeys import main_job
from tests.journeys.main_job import DAY, FINDINGS, NAME, REFUSAL, TODAY, TRIGGER, UPDATE, WORRIES
from tests.journeys.visitor import Visitor


@contextmanager
def sqlite_and_folder(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    with browser.copied(request.getfixturevalue("demo_folder"), tmp_path / "data") as server:
        yield server


@contextmanager
def postgres_and_s3(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    bucket = request.getfixturevalue("s3").new_bucket()
    more = {"CSC_DATABASE_URL": request.getfixturevalue("postgres_server").new_database(), **browser.s3_settings(bucket)}
    browser.demo(tmp_path, **more)
    with browser.serving(tmp_path, **more) as server:
        yield server
    assert not (tmp_path / "csc.sqlite3").exists() and not any((tmp_path / "papers").glob("*"))
    assert len(bucket.client().list_objects_v2(Bucket=bucket.bucket)["Contents"]) > 3


@pytest.mark.parametrize("where", [sqlite_and_folder, postgres_and_s3])
def test_the_main_job(where, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    with where(request, tmp_path) as server:
        grace, priya = Visitor(server).be("Grace Mensah"), Visitor(server).be("Priya Nair")
        url = refer(grace, priya)
        assess(grace, priya, url)
        plan(priya, url)
        files(grace, url)
        updates(grace, url)
        history(grace, url)


def refer(grace: Visitor, priya: Visitor) -> str:
    grace.follow("Refer a context")
    grace.press("Refer this context", {
        "Name of the context": NAME, "Type of context": "Neighbourhood", "Where it is": "Quayside, Seaward ward",
        "What triggered the referral, and why now": TRIGGER, "Kinds of harm": ["Serious youth violence"]})
    url = grace.at.url
    assert "has been referred" in grace.at.words and NAME in grace.at.words
    assert "Choose a lead practitioner first" in grace.at.words
    assert priya.go(url).status == 404, "nobody named her yet"
    grace.follow("Choose who leads")
    grace.press("Save", {"Lead practitioner": "Priya Nair"})
    assert "Priya Nair, Senior social worker" in grace.at.words
    priya.go("/")
    priya.follow(NAME)
    priya.press("Accept for assessment")
    assert "The referral is accepted. The assessment can begin." in priya.at.words
    return url


def assess(grace: Visitor, priya: Visitor, url: str) -> None:
    priya.go(f"{url}/assessment/dates")
    priya.press("Save the dates", {
        "Assessment period: first day": TODAY - 40 * DAY, "Assessment period: last day": TODAY - 5 * DAY,
        "Mapping meeting date": TODAY - 12 * DAY})
    assert day_in_words(TODAY - 40 * DAY) in priya.at.words
    for sort, weight, text in FINDINGS:
        priya.follow("Add a finding")
        priya.press("Add this finding", {"What sort of finding is it?": sort, "The finding": text, "How much does it matter to safety here?": weight})
        assert text in priya.at.words
    priya.follow("Choose one or two priority issues")
    issues = [text for sort, _, text in FINDINGS if sort != "Strength"]
    refused = priya.press("Save the priority issues", {"Priority issues": issues})
    assert refused.status == 422 and REFUSAL in refused.words
    priya.press("Save the priority issues", {"Priority issues": issues[:2]})
    assert "The priority issues are chosen" in priya.at.words
    for kind, name in (("Safer Me assessment", "safer-me.docx"), ("Neighbourhood assessment", "neighbourhood.docx")):
        priya.follow("Upload a report")
        fields = {"Which report is it?": kind, "The file": (name, main_job.report(name))}
        refused = priya.press("Upload this report", fields)
        assert refused.status == 422 and "A file in which a young person can be identified must not come in" in refused.words
        priya.press("Upload this report", {**fields, "I have read this file, and no young person can be identified in it": True})
        assert "The report is uploaded" in priya.at.words and name in priya.at.words
    second = main_job.report("Safer Me, after the second mapping")
    priya.follow("Upload a report")
    priya.press("Upload this report", {
        "Which report is it?": "Safer Me assessment", "The file": ("safer-me.docx", second), "What changed since the last version": "Second mapping added",
        "I have read this file, and no young person can be identified in it": True})
    assert "version 2" in priya.at.words and "version 1" in priya.at.words and "Second mapping added" in priya.at.words
    grace.go(f"{url}/assessment")
    assert grace.download("safer-me.docx").body in (second, main_job.report("safer-me.docx"))
    assert any(grace._ask(link).body == second for link in {grace.link("safer-me.docx", within="Second mapping added")})
    assert "Opened" in grace.go(f"{url}/assessment").words
    assert grace.go(f"{url}/threshold").status == 403, "the coordinator does not decide"
    priya.go(f"{url}/threshold")
    priya.press("Record the decision", {
        "Is this a context in which young people are at risk of significant harm?": "Yes", "Reasons": "Fights each week, and nobody steps in.",
        "Who decided": "Marion Teague, head of service", "Date of the decision": TODAY - DAY})
    assert "The threshold decision is recorded" in priya.at.words
    priya.go(f"{url}/assessment")
    priya.press("Sign off the assessment")
    assert "The assessment is signed off. A conference is to be held." in priya.at.words


def plan(priya: Visitor, url: str) -> None:
    day = TODAY + DAY
    priya.go(f"{url}/conference/edit")
    priya.press("Save the conference", {"Date": day, "Start": "10:00", "End": "12:00"})
    priya.go(f"{url}/plan/header")
    late = priya.press("Save and continue", {"Date of review": day + 141 * DAY})
    assert late.status == 422 and f"The guidance allows no more than 20 weeks: by {day_in_words(day + 140 * DAY)}" in late.words
    priya.press("Save and continue", {
        "Date of review": day + 112 * DAY, "Attendees": "Helen Marsh (chair); Priya Nair; Joy Okafor, Housing."})
    for worry, impact, helping, goal, actions in WORRIES:
        priya.follow("Add a worry")
        priya.press("Add this worry", {
            "What are we worried about?": worry, "With what impact?": impact, "What is helping to keep children safe?": helping, "What is the safety goal?": goal})
        for text, agency, owner, days, timescale in actions:
            number = 1 + [w[0] for w in WORRIES].index(worry)
            priya.follow(f"Add an intervention under worry {number}")
            fields = {"Intervention to be offered": text, "Agency responsible": agency, "Named owner": owner}
            fields |= {"Timescale: by which day?": TODAY + days * DAY} if days else {"Or in words": timescale}
            priya.press("Add this intervention", fields)
            assert text in priya.at.words
    assert "annually" in priya.at.words
    joy = Visitor(priya.server).be("Joy Okafor")
    assert "Walk the top level" not in joy.at.words, "nothing leaks before the plan is issued"
    priya.press("Issue the plan")
    assert "Issue 1 of the plan is out. Agencies now see their actions." in priya.at.words
    assert "Walk the top level" in joy.go("/our-actions").words


def files(grace: Visitor, url: str) -> None:
    grace.go(f"{url}/plan")
    excel, word = grace.download("Download as Excel").body, grace.download("Download as Word").body
    for said in (main_job.words_of_workbook(excel), main_job.words_of_document(word)):
        for worry, impact, helping, goal, actions in WORRIES:
            for words in (worry, impact, helping, goal, *(action[0] for action in actions)):
                assert words in said
        assert NAME in said and day_in_words(TODAY + 113 * DAY) in said and "Helen Marsh (chair)" in said
        assert "annually" in said.lower() and "Street Lighting" in said and "OFFICIAL-SENSITIVE" in said


def updates(grace: Visitor, url: str) -> None:
    grace.go(f"{url}/updates")
    blank = grace.download("Download", within="Housing").body
    sent = ("Housing.xlsx", main_job.fill_in(blank))
    grace.follow("Upload an agency’s workbook")
    grace.press("Show what would change", {"Whose workbook is it?": "Housing", "The workbook": sent})
    seen = grace.at.words
    assert "1 action will change" in seen and "1 row says nothing new" in seen and "Every row can be used" in seen
    assert "Not started In progress" in seen, "old and new"
    assert f"– {UPDATE}" in seen and f"– {day_short(TODAY + 60 * DAY)}" in seen and "Nothing has been changed yet" in seen
    preview = grace.at.url
    assert UPDATE not in grace.go(f"{url}/plan/actions/x").words
    grace.go(preview)
    grace.press("Apply 1 change")
    assert "1 action changed" in grace.at.words and "Receipt: the file’s SHA-256 is" in grace.at.words
    grace.go(f"{url}/plan")
    assert "In progress" in grace.at.words
    grace.follow("Walk the top level")
    assert UPDATE in grace.at.words and day_short(TODAY + 60 * DAY) in grace.at.words.replace(day_in_words(TODAY + 60 * DAY), day_short(TODAY + 60 * DAY))
    grace.go(f"{url}/updates")
    assert "Applied" in grace.at.words
    grace.follow("Upload an agency’s workbook")
    grace.press("Show what would change", {"Whose workbook is it?": "Housing", "The workbook": sent})
    assert "2 rows say nothing new" in grace.at.words and "The same file was applied" in grace.at.words
    assert "Nothing in this workbook would change the plan, so there is nothing to apply" in grace.at.words
    assert not grace.at.page.xpath("//button[contains(., 'Apply')]")


def history(grace: Visitor, url: str) -> None:
    grace.go(f"{url}/history")
    told = grace.at.words
    for words in (
        "referred the context", "changed who leads", "moved the context on", "changed the assessment’s dates", "added a finding",
        "chose the priority issues", "uploaded a paper", "opened a paper", "recorded the threshold decision", "changed the plan’s dates or attendees",
        "added a worry to the plan", "added an action to the plan", "issued the plan", "downloaded the plan",
        "downloaded an agency’s workbook", "uploaded an agency’s workbook", "applied an agency’s workbook", "updated an action",
    ):
        assert words in told, words
    assert "Grace Mensah" in told and "Priya Nair" in told


def test_nothing_is_left_open(demo_folder: Path) -> None:
    """The folder that the copies come from was never served or written to."""
    with closing(sqlite3.connect(demo_folder / "csc.sqlite3")) as connection:
        assert connection.execute("SELECT count(*) FROM contexts").fetchone() == (5,)
