"""Withdrawals, what a restored backup must look for, late posts kept apart, and the alarms."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_LATE = "part = 1 AND claimed_at > planned_at + 600000000"


def upgrade() -> None:
    """Widen two tables, add one, and an index of the late."""
    if op.get_bind().dialect.name == "sqlite":
        _widen_by_copying()
    else:
        _widen_in_place()
    op.create_index(
        "ix_delivery_late",
        "delivery",
        ["account", "claimed_at"],
        sqlite_where=sa.text(_LATE),
        postgresql_where=sa.text(_LATE),
    )
    op.create_table(
        "alarm",
        _text("problem"),
        _text("words"),
        _micros("since"),
        _micros("told_at", null=True),
        _micros("over_at", null=True),
        sa.PrimaryKeyConstraint("problem", name="pk_alarm"),
        sa.CheckConstraint("over_at IS NULL OR told_at IS NOT NULL", name="ck_alarm_over"),
        sqlite_strict=True,
    )


def _widen_by_copying() -> None:
    """SQLite changes no constraint: a table is made anew, filled, and put in the place of the old one."""
    for name, columns in (("rendition", _rendition()), ("switch", _switch())):
        op.create_table(f"new_{name}", *columns, sqlite_strict=True)
        op.execute(f"INSERT INTO new_{name} SELECT * FROM {name}")  # noqa: S608  # our own two names
        op.drop_table(name)
        op.rename_table(f"new_{name}", name)


def _widen_in_place() -> None:
    op.drop_constraint("uq_rendition_owed_once", "rendition")
    op.create_unique_constraint(
        "uq_rendition_owed_once", "rendition", ["kind", "post", "account", "occurrence", "language"]
    )
    op.drop_constraint("ck_rendition_kind", "rendition")
    op.create_check_constraint("ck_rendition_kind", "rendition", "kind IN ('post', 'withdrawal')")
    op.drop_constraint("ck_switch_name", "switch")
    op.create_check_constraint("ck_switch_name", "switch", "name IN ('started', 'paused', 'restored')")


def _rendition() -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("id", sa.Integer, nullable=False),
        _text("account"),
        _text("kind"),
        _text("post"),
        _text("occurrence"),
        _text("language"),
        sa.Column("priority", sa.Integer, nullable=False),
        _micros("part_gap"),
        _text("digest"),
        sa.Column("absent", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rendition"),
        sa.ForeignKeyConstraint(["account"], ["account.label"], name="fk_rendition_account"),
        sa.ForeignKeyConstraint(["post"], ["post.id"], name="fk_rendition_post"),
        sa.UniqueConstraint(
            "kind", "post", "account", "occurrence", "language", name="uq_rendition_owed_once"
        ),
        sa.UniqueConstraint("id", "account", name="uq_rendition_account"),
        sa.CheckConstraint("kind IN ('post', 'withdrawal')", name="ck_rendition_kind"),
        sa.CheckConstraint("absent IN (0, 1)", name="ck_rendition_absent"),
    ]


def _switch() -> list[sa.schema.SchemaItem]:
    return [
        _text("name"),
        _micros("at"),
        _text("by"),
        _text("reason"),
        sa.PrimaryKeyConstraint("name", name="pk_switch"),
        sa.CheckConstraint("name IN ('started', 'paused', 'restored')", name="ck_switch_name"),
    ]


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, nullable=False)


def _micros(name: str, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=null)
