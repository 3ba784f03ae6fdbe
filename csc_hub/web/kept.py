"""Templates as Jinja has compiled them, kept beside them from one start to the next, as Python keeps its modules.

`python -m csc_hub.web.kept` compiles all of them: the service itself may write nothing there.
"""

from __future__ import annotations

import os
import tempfile
import uuid
from pathlib import Path

import jinja2
from jinja2.bccache import Bucket, BytecodeCache

import csc_hub

FOLDER = Path(__file__).resolve().parents[2] / "templates" / "__pycache__"


class Kept(BytecodeCache):
    """The compiled templates of one environment. One that changed, or another version of Jinja or of the hub, is compiled again."""

    def __init__(self, environment: str, folder: Path = FOLDER):
        self._folder, self._versions = folder, f"{environment}-{csc_hub.__version__}-{jinja2.__version__}"

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fills the bucket, where the template is kept and has not changed since."""
        try:
            bucket.bytecode_from_string(self._place(bucket).read_bytes())
        except OSError:
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keeps a template, where that is allowed."""
        beside = self._folder / uuid.uuid4().hex
        try:
            self._folder.mkdir(exist_ok=True)
            self._folder.chmod(0o755)  # no secrets: the service is another user than whoever installs it
            beside.write_bytes(bucket.bytecode_to_string())
            beside.chmod(0o644)
            beside.replace(self._place(bucket))
        except OSError:
            pass  # compiled again at the next start

    def _place(self, bucket: Bucket) -> Path:
        return self._folder / f"{self._versions}-{bucket.key}"


def main() -> None:
    """Compiles every template that is not kept yet."""
    from csc_hub.settings import from_environment
    from csc_hub.web import look

    with tempfile.TemporaryDirectory() as data:
        for name in [name for name in os.environ if name.startswith("CSC_")]:
            del os.environ[name]
        os.environ.update(CSC_DATA=data, CSC_DEMONSTRATION="1")
        pages, parts = csc_hub.create_app(from_environment()).jinja_env, look.components()
        for env, names in ((pages, pages.list_templates(["html"])), (parts, parts.list_templates(["html"]))):
            for name in names:
                if (env is parts) == ("components/" in name):
                    env.get_template(name)


if __name__ == "__main__":
    main()
