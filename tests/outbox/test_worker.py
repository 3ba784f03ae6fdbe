"""Every letter goes out once, or it is shown why not; none is lost."""

from __future__ import annotations

import datetime as dt
import os
import random
import signal
import time
from typing import Any

import pytest

from csc_hub import kernel
from csc_hub.adapters import mail
from csc_hub.db import db, writing
from csc_hub.outbox import service, worker
from csc_hub.outbox.records import Outgoing
from tests.outbox.conftest import BEGIN, Post

MINUTE = dt.timedelta(minutes=1)


def test_a_letter_goes_out_once_its_transaction_is_kept(post: Post) -> None:
    with pytest.raises(ZeroDivisionError), post.app.app_context(), writing():
        service.queue(kind="test", to_name="A", to_address="a@b.example", from_name="C", subject="S", text="T", now=BEGIN)
        raise ZeroDivisionError
    assert post.send() == 0 and not post.rows()
    ids = post.queue(3, calendar="BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", method="REQUEST", html="<p>Hello</p>")
    assert post.send() == 3 and post.send() == 0
    assert sorted(post.server.message_ids) == sorted(ids) and all(i.endswith("@anyshire.example>") for i in ids)
    assert {(row.state, row.tries, row.sent_at, row.leased_until, row.said) for row in post.rows()} == {("sent", 1, BEGIN, None, "")}
    assert post.server.letters[0]["From"].addresses[0].addr_spec == "csc@anyshire.example"


def test_nothing_is_lost_when_the_server_is_away_for_a_day(post: Post) -> None:
    post.server.stop()
    ids = post.queue(5)
    for _ in range(24 * 12):
        post.send(5 * MINUTE)
    assert {(row.state, row.said) for row in post.rows()} == {("queued", "The mail server cannot be reached: Connection refused.")}
    assert {row.tries for row in post.rows()} <= {26, 27}
    post.server.start()
    for _ in range(13):
        post.send(5 * MINUTE)
    assert sorted(post.server.message_ids) == sorted(ids) and {row.state for row in post.rows()} == {"sent"}


