"""A copy of a store without a word of what supporters said: what was erased must not live on in backups."""

import sqlite3
from pathlib import Path

from bot.domain.report import Risk, Standing
from bot.ports.inbox import SWEEP
from bot.store.paths import uri

_HOLDS = ("report", "at_risk_mark", "stream")  # tables that a store of an earlier version may lack
_WIPED = "handle = NULL, text = NULL, url = NULL, remote_id = NULL, why = ''"
_UNSURE = f"risk = '{Risk.UNSURE}'"
_WAITS = f"standing = '{Standing.UNDECIDED}' AND boosted_at IS NULL"
_BARE = (  # as domain/erasure.set_aside says it of one report
    "UPDATE report SET handle = NULL, text = NULL, why = '' WHERE boosted_at IS NOT NULL",
    "UPDATE report SET is_report = 0, confidence = 0.0, guessed_actions = '', guessed_country = NULL,"  # noqa: S608
    f" guessed_participants = NULL, language = NULL WHERE {_WAITS} AND {_UNSURE}",
    f"UPDATE report SET standing = '{Standing.LAPSED}', author = '', alias = '', \"group\" = '', {_WIPED}"  # noqa: S608
    f" WHERE {_WAITS}",
    f"UPDATE report SET {_WIPED} WHERE boosted_at IS NULL",  # noqa: S608
    "DELETE FROM at_risk_mark",
    f"DELETE FROM stream WHERE name = '{SWEEP}'",  # whoever puts it back looks for all of it at once  # noqa: S608
)


def write_bare(copy: Path, target: Path) -> None:
    """Take out of a copy of a store what it holds of supporters, and write what is left into a new file.

    Only what is left is ever written there, so that no byte of the rest can lie between its pages. The copy
    is of no use afterwards. sqlite3.Error where one of them cannot be used.
    """
    connection = sqlite3.connect(f"{uri(copy)}?mode=rw", uri=True, isolation_level=None)
    try:
        for pragma in ("journal_mode = MEMORY", "secure_delete = ON", "temp_store = MEMORY"):
            connection.execute(f"PRAGMA {pragma}")
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema")}
        if tables.issuperset(_HOLDS):
            connection.execute("BEGIN EXCLUSIVE")
            for statement in _BARE:
                connection.execute(statement)
            connection.execute("COMMIT")
        connection.execute("VACUUM INTO ?", (str(target.absolute()),))
    finally:
        connection.close()
