"""The mail that a served demonstration has sent: files in its folder."""

from __future__ import annotations

import email
import email.policy
import re
import time
from typing import Any

from tests.browser import Server


def mail_to(server: Server, name: str, seconds: float = 30) -> Any:
    """The newest mail to somebody, once the hub's own worker has sent it."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for path in sorted((server.data / "mail").glob("*.eml"), key=lambda p: -p.stat().st_mtime_ns):
            mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            if mail["To"].addresses[0].display_name == name:
                return mail
        time.sleep(0.2)
    raise AssertionError(f"no mail to {name}")


def link_in(mail: Any) -> str:
    """The address of somebody's own page."""
    found = re.search(r"http://\S+/[isu]/\S+", mail.get_body(("plain",)).get_content())
    assert found
    return found[0]


def mails_to(server: Server, name: str, least: int, seconds: float = 30) -> list[Any]:
    """All mail to somebody, the newest first, once there are so many."""
    until = time.monotonic() + seconds
    while True:
        found = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
                 for path in sorted((server.data / "mail").glob("*.eml"), key=lambda p: -p.stat().st_mtime_ns)]
        own = [mail for mail in found if mail["To"].addresses[0].display_name == name]
        if len(own) >= least or time.monotonic() > until:
            assert len(own) >= least, f"{len(own)} mails to {name}"
            return own
        time.sleep(0.2)
