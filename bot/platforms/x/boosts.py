"""Boosts on X: plain reposts, which can be asked for twice without a second effect."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.domain.boosting import passed_on
from bot.domain.delivery import LOOK_FIRST_BACK, Delivery, DeliveryKind, Receipt
from bot.platforms.verdict import OK, Answer, verdict
from bot.platforms.wire import Exchange
from bot.platforms.x.answers import FIELD_WORDS, RULES, all_words, says_not_found

PATH = "/2/users/{}/retweets"
_ALREADY = re.compile("already (?:retweeted|reposted)", re.IGNORECASE)
_ABOUT_THEM = re.compile("not permitted", re.IGNORECASE)  # their account is protected, or blocks us


def _says(answer: Answer, pattern: re.Pattern[str]) -> bool:
    return any(pattern.search(words) for words in all_words(answer))


SILENT = replace(
    RULES,
    words=lambda _: "",  # X's words may quote whose message it is
    shuts_out=lambda status, answer: RULES.shuts_out(status, answer) and not _says(answer, _ABOUT_THEM),
    may_be_there=lambda answer: _says(answer, _ALREADY),
)


def boosted(exchange: Exchange, delivery: Delivery, now: datetime) -> Receipt:
    """What the answer to a boost means."""
    return verdict(exchange, SILENT, lambda answer: _receipt(answer, delivery, wanted=True), now)


def unboosted(exchange: Exchange, delivery: Delivery, now: datetime) -> Receipt:
    """What the answer to taking one back means; of a post that X does not find, none is left."""
    if exchange.status in {*OK, 404} and says_not_found(exchange.json()):
        return passed_on(delivery)
    return verdict(exchange, SILENT, lambda answer: _receipt(answer, delivery, wanted=False), now)


def _receipt(answer: Any, delivery: Delivery, *, wanted: bool) -> Receipt | None:
    data = answer.get("data") if isinstance(answer, dict) else None
    said = data.get("retweeted") if isinstance(data, dict) else None
    return passed_on(delivery) if said is wanted else None


def is_of(post: Mapping[str, Any], remote_id: str) -> bool:
    """Whether a post of our timeline is our boost of another one."""
    return any(
        isinstance(one, dict)
        and one.get("type") in {"retweeted", "reposted"}
        and str(one.get("id")) == remote_id
        for word in FIELD_WORDS
        for one in post.get(f"referenced_{word}s") or ()
    )


def reach(delivery: Delivery) -> datetime:
    """How far back our timeline is read for a boost; one that is taken back may be some weeks old."""
    back = timedelta() if delivery.kind is DeliveryKind.BOOST else LOOK_FIRST_BACK
    return delivery.planned_at - back
