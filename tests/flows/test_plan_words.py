"""What planning makes of warnings, translations that nobody has read, and prices."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.delivery import DeliveryKind
from bot.domain.lengths import PlatformName, published_limits
from bot.domain.post import Language, PostId, Words
from bot.domain.price import Prices
from bot.flows.withdraw import withdraw
from bot.platforms.memory import MemoryPlatform
from bot.store.memory import MemoryStore
from tests.builders import NOON
from tests.flows.conftest import PLANNER, Campaign, TurnedClock, a_post, a_voice
from tests.tables import TLDS

EN, BE = Language("en"), Language("be")


@pytest.fixture
def on_x():
    """A campaign whose one account is on X, whatever it is called."""
    voice = a_voice(platform=PlatformName.X, limits=published_limits(PlatformName.X, TLDS))
    clock, store, platform = TurnedClock(NOON - timedelta(hours=3)), MemoryStore(), MemoryPlatform()
    store.enroll(voice.label, PlatformName.X, clock.now())
    store.identified(voice.label, platform.identify(), clock.now())
    store.start("a test", clock.now())
    with store.hold(clock.now(), {}):
        yield Campaign(store, platform, clock, [voice])


def test_a_warning_is_owed_with_each_part(campaign):
    words = Words(text={EN: "One."}, thread=({EN: "Two."},))

    campaign.plan(a_post(words=words, warning={EN: "Describes torture"}))

    assert [one.warning for one in campaign.owed()] == ["Describes torture"] * 2


def test_a_warning_that_changes_is_a_change_of_the_post(campaign):
    campaign.plan(a_post())

    changed = campaign.plan(a_post(warning={EN: "Describes torture"})).plan.changed
    again = campaign.plan(a_post(warning={EN: "Names the dead"})).plan.changed

    assert (changed, again) == (1, 1)
    assert [one.warning for one in campaign.owed()] == ["Names the dead"]


def test_a_translation_that_nobody_has_read_is_not_owed_and_keeps_no_other_waiting(campaign):
    campaign.voices[:] = [a_voice(languages=(BE, EN))]
    post = a_post(words=Words(text={EN: "Yes.", BE: "Так."}), unread=frozenset({BE}))

    campaign.plan(post)

    (owed,) = campaign.owed()
    assert (owed.language, owed.planned_at) == (EN, post.when.at)


def test_a_translation_goes_out_once_it_has_been_read(campaign):
    campaign.voices[:] = [a_voice(languages=(EN, BE))]
    post = a_post(words=Words(text={EN: "Yes.", BE: "Так."}), unread=frozenset({BE}))
    campaign.plan(post)

    campaign.plan(replace(post, unread=frozenset()))

    assert [one.language for one in campaign.owed()] == [EN, BE]


def test_each_part_costs_what_x_charges_for_it(on_x):
    words = Words(text={EN: "One."}, thread=({EN: "See bkdp.org."}, {EN: "Three."}))

    on_x.plan(a_post(words=words))

    assert [one.cost for one in on_x.owed()] == [15_000, 200_000, 15_000]


def test_taking_it_back_costs_too(on_x):
    on_x.plan(a_post())
    on_x.turn(hours=3)
    on_x.drain()

    withdraw(on_x.store, PostId("may-day"), "test", "a test", on_x.clock.now())

    assert [(one.kind, one.cost) for one in on_x.owed()] == [
        (DeliveryKind.POST, 15_000),
        (DeliveryKind.WITHDRAWAL, 10_000),
    ]


def test_prices_are_those_of_the_planner(on_x):
    on_x.plan(a_post(), planner=replace(PLANNER, prices=Prices(post=7)))

    assert [one.cost for one in on_x.owed()] == [7]


def test_mastodon_costs_nothing(campaign):
    campaign.plan(a_post("may-day", "See https://example.org"))

    assert [one.cost for one in campaign.owed()] == [0]
