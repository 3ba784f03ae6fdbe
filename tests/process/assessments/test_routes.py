"""The assessment's pages: reports that must not be there, and what is offered only while it is possible."""

import io
import re

import pytest

from csc_hub.db import db
from csc_hub.papers.records import Paper
from tests.hub import Hub, User, words_of
from tests.journeys import main_job


WRONG = main_job.report("wrong file")  # made once: the same words make another file a moment later


def upload(user: User, context: str, kind: str, content: bytes, name: str = "report.docx"):
    return user.post(f"/contexts/{context}/assessment/reports/add", kind=kind, note="", nobody="y", file=(io.BytesIO(content), name))


@pytest.fixture
def reported(hub: Hub) -> tuple[Hub, User, str, str]:
    """A peer group under assessment with one report, and the URL of its paper."""
    user, context = hub.be("lead"), hub.context("peers")
    assert upload(user, context, "safer_me", WRONG, "wrong-file.docx").status_code == 303
    url = re.search(rf'href="(/contexts/{context}/papers/[0-9a-f-]+)">wrong-file', user.get(f"/contexts/{context}/assessment").text)
    assert url
    return hub, user, context, url[1]


def test_a_report_uploaded_in_error_is_withdrawn_and_stays_on_record(reported: tuple[Hub, User, str, str]) -> None:
    hub, user, context, url = reported
    own = f"/contexts/{context}/assessment"
    assert user.get(url).status_code == 200 and "Not uploaded yet" not in user.get(own).text
    with hub.inside():
        key = db.session.scalar(db.select(Paper.key).where(Paper.name == "wrong-file.docx"))
        assert key in hub.app.extensions["csc_store"].keys()
    refused = user.post(f"{url}/withdraw", reason="")
    assert refused.status_code == 422 and "Give the reason" in words_of(refused)
    assert user.post(f"{url}/withdraw", reason="It is another context’s report").status_code == 303
    page = words_of(user.get(own))
    assert "wrong-file.docx version 1 Withdrawn" in page and "Withdrawn by Priya Nair" in page and "It is another context’s report" in page
    assert "Safer Me assessment Not uploaded yet" in page and "Upload the Safer Me assessment report To do" in page
    for role in ("lead", "coordinator", "other chair"):
        assert hub.be(role).get(url).status_code == 404
    assert user.get(f"{url}/withdraw").status_code == 404
    with hub.inside():
        assert key not in hub.app.extensions["csc_store"].keys()
    assert "withdrew a paper, Safer Me assessment, version 1" in words_of(user.get(f"/contexts/{context}/history"))
    assert upload(user, context, "safer_me", main_job.report("right file")).status_code == 303
    assert "version 2" in words_of(user.get(own)) and "Not uploaded yet" not in user.get(own).text


def test_a_reader_is_not_offered_to_withdraw_a_report(hub: Hub) -> None:
    reader, context = hub.be("reader"), hub.context("school")
    page = reader.get(f"/contexts/{context}/assessment")
    paper = re.search(rf"/contexts/{context}/papers/[0-9a-f-]+", page.text)
    assert paper and "Withdraw" not in page.text
    assert reader.get(f"{paper[0]}/withdraw").status_code == 403


def test_one_file_is_not_two_reports(reported: tuple[Hub, User, str, str]) -> None:
    _, user, context, _ = reported
    twice = upload(user, context, "peer_group", WRONG)
    assert twice.status_code == 422 and "This file is already here as the Safer Me assessment report" in words_of(twice)
    same = upload(user, context, "safer_me", WRONG)
    assert same.status_code == 422 and "same file as version 1" in words_of(same)


def test_priority_issues_are_offered_only_where_there_is_one_to_choose(hub: Hub) -> None:
    user, context = hub.be("lead"), hub.context("park")
    hub.be("coordinator").post(f"/contexts/{context}/team", lead_id=_id(hub, "Priya Nair"), chair_id="")
    user.post(f"/contexts/{context}/accept", page=f"/contexts/{context}")
    own = f"/contexts/{context}/assessment"
    link = f'href="{own}/priorities"'
    user.post(f"{own}/findings/add", category="strength", text="A youth club meets here", weight="high")
    assert link not in user.get(own).text and user.get(f"{own}/priorities").status_code == 422
    user.post(f"{own}/findings/add", category="risk", text="Nobody watches the ramp", weight="high")
    assert link in user.get(own).text and user.get(f"{own}/priorities").status_code == 200


def _id(hub: Hub, name: str) -> str:
    from csc_hub.people.records import Person

    with hub.inside():
        return str(db.session.scalar(db.select(Person.id).where(Person.name == name)))


def test_a_finding_is_removed_after_asking_once_and_the_page_says_so_where_it_begins(hub: Hub) -> None:
    user, context = hub.be("lead"), hub.context("peers")
    own = f"/contexts/{context}/assessment"
    page = user.get(own).text
    remove = re.search(rf'<details(?:(?!</details>).)*?It goes for good(?:(?!</details>).)*?action="({own}/findings/[0-9a-f-]+/remove)"', page, re.S)
    assert remove, "the button that removes stands behind a question"
    answer = user.post(remove[1], page=own)
    assert answer.headers["Location"] == own, "the message stands at the top, and so does the reader"
    assert "The finding is removed" in words_of(user.get(own))
