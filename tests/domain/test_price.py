import pytest

from bot.domain.lengths import PlatformName, published_limits
from bot.domain.price import Prices, cost_of_post, cost_of_withdrawal, dollars
from tests.tables import TLDS

X = published_limits(PlatformName.X, TLDS)


@pytest.mark.parametrize(
    ("text", "cost"),
    [
        ("March with us. #IndustriALL", 15_000),
        ("See https://example.org/act", 200_000),
        ("See bkdp.org", 200_000),  # X makes a link of it, and charges for one
        ("See readme.md", 200_000),
        ("See readme.txt", 15_000),
        ("Write to name@example.org", 15_000),
        ("See example.org and https://example.org", 200_000),  # once, however many
    ],
)
def test_a_post_on_x_costs_more_with_a_link_as_x_sees_links(text, cost):
    assert cost_of_post(text, X) == cost


@pytest.mark.parametrize("platform", [PlatformName.MASTODON, PlatformName.BLUESKY])
def test_elsewhere_nothing_costs(platform):
    assert cost_of_post("See https://example.org", published_limits(platform, TLDS)) == 0
    assert cost_of_withdrawal(platform) == 0


def test_taking_back_costs_too():
    assert cost_of_withdrawal(PlatformName.X) == 10_000


def test_prices_may_be_others():
    prices = Prices(post=1, post_with_link=2, withdrawal=3)

    assert cost_of_post("March", X, prices) == 1
    assert cost_of_post("bkdp.org", X, prices) == 2
    assert cost_of_withdrawal(PlatformName.X, prices) == 3


def test_a_cost_is_told_in_dollars():
    assert dollars(215_000) == "$0.215"


def test_the_words_of_a_picture_cost_on_x_alone():
    assert cost_of_post("March", X, described=4) == 35_000
    assert cost_of_post("March", published_limits(PlatformName.MASTODON, TLDS), described=4) == 0
