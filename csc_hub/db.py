"""The database handle, its column types, and the one rule of writing: a request commits once or not at all."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ClassVar, Protocol, TypeVar

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import CursorResult, DateTime, Engine, Integer, MetaData, String, TypeDecorator, bindparam, event, text, update
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, declared_attr, mapped_column
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.types import UserDefinedType

from csc_hub.kernel import today

NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """What all tables share: names for every constraint."""

    metadata = MetaData(naming_convention=NAMES)


class Moment(TypeDecorator[dt.datetime]):
    """A moment in UTC. A moment without a time zone is refused: nobody could say when it was."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Any) -> dt.datetime | None:
        """UTC on the way in."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(dt.timezone.utc)

    def process_result_value(self, value: dt.datetime | None, dialect: Any) -> dt.datetime | None:
        """UTC on the way out, also where the database forgets the zone."""
        if value is None or value.tzinfo:
            return value
        return value.replace(tzinfo=dt.timezone.utc)


class DayOf(Moment):
    """A moment read as its date in London: for lists, which say days and would ask for each of them several times."""

    cache_ok = True

    def process_result_value(self, value: dt.datetime | None, dialect: Any) -> dt.date | None:  # type: ignore[override]
        """The date on the way out."""
        if value is None:
            return None
        moment = value.astimezone(dt.timezone.utc) if value.tzinfo else value
        return moment.date() if moment.hour < 23 else today(moment.replace(tzinfo=dt.timezone.utc))  # clocks in London are never more than an hour ahead


class IdWords(UserDefinedType[str]):
    """An id read as its words: for lists, which put it into addresses and ask nothing else of it."""

    cache_ok = True

    def result_processor(self, dialect: Any, coltype: Any) -> Callable[[Any], str | None]:
        """Straight from what the driver gives."""
        return _id_words


def _id_words(value: Any) -> str | None:
    if type(value) is str and len(value) == 32:  # SQLite keeps no dashes
        return f"{value[:8]}-{value[8:12]}-{value[12:16]}-{value[16:20]}-{value[20:]}"
    return None if value is None else str(value)


class Kept(Base):
    """A record with an id that cannot be guessed and a version that two people editing at once would notice."""

    __abstract__ = True
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    version: Mapped[int] = mapped_column(default=1)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        """The version rises with every write, and a write over a newer version is refused."""
        return {"version_id_col": cls.version}


class Sequence(Base):
    """The last number given out, by what is numbered: contexts of a year, actions of a plan."""

    __tablename__ = "sequences"
    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    last: Mapped[int] = mapped_column(Integer)


class Mark(Base):
    """A fact about this database itself, such as that it was made for a demonstration."""

    __tablename__ = "marks"
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(String(200))


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})
REMEMBERED = 200
"""So many things of a kind a connection remembers at most."""
PAGES = 10
"""And so many pages of a long list."""
Found = TypeVar("Found")
_writing: ContextVar[bool] = ContextVar("writing", default=False)


@event.listens_for(Engine, "connect")
def _on_connect(connection: Any, _record: Any) -> None:
    """SQLite waits for locks (set before WAL), keeps every acknowledged commit and honours foreign keys."""
    if type(connection).__module__.startswith("sqlite3"):
        connection.isolation_level = None
        for pragma in ("busy_timeout=15000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}").close()


@event.listens_for(Engine, "begin")
def _on_begin(connection: Any) -> None:
    """Writers take SQLite's write lock at once: a read that turns into a write could be refused half-way."""
    if connection.dialect.name == "sqlite":
        connection.connection.driver_connection.execute("BEGIN IMMEDIATE" if _writing.get() else "BEGIN").close()


@event.listens_for(Session, "before_flush")
def _on_flush(session: Session, *_: Any) -> None:
    if not _writing.get() and (session.new or session.dirty or session.deleted):
        raise RuntimeError("a write outside start_writing(): GET requests change nothing")


@event.listens_for(Session, "after_flush")
def _on_flushed(session: Session, *_: Any) -> None:
    session.info["flushed"] = True


@event.listens_for(Session, "after_begin")
def _on_session_begin(session: Session, _transaction: Any, connection: Any) -> None:
    """Notes as of when the session holds what it reads: the first time, if there are several."""
    if connection.dialect.name == "sqlite" and not session.info.get("held"):
        session.info["held"] = _stamp(connection)


@event.listens_for(Session, "after_transaction_end")
def _on_end(session: Session, transaction: Any) -> None:
    if transaction.parent is None:
        session.info.update(flushed=False, line=None, remembered=None)


def wrote() -> bool:
    """Whether this request has written anything yet."""
    session = db.session()
    return bool(session.info.get("flushed") or session.new or session.dirty or session.deleted)


def start_writing() -> None:
    """Ends what was read so far and lets this request write. Nothing may be pending yet.

    What was read is read again, unless nobody has changed anything since: SQLite can tell, and with its lock nobody will.
    """
    let_go()
    _writing.set(True)
    held = db.session.info.get("held")
    so = held and _stamp(_line(db.session()))  # waits for SQLite's lock
    if not held or so != held:
        db.session.expire_all()
        db.session.info["held"] = so


