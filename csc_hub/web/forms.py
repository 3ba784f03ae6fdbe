"""Forms: their errors by field, what was saved meanwhile by somebody else, and the fields a form is made of."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import wtforms
from flask import request
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from csc_hub import db as database
from csc_hub.kernel import DASH, Refused, day_short, tidy
from csc_hub.web.fields import Choice, Choices, Clock, Day, Email, File, Line, Number, Paragraphs, Secret, Tick

__all__ = ["Choice", "Choices", "Clock", "Day", "Email", "File", "Line", "Number", "Paragraphs", "Secret", "Tick", "Form", "anchor", "asked", "sent_with", "shown", "wants_part", "whole"]


class Form(wtforms.Form):
    """A form of the hub: knows its errors by field, and what somebody else saved meanwhile."""

    faults: list[str]
    conflict: list[tuple[str, str, str]]

    def __init__(self, record: Any = None, **kw: Any):
        self.faults, self.conflict = [], []
        self.now: dict[str, Any] = {}  # values that the record does not hold under the field's own name
        super().__init__(None, obj=record, **kw)
        if request.method == "POST":
            formdata = request.form.copy()
            for name, field in self._fields.items():
                if isinstance(field, File) and name in request.files:
                    formdata[name] = request.files[name]
            self.process(formdata, obj=record, **kw)
        self.version = getattr(record, "version", None)
        self.marks: dict[str, str] | None = None  # None: as the form stands
        self.lost = request.method == "POST" and record is None and bool(request.form.get("loaded"))
        """It was loaded from a record that is not there any more."""
        if request.method == "POST" and record is not None:
            said = (part.partition("=")[::2] for part in request.form.get("loaded", "").split(";"))
            self.marks = {name: mark for name, mark in said if name in self._fields and mark.isascii() and mark.isalnum()}
            sent = request.form.get("version", "")
            self.version = int(sent) if sent.isascii() and sent.isdecimal() and len(sent) < 10 else 0

    def is_sent(self) -> bool:
        """Whether the form came in, readable or not."""
        return request.method == "POST"

    @property
    def sent(self) -> bool:
        """Whether the form came in and every field can be read."""
        return request.method == "POST" and self.validate()

    @property
    def wrong(self) -> bool:
        """Whether there is anything to put right."""
        return bool(self.faults or self.errors or self.conflict)

    def summary(self) -> list[dict[str, str]]:
        """The faults for the top of the page, each with a link to its field."""
        rows = [{"text": fault} for fault in self.faults]
        for field in self:
            rows += [{"text": error, "href": f"#{anchor(field)}"} for error in field.errors]
        return rows

    def attempt(self, deed: Callable[[], Any], record: Any = None) -> bool:
        """Does it, unless the record was changed meanwhile or a rule refuses; then the form says so and nothing is kept."""
        if record is not None and self.version != record.version:
            self._take_what_is_saved(record)
            self.conflict = self._differences(record)
            self.version, self.marks = record.version, {name: _mark(shown(field, self._saved(name, record))) for name, field in self._of(record)}
            if self.conflict:
                return False
        if self.lost:
            self.version = 0  # it stays lost until the page is opened anew
            self.faults.append("Somebody else cancelled or removed meanwhile what you were changing, so nothing was saved. What you typed is still here: copy what you need, then go back")
            return False
        try:
            with whole():
                deed()
            return True
        except Refused as refusal:
            self.refuse(refusal)
        except (StaleDataError, IntegrityError):
            self.faults.append("Somebody else saved this at the same moment. Check what you typed and save again")
        return False

    def refuse(self, refusal: Refused) -> None:
        """Puts a refusal at its field, or at the top."""
        field = self._fields.get(refusal.field or "")
        if field is None:
            self.faults.append(refusal.sentence)
        else:
            field.errors = [*field.errors, refusal.sentence]

    def loaded(self) -> str:
        """What stood in each field when the form was loaded, in short: so that it can be told which ones were touched."""
        if self.marks is None:
            self.marks = {name: _mark(shown(field, field.data)) for name, field in self._fields.items() if not isinstance(field, (File, Secret))}
        return ";".join(f"{name}={mark}" for name, mark in self.marks.items())

    def _of(self, record: Any) -> list[tuple[str, wtforms.Field]]:
        return [(name, field) for name, field in self._fields.items() if name in self.now or hasattr(record, name)]

    def _saved(self, name: str, record: Any) -> Any:
        return self.now[name] if name in self.now else getattr(record, name, None)

    def _take_what_is_saved(self, record: Any) -> None:
        """A field that this person left as it was shows what somebody else saved in it meanwhile."""
        for name, field in self._of(record):
            if (self.marks or {}).get(name) == _mark(shown(field, field.data)):
                field.put(self._saved(name, record))

    def _differences(self, record: Any) -> list[tuple[str, str, str]]:
        rows = []
        for name, field in self._of(record):
            now, typed = shown(field, self._saved(name, record)), shown(field, field.data)
            if now != typed:
                rows.append((field.label.text, now or DASH, typed or DASH))
        return rows


@contextmanager
def whole() -> Iterator[None]:
    """Writes all of a deed or nothing of it, and the request goes on. Only where it has written before does that take a savepoint."""
    before = database.wrote()
    try:
        with database.db.session.begin_nested() if before else nullcontext():
            yield
            database.db.session.flush()
    except BaseException:
        if not before:
            database.db.session.rollback()
        database.db.session.expire_all()
        raise


def _mark(words: str) -> str:
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:10]


def shown(field: wtforms.Field, value: Any) -> str:
    """A field's value as a person reads it."""
    if value is None or value == "":
        return ""
    if isinstance(value, dt.date):
        return day_short(value)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    words = dict(getattr(field, "choices", None) or ())
    if isinstance(value, (list, tuple, set, frozenset)):
        return ", ".join(sorted(words.get(str(v), str(v)) for v in value))
    return words.get(str(value), str(value))


def anchor(field: wtforms.Field) -> str:
    """Where a link to this field must lead: its first box."""
    if field.kind == "day":
        return f"{field.id}-day"
    if field.kind in ("radios", "checkboxes") and field.choices:
        return f"{field.id}-0"
    return field.id


def asked(name: str, most: int = 100) -> str:
    """A word from the address bar, tidied and cut."""
    return tidy(request.args.get(name, ""))[:most]


def sent_with(name: str) -> bool:
    """Whether the form that came in has this field."""
    return name in request.form


def asked_id(name: str) -> uuid.UUID | None:
    """An id from the address bar; None where there is none that can be read."""
    try:
        return uuid.UUID(asked(name, 36))
    except ValueError:
        return None


def wants_part() -> bool:
    """Whether htmx asked for a part of the page."""
    return bool(request.headers.get("HX-Request")) and request.headers.get("HX-Request-Type") == "partial"
