"""The pages: thin. They parse an address, ask `bookedbiz.reports`, and show the answer."""

from bookedbiz.web.app import create_app

__all__ = ["create_app"]
