"""Papers in and out: what is kept, who may open it, and what happens when scanner or store fail."""

import hashlib
import io
import os
import socket
import time
from pathlib import Path

import docx
import pytest

from csc_hub.adapters import storage
from csc_hub.adapters.storage import Damaged
from csc_hub.db import db
from csc_hub.papers.records import Paper
from csc_hub.settings import S3Settings
from tests import parts
from tests.hub import Hub, User, copy, words_of


def report(words: str = "About a place") -> bytes:
    """A small report in Word."""
    document, file = docx.Document(), io.BytesIO()
    document.add_paragraph(words)
    document.save(file)
    return file.getvalue()


def upload(user: User, context: str, content: bytes, name: str = "report.docx", **more: str) -> object:
    """Uploads a report as the page does."""
    fields = {"kind": "safer_me", "nobody": "y", "note": "", **more}
    return user.post(f"/contexts/{context}/assessment/reports/add", file=(io.BytesIO(content), name), **fields)


def papers(hub: Hub) -> list[Paper]:
    with hub.inside():
        return list(db.session.scalars(db.select(Paper).order_by(Paper.uploaded_at)))


def stored(hub: Hub) -> set[str]:
    with hub.inside():
        return set(hub.app.extensions["csc_store"].keys())


def test_what_goes_in_comes_out_and_it_is_on_record_who_opened_it(hub: Hub) -> None:
    lead, context, content = hub.be("lead"), hub.context("peers"), report()
    assert upload(lead, context, content).status_code == 303
    paper = papers(hub)[-1]
    assert (paper.sha256, paper.size) == (hashlib.sha256(content).hexdigest(), len(content))
    answer = hub.be("coordinator").get(f"/contexts/{context}/papers/{paper.id}")
    assert answer.data == content
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="report.docx"')
    assert answer.headers["Cache-Control"] == "no-store" and answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Opened 1 time, last by Grace Mensah" in words_of(lead.get(f"/contexts/{context}/assessment"))


def test_each_upload_is_a_version_and_the_same_file_again_is_noticed(hub: Hub) -> None:
    lead, context, first = hub.be("lead"), hub.context("peers"), report("one")
    upload(lead, context, first)
    upload(lead, context, report("two"), note="Corrected")
    page = words_of(lead.get(f"/contexts/{context}/assessment"))
    assert "version 2" in page and "version 1" in page
    kept = stored(hub)
    again = upload(lead, context, first)
    assert again.status_code == 422 and "the same file as version 1" in words_of(again)
    assert stored(hub) == kept


@pytest.mark.parametrize(("content", "name", "said"), [
    (b"", "report.docx", "empty"), (b"%PDF-1.7 x", "report.docx", "PDF"), (report()[:2000], "report.docx", "damaged"),
    (b"MZ\x90\x00" + bytes(300), "report.pdf", "program")])
def test_a_file_that_may_not_come_in_is_refused_at_its_field_and_leaves_nothing(hub: Hub, content: bytes, name: str, said: str) -> None:
    rows, kept = len(papers(hub)), stored(hub)
    answer = upload(hub.be("lead"), hub.context("peers"), content, name, note="typed before")
    assert answer.status_code == 422 and said in words_of(answer) and "typed before" in answer.text
    assert (len(papers(hub)), stored(hub)) == (rows, kept)


def test_a_file_comes_in_only_with_the_uploaders_statement(hub: Hub) -> None:
    answer = upload(hub.be("lead"), hub.context("peers"), report(), nobody="")
    assert answer.status_code == 422 and "in which a young person can be identified" in words_of(answer)


def test_a_file_over_the_ceiling_is_refused_in_words(built: Path, tmp_path: Path) -> None:
    small = copy(built, tmp_path / "small", upload_bytes=1024 * 1024)
    rows = len(papers(small))
    answer = upload(small.be("lead"), small.context("peers"), bytes(3 * 1024 * 1024))
    assert answer.status_code == 413 and "up to 1 MB" in words_of(answer)
    assert len(papers(small)) == rows


def test_an_infected_file_is_not_kept(built: Path, tmp_path: Path, clamd_socket: str) -> None:
    guarded = copy(built, tmp_path / "guarded", clamd=clamd_socket)
    rows, kept = len(papers(guarded)), stored(guarded)
    answer = upload(guarded.be("lead"), guarded.context("peers"), parts.eicar(), "notes.txt")
    assert answer.status_code == 422 and "A virus was found" in words_of(answer)
    assert (len(papers(guarded)), stored(guarded)) == (rows, kept)
    assert upload(guarded.be("lead"), guarded.context("peers"), report()).status_code == 303
    assert papers(guarded)[-1].check == "clean"


