"""The hub starts without what only some pages need: to load it took longer than everything else, in each worker."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HEAVY = {"openpyxl", "docx", "lxml", "PIL", "boto3", "botocore", "icalendar", "markdown_it", "qrcode", "notifications_python_client", "reportlab", "pypdf"}


def test_a_worker_starts_without_what_few_pages_need(tmp_path: Path) -> None:
    assert _said(f"import sys, app; print(sorted({HEAVY!r} & set(sys.modules)))", tmp_path) == "[]"


def test_the_watcher_beside_it_loads_nothing_of_the_hub(tmp_path: Path) -> None:
    code = "import sys, csc_hub.outbox.beside; print(sorted({'flask', 'sqlalchemy', 'click', 'gunicorn'} & set(sys.modules)))"
    assert _said(code, tmp_path) == "[]"


def _said(code: str, data: Path) -> str:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CSC_")}
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).resolve().parents[2], env=clean | {"CSC_DATA": str(data), "CSC_DEMONSTRATION": "1"},
        capture_output=True, text=True, check=True)
    return said.stdout.strip()