def test_tries_come_after_1_5_15_and_60_minutes_then_hourly_until_two_days_have_gone(post: Post) -> None:
    post.server.mode = "busy"
    post.queue(1)
    row, = post.rows()
    tried = []
    while row.state == "queued":
        assert post.send(row.due_at - post.clock - MINUTE) == 0 and post.send(MINUTE) == 1
        tried.append((post.clock - BEGIN) // MINUTE)
        row, = post.rows()
    assert tried[:6] == [0, 1, 6, 21, 81, 141] and {b - a for a, b in zip(tried[4:], tried[5:])} == {60}
    assert 48 * 60 <= tried[-1] < 49 * 60 and (row.state, row.said) == ("given_up", "451 4.3.2 Try again later")


def test_one_of_ten_is_refused_with_the_servers_words_and_can_be_sent_again(post: Post) -> None:
    ids = post.queue(10)
    post.server.refuse.add("jo4@partner.example")
    assert post.send() == 10 and len(post.server.letters) == 9
    refused = post.rows()[4]
    assert (refused.state, refused.tries) == ("refused", 1) and refused.said.startswith("550 5.1.1") and "User unknown" in refused.said
    assert post.send(dt.timedelta(days=1)) == 0
    post.server.refuse.clear()
    with post.app.app_context(), writing():
        service.again(db.session.get_one(Outgoing, refused.id), post.clock)
    assert post.send() == 1 and sorted(post.server.message_ids) == sorted(ids)
    with pytest.raises(kernel.Refused, match="on its way or has gone"), post.app.app_context(), writing():
        service.again(db.session.get_one(Outgoing, refused.id), post.clock)


@pytest.mark.parametrize(("mode", "taken"), [("drop", 0), ("lost", 1)])
def test_a_line_that_breaks_is_tried_again_under_the_same_message_id(post: Post, mode: str, taken: int) -> None:
    made, = post.queue(1)
    post.server.mode = mode
    assert post.send() == 1 and len(post.server.letters) == taken
    assert post.rows()[0].state == "queued"
    post.server.mode = ""
    assert post.send(MINUTE) == 1 and set(post.server.message_ids) == {made} and len(post.server.letters) == taken + 1


def test_a_letter_that_cannot_be_written_is_refused_and_holds_up_no_other(post: Post) -> None:
    post.queue(1, to_address="jürgen@partner.example")
    post.queue(1)
    post.queue(1, to_address="nobody", to_name="\x00\ud800")
    assert post.send() == 3 and len(post.server.letters) == 1
    assert [row.state for row in post.rows()].count("refused") == 2


def test_a_fault_of_our_own_keeps_the_letter_and_the_log_says_nothing_of_it(post: Post, caplog: pytest.LogCaptureFixture) -> None:
    class Broken:
        def send(self, letter: mail.Letter) -> None:
            raise KeyError(letter.to_address)

    whole = post.app.extensions["csc_mail"]
    post.app.extensions["csc_mail"] = Broken()
    post.queue(1)
    with caplog.at_level("DEBUG", "csc_hub"):
        assert post.send() == 1
        post.app.extensions["csc_mail"] = whole
        assert post.send(MINUTE) == 1 and len(post.server.letters) == 1
    assert "KeyError" in caplog.text and "sent" in caplog.text
    assert "partner.example" not in caplog.text and "Secret" not in caplog.text and "Jo " not in caplog.text


def test_two_workers_at_once_send_each_letter_once(post: Post) -> None:
    ids = post.queue(60)
    workers = [post.command("--once") for _ in range(2)]
    said = [process.communicate(timeout=120)[0] for process in workers]
    assert [process.returncode for process in workers] == [0, 0], said
    assert sorted(post.server.message_ids) == sorted(ids) and {(row.state, row.tries) for row in post.rows()} == {("sent", 1)}
    assert "partner.example" not in "".join(said) and "Secret" not in "".join(said)


def test_a_worker_killed_before_it_writes_down_what_was_sent_loses_nothing(post: Post) -> None:
    ids = post.queue(5)
    process = post.command()

    def kill() -> None:
        if len(post.server.letters) == 3:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()

    post.server.taken = kill
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL and len(post.server.letters) == 3
    post.clock = kernel.now()
    twice = post.server.message_ids[2]
    assert post.send() == 2, "the one that was under way is still taken"
    assert post.send(worker.LEASE + MINUTE) == 1
    assert sorted(post.server.message_ids) == sorted([*ids, twice]) and {row.state for row in post.rows()} == {"sent"}
    assert sorted(row.tries for row in post.rows()) == [1, 1, 1, 1, 2]


def test_a_late_worker_does_not_write_over_what_another_found(post: Post) -> None:
    post.queue(1)
    with post.app.app_context():
        slow = worker._take(post.app, BEGIN)
        assert slow and worker._take(post.app, BEGIN) is None
    assert post.send(worker.LEASE + MINUTE) == 1
    with post.app.app_context():
        worker._record(slow, worker.Sending.REFUSED, "late", post.clock)
    assert [(row.state, row.said) for row in post.rows()] == [("sent", "")]


def test_a_worker_waits_for_mail_and_ends_when_it_is_told(post: Post) -> None:
    process = post.command()
    post.queue(1)
    give_up = time.monotonic() + 60
    while not post.server.letters and time.monotonic() < give_up:
        time.sleep(0.05)
    process.terminate()
    said, _ = process.communicate(timeout=30)
    assert process.returncode == 0 and "sent after 1 try" in said and "partner.example" not in said
    assert [row.state for row in post.rows()] == ["sent"]


def test_letters_are_listed_by_what_they_are_about_without_their_bodies(post: Post) -> None:
    from sqlalchemy.exc import InvalidRequestError

    post.queue(1)
    first, = post.rows()
    post.queue(1, BEGIN + MINUTE, about=first.about)
    post.queue(1)
    with post.app.app_context():
        found: Any = service.of([first.about, first.id])  # type: ignore[list-item]
        assert list(found) == [first.about] and [row.queued_at for row in found[first.about]] == [BEGIN + MINUTE, BEGIN]
        assert found[first.about][0].to_name == "Jo 0"
        with pytest.raises(InvalidRequestError):
            found[first.about][0].text
        assert service.of([]) == {}


def test_a_mail_server_that_hangs_holds_nothing_for_good(post: Post) -> None:
    given = post.app.config["CSC"].smtp
    post.app.extensions["csc_mail"] = mail.SmtpMail(given.host, given.port, "none", timeout=0.3)
    ids = post.queue(3)
    post.server.mode = "hang"
    assert post.send() == 3 and {row.said for row in post.rows()} == {"The mail server did not answer in time."}
    post.server.mode = ""
    assert post.send(MINUTE) == 3 and sorted(post.server.message_ids) == sorted(ids)


def test_200_letters_through_a_server_that_does_everything_wrong(post: Post) -> None:
    chance, lost = random.Random(6), 0
    ids = post.queue(200)
    post.server.refuse = {f"jo{n}@partner.example" for n in range(0, 200, 20)}
    while "queued" in {row.state for row in post.rows()}:
        while True:
            post.server.mode = chance.choice(["", "", "", "busy", "drop", "lost"])
            before = len(post.server.letters)
            if not worker.send_due(post.app, now=lambda: post.clock, limit=1):
                break
            lost += post.server.mode == "lost" and len(post.server.letters) > before
        post.clock += 10 * MINUTE
    states = {row.message_id: row.state for row in post.rows()}
    assert set(states) == set(ids) and set(states.values()) == {"sent", "refused"}
    assert {row.to_address for row in post.rows() if row.state == "refused"} == post.server.refuse
    taken = post.server.message_ids
    assert set(taken) == {made for made, state in states.items() if state == "sent"}, "each came, and none came that is not shown as sent"
    assert len(taken) == len(set(taken)) + lost and lost > 10, "only a lost answer has a letter come twice"
