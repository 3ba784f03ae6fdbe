"""What several people do at once, and what is held and undone, on PostgreSQL too: the same tests with another database under them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from csc_hub import create_app
from csc_hub.db import db
from tests.exchange.test_apply_and_undo import (  # noqa: F401
    test_what_is_held_and_settled_is_undone_with_the_rest_and_the_same_file_finishes_only_what_was_left,
)
from tests.exchange.test_doubled import test_a_person_chooses_the_column_and_then_sees_what_would_change  # noqa: F401
from tests.exchange.test_round_trip import test_nothing_is_applied_when_the_plan_was_edited_after_the_preview  # noqa: F401
from tests.exchange.test_three_ways import (  # noqa: F401
    test_a_mended_workbook_finishes_what_was_left, test_the_same_file_twice_at_once_is_kept_once_and_applied_once,
    test_two_agencies_apply_at_once_and_both_are_kept, test_undoing_puts_back_every_cell_but_those_changed_since_and_says_which,
)
from tests.hub import Hub, settings
from tests.parts import PostgresServer


@pytest.fixture
def hub(postgres_server: PostgresServer, tmp_path: Path) -> Iterator[Hub]:
    """A demonstration on PostgreSQL."""
    made = Hub(create_app(settings(tmp_path, database_url=postgres_server.new_database()))).build()
    yield made
    with made.inside():
        db.session.remove()
        db.engine.dispose()
