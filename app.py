"""The hub as a web server finds it: settings from the environment, then the application."""

from csc_hub import create_app
from csc_hub.settings import from_environment

app = create_app(from_environment())