def test_while_the_scanner_is_down_a_paper_is_kept_and_opened_by_nobody(built: Path, tmp_path: Path, clamd_socket: str) -> None:
    folder = tmp_path / "guarded"
    guarded = copy(built, folder, clamd=str(tmp_path / "no-such-socket"))
    lead, context = guarded.be("lead"), guarded.context("peers")
    assert upload(lead, context, report()).status_code == 303
    paper = papers(guarded)[-1]
    for role in ("lead", "coordinator"):
        answer = guarded.be(role).get(f"/contexts/{context}/papers/{paper.id}")
        assert answer.status_code == 422 and "has not been checked for viruses" in words_of(answer)
    again = lead.post(f"/contexts/{context}/papers/{paper.id}/check", page=f"/contexts/{context}/assessment")
    assert again.status_code == 422 and "could not check this paper" in words_of(again)
    from csc_hub import create_app
    from tests.hub import settings

    mended = Hub(create_app(settings(folder, clamd=clamd_socket)))
    mended.be("lead").post(f"/contexts/{context}/papers/{paper.id}/check", page=f"/contexts/{context}/assessment")
    assert mended.be("coordinator").get(f"/contexts/{context}/papers/{paper.id}").status_code == 200


def test_papers_from_before_there_was_a_scanner_wait_for_it(built: Path, tmp_path: Path, clamd_socket: str) -> None:
    guarded = copy(built, tmp_path / "guarded", clamd=clamd_socket)
    paper, context = papers(guarded)[0], guarded.context("school")
    assert guarded.be("lead").get(f"/contexts/{context}/papers/{paper.id}").status_code == 422


def _dead() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


def test_a_store_that_is_down_gives_a_clear_page_and_leaves_no_row(built: Path, tmp_path: Path) -> None:
    gone = S3Settings(_dead(), "us-east-1", "csc", "key", "secret")
    down = copy(built, tmp_path / "down", s3=gone)
    rows = len(papers(down))
    answer = upload(down.be("lead"), down.context("peers"), report(), note="typed before")
    assert answer.status_code == 422 and "does not answer, so the file was not kept" in words_of(answer)
    assert "typed before" in answer.text and len(papers(down)) == rows
    context, paper = down.context("school"), papers(down)[0]
    opened = down.be("lead").get(f"/contexts/{context}/papers/{paper.id}")
    assert opened.status_code == 503 and "Papers cannot be reached just now" in words_of(opened)
    assert "Nobody has opened it yet" in words_of(down.be("lead").get(f"/contexts/{context}/assessment"))
    assert down.be(None).get("/healthz").json == {"status": "failing", "failing": ["documents"]}
    assert down.be("lead").get("/contexts").status_code == 200


def test_a_paper_whose_bytes_changed_in_the_store_is_never_given_out_as_whole(hub: Hub) -> None:
    lead, context = hub.be("lead"), hub.context("peers")
    for content, name in ((b"short and true", "short.txt"), (b"long and true. " * 20_000, "long.txt")):
        assert upload(lead, context, content, name).status_code == 303
        paper = papers(hub)[-1]
        place = next(path for path in (hub.app.config["CSC"].data / "papers").rglob(paper.key))
        place.write_bytes(content.replace(b"true", b"lies"))
        url = f"/contexts/{context}/papers/{paper.id}"
        if name == "short.txt":
            answer = lead.get(url)
            assert answer.status_code == 503 and "Papers cannot be reached" in words_of(answer)
        else:
            with pytest.raises(Damaged):
                lead.get(url).data  # noqa: B018 (read to its end)
        place.write_bytes(content)
        assert lead.get(url).data == content


def test_a_file_that_was_proved_once_is_given_out_whole_until_somebody_writes_to_it(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "TICK", 0.05)
    lead, context, content = hub.be("lead"), hub.context("peers"), b"long and true. " * 20_000
    assert upload(lead, context, content, "long.txt").status_code == 303
    paper = papers(hub)[-1]
    place, url = next((hub.app.config["CSC"].data / "papers").rglob(paper.key)), f"/contexts/{context}/papers/{paper.id}"
    first = place.stat()
    for settled in (False, True, True):
        time.sleep(0.06 * settled)
        answer = lead.get(url)
        assert answer.data == content and answer.content_length == len(content)
    place.write_bytes(content.replace(b"true", b"lies"))
    os.utime(place, ns=(first.st_atime_ns, first.st_mtime_ns))  # as if nobody had been there
    for _ in range(2):
        time.sleep(0.06)
        with pytest.raises(Damaged):
            lead.get(url).data  # noqa: B018 (read to its end)
    place.write_bytes(content)
    assert lead.get(url).data == content
    place.unlink()
    assert lead.get(url).status_code == 503


def test_a_file_without_a_row_can_be_named(hub: Hub) -> None:
    with hub.inside():
        from csc_hub.exchange import service

        hub.app.extensions["csc_store"].put("ab" * 16, io.BytesIO(b"x"), 1, hashlib.sha256(b"x").hexdigest())
        assert service.strays() == ["ab" * 16]
