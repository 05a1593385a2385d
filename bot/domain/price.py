"""What a delivery costs.

X's price list of 20 April 2026, read on 13 August 2026: a post $0.015, a post whose text has a link $0.200, a
deletion $0.010, a boost $0.015, the words that describe a picture $0.005, a mention that is read $0.001. What
is refused costs nothing. Mastodon and Bluesky are free.
"""

from dataclasses import dataclass

from bot.domain.lengths import Limits, PlatformName, x_links

DOLLAR = 1_000_000  # prices are in millionths of one


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """What X charges, in millionths of a dollar."""

    post: int = 15_000
    post_with_link: int = 200_000
    withdrawal: int = 10_000
    described_picture: int = 5_000
    boost: int = 15_000
    mention: int = 1_000


PUBLISHED = Prices()


def cost_of_post(text: str, limits: Limits, prices: Prices = PUBLISHED, *, described: int = 0) -> int:
    """What one message costs, in millionths of a dollar; where X sees a link in it, more.

    `described` are those of its pictures that have words.
    """
    if limits.platform is not PlatformName.X:
        return 0
    words = prices.post_with_link if x_links(text, limits.tlds) else prices.post
    return words + described * prices.described_picture


def cost_of_withdrawal(platform: PlatformName, prices: Prices = PUBLISHED) -> int:
    """What deleting one message costs, in millionths of a dollar."""
    return prices.withdrawal if platform is PlatformName.X else 0


def cost_of_boost(platform: PlatformName, prices: Prices = PUBLISHED) -> int:
    """What boosting one message, or taking that back, costs at most, in millionths of a dollar."""
    return prices.boost if platform is PlatformName.X else 0


def cost_of_reading(platform: PlatformName, mentions: int, prices: Prices = PUBLISHED) -> int:
    """What reading new mentions costs at most, in millionths of a dollar.

    Each is read again for a day; X bills it once on each of the two dates on which that is.
    """
    return 2 * mentions * prices.mention if platform is PlatformName.X else 0


def dollars(cost: int) -> str:
    """A cost as people read it."""
    return f"${cost / DOLLAR:.3f}"
