"""What a delivery rests on, its pictures, warning and price; what is known of people; and approvals."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_TEXT_COLUMN = "text TEXT NOT NULL, "
_ADDED = {"warning": "TEXT", "media": "TEXT", "reliance": "TEXT", "cost": "INTEGER"}
_SWITCHES = "name IN ('started', 'paused', 'restored'"
_RELIES = "reliance <> ''"


def upgrade() -> None:
    """Widen two tables, add two, and an index of what rests on something."""
    if op.get_bind().dialect.name == "sqlite":
        _widen_by_copying()
    else:
        _widen_in_place()
    op.create_index(
        "ix_delivery_reliance",
        "delivery",
        ["state"],
        sqlite_where=sa.text(_RELIES),
        postgresql_where=sa.text(_RELIES),
    )
    _create_findings()
    op.create_table(
        "approval",
        sa.Column("post", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("post", "language", name="pk_approval"),
        sqlite_strict=True,
    )


def _create_findings() -> None:
    op.create_table(
        "finding",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("status", sa.Text),
        sa.Column("verified_on", sa.Text, nullable=False),
        sa.Column("check_by", sa.Text),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("resolves", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_finding"),
        sa.CheckConstraint("origin IN ('file', 'ledger')", name="ck_finding_origin"),
        sa.CheckConstraint("status IN ('jailed', 'free', 'died', 'unknown')", name="ck_finding_status"),
        sa.CheckConstraint("resolves IN (0, 1)", name="ck_finding_resolves"),
        sqlite_strict=True,
    )
    op.create_index("ix_finding_subject", "finding", ["subject"])


def _widen_by_copying() -> None:
    """SQLite puts a new column behind the constraints: a table is made anew from its own words instead."""
    _copied("switch", _SWITCHES, _SWITCHES + ", 'people'")
    added = "".join(f"{name} {kind} NOT NULL, " for name, kind in _ADDED.items())
    _copied("delivery", _TEXT_COLUMN, _TEXT_COLUMN + added)


def _copied(name: str, words: str, wider: str) -> None:
    connection = op.get_bind()
    made = connection.exec_driver_sql(
        "SELECT type, sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL", (name,)
    ).all()
    columns = [column["name"] for column in sa.inspect(connection).get_columns(name)]
    (table,) = (sql for kind, sql in made if kind == "table")
    body = table.partition("(")[2]
    if words not in body:
        raise RuntimeError(f"the table {name} is not as revision 0002 left it")
    connection.exec_driver_sql(f"CREATE TABLE new_{name} ({body.replace(words, wider, 1)}")
    into = ", ".join([f'"{column}"' for column in columns] + list(_ADDED) * (name == "delivery"))
    values = ", ".join([f'"{column}"' for column in columns] + ["''", "''", "''", "0"] * (name == "delivery"))
    connection.exec_driver_sql(f"INSERT INTO new_{name} ({into}) SELECT {values} FROM {name}")  # noqa: S608
    connection.exec_driver_sql(f"DROP TABLE {name}")
    op.rename_table(f"new_{name}", name)
    for kind, sql in made:
        if kind == "index":
            connection.exec_driver_sql(sql)


def _widen_in_place() -> None:
    for name, kind in _ADDED.items():
        column = sa.Text if kind == "TEXT" else sa.Integer
        default = "" if kind == "TEXT" else "0"
        op.add_column("delivery", sa.Column(name, column, nullable=False, server_default=default))
        op.alter_column("delivery", name, server_default=None)
    op.drop_constraint("ck_switch_name", "switch")
    op.create_check_constraint("ck_switch_name", "switch", _SWITCHES + ", 'people')")
