"""The outbox, the ledger and the register."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Make every table."""
    _account()
    _post()
    _rendition()
    _delivery()
    _delivery_indexes()
    _ledger()
    _running()


def _table(name: str, *content: sa.schema.SchemaItem) -> None:
    op.create_table(name, *content, sqlite_strict=True)


def _text(name: str, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, nullable=null)


def _key(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False)


def _count(name: str, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer, nullable=null)


def _micros(name: str, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=null)


def _check(name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=name)


def _account() -> None:
    _table(
        "account",
        _text("label"),
        _text("platform"),
        _micros("enrolled_at"),
        _text("own_id", null=True),
        _text("handle"),
        _text("url"),
        _count("length", null=True),
        _count("link_length", null=True),
        _micros("pause_at", null=True),
        _text("pause_by", null=True),
        _text("pause_reason", null=True),
        _count("pause_blocked"),
        _micros("busy_until", null=True),
        sa.PrimaryKeyConstraint("label", name="pk_account"),
        sa.UniqueConstraint("platform", "own_id", name="uq_account_own_id"),
        _check("ck_account_platform", "platform IN ('x', 'mastodon', 'bluesky')"),
        _check(
            "ck_account_pause",
            "(pause_at IS NULL) = (pause_by IS NULL) AND (pause_at IS NULL) = (pause_reason IS NULL)",
        ),
        _check("ck_account_blocked", "pause_blocked = 0 OR pause_blocked = 1 AND pause_at IS NOT NULL"),
    )


def _post() -> None:
    _table(
        "post",
        _text("id"),
        _micros("first_seen_at"),
        _micros("slot_at", null=True),
        sa.PrimaryKeyConstraint("id", name="pk_post"),
    )


def _rendition() -> None:
    _table(
        "rendition",
        _count("id"),
        _text("account"),
        _text("kind"),
        _text("post"),
        _text("occurrence"),
        _text("language"),
        _count("priority"),
        _micros("part_gap"),
        _text("digest"),
        _count("absent"),
        sa.PrimaryKeyConstraint("id", name="pk_rendition"),
        sa.ForeignKeyConstraint(["account"], ["account.label"], name="fk_rendition_account"),
        sa.ForeignKeyConstraint(["post"], ["post.id"], name="fk_rendition_post"),
        sa.UniqueConstraint("post", "account", "occurrence", "language", name="uq_rendition_owed_once"),
        sa.UniqueConstraint("id", "account", name="uq_rendition_account"),
        _check("ck_rendition_kind", "kind IN ('post')"),
        _check("ck_rendition_absent", "absent IN (0, 1)"),
    )


def _delivery() -> None:
    _table(
        "delivery",
        _key("key"),
        _count("rendition"),
        _text("account"),
        _count("part"),
        _count("parts"),
        _text("text"),
        _micros("planned_at"),
        _micros("expires_at"),
        _text("held", null=True),
        _count("ready"),
        _text("state"),
        _micros("next_at", null=True),
        _text("attention", null=True),
        _count("attempts"),
        _count("doubts"),
        _count("looks"),
        _count("epoch", null=True),
        _micros("first_claimed_at", null=True),
        _micros("claimed_at", null=True),
        sa.Column("payload", sa.LargeBinary),
        _text("remote_id", null=True),
        _text("url", null=True),
        _text("cid", null=True),
        _text("how", null=True),
        _micros("verified_at", null=True),
        *_delivery_constraints(),
    )


