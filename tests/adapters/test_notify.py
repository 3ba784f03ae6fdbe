"""GOV.UK Notify's own client, spoken to by a small stand-in for its service on this machine."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from csc_hub.adapters.mail import MailDown, MailRefused, NotifyMail
from tests.adapters.test_mail import LETTER
from tests.parts import free_ports

KEY = "hub-26785a09-ab16-4eb0-8407-a37497a57506-3d844edf-8d35-48ac-975b-e847b4f122b0"


class Notify(ThreadingHTTPServer):
    """Takes mail and answers with `status`."""

    status = 201
    taken: list[dict[str, Any]]


class _Answer(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        """One request to send."""
        assert isinstance(self.server, Notify) and self.path == "/v2/notifications/email" and self.headers["Authorization"].startswith("Bearer ")
        self.server.taken.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        said = {"id": "x"} if self.server.status == 201 else {"errors": [{"error": "ValidationError", "message": "email_address Not a valid email address"}]}
        content = json.dumps(said).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@pytest.fixture
def notify() -> Iterator[Notify]:
    """The stand-in, running."""
    with Notify(("127.0.0.1", 0), _Answer) as server:
        server.taken = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_notify_gets_the_text_under_the_message_id_and_its_answers_are_sorted(notify: Notify) -> None:
    mail = NotifyMail(KEY, "a-template", f"http://127.0.0.1:{notify.server_address[1]}")
    mail.send(LETTER)
    assert notify.taken == [{
        "email_address": "jo@partner.example", "template_id": "a-template", "reference": LETTER.message_id,
        "personalisation": {"subject": LETTER.subject, "body": LETTER.text}}]
    for status, fault in ((400, MailRefused), (403, MailDown), (429, MailDown), (500, MailDown)):
        notify.status = status
        with pytest.raises(fault, match=f"{status} .*Not a valid email"):
            mail.send(LETTER)


def test_no_notify_is_down() -> None:
    with pytest.raises(MailDown):
        NotifyMail(KEY, "a-template", f"http://127.0.0.1:{free_ports(1)[0]}").send(LETTER)
