"""Bring a database up to date with the program, or say why that is not possible."""

import logging
from pathlib import Path

from sqlalchemy import Connection, column, inspect, select, table

from bot.domain.errors import StoreError
from bot.store import triggers

REVISIONS = ("0001", "0002", "0003", "0004", "0005")
"""Every revision this program knows, oldest first. Alembic, which is slow to load, is asked only for more."""

_SCRIPTS = Path(__file__).with_name("migrations")


def migrate(connection: Connection, name: str) -> None:
    """Run the revisions that a database lacks, in the caller's transaction: all of them or none.

    StoreError where it is newer than this program, or belongs to another.
    """
    if not is_current(connection, name):
        triggers.remove(connection)
        _upgrade(connection)
        triggers.install(connection)


def is_current(connection: Connection, name: str) -> bool:
    """Whether a database is what this program works with. StoreError where it can never be."""
    found = revision(connection, name)
    if found is not None and found not in REVISIONS:
        raise StoreError(
            f"the store {name} was written by a newer version of this program (its revision is {found}): "
            "update the program, or name another store in the configuration"
        )
    return found == REVISIONS[-1]


def revision(connection: Connection, name: str) -> str | None:
    """The revision of a database, None of an empty one. StoreError where it belongs to another program."""
    tables = inspect(connection).get_table_names()
    if "alembic_version" in tables:
        version = table("alembic_version", column("version_num"))
        found: str | None = connection.scalar(select(version.c.version_num))
        return found
    if tables:
        raise StoreError(
            f"{name} belongs to another program (it has a table {tables[0]}): "
            "name another store in the configuration"
        )
    return None


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    logging.getLogger("alembic").setLevel(logging.WARNING)
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, REVISIONS[-1])
