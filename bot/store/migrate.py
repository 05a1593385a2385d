"""Bring a store's tables up to date, in one transaction or not at all."""

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from bot.domain.errors import StoreError

HEAD = "0001"
"""The newest revision under migrations/versions; a store that has it needs no Alembic to be opened."""


def migrate(engine: Engine) -> None:
    """Run what is missing. StoreError where the store was made by a newer program."""
    with engine.begin() as connection:
        found = revision_of(connection)
        if found == HEAD:
            return
        _upgrade(connection, found)


def revision_of(connection: Connection) -> str | None:
    """The revision a store's tables are at, None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _upgrade(connection: Connection, found: str | None) -> None:
    from alembic import command  # a tenth of a second that only a change of tables is worth
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    known = {revision.revision for revision in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise StoreError(
            f"this store was made by a newer version of the program (its tables are at {found}); "
            "install that version"
        )
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
