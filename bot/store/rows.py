"""Deliveries as rows: how one is read, and how one is exchanged for another."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import (
    Connection,
    Row,
    Select,
    Update,
    and_,
    bindparam,
    exists,
    literal_column,
    select,
    update,
)
from sqlalchemy.sql.elements import ColumnElement

from bot.domain import picture
from bot.domain.case import Reliance
from bot.domain.delivery import LEFT, Delivery, DeliveryKind, How, Key, Receipt, State
from bot.domain.errors import LostClaimError
from bot.domain.post import Language, PostId
from bot.store.tables import outbox, renditions

Item = TypeVar("Item")

CHUNK = 1_000  # names in one statement

_before = outbox.alias("part_before")
_first = outbox.alias("first_part")

Read = Select[Any]
AnyRow = Row[*tuple[Any, ...]]

READ: Read = (
    select(
        outbox,
        renditions.c.kind,
        renditions.c.post,
        renditions.c.occurrence,
        renditions.c.language,
        _before.c.remote_id.label("parent_id"),
        _before.c.url.label("parent_url"),
        _before.c.cid.label("parent_cid"),
        _first.c.remote_id.label("root_id"),
        _first.c.url.label("root_url"),
        _first.c.cid.label("root_cid"),
    )
    .join(renditions, renditions.c.id == outbox.c.rendition)
    .outerjoin(_before, and_(_before.c.rendition == outbox.c.rendition, _before.c.part == outbox.c.part - 1))
    .outerjoin(_first, and_(_first.c.rendition == outbox.c.rendition, _first.c.part == 1, outbox.c.part > 1))
)
"""Everything that a Delivery is made of. The receipts of a thread are read, never copied."""

IN_ORDER = (outbox.c.planned_at, outbox.c.rendition, outbox.c.part)
"""The order in which deliveries go out."""

_other = outbox.alias("other_part")
BEGUN = exists(
    select(literal_column("1")).where(
        _other.c.rendition == outbox.c.rendition,
        _other.c.state.in_([literal_column(f"'{state.value}'") for state in sorted(LEFT)]),
    )
)
"""Whether something of a delivery's rendition is, or may be, public."""


def to_delivery(row: AnyRow) -> Delivery:
    """A row of READ as the domain knows it."""
    parent = _receipt(row.parent_id, row.parent_url, row.parent_cid)
    return Delivery(
        key=Key(row.key),
        kind=DeliveryKind(row.kind),
        account=row.account,
        post=PostId(row.post),
        occurrence=row.occurrence,
        language=Language(row.language),
        part=row.part,
        parts=row.parts,
        text=row.text,
        warning=row.warning,
        media=picture.from_text(row.media),
        reliance=Reliance.from_text(row.reliance),
        cost=row.cost,
        planned_at=row.planned_at,
        expires_at=row.expires_at,
        state=State(row.state),
        next_at=row.next_at,
        attempts=row.attempts,
        doubts=row.doubts,
        looks=row.looks,
        first_claimed_at=row.first_claimed_at,
        claimed_at=row.claimed_at,
        payload=row.payload,
        parent=parent,
        root=_receipt(row.root_id, row.root_url, row.root_cid) if parent else None,
        receipt=_receipt(row.remote_id, row.url, row.cid),
        how=How(row.how) if row.how else None,
        verified_at=row.verified_at,
        held=row.held,
        attention=row.attention,
    )


def _receipt(remote_id: str | None, url: str | None, cid: str | None) -> Receipt | None:
    return Receipt(remote_id=remote_id, url=url or "", cid=cid or "") if remote_id else None


