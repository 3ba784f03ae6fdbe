"""Asking all says of each agency that could not be asked why, and never that nobody is left."""

from __future__ import annotations

from csc_hub.db import db, writing
from csc_hub.people.records import Agency
from tests.hub import Hub, words_of


def test_asking_all_says_why_somebody_could_not_be_asked(hub: Hub) -> None:
    with hub.inside(), writing():
        db.session.scalars(db.select(Agency).where(Agency.name == "Housing")).one().contact_email = ""
    base, lead = f"/contexts/{hub.context('school')}/updates", hub.be("lead")
    for _ in range(2):
        said = words_of(lead.post(f"{base}/ask", page=base, follow=True))
        assert "Not asked: Housing has no contact with an e-mail address. Choose “Somebody else” and say who is asked." in said
        assert "Nobody is left to ask" not in said
