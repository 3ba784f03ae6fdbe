"""What is served is what it is (F3), comes back as it went in, and never with a virus (F4)."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from csc_hub import create_app
from csc_hub.cli import check_papers
from csc_hub.db import db
from csc_hub.papers.filetypes import TYPES
from csc_hub.papers.records import Paper
from tests import parts
from tests.house.ground import SEATS, Ground, Seat, address
from tests.house.test_headers import SANDBOX
from tests.hub import settings
from tests.papers.test_filetypes import GOOD
from tests.trust.badfiles import Door, send, doors
from tests.trust.mutants import Bad
from tests.trust.stage import Outcome, Stage

SERVED = {kind.content_type for kind in TYPES.values()}
WRONG = ("exe", "html", "htm", "svg", "js", "xhtml", "xml", "docm", "xlsm", "dotx", "doc", "xls", "ppt", "pptx", "rtf", "zip", "jar", "hta", "bat", "gif",
         "mp4", "csv", "lnk", "url")
"""24 endings that no paper may bear, whatever is inside."""
HTML = b"<html><body><script>csc-x()</script></body></html>"


def _zip(data: bytes, *more: tuple[str, bytes]) -> bytes:
    file = io.BytesIO(data)
    with zipfile.ZipFile(file, "a") as archive:
        for name, content in more:
            archive.writestr(name, content)
    return file.getvalue()


def polyglots() -> dict[str, bytes]:
    """Files that are two things at once, by the name under which they come."""
    pdf, jpg, png, docx, xlsx = (GOOD[name] for name in ("letter.pdf", "photo.jpg", "map.png", "minutes.docx", "register.xlsx"))
    return {
        "page first.pdf": HTML + pdf, "page last.pdf": pdf + HTML, "zip last.pdf": pdf + docx, "zip last.jpg": jpg + docx, "page last.jpg": jpg + HTML,
        "page last.png": png + HTML, "zip last.png": png + xlsx, "page first.docx": HTML + docx, "picture first.docx": png + docx, "pdf first.docx": pdf + docx,
        "page.txt": HTML, "page with a mark.txt": b"\xef\xbb\xbf  \n" + HTML, "page later.txt": b"Notes\n" * 2_000 + HTML, "both.docx": _zip(docx, ("xl/workbook.xml", b"<x/>")),
        "page inside.docx": _zip(docx, ("word/page.html", HTML)), "gif script.png": b"GIF89a/*" + png, "gif.jpg": b"GIF89a=1;" + jpg, "mail and page.eml": GOOD["mail.eml"] + HTML,
        "page mail.eml": b"From: a@example.gov.uk\nTo: b@example.gov.uk\nContent-Type: text/html\n\n" + HTML, "odt and docx.odt": _zip(GOOD["notes.odt"], ("[Content_Types].xml", b"<x/>")),
        "svg.txt": b"<svg xmlns='http://www.w3.org/2000/svg' onload='csc-x()'/>", "shell.pdf": b"#!/bin/sh\n" + pdf, "program.pdf": b"MZ" + pdf, "sniffed.txt": b"%!PS-Adobe\n" + HTML}


def _paper_door(ground: Ground) -> Door:
    """The door through which papers come in that are given out again."""
    return next(door for door in doors(ground) if door.route.endpoint == "assessments.add_report")


def _guest_door(ground: Ground) -> Door:
    """The door of somebody without an account."""
    return next(door for door in doors(ground) if door.route.endpoint == "replies.add_file")


def _opened_by_guest(ground: Ground, role: str) -> Any:
    """What a guest has sent, opened by them or by somebody who runs the meeting."""
    if role == "invited":
        return ground.seats[role].ask("GET", "/invitation/file/open")
    own = ground.ids["peers"]
    return ground.seats[role].ask("GET", f"/contexts/{own['context_id']}/invitations/{own['invitation_id']}/file")


def _newest(ground: Ground) -> Any:
    with ground.hub.inside():
        return db.session.scalars(db.select(Paper).order_by(Paper.uploaded_at.desc())).first()


def _open(ground: Ground, role: str, paper: Any) -> Any:
    return ground.seats[role].ask("GET", f"/contexts/{paper.context_id}/papers/{paper.id}")


def _unsafe(answer: Any) -> list[str]:
    """What a browser could make of a download that it should not."""
    head = answer.headers
    wanted = {"Content-Security-Policy": SANDBOX, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
    unsafe = [name for name, value in wanted.items() if head.getlist(name) != [value]]
    unsafe += [] if head.get("Content-Disposition", "").startswith('attachment; filename="') else ["Content-Disposition"]
    return unsafe + ([] if head["Content-Type"] in SERVED else [f"Content-Type {head['Content-Type']}"])


def true_types(stage: Stage) -> Outcome:
    """F3: no file is served as what it is not: every wrong ending for every kind, and files of two kinds at once."""
    ground, found = stage.ground(), Outcome()
    served = 0
    good = {name: content for name, content in GOOD.items() if name not in ("MINUTES.DOCX",)}
    tries = [(f"paper.{ending}", content, name) for ending in WRONG for name, content in list(good.items())[::stage.times(6, 1)]]
    tries += [(f"paper.{other}", content, name) for name, content in good.items() for other in TYPES if other != _ending(name)][::stage.times(4, 1)]
    tries += [(name, content, "a polyglot") for name, content in polyglots().items()]
    ways: list[tuple[Door, Callable[[], Any]]] = [
        (_paper_door(ground), lambda: _open(ground, "lead", _newest(ground))), (_guest_door(ground), lambda: _opened_by_guest(ground, "invited"))]
    for (door, give_back), (name, content, what) in ((way, one) for way in ways for one in tries):
        answer = send(door, Bad(name, content, what))
        found.expect(answer.status_code in (303, 422), f"{what} as {name}: {answer.status_code}")
        if answer.status_code == 303:
            served += 1
            opened = give_back()
            first = content.lstrip(b"\xef\xbb\xbf \r\n\t")
            kind = opened.headers["Content-Type"]
            found.expect(not _unsafe(opened), f"{what} as {name} is served with {_unsafe(opened)}")
            found.expect(_ending(name) in TYPES and kind == TYPES[_ending(name)].content_type and _begins_like(first, _ending(name)), f"{what} as {name} is served as {kind}")
        ground.watch.restore()
    found.figure = f"{len(WRONG)} endings, {len(polyglots())} polyglots, {len(tries)} files × {len(ways)} doors: {served} taken for what they are, {len(found.failed)} served as something else"
    return found


def _ending(name: str) -> str:
    return name.rpartition(".")[2].lower().replace("jpeg", "jpg")


def _begins_like(content: bytes, ending: str) -> bool:
    """Whether a file begins as its kind must, looked at in another way than the hub does."""
    begin = {"pdf": b"%PDF-", "png": b"\x89PNG", "jpg": b"\xff\xd8\xff", "docx": b"PK\x03\x04", "xlsx": b"PK\x03\x04", "odt": b"PK\x03\x04", "ods": b"PK\x03\x04", "msg": b"\xd0\xcf"}
    if ending in begin:
        return content.startswith(begin[ending])
    return not any(content.startswith(sign) for sign in begin.values()) and not content.lower().startswith((b"<html", b"<svg", b"<!doctype", b"#!"))


def downloads(stage: Stage) -> Outcome:
    """F4: every kind of stored file comes back byte for byte and safely; no virus for anybody, also while the scanner is down."""
    ground, found = stage.ground(), Outcome()
    door, kept = _paper_door(ground), 0
    for name, content in GOOD.items():
        for size in range(stage.times(1, 5)):
            whole = content + b"\n" * size if name.endswith("txt") else content if not size else _zip(content, (f"word/n{size}.xml", b"<a/>")) if name.endswith("docx") else b""
            if not whole or send(door, Bad(name, whole, "")).status_code != 303:
                continue
            kept, paper = kept + 1, _newest(ground)
            for role in ("lead", "coordinator"):
                answer = _open(ground, role, paper)
                same = hashlib.sha256(answer.data).hexdigest() == hashlib.sha256(whole).hexdigest() == paper.sha256
                found.expect(same and not _unsafe(answer), f"{name} came back to the {role} {'as it was' if same else 'changed'}, lacking {_unsafe(answer)}")
    found.expect(kept >= 10, f"only {kept} files were taken")
    from_guests = _guests_files(ground, found)
    _exports(ground, found)
    viruses = _viruses(stage, found)
    found.figure = f"{kept + from_guests} files back byte for byte, {viruses} tries with a virus, {len(found.failed)} failures"
    return found


def _guests_files(ground: Ground, found: Outcome) -> int:
    """What a guest sends comes back to them and to those who run the meeting as it was, and to nobody else; how many files."""
    door, kept = _guest_door(ground), 0
    for name, content in GOOD.items():
        if send(door, Bad(name, content, "")).status_code != 303:
            continue
        kept, paper = kept + 1, _newest(ground)
        for role in SEATS:
            answer, may = _opened_by_guest(ground, role), role in ("invited", "lead", "coordinator", "other chair")
            same = answer.status_code == 200 and hashlib.sha256(answer.data).hexdigest() == hashlib.sha256(content).hexdigest()
            found.expect(same and not _unsafe(answer) if may else answer.status_code != 200, f"{name} from a guest: {role} got {answer.status_code}")
            found.expect(_open(ground, role, paper).status_code != 200, f"{name} from a guest is open to the {role} as if it were a report")
        ground.watch.restore()
    found.expect(kept >= 10, f"only {kept} files of a guest were taken")
    return kept


def _exports(ground: Ground, found: Outcome) -> None:
    """What the hub writes itself is given out as safely, but for the sandbox, which only what others wrote needs."""
    for route in ground.routes:
        if route.method == "GET" and ("download" in route.rule or "workbook" in route.rule) and "/workbooks/" not in route.rule:
            answer = next((a for a in (ground.seats[r].ask("GET", address(route, ground.ids["school"])) for r in ("lead", "agency contact", "administrator", "reporting")) if a.status_code == 200), None)
            if found.expect(answer is not None, f"nobody could download {route.rule}") and answer is not None:
                unsafe = set(_unsafe(answer)) - {"Content-Security-Policy"}
                found.expect(not unsafe, f"{route.rule} is given out with {unsafe}")


def infected() -> dict[str, bytes]:
    """The test virus by itself and in containers."""
    virus = parts.eicar()
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@example.gov.uk", "b@example.gov.uk", "Notes"
    mail.set_content("See the file.")
    mail.add_attachment(virus, maintype="application", subtype="octet-stream", filename="a.com")
    assert base64.b64encode(virus)[:20] in mail.as_bytes()
    return {"plain.txt": virus, "inside.docx": _zip(GOOD["minutes.docx"], ("word/media/image1.emf", virus)), "inside.xlsx": _zip(GOOD["register.xlsx"], ("xl/media/image1.emf", virus)),
            "inside.odt": _zip(GOOD["notes.odt"], ("Pictures/1.emf", virus)), "attached.eml": mail.as_bytes()}


def _viruses(stage: Stage, found: Outcome) -> int:
    """With the scanner up every container is refused at every door; with it down nobody opens what was kept."""
    tried = 0
    for scanner, up in ((stage.clamd, True), (str(stage.root / "no-such-scanner"), False)):
        ground = stage.ground(clamd=scanner)
        folder = Path(ground.hub.app.config["CSC"].data)
        for door in doors(ground):
            for name, content in infected().items():
                if door.route.endpoint not in ("assessments.add_report", "replies.add_file") and not up:
                    continue
                tried += 1
                before = {path for path in (folder / "papers").rglob("*") if path.is_file()}
                answer = send(door, Bad(name, content, ""))
                if up:
                    left = {path for path in (folder / "papers").rglob("*") if path.is_file()} - before
                    found.expect(answer.status_code == 422 and not left and "A virus was found" in answer.text, f"{name} at {door.route.rule}: {answer.status_code}, {len(left)} files kept")
                elif answer.status_code == 303:
                    _nobody_opens(ground, name, found)
                else:
                    found.expect(answer.status_code == 422, f"{name} while the scanner is down: {answer.status_code}")
        if not up:
            _scanner_is_back(stage, ground, folder, found)
    return tried


def _nobody_opens(ground: Ground, name: str, found: Outcome) -> None:
    paper = _newest(ground)
    for role in SEATS:
        for answer in (_open(ground, role, paper), _opened_by_guest(ground, role)) if paper.from_invited else (_open(ground, role, paper),):
            found.expect(answer.status_code != 200 and parts.eicar() not in answer.data, f"the {role} opened {name}, which no scanner has looked at")


def _scanner_is_back(stage: Stage, ground: Ground, folder: Path, found: Outcome) -> None:
    """Once the scanner answers again, what waited is found and taken away."""
    app = create_app(replace(settings(folder), clamd=stage.clamd))
    with app.app_context():
        app.test_cli_runner().invoke(check_papers)
        names = tuple(infected())
        waited = list(db.session.scalars(db.select(Paper).where(Paper.name.in_(names), Paper.withdrawn_at.is_(None))))  # a guest's newer file took the place of the one before
    found.expect(len(waited) >= 4, f"only {len(waited)} of {len(names)} infected files were kept while the scanner was down")
    for paper in waited:
        found.expect(paper.check == "infected", f"{paper.name} is {paper.check} once the scanner looked at it")
        for role, old in ground.seats.items():
            answer = Seat(app, old.cookie, old.token).ask("GET", f"/contexts/{paper.context_id}/papers/{paper.id}")
            found.expect(answer.status_code != 200, f"the {role} opened {paper.name}, which has a virus")
