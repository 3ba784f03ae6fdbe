"""Whether the hub works, for whoever watches over the machine."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, jsonify
from sqlalchemy import text

import csc_hub
from csc_hub.db import db
from csc_hub.web import guards

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@guards.anyone
def healthz() -> Any:
    """200 and 'ok', or 503 and what fails: the database, the documents."""
    failing = []
    try:
        db.session.execute(text("SELECT marks.name FROM marks, people, actions LIMIT 1"))
    except Exception:
        db.session.rollback()
        failing.append("database")
    try:
        current_app.extensions["csc_store"].check()
    except Exception:
        failing.append("documents")
    if failing:
        return jsonify(status="failing", failing=failing), 503
    return jsonify(status="ok", version=csc_hub.__version__)
