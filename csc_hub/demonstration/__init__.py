"""A made-up council to try the hub on. It refuses a database that it did not make."""

from __future__ import annotations

from flask import current_app
from sqlalchemy import inspect

from csc_hub import kernel
from csc_hub.db import Mark, db, writing
from csc_hub.settings import BadSettings

MADE = "demonstration"


def must_be_on() -> None:
    """Raises `BadSettings` outside demonstration mode."""
    if not current_app.config["CSC"].demonstration:
        raise BadSettings("Set CSC_DEMONSTRATION=1 to build a demonstration. Never do so on a council’s own database.")


def refuse_foreign() -> None:
    """Raises `BadSettings` where the database holds something that no demonstration made."""
    tables = inspect(db.engine).get_table_names()
    if not tables:
        return
    with db.engine.connect() as connection:
        made = "marks" in tables and connection.execute(db.select(Mark.value).where(Mark.name == MADE)).first()
        if not made and "people" in tables and connection.exec_driver_sql("SELECT 1 FROM people LIMIT 1").first() is None:
            return
    if not made:
        raise BadSettings("This database was not made by the demonstration. Turn CSC_DEMONSTRATION off, or set CSC_DATA to another folder.")


def build(returned: bool = False) -> bool:
    """Builds the council, its people, contexts and sample files and, if asked, workbooks that came back; False where that was done before."""
    from csc_hub.demonstration import agreed, cast, samples, story

    must_be_on()
    if db.session.get(Mark, MADE):
        return False
    now = kernel.now()
    with writing():
        people = cast.hire(now)
        db.session.add(Mark(name=MADE, value=now.isoformat()))
    contexts = story.tell(people, now)
    agreed.agree(people, now)
    samples.write(contexts["school"], now)
    if returned:
        from csc_hub.demonstration import returned as workbooks

        workbooks.bring(now)
    return True
