"""England's bank holidays, from a table that comes with the hub: nothing is asked of the network."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache


@lru_cache(maxsize=1)
def bank_holidays() -> dict[dt.date, str]:
    """Bank holidays in England and Wales by date, with their names."""
    from govuk_bank_holidays.bank_holidays import BankHolidays

    found = BankHolidays(use_cached_holidays=True).get_holidays(division=BankHolidays.ENGLAND_AND_WALES)
    return {holiday["date"]: holiday["title"] for holiday in found}
