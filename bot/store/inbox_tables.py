"""The tables of what came in. Words, name and address of a writer stand in four columns and no others."""

from sqlalchemy import (
    REAL,
    CheckConstraint,
    Column,
    Double,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from bot.domain.lengths import PlatformName
from bot.domain.mention import Audience
from bot.domain.report import Risk, Standing
from bot.store.schema import metadata, one_of
from bot.store.types import Instant

reports = Table(
    "report",
    metadata,
    Column("id", Integer, nullable=False),
    Column("account", Text, nullable=False),
    Column("platform", Text, nullable=False),
    Column("mark", Text, nullable=False),  # a keyed hash of the message
    Column("author", Text, nullable=False),  # a keyed hash, empty once erased
    Column("alias", Text, nullable=False),  # a keyed hash of the handle, empty for none and once erased
    Column("group", Text, nullable=False),  # a keyed hash of the words, empty once erased
    Column("day", Instant, nullable=False),
    Column("taken_at", Instant, nullable=False),
    Column("language", Text),
    Column("audience", Text, nullable=False),
    Column("risk", Text, nullable=False),
    Column("no_boost", Integer, nullable=False),
    Column("is_report", Integer, nullable=False),  # this and the next five are the suggestion
    Column("confidence", Double().with_variant(REAL(), "sqlite"), nullable=False),
    Column("guessed_actions", Text, nullable=False),
    Column("guessed_country", Text),
    Column("guessed_participants", Integer),
    Column("why", Text, nullable=False),  # JSON, words of the text; empty for none
    Column("standing", Text, nullable=False),
    Column("actions", Text, nullable=False),
    Column("country", Text),
    Column("participants", Integer),
    Column("decided_at", Instant),
    Column("decided_by", Text, nullable=False),
    Column("handle", Text),
    Column("text", Text),
    Column("url", Text),
    Column("remote_id", Text),
    Column("boosted_at", Instant),
    PrimaryKeyConstraint("id", name="pk_report"),
    UniqueConstraint("mark", name="uq_report_mark"),
    CheckConstraint(one_of("platform", PlatformName), name="ck_report_platform"),
    CheckConstraint(one_of("audience", Audience), name="ck_report_audience"),
    CheckConstraint(one_of("risk", (Risk.NONE, Risk.UNSURE)), name="ck_report_never_at_risk"),
    CheckConstraint(one_of("standing", Standing), name="ck_report_standing"),
    CheckConstraint("no_boost IN (0, 1) AND is_report IN (0, 1)", name="ck_report_flags"),
    CheckConstraint(
        "standing NOT IN ('lapsed', 'erased') OR"
        " handle IS NULL AND text IS NULL AND url IS NULL AND remote_id IS NULL AND why = ''",
        name="ck_report_gone",
    ),
    CheckConstraint(
        "standing <> 'erased' OR author = '' AND alias = '' AND \"group\" = ''", name="ck_report_erased"
    ),
    CheckConstraint(
        "standing NOT IN ('counted', 'rejected') OR decided_at IS NOT NULL", name="ck_report_decided"
    ),
    Index("ix_report_standing", "standing", "taken_at"),
    Index("ix_report_author", "author", "day"),
    Index("ix_report_alias", "alias"),
    sqlite_strict=True,
)

streams = Table(
    "stream",
    metadata,
    Column("account", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("cursor", Text),
    PrimaryKeyConstraint("account", "name", name="pk_stream"),
    sqlite_strict=True,
)

at_risk_marks = Table(
    "at_risk_mark",
    metadata,
    Column("mark", Text, nullable=False),
    Column("seen_at", Instant, nullable=False),
    PrimaryKeyConstraint("mark", name="pk_at_risk_mark"),
    sqlite_strict=True,
)

erased_marks = Table(
    "erased_mark",  # of what was erased after this copy of the store was made, and so has no row
    metadata,
    Column("mark", Text, nullable=False),
    PrimaryKeyConstraint("mark", name="pk_erased_mark"),
    sqlite_strict=True,
)

hash_keys = Table(
    "hash_key",
    metadata,
    Column("id", Integer, nullable=False),
    Column("mark", Text, nullable=False),  # a hash made with the key, by which a wrong key is known
    PrimaryKeyConstraint("id", name="pk_hash_key"),
    CheckConstraint("id = 1", name="ck_hash_key_single"),
    sqlite_strict=True,
)

opt_outs = Table(
    "opt_out",
    metadata,
    Column("author", Text, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("author", name="pk_opt_out"),
    CheckConstraint("author <> ''", name="ck_opt_out_author"),
    sqlite_strict=True,
)

anonymous_counts = Table(
    "anonymous_count",
    metadata,
    Column("name", Text, nullable=False),  # such as `at risk 2027-05`
    Column("number", Integer, nullable=False),
    PrimaryKeyConstraint("name", name="pk_anonymous_count"),
    CheckConstraint("number >= 0", name="ck_anonymous_count_number"),
    sqlite_strict=True,
)
