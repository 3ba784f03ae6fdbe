"""Every list of the hub: who reads it, where, how its rows begin, and which table the floor reads instead."""

from __future__ import annotations

import sqlite3
import uuid
from dataclasses import dataclass
from pathlib import Path

FRAGMENT = {"HX-Request": "true", "HX-Request-Type": "partial"}


@dataclass(frozen=True)
class List:
    """A list page."""

    name: str
    role: str
    url: str
    row: str
    table: str


LISTS = (
    List("first page", "coordinator", "/", '<li class="csc-row">', "contexts"),
    List("contexts of a lead", "lead", "/contexts?show=all", '<li class="csc-row">', "contexts"),
    List("contexts of a reader", "reader", "/contexts", '<li class="csc-row">', "contexts"),
    List("our actions", "agency contact", "/our-actions", '<li id="action-', "actions"),
    List("people", "administrator", "/people", '<tr class="govuk-table__row">', "people"),
    List("who did what", "ig officer", "/audit", '<tr class="govuk-table__row">', "events"),
    List("history of a context", "lead", "/contexts/{fifty}/history", '<tr class="govuk-table__row">', "events"),
    List("plan of fifty actions", "lead", "/contexts/{fifty}/plan", '<tr class="govuk-table__row" id=', "actions"),
    List("agencies", "administrator", "/agencies", '<div><a class="govuk-link"', "agencies"),
)
OTHERS = (
    ("coordinator", "/contexts/{fifty}"), ("lead", "/contexts/{fifty}/assessment"), ("lead", "/contexts/{fifty}/conference"),
    ("lead", "/contexts/{fifty}/invitations"), ("lead", "/contexts/{fifty}/updates"), ("lead", "/contexts/{long}/plan"),
    ("lead", "/contexts/{long}/plan?after=200"), ("lead", "/contexts/{assessed}/assessment"), ("lead", "/contexts/{assessed}/conference"),
    ("lead", "/contexts/{assessed}/invitations"), ("lead", "/contexts/{assessed}/plan"), ("lead", "/contexts/{assessed}/updates"),
    ("lead", "/contexts/{fifty}/plan/actions/{action}"), ("lead", "/contexts/{assessed}/history"), ("administrator", "/settings"),
    ("coordinator", "/contexts?q={reference}"), ("coordinator", "/contexts?show=ended"), ("administrator", "/people?q=jones"),
    ("coordinator", "/contexts/{fifty}/invitations"), ("lead", "/contexts/{fifty}/invitations/mail"), ("lead", "/contexts/{assessed}/invitations/mail"),
    ("lead", "/contexts/{fifty}/invitations/papers"), ("lead", "/contexts/{assessed}/invitations/papers"), ("lead", "/contexts/{assessed}/invitations/send"),
    ("lead", "/contexts/{assessed}/invitations/phone-list"), ("lead", "/contexts/{assessed}/invitations/add"), ("lead", "/contexts/{fifty}/register/{conference}"),
    ("coordinator", "/attendance"), ("ig officer", "/agreements"), ("ig officer", "/agreements/signatures"), ("coordinator", "/agreements/signatures"),
    ("agency contact", "/our-actions/sent"), ("agency contact", "/agreements"),
)
"""Pages that are no lists of fifty, but whose queries are counted too."""
FRAGMENTS = (("coordinator", "/contexts?q=harbour"), ("lead", "/contexts?show=all"), ("reader", "/contexts"), ("administrator", "/people?q=a"))
SEARCH = ("coordinator", "/contexts?q={reference}")


def places(folder: Path) -> dict[str, str]:
    """The ids that the addresses above need, in one council."""
    with sqlite3.connect(folder / "csc.sqlite3") as line:
        def first(sql: str) -> str:
            return str(line.execute(sql).fetchone()[0])

        newest = 'SELECT c.id FROM contexts c WHERE c.lead_id = (SELECT id FROM people WHERE name = \'Priya Nair\') '
        long = first("SELECT context_id FROM actions WHERE number = 450")
        fifty = first("SELECT a.context_id FROM actions a WHERE a.number = 50 AND NOT EXISTS (SELECT 1 FROM actions b WHERE b.context_id = a.context_id AND b.number > 50) "
                      "ORDER BY (SELECT \"order\" FROM contexts WHERE id = a.context_id) DESC")
        found = {
            "long": long, "fifty": fifty, "assessed": first(newest + "AND c.state = 'assessed' ORDER BY c.\"order\" DESC"),
            "conference": first(f"SELECT id FROM conferences WHERE context_id = '{fifty}' ORDER BY number LIMIT 1"),
            "action": first(f"SELECT id FROM actions WHERE context_id = '{fifty}' AND number = 7"),
        }
        ids = {name: str(uuid.UUID(key)) for name, key in found.items()}
        line.rollback()
        return ids | {"reference": first('SELECT reference FROM contexts ORDER BY "order" LIMIT 1 OFFSET 20')}
