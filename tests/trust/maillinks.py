"""What scanners of mail do to links before people see them, and what people do to them at the same moment (A4)."""

from __future__ import annotations

import base64
import datetime as dt
import http.client
import re
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass

from csc_hub.db import db, writing
from csc_hub.kernel import now
from csc_hub.people import links
from csc_hub.people import service as people
from csc_hub.exchange.doors.records import UpdateDoor
from csc_hub.people.records import Agency, Person
from csc_hub.process.agreements import records as agreements
from csc_hub.process.agreements.records import Request
from csc_hub.process.agreements.rules import Document
from csc_hub.process.contexts.records import Context
from tests import browser
from tests.hub import NAMES, Hub
from tests.trust.books import Books
from tests.trust.client import Client
from tests.trust.crash import prepared
from tests.trust.rush import guests
from tests.trust.server import Server, server
from tests.trust.stage import Outcome, Stage

MOBILE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148"
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/126.0 Safari/537.36"
SCANNERS: tuple[tuple[str, str, str, dict[str, str]], ...] = (
    # (who it is like, method, what it adds to the address, headers)
    ("a plain reader", "GET", "", {}), ("a browser without windows", "GET", "", {"User-Agent": CHROME}),
    ("a phone's preview", "GET", "", {"User-Agent": MOBILE}), ("one that asks for headers", "HEAD", "", {}),
    ("one that asks what may be done", "OPTIONS", "", {}), ("one that asks for another site", "OPTIONS", "", {"Origin": "https://scanner.example", "Access-Control-Request-Method": "POST"}),
    ("a browser that fetches ahead", "GET", "", {"Sec-Purpose": "prefetch;prerender", "Purpose": "prefetch"}), ("one that wants the first bytes", "GET", "", {"Range": "bytes=0-1023"}),
    ("one that marks what it opens", "GET", "?utm_source=scanner&data=05%7C02", {}), ("one that wants a picture", "GET", "", {"Accept": "image/*"}),
    ("one that wants data", "GET", "", {"Accept": "application/json"}), ("one that looks like our own script", "GET", "", {"HX-Request": "true"}),
    ("one that comes from a mailbox", "GET", "", {"Referer": "https://outlook.office.com/"}), ("a gateway", "GET", "", {"X-Forwarded-For": "203.0.113.9, 10.0.0.1", "Via": "1.1 gateway"}),
    ("one that asks whether it changed", "GET", "", {"If-None-Match": "*", "If-Modified-Since": "Thu, 26 Nov 2026 10:00:00 GMT"}), ("one that takes the dot along", "GET", ".", {}),
    ("one that pretends to send", "GET", "", {"X-HTTP-Method-Override": "POST"}), ("one that sends nothing", "POST", "", {}),
    ("one that sends a form without our word", "POST", "", {"Content-Type": "application/x-www-form-urlencoded"}), ("one that tries what servers know", "PROPFIND", "", {"Depth": "0"}),
)


@dataclass(frozen=True)
class Mailed:
    """A link that lies in somebody's mailbox: its path, its secrets, and where the moment stands that notes its first use."""

    path: str
    secrets: tuple[str, ...]
    note: str
    verb: str
    once: bool = False


