"""The hub as a web server finds it: settings from the environment, then the application."""

import gc

from csc_hub import create_app
from csc_hub.settings import from_environment

app = create_app(from_environment())
gc.collect()
gc.freeze()  # what is loaded now stays: looking through it for garbage again and again would hold up requests
gc.set_threshold(10_000, 20, 20)
