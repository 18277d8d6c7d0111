"""The first account on a new host: who has the password that the host made may come in, and nobody else."""

from collections.abc import Mapping
from contextlib import closing
from datetime import datetime

from bookedbiz.moments import utc_text
from bookedbiz.names.audit import By
from bookedbiz.settings import Settings
from bookedbiz.users import FIRST_ADMIN, NewUser, Role, create_user, list_users
from bookedbiz.web.readonly import why_read_only
from station_kit import environment
from station_kit.errors import BadSetting
from station_kit.sqlitefile import open_database, transaction


def make_first_admin(settings: Settings, environ: Mapping[str, str], now: datetime) -> bool:
    """Whether it was made: nobody has an account yet, the host handed first_admin_password over, one may write.

    The database is there and migrated. Two processes may do so at once: one of them makes it.
    """
    if why_read_only(settings):
        return False
    try:
        password = environment.credential("first_admin_password", environ)
    except BadSetting:
        return False
    with closing(open_database(settings.database)) as db, transaction(db):
        if list_users(db):
            return False
        create_user(db, NewUser(FIRST_ADMIN, Role.ADMIN, "First", "Admin", password), By("host", utc_text(now)))
    return True
