"""England's bank holidays, from a table that comes with the hub: nothing is asked of the network."""

from __future__ import annotations

import datetime as dt
import json
from functools import lru_cache
from importlib.resources import files


@lru_cache(maxsize=1)
def bank_holidays() -> dict[dt.date, str]:
    """Bank holidays in England and Wales by date, with their names."""
    # The library's own reader loads an HTTP client first: five megabytes for each worker, to ask nobody anything.
    table = json.loads((files("govuk_bank_holidays") / "bank-holidays.json").read_text("utf-8"))
    return {dt.date.fromisoformat(event["date"]): event["title"] for event in table["england-and-wales"]["events"]}
