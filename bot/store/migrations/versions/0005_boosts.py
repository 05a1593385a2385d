"""Boosts of supporters' messages, and taking them back."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_KINDS = "kind IN ('post', 'withdrawal'"
_WIDER = _KINDS + ", 'boost', 'unboost'"


def upgrade() -> None:
    """Let a rendition be a boost, or the end of one."""
    if op.get_bind().dialect.name == "sqlite":
        _widen_by_copying()
        return
    op.drop_constraint("ck_rendition_kind", "rendition")
    op.create_check_constraint("ck_rendition_kind", "rendition", f"{_WIDER})")


def _widen_by_copying() -> None:
    """SQLite changes no constraint: the table is made anew from its own words, and filled."""
    connection = op.get_bind()
    made = connection.exec_driver_sql(
        "SELECT type, sql FROM sqlite_master WHERE tbl_name = 'rendition' AND sql IS NOT NULL"
    ).all()
    columns = ", ".join(f'"{one["name"]}"' for one in sa.inspect(connection).get_columns("rendition"))
    (table,) = (sql for kind, sql in made if kind == "table")
    body = table.partition("(")[2]
    if _KINDS not in body:
        raise RuntimeError("the table rendition is not as the revision before left it")
    connection.exec_driver_sql(f"CREATE TABLE new_rendition ({body.replace(_KINDS, _WIDER, 1)}")
    connection.exec_driver_sql(
        f"INSERT INTO new_rendition ({columns}) SELECT {columns} FROM rendition"  # noqa: S608
    )
    connection.exec_driver_sql("DROP TABLE rendition")
    op.rename_table("new_rendition", "rendition")
    for kind, sql in made:
        if kind == "index":
            connection.exec_driver_sql(sql)