def _delivery_constraints() -> tuple[sa.Constraint, ...]:
    return (
        sa.PrimaryKeyConstraint("key", name="pk_delivery"),
        sa.ForeignKeyConstraint(
            ["rendition", "account"],
            ["rendition.id", "rendition.account"],
            name="fk_delivery_rendition",
        ),
        sa.UniqueConstraint("rendition", "part", name="uq_delivery_part"),
        _check("ck_delivery_part", "part BETWEEN 1 AND parts"),
        _check("ck_delivery_ready", "ready IN (0, 1) AND (part > 1 OR ready = 1)"),
        _check(
            "ck_delivery_state",
            "state IN ('scheduled', 'sending', 'in_doubt', 'sent', 'failed', 'expired', 'cancelled')",
        ),
        _check(
            "ck_delivery_next_at",
            "CASE state WHEN 'scheduled' THEN next_at IS NOT NULL"
            " WHEN 'in_doubt' THEN next_at IS NOT NULL OR attention IS NOT NULL"
            " WHEN 'sent' THEN 1 = 1 ELSE next_at IS NULL END",
        ),
        _check(
            "ck_delivery_claimed",
            "state NOT IN ('sending', 'in_doubt', 'sent') OR payload IS NOT NULL AND claimed_at IS NOT NULL"
            " AND epoch IS NOT NULL AND attempts > 0 AND ready = 1",
        ),
        _check(
            "ck_delivery_first_claimed",
            "(claimed_at IS NULL) = (first_claimed_at IS NULL) AND (claimed_at IS NULL) = (attempts = 0)",
        ),
        _check("ck_delivery_counts", "doubts BETWEEN 0 AND attempts AND looks >= 0"),
        _check("ck_delivery_doubts", "state <> 'in_doubt' OR doubts > 0"),
        _check(
            "ck_delivery_receipt",
            "(state = 'sent') = (remote_id IS NOT NULL) AND (state = 'sent') = (how IS NOT NULL)"
            " AND (state = 'sent') = (url IS NOT NULL) AND (state = 'sent') = (cid IS NOT NULL)",
        ),
        _check("ck_delivery_how", "how IN ('direct', 'found', 'organiser')"),
        _check("ck_delivery_verified", "verified_at IS NULL OR state = 'sent'"),
    )


def _delivery_indexes() -> None:
    _index("ix_delivery_planned_at", ["planned_at"])
    _index(
        "ix_delivery_waiting", ["account", "next_at"], "state = 'scheduled' AND ready = 1 AND held IS NULL"
    )
    _index("ix_delivery_in_doubt", ["account", "next_at"], "state = 'in_doubt'")
    _index("ix_delivery_fresh", ["account", "next_at"], "state = 'sent' AND next_at IS NOT NULL")
    _index("ix_delivery_sending", ["account"], "state = 'sending'")
    _index("ix_delivery_expiring", ["expires_at"], "state = 'scheduled'")
    _index("ix_delivery_attention", ["planned_at"], "attention IS NOT NULL")
    _index("uq_delivery_remote_id", ["account", "remote_id"], "remote_id IS NOT NULL", unique=True)


def _index(name: str, columns: Sequence[str], where: str | None = None, *, unique: bool = False) -> None:
    only = None if where is None else sa.text(where)
    op.create_index(name, "delivery", columns, unique=unique, sqlite_where=only, postgresql_where=only)


def _ledger() -> None:
    _table(
        "attempt",
        _count("id"),
        _key("key"),
        _count("number"),
        _count("epoch"),
        _micros("started_at"),
        _micros("ended_at", null=True),
        _text("outcome"),
        _text("note"),
        sa.PrimaryKeyConstraint("id", name="pk_attempt"),
        sa.ForeignKeyConstraint(["key"], ["delivery.key"], name="fk_attempt_delivery"),
        sa.UniqueConstraint("key", "number", name="uq_attempt_number"),
        _check(
            "ck_attempt_outcome",
            "outcome IN ('sending', 'sent', 'scheduled', 'failed', 'in_doubt')"
            " AND (outcome = 'sending') = (ended_at IS NULL)",
        ),
    )
    _table(
        "decision",
        _count("id"),
        _micros("at"),
        _text("by"),
        _text("what"),
        _text("about"),
        _text("note"),
        sa.PrimaryKeyConstraint("id", name="pk_decision"),
    )
    op.create_index("ix_decision_about", "decision", ["about"])


def _running() -> None:
    _table(
        "instance",
        _count("id"),
        _count("epoch"),
        _count("pid"),
        _text("boot_id"),
        _micros("heartbeat"),
        sa.PrimaryKeyConstraint("id", name="pk_instance"),
        _check("ck_instance_single", "id = 1"),
    )
    _table(
        "switch",
        _text("name"),
        _micros("at"),
        _text("by"),
        _text("reason"),
        sa.PrimaryKeyConstraint("name", name="pk_switch"),
        _check("ck_switch_name", "name IN ('started', 'paused')"),
    )
