"""Boosts on Mastodon: looked at first, because not every server knows that it has one already."""

from dataclasses import replace
from typing import Any

from bot.domain.boosting import passed_on
from bot.domain.delivery import Delivery, Receipt
from bot.domain.errors import RefusedError, TryLaterError
from bot.platforms.mastodon.answers import RULES, id_in
from bot.platforms.verdict import GONE, NOT_FOUND, Answer, answer_of, verdict
from bot.platforms.wire import Wire
from bot.ports import Clock

STATUSES = "/api/v1/statuses"
PUBLIC = "public"
SILENT = replace(RULES, words=lambda _: "")  # the server's words may quote whose message it is


def boost(client: Any, wire: Wire, clock: Clock, delivery: Delivery) -> Receipt:
    """Boost a status that is still there and public."""
    since = wire.moment()
    remote_id = delivery.text
    status = _status(client, wire, clock, remote_id)
    if status is None or status.get("visibility") != PUBLIC:
        raise RefusedError("the message to be boosted is gone, or no longer public")
    if status.get("reblogged") is True:
        return passed_on(delivery)
    exchange = wire.ask(
        "POST",
        f"{STATUSES}/{remote_id}/reblog",
        lambda: client.status_reblog(remote_id, visibility=PUBLIC),
        since=since,
        text=remote_id,
    )

    def receipt(answer: Any) -> Receipt | None:
        boosted = answer.get("reblog") if isinstance(answer, dict) and id_in(answer) else None
        return passed_on(delivery) if id_in(boosted) == remote_id else None

    return verdict(exchange, SILENT, receipt, clock.now())


def unboost(client: Any, wire: Wire, clock: Clock, delivery: Delivery) -> Receipt:
    """Take a boost back; of a status that the server does not find, none is left."""
    remote_id = delivery.text
    exchange = wire.ask(
        "POST",
        f"{STATUSES}/{remote_id}/unreblog",
        lambda: client.status_unreblog(remote_id),
        text=remote_id,
    )
    if exchange.status in {NOT_FOUND, GONE} and isinstance(exchange.json(), dict):
        return passed_on(delivery)

    def receipt(answer: Any) -> Receipt | None:
        return passed_on(delivery) if id_in(answer) == remote_id else None

    return verdict(exchange, SILENT, receipt, clock.now())


def is_boosted(client: Any, wire: Wire, clock: Clock, delivery: Delivery) -> bool:
    """Whether the server says that we boost it; of one that is gone, we do not."""
    status = _status(client, wire, clock, delivery.text)
    return status is not None and status.get("reblogged") is True


def _status(client: Any, wire: Wire, clock: Clock, remote_id: str) -> Answer | None:
    exchange = wire.ask("GET", f"{STATUSES}/{remote_id}", lambda: client.status(remote_id))
    if exchange.status in {NOT_FOUND, GONE} and isinstance(exchange.json(), dict):
        return None
    answer = answer_of(exchange, SILENT, clock.now())
    if not isinstance(answer, dict) or id_in(answer) != remote_id:
        raise TryLaterError("Mastodon did not say whether the message is there")
    return answer
