"""The first tables."""

import sqlalchemy as sa
from alembic import op

from bot.store import triggers

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INSTANT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
RULES = triggers.RULES


def upgrade() -> None:
    """Make the first tables and their triggers."""
    _account()
    _decision()
    _instance()
    _post()
    _switch()
    _rendition()
    _delivery()
    _attempt()
    triggers.create(op.get_bind(), RULES)


def _account() -> None:
    op.create_table(
        "account",
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("enrolled_at", INSTANT, nullable=False),
        sa.Column("own_id", sa.Text(), nullable=True),
        sa.Column("handle", sa.Text(), server_default="", nullable=False),
        sa.Column("url", sa.Text(), server_default="", nullable=False),
        sa.Column("length", sa.Integer(), nullable=True),
        sa.Column("link_length", sa.Integer(), nullable=True),
        sa.Column("paused_at", INSTANT, nullable=True),
        sa.Column("paused_by", sa.Text(), nullable=True),
        sa.Column("paused_reason", sa.Text(), nullable=True),
        sa.Column("blocked", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("busy_until", INSTANT, nullable=True),
        sa.CheckConstraint("platform IN ('x', 'mastodon', 'bluesky')", name="ck_account_platform"),
        sa.CheckConstraint(
            "(paused_at IS NULL) = (paused_by IS NULL) AND (paused_at IS NULL) = (paused_reason IS NULL)",
            name="ck_account_pause_is_whole",
        ),
        sa.CheckConstraint("blocked IN (0, 1)", name="ck_account_blocked"),
        sa.PrimaryKeyConstraint("label", name="pk_account"),
        sa.UniqueConstraint("platform", "own_id", name="uq_account_platform_own_id"),
        sqlite_strict=True,
    )


def _decision() -> None:
    op.create_table(
        "decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_decision"),
        sqlite_strict=True,
    )
    op.create_index("ix_decision_about", "decision", ["about"], unique=False)


def _instance() -> None:
    op.create_table(
        "instance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=True),
        sa.Column("beat_at", INSTANT, nullable=True),
        sa.CheckConstraint("id = 1", name="ck_instance_only_one"),
        sa.PrimaryKeyConstraint("id", name="pk_instance"),
        sqlite_strict=True,
    )


def _post() -> None:
    op.create_table(
        "post",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("first_seen_at", INSTANT, nullable=False),
        sa.Column("slot_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_post"),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_post_slot_at",
        "post",
        ["slot_at"],
        unique=False,
        sqlite_where=sa.text("slot_at IS NOT NULL"),
        postgresql_where=sa.text("slot_at IS NOT NULL"),
    )


def _switch() -> None:
    op.create_table(
        "switch",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_switch"),
        sqlite_strict=True,
    )


def _rendition() -> None:
    op.create_table(
        "rendition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("occurrence", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("held", sa.Text(), nullable=True),
        sa.Column("part_gap", INSTANT, nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("absent", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("kind IN ('post')", name="ck_rendition_kind"),
        sa.CheckConstraint("absent IN (0, 1)", name="ck_rendition_absent"),
        sa.CheckConstraint("part_gap >= 0", name="ck_rendition_part_gap"),
        sa.CheckConstraint("parts >= 1", name="ck_rendition_parts"),
        sa.ForeignKeyConstraint(["account"], ["account.label"], name="fk_rendition_account"),
        sa.ForeignKeyConstraint(["post"], ["post.id"], name="fk_rendition_post"),
        sa.PrimaryKeyConstraint("id", name="pk_rendition"),
        sa.UniqueConstraint(
            "post", "account", "kind", "occurrence", "language", name="uq_rendition_identity"
        ),
        sqlite_strict=True,
    )


def _delivery() -> None:
    op.create_table(
        "delivery",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("rendition", sa.Integer(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("planned_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("next_at", INSTANT, nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("doubts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("looks", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("first_claimed_at", INSTANT, nullable=True),
        sa.Column("claimed_at", INSTANT, nullable=True),
        sa.Column("epoch", sa.Integer(), nullable=True),
        sa.Column("payload", sa.LargeBinary(), nullable=True),
        sa.Column("remote_id", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("cid", sa.Text(), nullable=True),
        sa.Column("how", sa.Text(), nullable=True),
        sa.Column("verified_at", INSTANT, nullable=True),
        sa.Column("attention", sa.Text(), nullable=True),
        sa.CheckConstraint("(state = 'sent') = (how IS NOT NULL)", name="ck_delivery_sent_says_how"),
        sa.CheckConstraint("(state = 'sent') = (remote_id IS NOT NULL)", name="ck_delivery_sent_has_receipt"),
        sa.CheckConstraint(
            "state <> 'scheduled' OR next_at IS NOT NULL", name="ck_delivery_scheduled_has_hour"
        ),
        sa.CheckConstraint(
            "state IN ('scheduled', 'sending', 'in_doubt', 'sent', 'failed', 'expired', 'cancelled')",
            name="ck_delivery_state",
        ),
        sa.CheckConstraint(
            "state NOT IN ('sending', 'failed', 'expired', 'cancelled') OR next_at IS NULL",
            name="ck_delivery_at_rest",
        ),
        sa.CheckConstraint(
            "state NOT IN ('sending', 'in_doubt') OR (payload IS NOT NULL AND claimed_at IS NOT NULL)",
            name="ck_delivery_claimed_is_frozen",
        ),
        sa.CheckConstraint("verified_at IS NULL OR state = 'sent'", name="ck_delivery_verified_was_sent"),
        sa.CheckConstraint(
            "attempts >= 0 AND doubts >= 0 AND looks >= 0 AND doubts <= attempts", name="ck_delivery_counts"
        ),
        sa.CheckConstraint("part >= 1", name="ck_delivery_part"),
        sa.ForeignKeyConstraint(["account"], ["account.label"], name="fk_delivery_account"),
        sa.ForeignKeyConstraint(["rendition"], ["rendition.id"], name="fk_delivery_rendition"),
        sa.PrimaryKeyConstraint("key", name="pk_delivery"),
        sa.UniqueConstraint("account", "remote_id", name="uq_delivery_account_remote_id"),
        sa.UniqueConstraint("rendition", "part", name="uq_delivery_rendition_part"),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_delivery_attention",
        "delivery",
        ["account"],
        unique=False,
        sqlite_where=sa.text("attention IS NOT NULL"),
        postgresql_where=sa.text("attention IS NOT NULL"),
    )
    op.create_index(
        "ix_delivery_next_at",
        "delivery",
        ["account", "next_at"],
        unique=False,
        sqlite_where=sa.text("next_at IS NOT NULL"),
        postgresql_where=sa.text("next_at IS NOT NULL"),
    )
    op.create_index("ix_delivery_planned_at", "delivery", ["planned_at"], unique=False)
    op.create_index(
        "ix_delivery_sending",
        "delivery",
        ["account"],
        unique=False,
        sqlite_where=sa.text("state = 'sending'"),
        postgresql_where=sa.text("state = 'sending'"),
    )


def _attempt() -> None:
    op.create_table(
        "attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("(ended_at IS NULL) = (outcome IS NULL)", name="ck_attempt_ended_has_outcome"),
        sa.ForeignKeyConstraint(["key"], ["delivery.key"], name="fk_attempt_key"),
        sa.PrimaryKeyConstraint("id", name="pk_attempt"),
        sqlite_strict=True,
    )
    op.create_index("ix_attempt_key", "attempt", ["key"], unique=False)