def columns(owed: Delivery) -> dict[str, Any]:
    """What may ever change in a delivery's row."""
    receipt = owed.receipt
    return {
        "parts": owed.parts,
        "text": owed.text,
        "warning": owed.warning,
        "media": picture.as_text(owed.media),
        "reliance": owed.reliance.as_text(),
        "cost": owed.cost,
        "planned_at": owed.planned_at,
        "expires_at": owed.expires_at,
        "held": owed.held,
        "state": owed.state.value,
        "next_at": owed.next_at,
        "attention": owed.attention,
        "attempts": owed.attempts,
        "doubts": owed.doubts,
        "looks": owed.looks,
        "first_claimed_at": owed.first_claimed_at,
        "claimed_at": owed.claimed_at,
        "payload": owed.payload,
        "remote_id": receipt.remote_id if receipt else None,
        "url": receipt.url if receipt else None,
        "cid": receipt.cid if receipt else None,
        "how": owed.how.value if owed.how else None,
        "verified_at": owed.verified_at,
    }


_PLANNED = (
    "parts",
    "text",
    "warning",
    "media",
    "reliance",
    "cost",
    "planned_at",
    "expires_at",
    "held",
    "state",
    "next_at",
    "attention",
)
"""What planning may change of a delivery."""

_CHANGING = (
    *_PLANNED,
    "attempts",
    "doubts",
    "looks",
    "first_claimed_at",
    "claimed_at",
    "payload",
    "remote_id",
    "url",
    "cid",
    "how",
    "verified_at",
)


def setting(names: Iterable[str]) -> dict[str, ColumnElement[Any]]:
    """Columns of a delivery, each set to a value of its name."""
    return {name: bindparam(f"new_{name}", type_=outbox.c[name].type) for name in names}


def _believed(name: str) -> ColumnElement[bool]:
    column = outbox.c[name]
    return column.is_not_distinct_from(bindparam(f"was_{name}", type_=column.type))


@dataclass(frozen=True, slots=True)
class Exchange:
    """A statement that writes some columns of a delivery where others are still as believed."""

    writes: Sequence[str]
    believes: Sequence[str]
    statement: Update = field(init=False)

    def __post_init__(self) -> None:
        statement = (
            update(outbox)
            .where(outbox.c.key == bindparam("was_key"), *(_believed(name) for name in self.believes))
            .values(setting(self.writes))
        )
        object.__setattr__(self, "statement", statement)

    def values(self, was: Delivery, new: Delivery) -> dict[str, Any]:
        """What the statement is executed with."""
        before, after = columns(was), columns(new)
        values = {f"new_{name}": after[name] for name in self.writes}
        values.update((f"was_{name}", before[name]) for name in self.believes)
        values["was_key"] = was.key
        return values


WHOLE = Exchange(_CHANGING, _CHANGING)
"""For what somebody has read a while ago."""

AT_REST = Exchange((*_PLANNED, "payload"), ("state", "attempts"))
"""For what was read in the same transaction, and is not on its way."""

IN_HAND = Exchange(("state", "next_at", "attention", "doubts", "looks"), ("state", "attempts"))
"""For what was read in the same transaction, and is claimed."""


def exchange(connection: Connection, changes: Sequence[tuple[Delivery, Delivery]], how: Exchange) -> None:
    """Write deliveries in place of what they were. LostClaimError where a row is not as believed."""
    if not changes:
        return
    values = [how.values(was, new) for was, new in changes]
    if connection.execute(how.statement, values).rowcount != len(changes):
        keys = ", ".join(was.key for was, _ in changes[:3])
        raise LostClaimError(f"{keys}: changed in the meantime")


def named(prefix: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Values under the names that `setting` gives them."""
    return {f"{prefix}_{name}": value for name, value in values.items()}


def read(connection: Connection, query: Read, values: Mapping[str, Any] | None = None) -> list[Delivery]:
    """Deliveries that a query built on READ finds."""
    return [to_delivery(row) for row in connection.execute(query, values or {})]


def chunks(items: Sequence[Item]) -> Iterable[Sequence[Item]]:
    """Many names, a statement's worth at a time."""
    return (items[start : start + CHUNK] for start in range(0, len(items), CHUNK))
