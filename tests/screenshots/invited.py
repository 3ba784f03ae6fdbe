"""Pictures of invitations that are sent, of the pages of somebody invited, and of the mail itself."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

from csc_hub import create_app
from csc_hub.adapters.mailbox import FolderMailbox
from csc_hub.kernel import now
from csc_hub.process.invitations import incoming
from tests.hub import Hub, settings
from tests.mailbox import link_in, mail_to
from tests.process.invitations.test_incoming import bounce_of
from tests.screenshots.gallery import Gallery, send


def invited(gallery: Gallery, s: dict[str, str]) -> None:
    """From sending to answering and reading."""
    take, at = gallery.take, f"{s['interchange']}/invitations"
    take("sending", "coordinator", f"{at}/send")
    take("sending-nobody-chosen", "coordinator", f"{at}/send", lambda p: ([box.uncheck() for box in p.get_by_role("checkbox").all()], send(p)))
    take("sending-done", "coordinator", f"{at}/send", send)
    link = link_in(mail_to(gallery.server, "Sal Rossi"))
    _not_reached(gallery, at)
    take("papers", "lead", f"{at}/papers", lambda p: p.get_by_role("button", name="Tell them of the priority issues").click())
    take("papers-released", "lead", f"{at}/papers", lambda p: p.get_by_role("button", name=re.compile("Release it")).first.click())
    _leave(gallery, at)
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
    take("letter-withdrawn", "coordinator", at, lambda p: p.get_by_role("button", name=re.compile("Withdraw.*Kemi")).click())
    take("letter-anew", "coordinator", at, lambda p: p.get_by_role("button", name=re.compile("Invite again, by letter.*Kemi")).click())
    _file(gallery, at)


def _leave(gallery: Gallery, at: str) -> None:
    """The chair lets one person read one paper without the agreement: the form, the papers, and the board."""
    take = gallery.take

    def form(page: Any) -> None:
        page.get_by_role("link", name=re.compile("Let somebody read it")).first.click()

    def give(page: Any) -> None:
        form(page)
        page.get_by_label("Sal Rossi").check()
        page.get_by_label("Reason").fill("The café’s head office signs next week, and the manager knows the evenings best.")
        send(page)

    take("leave", "David Hollis", f"{at}/papers", form)
    take("leave-wrong", "David Hollis", f"{at}/papers", lambda p: (form(p), send(p)))
    take("leave-given", "David Hollis", f"{at}/papers", give)
    take("leave-on-the-board", "David Hollis", at)


def _file(gallery: Gallery, at: str) -> None:
    """A file from somebody invited, on their page and on the coordinator's."""
    take, note = gallery.take, {"name": "the-stop.txt", "mimeType": "text/plain", "buffer": b"About thirty young people wait at the stop after eight.\n"}
    take("invited-file", None, "/invitation/file")
    take("invited-file-wrong", None, "/invitation/file", send)
    take("invited-file-sent", None, "/invitation/file", lambda p: (p.get_by_label("The file").set_input_files(note), p.get_by_label("I have read this file").check(), send(p)))
    take("papers-sent-in", "coordinator", f"{at}/papers")


def _not_reached(gallery: Gallery, at: str) -> None:
    """A letter that came back: on the list, among the mail, on the list of whom to ring, and its address corrected."""
    take = gallery.take
    take("mail-page", "coordinator", f"{at}/mail")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "1.eml").write_bytes(bounce_of(mail_to(gallery.server, "Sal Rossi")))
        hub = Hub(create_app(settings(gallery.server.data)))
        with hub.inside():
            list(incoming.read(FolderMailbox(Path(folder)), now()))
    take("mail-page-not-reached", "coordinator", f"{at}/mail")
    take("phone-list-not-reached", "coordinator", f"{at}/phone-list")
    take("address", "coordinator", f"{at}/mail", lambda p: p.get_by_role("link", name="Correct the address").first.click())
    take("address-wrong", "coordinator", f"{at}/mail", lambda p: (
        p.get_by_role("link", name="Correct the address").first.click(), p.get_by_label("E-mail address").fill("sal at café"), send(p)))
