"""What `make run` shows of workbooks that came back."""

from pathlib import Path

from sqlalchemy import select

from csc_hub import create_app, demonstration, schema
from csc_hub.db import db
from csc_hub.exchange.records import Batch, Held
from tests.hub import Hub, settings, words_of


def test_the_demonstration_shows_a_held_cell_and_one_that_both_sides_changed(tmp_path: Path) -> None:
    hub = Hub(create_app(settings(tmp_path)))
    with hub.app.app_context():
        schema.upgrade()
        assert demonstration.build(returned=True) and not demonstration.build(returned=True)
        states = {batch.agency.name: (batch.state, batch.id) for batch in db.session.scalars(select(Batch))}
        assert [(held.kind, held.field) for held in db.session.scalars(select(Held))] == [("refused", "status")]
    assert {name: state for name, (state, _) in states.items()} == {"Anyshire Police": "applied", "Street Lighting": "waiting"}
    lead, updates = hub.be("lead"), f"/contexts/{hub.context('school')}/updates"
    assert "Anyshire Police’s workbook has 1 cell to look at" in words_of(lead.get("/contexts"))
    asked = words_of(lead.get(updates))
    assert "Street Lighting , 1 action Workbook waits" in asked and "Waiting to be applied Des Farrow," in asked
    page = words_of(lead.get(f"{updates}/{states['Street Lighting'][1]}"))
    assert "You both changed this" in page and "Keep what is here now: Des Farrow by phone: four lamps are lit, two wait for parts. (Priya Nair," in page
