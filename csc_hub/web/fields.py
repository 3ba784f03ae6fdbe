"""Fields as people fill them in, each with errors that say what to do."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Iterable
from typing import Any

import wtforms
from wtforms import ValidationError
from wtforms.validators import StopValidation

from csc_hub import kernel
from csc_hub.adapters.holidays import bank_holidays
from csc_hub.kernel import tidy


class Needed:
    """Refuses an empty field with the field's own words."""

    field_flags: dict[str, Any] = {}

    def __init__(self, words: str):
        self.words = words

    def __call__(self, form: wtforms.Form, field: wtforms.Field) -> None:
        """Stops at an empty field."""
        if not field.data and field.data is not False and field.data != 0:
            field.errors[:] = [e for e in field.errors if e]
            if field.errors:
                raise StopValidation()
            raise StopValidation(self.words)


class _Puts:
    """What takes a value of the record after the form came in."""

    def put(self, value: Any) -> None:
        """Shows this value instead of what came in."""
        self.process_data(value)  # type: ignore[attr-defined]


class _Words(_Puts, wtforms.StringField):
    """Typed words, tidied, with a ceiling that is said in numbers."""

    kind = "line"
    width = ""

    def __init__(self, label: str, hint: str = "", needed: str = "", most: int = 200, wanted: bool = False, **kw: Any):
        """`wanted`: may be left empty now, and is not optional all the same."""
        checks = [Needed(needed)] if needed else []
        super().__init__(label, [*checks, *kw.pop("validators", [])], description=hint, **kw)
        self.most, self.wanted = most, wanted

    def process_formdata(self, valuelist: list[str]) -> None:
        """Keeps the words without control characters."""
        if valuelist:
            self.data = tidy(valuelist[0])

    def pre_validate(self, form: wtforms.Form) -> None:
        """Refuses more than fits."""
        if self.data and len(self.data) > self.most:
            raise ValidationError(f"{self.label.text} must be {self.most:,} characters or fewer. It has {len(self.data):,}")


class Line(_Words):
    """One line."""

    def __init__(self, *a: Any, width: str = "", input_type: str = "text", autocomplete: str = "", **kw: Any):
        super().__init__(*a, **kw)
        self.width, self.input_type, self.autocomplete = width, input_type, autocomplete

    def process_formdata(self, valuelist: list[str]) -> None:
        """One line stays one line."""
        super().process_formdata([" ".join(tidy(valuelist[0]).split("\n"))] if valuelist else [])


class Paragraphs(_Words):
    """Several lines."""

    kind = "text"

    def __init__(self, *a: Any, rows: int = 4, most: int = 4000, **kw: Any):
        super().__init__(*a, most=most, **kw)
        self.rows = rows


class Email(Line):
    """A work e-mail address."""

    def __init__(self, *a: Any, **kw: Any):
        super().__init__(*a, input_type="email", autocomplete=kw.pop("autocomplete", "off"), most=254, **kw)

    def pre_validate(self, form: wtforms.Form) -> None:
        """Refuses what cannot be an address."""
        super().pre_validate(form)
        from email_validator import EmailNotValidError, validate_email

        if self.data:
            try:
                self.data = validate_email(self.data, check_deliverability=False, test_environment=True).normalized
            except EmailNotValidError:
                raise ValidationError("Enter an e-mail address in the correct format, like name@example.gov.uk") from None


class Secret(wtforms.PasswordField):
    """A password: never shown again, never tidied."""

    kind = "secret"

    def __init__(self, label: str, hint: str = "", needed: str = "", autocomplete: str = "current-password", **kw: Any):
        super().__init__(label, [Needed(needed)], description=hint, **kw)
        self.autocomplete, self.width = autocomplete, "govuk-!-width-one-half"


class Number(Line):
    """A whole number, 0 or more, or `least` or more."""

    def __init__(self, *a: Any, largest: int = 9999, least: int = 0, **kw: Any):
        super().__init__(*a, most=12, **kw)
        self.largest, self.least = largest, least
        self.value: int | None = None

    def put(self, value: Any) -> None:
        """A number of the record."""
        self.data = "" if value in (None, "") else str(value)
        self.value = int(self.data) if self.data else None

    def pre_validate(self, form: wtforms.Form) -> None:
        """Refuses anything but a whole number in range."""
        text = str(self.data or "").replace(",", "")
        self.value = None
        if text:
            if not (text.isascii() and text.isdecimal()) or len(text) > 9 or not self.least <= int(text) <= self.largest:
                what, numbers = self.label.text, f"a whole number from {self.least:,} to {self.largest:,}"
                raise ValidationError(f"Enter {numbers} for “{what}”" if what.endswith(("?", ")")) else f"{what} must be {numbers}")
            self.value = int(text)


