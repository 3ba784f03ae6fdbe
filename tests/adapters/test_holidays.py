"""Bank holidays as the library knows them, without what it loads to ask the network."""

import subprocess
import sys

from csc_hub.adapters.holidays import bank_holidays


def test_the_table_is_read_as_the_library_reads_it() -> None:
    from govuk_bank_holidays.bank_holidays import BankHolidays

    theirs = BankHolidays(use_cached_holidays=True).get_holidays(division=BankHolidays.ENGLAND_AND_WALES)
    assert bank_holidays() == {holiday["date"]: holiday["title"] for holiday in theirs} and len(theirs) > 100


def test_nothing_is_loaded_that_could_ask_the_network() -> None:
    code = "import sys; from csc_hub.adapters.holidays import bank_holidays; print(len(bank_holidays()) > 100, 'requests' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split() == ["True", "False"]
