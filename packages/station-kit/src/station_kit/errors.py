"""The errors of the kit: an operator may meet them, so each says what failed and why, and what to do."""


class KitError(Exception):
    """What failed and why, in one sentence, with a hint that says what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(f"{message}\n  hint: {hint}" if hint else message)
        self.message = message
        self.hint = hint


class DatabaseUnusable(KitError):
    """The database file is missing, unreadable, locked away or not a SQLite database."""


class NestedTransaction(KitError):
    """A transaction was begun inside another one."""


class MigrationRefused(KitError):
    """The migrations do not fit together, do not fit the database, or one of them failed; nothing of it was kept."""


class BadStatement(KitError):
    """A file of named SQL is missing, or does not begin with the question it answers."""


class BadSetting(KitError):
    """An environment variable or a credential of the hosting contract is missing or makes no sense."""
