"""What comes after, or in between: a text published while somebody signs, an organisation renamed, the proof on PostgreSQL and with S3."""

from __future__ import annotations

import datetime as dt
import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from csc_hub import create_app
from csc_hub.cli import main
from csc_hub.db import db, writing
from csc_hub.kernel import Refused, now, today
from csc_hub.people.links import Link
from csc_hub.people.records import Agency, Person
from csc_hub.process.agreements import chain, covering, heads, proof, records, service, signing
from csc_hub.process.agreements.records import Request, Signature
from csc_hub.process.agreements.rules import Document
from csc_hub.process.agreements.signing import Browser, Came
from csc_hub.settings import S3Settings
from tests import agreement, parts
from tests.hub import Hub, settings, words_of
from tests.process.agreements.test_signing import NOW, prepared


def hub_on(kind: str, request: pytest.FixtureRequest, folder: Path) -> Hub:
    """A hub on one of the two databases."""
    if kind == "sqlite":
        return request.getfixturevalue("hub")
    return Hub(create_app(settings(folder, database_url=request.getfixturevalue("postgres_server").new_database()))).build()


def publish() -> None:
    """The next version, as its officer publishes it. The caller is writing."""
    meera, day = db.session.scalar(db.select(Person).where(Person.name == "Meera Patel")), today(NOW)
    version = service.begin(Document.AGREEMENT, meera, NOW)
    service.change(version, service.VersionDraft(
        title="Another", body="Other words.", purpose="p", parties="p", changes="All of it", effective_on=day, review_on=day + dt.timedelta(days=90),
        approved_by="The board", approved_on=day), meera, NOW)
    service.publish(version, meera, NOW)


def withdraw() -> None:
    """The version in force, taken back."""
    service.withdraw(records.in_force(Document.AGREEMENT, today(NOW)), "A wrong word", db.session.scalar(db.select(Person).where(Person.name == "Meera Patel")), NOW)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@pytest.mark.parametrize(("deed", "said"), [(publish, signing.CHANGED), (withdraw, signing.NOTHING)])
def test_whoever_signs_while_a_text_is_published_or_withdrawn_is_refused(kind: str, deed: Any, said: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    app = hub_on(kind, request, tmp_path).app
    with app.app_context(), writing():
        request_id, link_id = prepared("first@anyshire.example")

    def press() -> str:
        with app.app_context():
            try:
                with writing():
                    came = Came(db.session.get_one(Request, request_id), db.session.get_one(Link, link_id))
                    return signing.sign(came, "Sal Rossi", Browser("192.0.2.7", "A phone"), NOW).code
            except Refused as refusal:
                return refusal.sentence
            finally:
                db.session.remove()

    with ThreadPoolExecutor(1) as pool:
        with app.app_context():
            with writing():
                deed()
                db.session.flush()
                pressed = pool.submit(press)
                time.sleep(1)  # long enough to sign, were it not for the lock
            db.session.remove()
        assert pressed.result() == said
    with app.app_context():
        assert not db.session.scalar(db.select(Signature).where(Signature.organisation == "Harbour Café")) and proof.prove().whole
        db.session.remove()
        db.engine.dispose()


def test_an_organisation_that_is_renamed_stays_covered_and_the_receipt_keeps_its_name(hub: Hub) -> None:
    with hub.inside(), writing():
        cafe = db.session.scalar(db.select(Agency).where(Agency.name == "Harbour Café"))
        sal = db.session.scalar(db.select(Person).where(Person.name == "Sal Rossi"))
        signature = agreement.signed(records.in_force(Document.AGREEMENT, today(now())), cafe, now(), sal)
        cafe.name = "Quayside Kitchen"
    page = words_of(hub.be("ig officer").get(f"/agreements/signatures/{signature.id}"))
    assert "Harbour Café" in page and "Quayside Kitchen" in page
    register = words_of(hub.be("ig officer").get("/agreements/signatures?q=quayside"))
    assert "Harbour Café" in register and "now Quayside Kitchen" in register
    with hub.inside():
        cafe = db.session.scalar(db.select(Agency).where(Agency.name == "Quayside Kitchen"))
        assert covering.known([cafe]).held[cafe.id] and proof.prove().whole


def test_whoever_goes_over_to_another_organisation_is_covered_by_what_that_one_signed(hub: Hub) -> None:
    """Two organisations become one: its people go over, the old signature stays in the chain and covers them no more."""
    from csc_hub.process.invitations.records import Invitation

    with hub.inside(), writing():
        invitation = db.session.scalar(db.select(Invitation).where(Invitation.person.has(name="Sal Rossi")))
        cafe, other = invitation.agency, db.session.scalar(db.select(Agency).where(Agency.name == "Anyshire Parent Voice"))
        agreement.signed(records.in_force(Document.AGREEMENT, today(now())), cafe, now(), invitation.person)
        assert covering.standings([invitation], None, today(now()))[invitation.person_id].covered
        invitation.person.agency_id = other.id
        assert not covering.standings([invitation], None, today(now()))[invitation.person_id].covered, "they were asked for the café"
        invitation.agency_id = other.id
        db.session.flush()
        db.session.refresh(invitation)
        assert covering.standings([invitation], None, today(now()))[invitation.person_id].covered
        assert proof.prove().whole


def test_the_command_proves_the_chain_on_postgresql(tmp_path: Path, postgres_server: parts.PostgresServer) -> None:
    hub = Hub(create_app(settings(tmp_path, database_url=postgres_server.new_database()))).build()
    runner = CliRunner()
    with hub.inside():
        whole = runner.invoke(main, ["verify-signatures", "--json"])
        assert whole.exit_code == 0 and json.loads(whole.output)["entries"] == chain.head().number > 3
        head = tmp_path / "head.json"
        head.write_text(json.dumps({"number": chain.head().number, "hash": chain.head().hash}))
        last = chain.head().number
        db.session.remove()
    for sql, said in (("UPDATE signatures SET job_title = 'Somebody else' WHERE number = 1", "Entry 1 (a signature) was changed"),
                      (f"DELETE FROM signature_acts WHERE number = {last}", f"number {last}")):
        with hub.inside():
            with db.engine.begin() as line:
                for table in ("signatures", "signature_acts"):
                    line.execute(db.text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
                line.execute(db.text(sql))
            found = runner.invoke(main, ["verify-signatures", "--head", str(head)])
            assert found.exit_code == 1 and said in found.output, found.output
            db.session.remove()
    with hub.inside():
        db.engine.dispose()


def test_the_days_head_lies_in_s3_too_and_the_same_one_beside_the_backups(hub: Hub, s3: parts.S3Server) -> None:
    own = replace(hub.app.config["CSC"], s3=S3Settings(s3.endpoint, s3.region, s3.bucket, s3.access_key, s3.secret_key))
    there = Hub(create_app(own))
    with there.inside():
        heads.write_daily(now())
        name = f"signature-head-{today(now()):%Y-%m-%d}"
        kept = b"".join(there.app.extensions["csc_store"].open(name))
        assert json.loads(kept)["hash"] == chain.head().hash and kept == (own.data / "backups" / f"{name}.json").read_bytes()
        db.engine.dispose()
