"""Pictures of invitations that are sent, of the pages of somebody invited, and of the mail itself."""

from __future__ import annotations

import re

from tests.mailbox import link_in, mail_to
from tests.screenshots.gallery import Gallery, send


def invited(gallery: Gallery, s: dict[str, str]) -> None:
    """From sending to answering and reading."""
    take, at = gallery.take, f"{s['interchange']}/invitations"
    take("sending", "coordinator", f"{at}/send")
    take("sending-nobody-chosen", "coordinator", f"{at}/send", lambda p: ([box.uncheck() for box in p.get_by_role("checkbox").all()], send(p)))
    take("sending-done", "coordinator", f"{at}/send", send)
    link = link_in(mail_to(gallery.server, "Sal Rossi"))
    take("papers", "lead", f"{at}/papers", lambda p: p.get_by_role("button", name="Tell them of the priority issues").click())
    take("papers-released", "lead", f"{at}/papers", lambda p: p.get_by_role("button", name=re.compile("Release it")).first.click())
    take("papers-recall", "lead", f"{at}/papers", lambda p: p.get_by_role("link", name="Take it back").first.click())
    take("link", None, link)
    take("link-wrong", None, "/i/wrong")
    take("code", None, "/code")
    take("check", None, "/check")
    take("check-wrong", None, "/check", send)
    take("check-unknown", None, "/check", lambda p: (p.get_by_label("Check code").fill("ABCD"), send(p)))
    take("code-wrong", None, "/code", lambda p: (p.get_by_label("Your e-mail address").fill("sal.rossi@anyshire.example"), p.get_by_label("Six-digit code").fill("1"), send(p)))
    take("invited", None, link, lambda p: p.get_by_role("button", name="Continue").click())
    take("invited-wrong", None, "/invitation", lambda p: p.get_by_role("button", name="Send my answer").click())
    take("invited-answered", None, "/invitation", lambda p: (
        p.get_by_label("Yes", exact=True).check(), p.get_by_label("What do you need").fill("Step-free access"),
        p.get_by_label("What should the meeting know").fill("Young people buy tea and stay until eight."), p.get_by_role("button", name="Send my answer").click()))
    take("invitations-sent", "coordinator", at)
    take("phone-list", "coordinator", f"{at}/phone-list")
    take("letter", "coordinator", at, lambda p: p.get_by_role("button", name=re.compile("Letter to print.*Kemi")).click())
