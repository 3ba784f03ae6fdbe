"""The hub as a web server finds it: settings from the environment, then the application.

Gunicorn loads it once and its workers begin as copies: no connection may be open by then.
"""

import gc

gc.disable()  # nothing that is loaded here becomes garbage

from csc_hub import create_app  # noqa: E402
from csc_hub.settings import from_environment  # noqa: E402

app = create_app(from_environment())
gc.freeze()  # what is loaded now stays: looking through it for garbage again and again would hold up requests
gc.set_threshold(10_000, 20, 20)
gc.enable()
