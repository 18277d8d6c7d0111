"""The Control Station page: one look says whether you are safe."""

from station.web.app import create_app
from station.web.watcher import StoreWatch

__all__ = ["StoreWatch", "create_app"]
