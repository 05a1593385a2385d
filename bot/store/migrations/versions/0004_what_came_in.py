"""Reports, cursors, marks of those at risk and of the erased, who opted out, and anonymous numbers."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Add seven tables."""
    _create_reports()
    op.create_table(
        "stream",
        _text("account"),
        _text("name"),
        _text("cursor", null=True),
        sa.PrimaryKeyConstraint("account", "name", name="pk_stream"),
        sqlite_strict=True,
    )
    op.create_table(
        "at_risk_mark",
        _text("mark"),
        _micros("seen_at"),
        sa.PrimaryKeyConstraint("mark", name="pk_at_risk_mark"),
        sqlite_strict=True,
    )
    op.create_table(
        "erased_mark",
        _text("mark"),
        sa.PrimaryKeyConstraint("mark", name="pk_erased_mark"),
        sqlite_strict=True,
    )
    op.create_table(
        "hash_key",
        sa.Column("id", sa.Integer, nullable=False),
        _text("mark"),
        sa.PrimaryKeyConstraint("id", name="pk_hash_key"),
        sa.CheckConstraint("id = 1", name="ck_hash_key_single"),
        sqlite_strict=True,
    )
    op.create_table(
        "opt_out",
        _text("author"),
        _micros("at"),
        sa.PrimaryKeyConstraint("author", name="pk_opt_out"),
        sa.CheckConstraint("author <> ''", name="ck_opt_out_author"),
        sqlite_strict=True,
    )
    op.create_table(
        "anonymous_count",
        _text("name"),
        sa.Column("number", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_anonymous_count"),
        sa.CheckConstraint("number >= 0", name="ck_anonymous_count_number"),
        sqlite_strict=True,
    )


def _create_reports() -> None:
    op.create_table("report", *_columns(), *_constraints(), sqlite_strict=True)
    op.create_index("ix_report_standing", "report", ["standing", "taken_at"])
    op.create_index("ix_report_author", "report", ["author", "day"])
    op.create_index("ix_report_alias", "report", ["alias"])


def _columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("id", sa.Integer, nullable=False),
        *(_text(name) for name in ("account", "platform", "mark", "author", "alias", "group")),
        _micros("day"),
        _micros("taken_at"),
        _text("language", null=True),
        _text("audience"),
        _text("risk"),
        sa.Column("no_boost", sa.Integer, nullable=False),
        sa.Column("is_report", sa.Integer, nullable=False),
        sa.Column("confidence", sa.Double().with_variant(sa.REAL(), "sqlite"), nullable=False),
        _text("guessed_actions"),
        _text("guessed_country", null=True),
        sa.Column("guessed_participants", sa.Integer),
        *(_text(name) for name in ("why", "standing", "actions")),
        _text("country", null=True),
        sa.Column("participants", sa.Integer),
        _micros("decided_at", null=True),
        _text("decided_by"),
        *(_text(name, null=True) for name in ("handle", "text", "url", "remote_id")),
        _micros("boosted_at", null=True),
    ]


def _constraints() -> list[sa.Constraint]:
    checks = {
        "platform": "platform IN ('x', 'mastodon', 'bluesky')",
        "audience": "audience IN ('public', 'unlisted', 'private')",
        "never_at_risk": "risk IN ('none', 'unsure')",
        "standing": "standing IN ('undecided', 'counted', 'rejected', 'lapsed', 'erased')",
        "flags": "no_boost IN (0, 1) AND is_report IN (0, 1)",
        "gone": "standing NOT IN ('lapsed', 'erased') OR"
        " handle IS NULL AND text IS NULL AND url IS NULL AND remote_id IS NULL AND why = ''",
        "erased": "standing <> 'erased' OR author = '' AND alias = '' AND \"group\" = ''",
        "decided": "standing NOT IN ('counted', 'rejected') OR decided_at IS NOT NULL",
    }
    return [
        sa.PrimaryKeyConstraint("id", name="pk_report"),
        sa.UniqueConstraint("mark", name="uq_report_mark"),
        *(sa.CheckConstraint(words, name=f"ck_report_{name}") for name, words in checks.items()),
    ]


def _text(name: str, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, nullable=null)


def _micros(name: str, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=null)