def pause() -> None:
    """Lets go of the database while something slow happens; nothing may have been written yet. What was read is read again."""
    let_go()
    db.session.expire_all()
    db.session.info.pop("held", None)


def let_go() -> None:
    """Ends what was read so far, in a request that is going to write and will ask then whether it is still so."""
    if wrote():
        raise RuntimeError("cannot pause in the middle of a write")
    if db.session().in_transaction():
        db.session.commit()


def finish(keep: bool) -> None:
    """Commits all that this request wrote, or none of it."""
    try:
        if keep:
            db.session.commit()
            for deed in db.session.info.pop("later", ()):
                deed()
        else:
            db.session.rollback()
    except BaseException:
        db.session.rollback()
        raise
    finally:
        _writing.set(False)
        db.session.info.pop("later", None)


def later(deed: Callable[[], object]) -> None:
    """Does something once what was written is kept, such as taking a file away; never if it is undone."""
    db.session.info.setdefault("later", []).append(deed)


@contextmanager
def writing() -> Iterator[None]:
    """One transaction of a command or a test: committed at the end, or undone by any exception."""
    try:
        start_writing()
        yield
    except BaseException:
        finish(keep=False)
        raise
    finish(keep=True)


def rows_of(query: Any, given: Mapping[str, Any] | None = None) -> CursorResult[Any]:
    """The rows of a query for columns, read past the session's bookkeeping of records, which lists do not need."""
    return _line(db.session()).execute(query, given or {})


def write(statement: Any, rows: Any) -> CursorResult[Any]:
    """Writes rows past the session's bookkeeping, for what is only ever added. What the session still holds must be flushed before."""
    if not _writing.get():
        raise RuntimeError("a write outside start_writing(): GET requests change nothing")
    session = db.session()
    session.info["flushed"] = True
    result: CursorResult[Any] = _line(session).execute(statement, rows)
    return result


class Columns(Protocol):
    """A record read as columns."""

    id: Any
    version: int
    table: ClassVar[Any]


def save(record: Kept | Columns, **values: Any) -> None:
    """Writes these values of a record by one statement, past the session's bookkeeping, which takes longer than the database; it holds them afterwards.

    Raises `StaleDataError` where somebody else wrote the record meanwhile, as a flush would. Nothing else of it may be pending.
    """
    kept = isinstance(record, Kept)
    table, values = type(record).__table__ if kept else record.table, {**values, "version": record.version + 1}
    mine = _mine.get(table)
    if mine is None:
        mine = _mine[table] = update(table).where(table.c.id == bindparam("of_id"), table.c.version == bindparam("of_version"))
    if write(mine, {**values, "of_id": record.id, "of_version": record.version}).rowcount != 1:
        raise StaleDataError("the record was written by somebody else meanwhile")
    for name, value in values.items():
        (set_committed_value if kept else setattr)(record, name, value)


_mine: dict[Any, Any] = {}


def _line(session: Any) -> Any:
    """The connection of a session's transaction, asked for once: that takes as long as a short query."""
    line = session.info.get("line")
    if line is None:
        line = session.info["line"] = session.connection()
    return line


def known(what: Any, key: Any, find: Callable[[], Found], most: int = REMEMBERED) -> Found:
    """What is found by this key, looked for once as long as nobody changes anything: see `remembered`."""
    kept = remembered(what, most)
    if key not in kept:
        kept[key] = find()
    found: Found = kept[key]
    return found


def remembered(what: Any, most: int = REMEMBERED) -> dict[Any, Any]:
    """What this connection was told to remember of the database as it is now, by what it is: nothing, as soon as anybody has changed anything.

    A request that writes remembers nothing: what it sees may yet be undone. Only what is the same whoever asks belongs in it. `most`: so many things.
    """
    if _writing.get():
        return {}
    session = db.session()
    every = session.info.get("remembered")
    if every is None:
        every = session.info["remembered"] = _memory(_line(session))
    found: dict[Any, Any] = every.setdefault(what, {})
    if len(found) > most:
        found.clear()
    return found


def _memory(line: Any) -> dict[Any, dict[Any, Any]]:
    """All that a connection remembers, if nothing has changed since. Asked once a transaction: what is put in later is never older."""
    stamp = _stamp(line)
    if line.info.get("stamp") != stamp:
        line.info.update(stamp=stamp, remembered={})
    kept: dict[Any, dict[Any, Any]] = line.info["remembered"]
    return kept


def _stamp(line: Any) -> Any:
    """What is the same for a connection as long as nobody has changed anything."""
    if line.dialect.name == "sqlite":
        bare: Any = line.connection.driver_connection
        return bare, bare.execute("PRAGMA data_version").fetchone()[0], bare.total_changes  # what others wrote, and what this one did
    return line.exec_driver_sql("SELECT pg_current_snapshot()::text").scalar_one()  # which transactions are over


def next_number(name: str) -> int:
    """The next number of a sequence, never given twice, also when two ask at once."""
    row = db.session.execute(
        text("INSERT INTO sequences (name, last) VALUES (:name, 1) "
             "ON CONFLICT (name) DO UPDATE SET last = sequences.last + 1 RETURNING last"), {"name": name})
    return int(row.scalar_one())
