"""The floor: Flask, one Core query, one Jinja template compiled beforehand, with autoescape, the same number of rows and the same bytes. And bare file work.

Served by the same gunicorn, on the same data. What it does not do is what the hub adds: who you are, what you may see,
frames, forms, audit, headers. Neither is asked for gzip where they are compared.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import uuid
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask, Response, redirect, render_template, request, send_file
from jinja2 import DictLoader
from markupsafe import escape

DATA = Path(os.environ.get("FLOOR_DATA", "."))
app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = None
engine = sa.create_engine(f"sqlite:///{DATA / 'csc.sqlite3'}")
COLUMNS = {
    "contexts": ("contexts", ("id", "reference", "name", "place", "state"), "order"),
    "actions": ("actions", ("id", "number", "status", "due_on", "issued_facts"), "context_id"),
    "people": ("people", ("id", "name", "job_title", "active"), "id"),
    "agencies": ("agencies", ("id", "name", "contact_name"), "id"),
    "events": ("events", ("id", "at", "actor", "verb", "context_id"), "id"),
    "findings": ("findings", ("id", "category", "text", "weight"), "id"),
}


def _plans() -> dict[str, dict[str, Any]]:
    path = os.environ.get("FLOOR_PAGES")
    return json.loads(Path(path).read_text()) if path else {}


def _query(name: str) -> sa.Select[Any]:
    table, columns, order = COLUMNS[name]
    return sa.select(*(sa.column(c) for c in columns)).select_from(sa.table(table)).order_by(sa.column(order))


PLANS = _plans()
QUERIES = {name: _query(plan["table"]).limit(plan["rows"]) for name, plan in PLANS.items()}
app.jinja_loader = DictLoader({f"{name}.html": plan["template"] for name, plan in PLANS.items()})
for _name in PLANS:
    app.jinja_env.get_template(f"{_name}.html")


@app.get("/ready")
def ready() -> str:
    """That it is there."""
    return "ready"


@app.get("/list/<name>")
def page(name: str) -> str:
    """A list as bare as can be."""
    with engine.connect() as connection:
        rows = connection.execute(QUERIES[name]).all()
    return render_template(f"{name}.html", rows=rows)


@app.post("/upload")
def upload() -> str:
    """Werkzeug's own save, and nothing else."""
    with tempfile.NamedTemporaryFile(dir=DATA) as file:
        request.files["file"].save(file.name)
    return "saved"


@app.post("/upload-s3")
def upload_s3() -> str:
    """Werkzeug's own save, and boto3's own put of what was saved."""
    with tempfile.NamedTemporaryFile(dir=DATA) as file:
        request.files["file"].save(file.name)
        client, bucket = _client()
        with open(file.name, "rb") as saved:
            client.put_object(Bucket=bucket, Key="floor-upload", Body=saved)
    return "saved"


@app.post("/reply")
def reply() -> Response:
    """What a reply leaves behind, and nothing else: a changed invitation, a line, an event, in one commit that is synced to the disk."""
    key, said, at = request.form["invitation"], request.form["reply"], "'2026-01-01 10:00:00.000000'"
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE invitations SET reply = :said, version = version + 1 WHERE id = :key"), {"said": said, "key": key})
        connection.execute(sa.text(f"INSERT INTO replies (id, invitation_id, at, source, by_name, reply, reason, deputy) VALUES (:id, :key, {at}, 'link', '', :said, '', '')"),
                           {"id": uuid.uuid4().hex, "key": key, "said": said})
        connection.execute(sa.text(f"INSERT INTO events (at, actor, verb, subject, detail) VALUES ({at}, '', 'recorded_reply', :key, '{{}}')"), {"key": key})
    return redirect("/ready", 303)  # type: ignore[return-value]


@app.get("/download")
def download() -> Response:
    """Flask's own send_file."""
    return send_file(DATA / "floor.bin", mimetype="application/octet-stream")


@app.get("/download-proved")
def download_proved() -> Response:
    """The same after its SHA-256 was taken."""
    with (DATA / "floor.bin").open("rb") as file:
        hashlib.file_digest(file, "sha256")
    return download()


_s3: list[Any] = []


def _client() -> tuple[Any, str]:
    given = json.loads(os.environ["FLOOR_S3"])
    if not _s3:
        import boto3
        from botocore.config import Config

        _s3.append(boto3.client("s3", endpoint_url=given["endpoint"], region_name=given["region"], aws_access_key_id=given["access_key"],
                                aws_secret_access_key=given["secret_key"], config=Config(s3={"addressing_style": "path"})))
    return _s3[0], given["bucket"]


@app.get("/s3")
def s3() -> Response:
    """boto3's stream, handed on."""
    client, bucket = _client()
    found = client.get_object(Bucket=bucket, Key="floor")
    return Response(found["Body"].iter_chunks(64 * 1024), content_type="application/octet-stream", headers={"Content-Length": str(found["ContentLength"])})


def plan(html: str, row: str, table: str) -> dict[str, Any]:
    """A floor page of as many bytes as a page of the hub: its head and tail, and as many rows, as long in all as the page's."""
    head, *rows = html.split(row)
    end = "</ul>" if "</ul>" in rows[-1] else "</table>"
    rows[-1], _, tail = rows[-1].partition(end)
    with engine.connect() as connection:
        found = connection.execute(_query(table).limit(len(rows))).all()
    assert len(found) == len(rows), f"{table} has {len(found)} rows for the {len(rows)} of the page"
    printed = "".join("{{ row." + name + " }}" for name in COLUMNS[table][1])
    values = sum(len(escape(value).encode()) for line in found for value in line)
    bare = len("".join(row + rest for rest in rows).encode())
    text = (row + sorted(rows, key=len)[len(rows) // 2]).encode("ascii", "replace").decode()
    literal = text.ljust(bare, " ")[:max(0, bare - values) // len(rows)]
    made = values + len(rows) * len(literal)
    tail = (end + tail).ljust(len(end + tail) + bare - made, " ") if made <= bare else (end + tail)[made - bare:]
    raw = "{{% raw %}}{}{{% endraw %}}".format
    template = raw(head) + "{% for row in rows %}" + raw(literal) + printed + "{% endfor %}" + raw(tail)
    return {"table": table, "rows": len(rows), "template": template}
