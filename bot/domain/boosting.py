"""Boosts: how many an account makes, what one comes to, and what of it is erased."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.case import NOTHING
from bot.domain.delivery import OF_SUPPORTERS, Delivery, DeliveryKind, Receipt, State

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
AN_HOUR, A_DAY = 4, 20  # boosts, on each account
SETTLED = frozenset({State.SENT, State.FAILED, State.EXPIRED, State.CANCELLED})
ENDED = "somebody has asked for this boost to be taken back"
OUTDATED = "a backup was put back since this boost was asked for: boost the report again"


def free_from(claimed: Sequence[datetime], now: datetime) -> datetime | None:
    """When an account may boost again after boosts begun at these instants, None where it may now."""
    waits = [
        sorted(recent)[-most] + within
        for most, within in ((AN_HOUR, HOUR), (A_DAY, DAY))
        for recent in [[at for at in claimed if at > now - within]]
        if len(recent) >= most
    ]
    return max(waits, default=None)


def passed_on(delivery: Delivery) -> Receipt:
    """What a boost, or the end of one, comes to: its own key, and nothing of the message."""
    return Receipt(remote_id=f"{delivery.kind}:{delivery.key}", url="")


def erased(delivery: Delivery) -> Delivery:
    """A delivery without what it holds of a supporter's message, where it is settled; others as they are."""
    if delivery.kind not in OF_SUPPORTERS or delivery.state not in SETTLED:
        return delivery
    return replace(delivery, text="", reliance=NOTHING, payload=None if delivery.payload is None else b"")


def is_ended(boost: Delivery, others: Sequence[Delivery]) -> bool:
    """Whether somebody has asked for a boost to be taken back; `others` are what is owed of its report."""
    mark = boost.occurrence.partition(" ")[0]
    return boost.kind is DeliveryKind.BOOST and any(
        one.kind is DeliveryKind.UNBOOST
        and one.account == boost.account
        and one.occurrence.partition(" ")[0] == mark
        for one in others
    )


def is_outdated(boost: Delivery, restored: datetime | None) -> bool:
    """Whether a boost comes from a backup that was put back: it may have been taken back since."""
    return restored is not None and boost.planned_at <= restored
