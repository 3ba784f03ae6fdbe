"""The hub starts without what only some pages need: to load it took longer than everything else, in each worker."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HEAVY = {"openpyxl", "docx", "lxml", "PIL", "boto3", "botocore", "icalendar", "markdown_it", "qrcode", "notifications_python_client", "reportlab", "pypdf"}


def test_a_worker_starts_without_what_few_pages_need(tmp_path: Path) -> None:
    code = f"import sys, app; print(sorted({HEAVY!r} & set(sys.modules)))"
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CSC_")}
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).resolve().parents[2], env=clean | {"CSC_DATA": str(tmp_path), "CSC_DEMONSTRATION": "1"},
        capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
