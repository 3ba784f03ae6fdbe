"""The example beside a date that is to come."""

import datetime as dt

from flask import Flask

from csc_hub import kernel
from csc_hub.adapters.holidays import bank_holidays
from csc_hub.web import forms


def test_the_example_of_a_date_to_come_is_a_working_day() -> None:
    today = kernel.today(kernel.now())
    with Flask(__name__).test_request_context():
        for ahead in range(1, 40):
            form = type("DayForm", (forms.Form,), {"day": forms.Day("Date", ahead=ahead)})()
            day, month, year = form.day.description.removeprefix("For example, ").split()
            example = dt.date(int(year), int(month), int(day))
            assert kernel.is_working_day(example, bank_holidays()) and example >= today + dt.timedelta(days=ahead)
