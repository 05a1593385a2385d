"""Between rows and what they stand for."""

from typing import Any

from sqlalchemy import Row, Select, select

from bot.domain.account import Account, Pause
from bot.domain.delivery import Delivery, DeliveryKind, How, Key, Receipt, State
from bot.domain.lengths import PlatformName
from bot.domain.post import Language, PostId
from bot.store.tables import account, delivery, rendition

AnyRow = Row[*tuple[Any, ...]]

DELIVERY_COLUMNS = (
    delivery,
    rendition.c.kind,
    rendition.c.post,
    rendition.c.occurrence,
    rendition.c.language,
    rendition.c.parts,
    rendition.c.held,
)

deliveries: Select[Any] = select(*DELIVERY_COLUMNS).join(rendition, rendition.c.id == delivery.c.rendition)
"""Every delivery with what it shares with the other parts of its rendition."""

IN_ORDER = (
    delivery.c.planned_at,
    rendition.c.post,
    delivery.c.account,
    rendition.c.language,
    delivery.c.part,
)


def to_delivery(row: AnyRow, *, parent: Receipt | None = None, root: Receipt | None = None) -> Delivery:
    """The delivery a row of `deliveries` stands for."""
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
        root=root,
        receipt=receipt_of(row),
        how=How(row.how) if row.how else None,
        verified_at=row.verified_at,
        held=row.held,
        attention=row.attention,
    )


def receipt_of(row: AnyRow) -> Receipt | None:
    """The receipt in a row, if there is one."""
    if row.remote_id is None:
        return None
    return Receipt(remote_id=row.remote_id, url=row.url or "", cid=row.cid or "")


def delivery_values(value: Delivery) -> dict[str, object]:
    """The columns of a delivery that can change; who holds it (epoch) is not among them."""
    receipt = value.receipt
    return {
        "text": value.text,
        "planned_at": value.planned_at,
        "expires_at": value.expires_at,
        "state": str(value.state),
        "next_at": value.next_at,
        "attempts": value.attempts,
        "doubts": value.doubts,
        "looks": value.looks,
        "first_claimed_at": value.first_claimed_at,
        "claimed_at": value.claimed_at,
        "payload": value.payload,
        "remote_id": receipt.remote_id if receipt else None,
        "url": receipt.url if receipt else None,
        "cid": receipt.cid if receipt else None,
        "how": str(value.how) if value.how else None,
        "verified_at": value.verified_at,
        "attention": value.attention,
    }


def new_delivery_values(value: Delivery, rendition_id: int) -> dict[str, object]:
    """The columns of a delivery that is not in the table yet."""
    return {
        "key": value.key,
        "rendition": rendition_id,
        "account": value.account,
        "part": value.part,
        **delivery_values(value),
    }


def to_account(row: AnyRow) -> Account:
    """The account a row stands for."""
    pause = None
    if row.paused_at is not None:
        pause = Pause(reason=row.paused_reason, by=row.paused_by, at=row.paused_at, blocked=bool(row.blocked))
    return Account(
        label=row.label,
        platform=PlatformName(row.platform),
        enrolled_at=row.enrolled_at,
        own_id=row.own_id,
        handle=row.handle,
        url=row.url,
        length=row.length,
        link_length=row.link_length,
        pause=pause,
        busy_until=row.busy_until,
    )


accounts: Select[Any] = select(account).order_by(account.c.enrolled_at, account.c.label)