def mailed(hub: Hub, number: int) -> list[Mailed]:
    """So many links of each kind: to an invitation, to sign, to report for an agency, and to choose a password."""
    made = [Mailed(guest.link, (guest.link[3:],), f"SELECT seen_at FROM invitations WHERE id = '{guest.invitation}'", "came_by_invitation") for guest in guests(hub, number)]
    with hub.inside():
        with writing():
            moment = now()
            version = agreements.in_force(Document.AGREEMENT, moment.date())
            agency = db.session.scalars(db.select(Agency).where(~Agency.statutory)).first()
            plan = db.session.scalar(db.select(Context.id).where(Context.name == NAMES["school"]))
            owner = db.session.scalar(db.select(Agency.id).where(Agency.name == "Housing"))
            assert version and agency
            for _ in range(number):
                mark = uuid.uuid4()
                db.session.add(Request(id=mark, version_id=version.id, agency_id=agency.id, name="Somebody There", email=f"{mark.hex}@partner.example",
                                       asked_at=moment, asked_by="Grace Mensah", typed={}))
                key = links.make(links.Purpose.SIGNING, mark, f"{mark.hex}@partner.example", moment + dt.timedelta(days=1), moment)
                made.append(Mailed(f"/s/{key.token}", (key.token, key.code), f"SELECT opened_at FROM signing_requests WHERE id = '{mark.hex}'", "came_to_sign"))
                door = UpdateDoor(id=uuid.uuid4(), context_id=plan, agency_id=owner, name="Somebody There", email=f"{mark.hex}@partner.example", asked_by="Grace Mensah", asked_at=moment)
                db.session.add(door)
                db.session.flush()
                key = links.make(links.Purpose.UPDATES, door.id, door.email, moment + dt.timedelta(days=1), moment)
                made.append(Mailed(f"/u/{key.token}", (key.token, key.code), f"SELECT came_at FROM update_doors WHERE id = '{door.id.hex}'", "came_to_report"))
                person = Person(id=uuid.uuid4(), name="New Colleague", email=f"{uuid.uuid4().hex}@anyshire.example")
                db.session.add(person)
                db.session.flush()
                token = people.make_link(person, None, moment)
                made.append(Mailed(f"/choose-password/{token}", (token,), "", "chose_password", True))
        db.engine.dispose()
    return made


def mail_links(stage: Stage) -> Outcome:
    """A4: 20 kinds of scanner × 50 links of each kind on each database, Chromium for 10 s, and 50 presses at once."""
    found, told = Outcome(), []
    _logs(found)
    for base in ("SQLite", "PostgreSQL") if stage.long else ("SQLite",):
        data = stage.folder("links") / "data"
        hub, env = prepared(stage, base, data)
        waiting = mailed(hub, stage.times(2, 50))
        pressed = mailed(hub, 1)
        books = Books(env["CSC_DATABASE_URL"], data)
        _random(found, base, waiting + pressed, books)
        with server(data, data, **env) as running:
            _quiet(books)
            _scanned(found, base, running, waiting, books)
            if base == "SQLite":
                _browsed(found, running, waiting, books, stage.times(1, 10))
            for link in pressed:
                said = _pressed(found, base, running, link, books, stage.times(10, 50))
                told.append(f"{base}: {link.path.split('/')[1]} × {sum(said.values())}: {dict(said)}")
            _used(found, base, running, waiting)
            log = running.log.read_text(errors="replace")
        books.engine.dispose()
        for link in waiting + pressed:
            found.expect(not any(secret in log for secret in link.secrets if len(secret) > 6), f"{base}: a secret of {link.verb} is in the log")
    found.figure = f"{len(SCANNERS)} kinds of scanner, {found.tried:,} checks; pressed at once: {'; '.join(told)}"
    return found


def _quiet(books: Books) -> None:
    """Waits until the worker has done what the demonstration had waiting, and is still for as long as it takes to start."""
    give_up, before, since = time.monotonic() + 90, books.all(), time.monotonic()
    while time.monotonic() - since < 6:
        assert time.monotonic() < give_up, "the hub is never still"
        time.sleep(0.3)
        after = books.all()
        before, since = after, since if after == before else time.monotonic()


