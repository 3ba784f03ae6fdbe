"""Reports of mail servers, as several of them write them."""

from __future__ import annotations

import pytest

from csc_hub.adapters.bounces import read_bounce

ID = "<0b1c@anyshire.example>"
POSTFIX = f"""From: MAILER-DAEMON@mx.anyshire.example (Mail Delivery System)
To: csc@anyshire.example
Subject: Undelivered Mail Returned to Sender
Message-ID: <report@mx>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

This is the mail system. I could not deliver your message.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.anyshire.example

Final-Recipient: rfc822; Sal.Rossi@partner.example
Original-Recipient: rfc822;sal.rossi@partner.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <sal.rossi@partner.example>: Recipient address
    rejected: User unknown

--b
Content-Type: message/rfc822

From: Helen <csc@anyshire.example>
To: sal.rossi@partner.example
Message-ID: {ID}
Subject: Invitation

Dear Sal
--b--
"""


def test_a_report_names_the_letter_the_address_and_the_words() -> None:
    found = read_bounce(POSTFIX.encode())
    assert found and found.message_id == ID and len(found.failures) == 1
    assert found.failures[0].addresses == ("sal.rossi@partner.example", "sal.rossi@partner.example")
    assert found.failures[0].words == "550 5.1.1 <sal.rossi@partner.example>: Recipient address rejected: User unknown"


@pytest.mark.parametrize("change", [
    ("message/rfc822", "text/rfc822-headers"), ("Action: failed", "action:  FAILED "), ("report-type=delivery-status", 'Report-Type="Delivery-Status"'),
    ("Diagnostic-Code: smtp; 550 5.1.1 <sal.rossi@partner.example>: Recipient address\n    rejected: User unknown\n", ""), ("\n", "\r\n")])
def test_other_servers_write_it_in_other_ways(change: tuple[str, str]) -> None:
    found = read_bounce(POSTFIX.replace(*change).encode())
    assert found and found.message_id == ID and found.failures[0].words.startswith(("550", "5.1.1"))


@pytest.mark.parametrize("change", [
    ("Action: failed", "Action: delayed"), ("Action: failed", "Action: relayed"), ("multipart/report", "multipart/mixed"), (f"Message-ID: {ID}\n", ""),
    ("report-type=delivery-status", "report-type=disposition-notification"), ("message/delivery-status", "text/plain"), ("message/rfc822", "text/html")])
def test_what_is_no_report_of_a_failure_is_none(change: tuple[str, str]) -> None:
    assert read_bounce(POSTFIX.replace(*change).encode()) is None


def test_broken_reports_are_survived() -> None:
    whole = POSTFIX.encode()
    for cut in range(0, len(whole), 37):
        read_bounce(whole[:cut])
        read_bounce(whole[:cut] + b"\xff\x00\xfe" * 20 + whole[cut:])
    assert read_bounce(b"") is None and read_bounce(b"\x00" * 10_000) is None
    assert read_bounce(whole + b"x" * 3_000_000) is not None
