"""The tables, under the names of the glossary. What the code must not write, the schema refuses.

A rendition is owed as its parts; each part is a row of `delivery`, and state lives there. `attempt` and
`decision` are the ledger: they only grow. Triggers stand in triggers.py.
"""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    TextClause,
    UniqueConstraint,
    and_,
    literal_column,
    text,
)
from sqlalchemy.sql.elements import ColumnElement

from bot.domain.case import Status
from bot.domain.delivery import LATE_AFTER, DeliveryKind, How, State
from bot.domain.lengths import PlatformName
from bot.store import inbox_tables  # noqa: F401  # they are part of the same schema
from bot.store.schema import metadata, one_of
from bot.store.types import MICROSECOND, Instant, Span

accounts = Table(
    "account",
    metadata,
    Column("label", Text, nullable=False),
    Column("platform", Text, nullable=False),
    Column("enrolled_at", Instant, nullable=False),
    Column("own_id", Text),
    Column("handle", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("length", Integer),
    Column("link_length", Integer),
    Column("pause_at", Instant),
    Column("pause_by", Text),
    Column("pause_reason", Text),
    Column("pause_blocked", Integer, nullable=False),
    Column("busy_until", Instant),
    PrimaryKeyConstraint("label", name="pk_account"),
    UniqueConstraint("platform", "own_id", name="uq_account_own_id"),
    CheckConstraint(one_of("platform", PlatformName), name="ck_account_platform"),
    CheckConstraint(
        "(pause_at IS NULL) = (pause_by IS NULL) AND (pause_at IS NULL) = (pause_reason IS NULL)",
        name="ck_account_pause",
    ),
    CheckConstraint(
        "pause_blocked = 0 OR pause_blocked = 1 AND pause_at IS NOT NULL", name="ck_account_blocked"
    ),
    sqlite_strict=True,
)

posts = Table(
    "post",
    metadata,
    Column("id", Text, nullable=False),
    Column("first_seen_at", Instant, nullable=False),
    Column("slot_at", Instant),
    PrimaryKeyConstraint("id", name="pk_post"),
    sqlite_strict=True,
)

renditions = Table(
    "rendition",
    metadata,
    Column("id", Integer, nullable=False),
    Column("account", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("post", Text, nullable=False),
    Column("occurrence", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("part_gap", Span, nullable=False),
    Column("digest", Text, nullable=False),
    Column("absent", Integer, nullable=False),  # cancelled because the queue no longer has it
    PrimaryKeyConstraint("id", name="pk_rendition"),
    ForeignKeyConstraint(["account"], ["account.label"], name="fk_rendition_account"),
    ForeignKeyConstraint(["post"], ["post.id"], name="fk_rendition_post"),
    UniqueConstraint("kind", "post", "account", "occurrence", "language", name="uq_rendition_owed_once"),
    UniqueConstraint("id", "account", name="uq_rendition_account"),  # what delivery points at
    CheckConstraint(one_of("kind", DeliveryKind), name="ck_rendition_kind"),
    CheckConstraint("absent IN (0, 1)", name="ck_rendition_absent"),
    sqlite_strict=True,
)

outbox = Table(
    "delivery",
    metadata,
    Column("key", Text().with_variant(Text(collation="C"), "postgresql"), nullable=False),
    Column("rendition", Integer, nullable=False),
    Column("account", Text, nullable=False),
    Column("part", Integer, nullable=False),
    Column("parts", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("warning", Text, nullable=False),
    Column("media", Text, nullable=False),  # JSON, empty for none
    Column("reliance", Text, nullable=False),  # JSON, empty for nothing
    Column("cost", Integer, nullable=False),  # in millionths of a dollar
    Column("planned_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("held", Text),
    Column("ready", Integer, nullable=False),  # nothing before it in its thread is still to be sent
    Column("state", Text, nullable=False),
    Column("next_at", Instant),
    Column("attention", Text),
    Column("attempts", Integer, nullable=False),
    Column("doubts", Integer, nullable=False),
    Column("looks", Integer, nullable=False),
    Column("epoch", Integer),  # of the holder that claimed it last
    Column("first_claimed_at", Instant),
    Column("claimed_at", Instant),
    Column("payload", LargeBinary),
    Column("remote_id", Text),
    Column("url", Text),
    Column("cid", Text),
    Column("how", Text),
    Column("verified_at", Instant),
    PrimaryKeyConstraint("key", name="pk_delivery"),
    ForeignKeyConstraint(
        ["rendition", "account"],
        ["rendition.id", "rendition.account"],
        name="fk_delivery_rendition",
    ),
    UniqueConstraint("rendition", "part", name="uq_delivery_part"),
    CheckConstraint("part BETWEEN 1 AND parts", name="ck_delivery_part"),
    CheckConstraint("ready IN (0, 1) AND (part > 1 OR ready = 1)", name="ck_delivery_ready"),
    CheckConstraint(one_of("state", State), name="ck_delivery_state"),
    CheckConstraint(
        "CASE state WHEN 'scheduled' THEN next_at IS NOT NULL"
        " WHEN 'in_doubt' THEN next_at IS NOT NULL OR attention IS NOT NULL"
        " WHEN 'sent' THEN 1 = 1 ELSE next_at IS NULL END",
        name="ck_delivery_next_at",
    ),
    CheckConstraint(
        "state NOT IN ('sending', 'in_doubt', 'sent') OR payload IS NOT NULL AND claimed_at IS NOT NULL"
        " AND epoch IS NOT NULL AND attempts > 0 AND ready = 1",
        name="ck_delivery_claimed",
    ),
    CheckConstraint(
        "(claimed_at IS NULL) = (first_claimed_at IS NULL) AND (claimed_at IS NULL) = (attempts = 0)",
        name="ck_delivery_first_claimed",
    ),
    CheckConstraint("doubts BETWEEN 0 AND attempts AND looks >= 0", name="ck_delivery_counts"),
    CheckConstraint("state <> 'in_doubt' OR doubts > 0", name="ck_delivery_doubts"),
    CheckConstraint(
        "(state = 'sent') = (remote_id IS NOT NULL) AND (state = 'sent') = (how IS NOT NULL)"
        " AND (state = 'sent') = (url IS NOT NULL) AND (state = 'sent') = (cid IS NOT NULL)",
        name="ck_delivery_receipt",
    ),
    CheckConstraint(one_of("how", How), name="ck_delivery_how"),
    CheckConstraint("verified_at IS NULL OR state = 'sent'", name="ck_delivery_verified"),
    sqlite_strict=True,
)

attempts = Table(
    "attempt",
    metadata,
    Column("id", Integer, nullable=False),
    Column("key", Text().with_variant(Text(collation="C"), "postgresql"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("outcome", Text, nullable=False),  # the state it led to; sending while nobody knows
    Column("note", Text, nullable=False),
    PrimaryKeyConstraint("id", name="pk_attempt"),
    ForeignKeyConstraint(["key"], ["delivery.key"], name="fk_attempt_delivery"),
    UniqueConstraint("key", "number", name="uq_attempt_number"),
    CheckConstraint(
        "outcome IN ('sending', 'sent', 'scheduled', 'failed', 'in_doubt')"
        " AND (outcome = 'sending') = (ended_at IS NULL)",
        name="ck_attempt_outcome",
    ),
    sqlite_strict=True,
)

decisions = Table(
    "decision",
    metadata,
    Column("id", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("note", Text, nullable=False),
    PrimaryKeyConstraint("id", name="pk_decision"),
    Index("ix_decision_about", "about"),
    sqlite_strict=True,
)

instance = Table(
    "instance",
    metadata,
    Column("id", Integer, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("boot_id", Text, nullable=False),
    Column("heartbeat", Instant, nullable=False),
    PrimaryKeyConstraint("id", name="pk_instance"),
    CheckConstraint("id = 1", name="ck_instance_single"),
    sqlite_strict=True,
)

switches = Table(
    "switch",
    metadata,
    Column("name", Text, nullable=False),  # it is on while its row is there
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    PrimaryKeyConstraint("name", name="pk_switch"),
    CheckConstraint("name IN ('started', 'paused', 'restored', 'people')", name="ck_switch_name"),
    sqlite_strict=True,
)

findings = Table(
    "finding",
    metadata,
    Column("id", Integer, nullable=False),
    Column("subject", Text, nullable=False),  # `case` or `fact`, a space, and its id
    Column("origin", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("status", Text),  # None of a fact
    Column("verified_on", Text, nullable=False),  # a day, such as 2027-05-01
    Column("check_by", Text),
    Column("source", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("resolves", Integer, nullable=False),
    PrimaryKeyConstraint("id", name="pk_finding"),
    CheckConstraint("origin IN ('file', 'ledger')", name="ck_finding_origin"),
    CheckConstraint(one_of("status", Status), name="ck_finding_status"),
    CheckConstraint("resolves IN (0, 1)", name="ck_finding_resolves"),
    Index("ix_finding_subject", "subject"),
    sqlite_strict=True,
)

approvals = Table(
    "approval",
    metadata,
    Column("post", Text, nullable=False),
    Column("language", Text, nullable=False),  # empty for the post itself, else of a translation
    Column("digest", Text, nullable=False),  # of what was approved: a changed post is a draft again
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("post", "language", name="pk_approval"),
    sqlite_strict=True,
)

alarms = Table(
    "alarm",
    metadata,
    Column("problem", Text, nullable=False),  # its name: the same problem is one alarm
    Column("words", Text, nullable=False),
    Column("since", Instant, nullable=False),
    Column("told_at", Instant),
    Column("over_at", Instant),  # and its end is still to be told
    PrimaryKeyConstraint("problem", name="pk_alarm"),
    CheckConstraint("over_at IS NULL OR told_at IS NOT NULL", name="ck_alarm_over"),
    sqlite_strict=True,
)


def is_in(state: State) -> ColumnElement[bool]:
    """Whether a delivery is in a state, written out: a bound value would not find the partial indexes."""
    return outbox.c.state == literal_column(f"'{state.value}'")


WAITING = and_(is_in(State.SCHEDULED), outbox.c.ready == literal_column("1"), outbox.c.held.is_(None))
"""Deliveries that only their hour keeps from being claimed."""

FRESH = and_(is_in(State.SENT), outbox.c.next_at.is_not(None))
"""Sent deliveries that are still to be read back."""

LATE = text(f"part = 1 AND claimed_at > planned_at + {LATE_AFTER // MICROSECOND}")
"""Posts that were claimed long after their hour; each account catches up with few of them at a time."""


def _partial(
    name: str, *columns: str, where: ColumnElement[bool] | TextClause, unique: bool = False
) -> Index:
    """An index of a few rows among many, so that asking what is due costs what is due and no more."""
    indexed = (outbox.c[column] for column in columns)
    return Index(name, *indexed, sqlite_where=where, postgresql_where=where, unique=unique)


_partial("ix_delivery_waiting", "account", "next_at", where=WAITING)
_partial("ix_delivery_in_doubt", "account", "next_at", where=is_in(State.IN_DOUBT))
_partial("ix_delivery_fresh", "account", "next_at", where=FRESH)
_partial("ix_delivery_sending", "account", where=is_in(State.SENDING))
_partial("ix_delivery_expiring", "expires_at", where=is_in(State.SCHEDULED))
_partial("ix_delivery_attention", "planned_at", where=outbox.c.attention.is_not(None))
_partial("ix_delivery_late", "account", "claimed_at", where=LATE)
_partial("ix_delivery_reliance", "state", where=text("reliance <> ''"))
_partial("uq_delivery_remote_id", "account", "remote_id", where=outbox.c.remote_id.is_not(None), unique=True)
Index("ix_delivery_planned_at", outbox.c.planned_at)
