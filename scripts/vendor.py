"""Brings third-party browser assets into the tree, with licence, version and hash (for maintainers; needs npm).

Usage: python scripts/vendor.py FOLDER_WITH_UNPACKED_PACKAGES
where the folder holds `npm pack` output, each unpacked as NAME-VERSION/package.
GOV.UK Frontend is debranded: no crown, no GDS Transport.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MIT = """MIT License, Copyright (c) Crown Copyright (Government Digital Service)

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""


def govuk(source: Path, target: Path) -> None:
    """The styles without the crown and the typeface, and the script as it is."""
    css = (source / "dist/govuk/govuk-frontend.min.css").read_text()
    css = re.sub(r"@font-face\{[^}]*\}", "", css).replace("GDS Transport,arial,sans-serif", "system-ui,arial,sans-serif")
    css = re.sub(r"/\*# sourceMappingURL.*?\*/", "", css)
    assert "GDS Transport" not in css
    (target / "govuk-frontend.min.css").write_text(css)
    js = (source / "dist/govuk/govuk-frontend.min.js").read_text()
    (target / "govuk-frontend.min.js").write_text(re.sub(r"//# sourceMappingURL.*", "", js))
    (target / "LICENSE").write_text(MIT)


def main() -> None:
    """Copies the three packages."""
    packages = Path(sys.argv[1])
    for name, folder in (("govuk-frontend-6.3.0", "static/vendor"), ("htmx.org-4.0.1", "static/vendor"), ("axe-core-4.14.1", "tests/vendor")):
        source, target = packages / name / "package", ROOT / folder / name
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        if name.startswith("govuk"):
            govuk(source, target)
        else:
            script = "dist/htmx.min.js" if name.startswith("htmx") else "axe.min.js"
            shutil.copy(source / script, target)
            for licence in source.glob("LICENSE*"):
                shutil.copy(licence, target)
        lines = [f"{name}\n"] + [
            f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in sorted(target.iterdir())]
        (target / "NOTICE").write_text("".join(lines))


if __name__ == "__main__":
    main()