def _random(found: Outcome, base: str, made: list[Mailed], books: Books) -> None:
    """128 random bits and more in every link, no two alike, and none of it at rest."""
    tokens = [link.secrets[0] for link in made]
    for token in tokens:
        bits = 8 * len(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        found.expect(bits >= 128 and len(set(token)) >= 12, f"{base}: a link has {bits} bits")
    found.expect(len(set(tokens)) == len(tokens), f"{base}: two links are alike")
    everything = "\n".join(row for rows in books.all().values() for row in rows)
    for link in made:
        found.expect(link.secrets[0] not in everything and not any(f"'{code}'" in everything for code in link.secrets[1:]), f"{base}: a secret of {link.verb} is at rest as it is")


def _logs(found: Outcome) -> None:
    """The proxy's log leaves out what comes after each address that takes a secret."""
    pattern = re.search(r"request>uri regexp (\S+)", (browser.ROOT / "deploy/Caddyfile").read_text())
    rules = (browser.ROOT / "tests/house/urls.txt").read_text()
    doors = sorted({match[1] for match in re.finditer(r"(/[a-z-]+/)<(?:\w*key|token)>", rules)})
    found.expect(pattern and len(doors) >= 3, f"the proxy's filter or the doors are not found: {doors}")
    for door in doors:
        found.expect(pattern and re.search(pattern[1], f"{door}secret"), f"the proxy writes links like {door} into its log")


def _ask(running: Server, method: str, path: str, headers: dict[str, str]) -> int:
    line = http.client.HTTPConnection("127.0.0.1", running.port, timeout=60)
    try:
        line.request(method, path, None, headers)
        answer = line.getresponse()
        answer.read()
        return answer.status
    finally:
        line.close()


def _scanned(found: Outcome, base: str, running: Server, waiting: list[Mailed], books: Books) -> None:
    """Each kind of scanner opens each link; nothing in the database is another than before."""
    before = books.all()
    for who, method, more, headers in SCANNERS:
        for link in waiting:
            status = _ask(running, method, link.path + more, headers)
            found.expect(status < 500, f"{base}: {who} got {status}")
        after = books.all()
        found.expect(after == before, f"{base}: {who} changed {[table for table in after if after[table] != before.get(table)]}")
        before = after


def _browsed(found: Outcome, running: Server, waiting: list[Mailed], books: Books, seconds: int) -> None:
    """A real browser opens one link of each kind, runs its scripts and waits; it presses nothing."""
    before = books.all()
    with browser.chromium() as chromium:
        context = chromium.new_context(base_url=f"http://127.0.0.1:{running.port}")
        for path in {link.verb: link.path for link in waiting}.values():
            page = context.new_page()
            found.expect(page.goto(path).status == 200, "a browser does not see the page of a link")
        page.wait_for_timeout(1000 * seconds)
        context.close()
    after = books.all()
    found.expect(after == before, f"a browser that only looked changed {[table for table in after if after[table] != before[table]]}")


def _pressed(found: Outcome, base: str, running: Server, link: Mailed, books: Books, number: int) -> Counter[int]:
    """So many browsers press at once. A link of many uses lets each in, and notes the first alone; one of one use takes one.

    Each browser that an invitation or a request to sign lets in has a session of its own, good for that one record and for as
    long as the link works: people open their mail on a phone and on a desk. What may be there only once is the note of the
    first use; each entry has its event.
    """
    clients, said = [Client(running.port) for _ in range(number)], Counter[int]()
    before = int(books.rows(f"SELECT count(*) FROM events WHERE verb = '{link.verb}'")[0][0])
    for client in clients:
        client.get(link.path)
    start, lock = threading.Barrier(number), threading.Lock()

    def press(client: Client) -> None:
        start.wait()
        status = client.post(link.path, password="three unrelated wombats", seen="").status
        with lock:
            said[status] += 1

    threads = [threading.Thread(target=press, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    events = int(books.rows(f"SELECT count(*) FROM events WHERE verb = '{link.verb}'")[0][0]) - before
    found.expect(sum(said.values()) == number and set(said) <= {303, 404, 422}, f"{base}: {number} presses at once were answered {dict(said)}")
    found.expect(said[303] == (1 if link.once else number), f"{base}: {said[303]} of {number} were let in by {link.path[:3]}")
    found.expect(events == said[303], f"{base}: {events} events of {said[303]} entries")
    if link.note:
        found.expect(books.rows(link.note)[0][0], f"{base}: nothing notes the first use")
    return said


def _used(found: Outcome, base: str, running: Server, waiting: list[Mailed]) -> None:
    """After all that, each link still does what it is for."""
    for link in waiting[:100]:
        client = Client(running.port)
        client.get(link.path)
        answer = client.post(link.path, **({"password": "three unrelated wombats"} if link.once else {}))
        found.expect(answer.status == 303, f"{base}: after the scanners a link answers {answer.status}")


