"""The application for any ASGI server: `uvicorn bookedbiz.web.asgi:app`, settings from the environment."""

import os

from bookedbiz.settings import Settings
from bookedbiz.web.app import create_app
from bookedbiz.web.serve import as_asgi

app = as_asgi(create_app(Settings.from_env(os.environ)))