class Day(wtforms.Field):
    """A date in three boxes. What was typed stays as it was typed."""

    kind = "day"

    def __init__(self, label: str, hint: str = "", needed: str = "", ahead: int = 0, **kw: Any):
        """`ahead`: this date is usually so many days to come, and the example says such a day, or the next one on which people work."""
        before = kernel.today(kernel.now()) + dt.timedelta(days=ahead - 1)
        example = kernel.working_days_from(before, 1, bank_holidays()) if ahead else dt.date(2026, 11, 18)
        shown = f"For example, {example.day} {example.month} {example.year}" + (f". {hint}" if hint else "")
        super().__init__(label, [Needed(needed)] if needed else [], description=shown, **kw)
        self.typed = ("", "", "")

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """Takes the three boxes, or a date."""
        self.data = data if isinstance(data, dt.date) else None
        self.process_errors = []
        self.object_data = self.data
        if self.data:
            self.typed = (str(self.data.day), str(self.data.month), str(self.data.year))
        if formdata and f"{self.name}-day" in formdata:
            self.typed = tuple(tidy(formdata.get(f"{self.name}-{part}", ""))[:20] for part in ("day", "month", "year"))
            self.data = self._date()

    def put(self, value: Any) -> None:
        """Shows this date instead of what came in."""
        self.data = value if isinstance(value, dt.date) else None
        self.typed = (str(self.data.day), str(self.data.month), str(self.data.year)) if self.data else ("", "", "")

    def _date(self) -> dt.date | None:
        if not any(self.typed):
            return None
        lacking = [name for name, text in zip(("day", "month", "year"), self.typed) if not text]
        if lacking:
            self.process_errors.append(f"{self.label.text} must include a {' and a '.join(lacking)}")
            return None
        day, month, year = (MONTHS.get(text.lower()[:3], text) for text in self.typed)
        try:
            found = dt.date(int(year), int(month), int(day))
        except (ValueError, OverflowError):
            self.process_errors.append(f"{self.label.text} must be a real date")
            return None
        if not 2000 <= found.year <= 2100:
            self.process_errors.append(f"{self.label.text} must have a year between 2000 and 2100")
            return None
        return found


MONTHS = {m: str(i) for i, m in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}


class Choice(_Puts, wtforms.SelectField):
    """One of several, as radios (few) or a list (many). Choices: (value, words[, hint])."""

    def __init__(self, label: str, choices: Iterable[Any] = (), hint: str = "", needed: str = "", radios: bool = True, wanted: bool = False, **kw: Any):
        """`wanted`: as with words, may be left empty in this box, and is not optional all the same."""
        self.hints: dict[str, str] = {}
        self.wanted = wanted
        super().__init__(label, [Needed(needed)] if needed else [], description=hint, validate_choice=False, **kw)
        self.kind = "radios" if radios else "select"
        self.offer(choices)

    def offer(self, choices: Iterable[Any]) -> None:
        """Sets what can be chosen."""
        choices = list(choices)
        self.choices = [(str(c[0]), c[1]) for c in choices]
        self.hints = {str(c[0]): c[2] for c in choices if len(c) > 2}

    def process_data(self, value: Any) -> None:
        """The value of the record, as text."""
        self.data = "" if value is None else str(value)

    def pre_validate(self, form: wtforms.Form) -> None:
        """Refuses what was not offered."""
        if self.data and self.data not in {value for value, _ in self.choices}:
            raise ValidationError("Choose one of the options")

    @property
    def uuid(self) -> uuid.UUID | None:
        """The chosen id."""
        return uuid.UUID(self.data) if self.data else None


class Choices(_Puts, wtforms.SelectMultipleField):
    """Any of several, as checkboxes."""

    kind = "checkboxes"

    def __init__(self, label: str, choices: Iterable[Any] = (), hint: str = "", needed: str = "", **kw: Any):
        self.hints: dict[str, str] = {}
        super().__init__(label, [Needed(needed)] if needed else [], description=hint, validate_choice=False, **kw)
        self.offer(choices)

    offer = Choice.offer

    def pre_validate(self, form: wtforms.Form) -> None:
        """Refuses what was not offered."""
        if set(self.data or ()) - {value for value, _ in self.choices}:
            raise ValidationError("Choose from the options")


class Tick(_Puts, wtforms.BooleanField):
    """One box to tick."""

    kind = "tick"

    def __init__(self, label: str, hint: str = "", needed: str = "", **kw: Any):
        super().__init__(label, [Needed(needed)] if needed else [], description=hint, **kw)
        if needed:
            self.validators = [_Ticked(needed)]


class _Ticked:
    field_flags: dict[str, Any] = {}

    def __init__(self, words: str):
        self.words = words

    def __call__(self, form: wtforms.Form, field: wtforms.Field) -> None:
        if not field.data:
            raise StopValidation(self.words)


class File(wtforms.FileField):
    """One file."""

    kind = "file"

    def __init__(self, label: str, hint: str = "", needed: str = "Choose a file", several: bool = False, drop: bool = False, **kw: Any):
        super().__init__(label, [_Chosen(needed)] if needed else [], description=hint, **kw)
        self.several, self.drop = several, drop


class _Chosen:
    field_flags: dict[str, Any] = {}

    def __init__(self, words: str):
        self.words = words

    def __call__(self, form: wtforms.Form, field: wtforms.Field) -> None:
        if not getattr(field.data, "filename", ""):
            raise StopValidation(self.words)


class Clock(Line):
    """A time of day."""

    def __init__(self, *a: Any, **kw: Any):
        super().__init__(*a, most=12, width="govuk-input--width-5", **kw)
        self.time: dt.time | None = None

    def put(self, value: Any) -> None:
        """A time of the record, as it is written."""
        self.process_data(value)
        self.time = dt.time.fromisoformat(self.data) if self.data else None

    def process_data(self, value: Any) -> None:
        """A time as people write it."""
        self.data = f"{value:%H:%M}" if isinstance(value, dt.time) else value

    def pre_validate(self, form: wtforms.Form) -> None:
        """Takes 10:00, 10.00, 1000, 10am and 2.30pm."""
        super().pre_validate(form)
        self.time = None
        if self.data:
            found = re.fullmatch(r"(\d{1,2})(?:[:.]?(\d{2}))?\s*(am|pm)?", self.data.strip().lower())
            hour = int(found[1]) if found else 99
            if found and found[3]:
                hour = hour % 12 + (12 if found[3] == "pm" else 0) if 1 <= hour <= 12 else 99
            minute = int(found[2] or 0) if found else 0
            if hour > 23 or minute > 59:
                raise ValidationError(f"{self.label.text} must be a time, like 10:00 or 2.30pm")
            self.time = dt.time(hour, minute)
            self.data = f"{self.time:%H:%M}"
