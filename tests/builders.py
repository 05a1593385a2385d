"""Values that tests start from; each changes the one detail it is about."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.domain import delivery as d
from bot.domain.account import Identity
from bot.domain.delivery import PATIENCE, Delivery, Key, Receipt
from bot.domain.lengths import PlatformName
from bot.domain.post import Language, PostId, digest
from bot.ports.records import Own, Planned

NOON = datetime(2027, 5, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
GAP = 5 * SECOND  # between the parts of a thread
MAY_DAY = PostId("may-day")
US = Identity(own_id="42", handle="campaign", url="https://mastodon.example/@campaign")
PATIENT = PATIENCE[PlatformName.MASTODON]


def a_receipt(remote_id="1"):
    return Receipt(remote_id=remote_id, url=f"https://mastodon.example/@campaign/{remote_id}")


def a_key(post="may-day", part=1, *names):
    return Key("-".join((post, *names, str(part))).ljust(32, "2"))


def planned(**changes):
    """One rendition to be owed; its keys and digest follow from the rest unless they are given."""
    texts = changes.pop("texts", ("March with us. #IndustriALL",))
    post = changes.get("post", MAY_DAY)
    hour = changes.get("planned_at", NOON)
    names = [str(changes[name]) for name in ("account", "occurrence", "language", "kind") if name in changes]
    one = Planned(
        **{
            "account": "mastodon",
            "post": post,
            "occurrence": "",
            "language": Language("en"),
            "planned_at": hour,
            "expires_at": hour + 2 * HOUR,
            "priority": 3,
            "held": None,
            "part_gap": GAP,
            "digest": "",
            "keys": tuple(a_key(post, part, *names) for part in range(1, len(texts) + 1)),
            "texts": texts,
            **changes,
        }
    )
    content = (texts, one.planned_at, one.expires_at, one.priority, one.held, one.part_gap)
    return replace(one, digest=changes.get("digest") or digest(*content))


def a_delivery(**changes):
    """The delivery that `planned()` owes."""
    delivery = Delivery(
        key=a_key(),
        account="mastodon",
        post=MAY_DAY,
        language=Language("en"),
        text="March with us. #IndustriALL",
        planned_at=NOON,
        expires_at=NOON + 2 * HOUR,
        next_at=NOON,
    )
    return replace(delivery, **changes)


def frozen(delivery: Delivery, own: Own) -> bytes:
    """What a platform would make of a delivery, and of whom it is for."""
    return f"{own.own_id} {own.handle}: {delivery.text}".encode()


def settled(claimed, outcome, now=NOON):
    """What a request's outcome makes of a claimed delivery."""
    return d.settle(claimed, outcome, now, PATIENT)
