"""Posts that leave the queue: a few are cancelled, many at once are held until a person confirms."""

import pytest

from bot.domain.post import PostId
from bot.flows.missing import confirm_missing, settle_missing, too_many
from tests.builders import NOON
from tests.flows.conftest import a_post

NAMES = [f"post-{number}" for number in range(20)]


def settled(campaign, standing):
    return settle_missing(campaign.store, {PostId(name) for name in standing}, campaign.clock.now())


@pytest.fixture
def full(campaign):
    campaign.plan(*(a_post(name) for name in NAMES))
    return campaign


def states(campaign, names=NAMES):
    return {campaign.states(name)[0] for name in names}


def held(campaign, names=NAMES):
    return [campaign.owed(name)[0].held for name in names]


@pytest.mark.parametrize(
    ("gone", "waiting", "standing", "expected"),
    [
        (1, 20, 19, False),
        (4, 20, 16, False),
        (5, 20, 15, True),
        (5, 100, 95, False),
        (6, 100, 94, True),
        (1, 2, 1, False),
        (2, 4, 2, True),
        (1, 1, 0, True),
        (0, 0, 0, False),
    ],
)
def test_more_than_five_or_than_a_fifth_is_too_many(gone, waiting, standing, expected):
    assert too_many(gone, waiting, standing) is expected


def test_a_post_that_was_deleted_is_cancelled(full):
    done = settled(full, NAMES[1:])

    assert (done.cancelled, done.held) == (1, ())
    assert full.states(NAMES[0]) == ["cancelled"]
    assert states(full, NAMES[1:]) == {"scheduled"}


def test_many_at_once_are_held_and_do_not_go_out(full):
    done = settled(full, NAMES[6:])
    full.clock.at = NOON
    full.drain()

    assert (done.cancelled, len(done.held)) == (0, 6)
    assert set(held(full, NAMES[:6])) == {"its post is gone from the queue, with 5 others"}
    assert len(full.texts) == 14


def test_an_emptied_queue_is_held(full):
    done = settled(full, [])

    assert len(done.held) == 20
    assert states(full) == {"scheduled"}


def test_what_is_held_is_held_once(full):
    settled(full, NAMES[6:])

    assert settled(full, NAMES[6:]) == settled(full, NAMES[6:])
    assert settled(full, NAMES[6:]).held == ()


def test_one_more_that_goes_later_is_cancelled_beside_those_held(full):
    settled(full, NAMES[6:])

    done = settled(full, NAMES[7:])

    assert done.cancelled == 1
    assert states(full, NAMES[:6]) == {"scheduled"}
    assert full.states(NAMES[6]) == ["cancelled"]


def test_posts_that_come_back_go_out(full):
    settled(full, [])
    full.plan(*(a_post(name) for name in NAMES))
    settled(full, NAMES)
    full.clock.at = NOON
    full.drain()

    assert held(full) == [None] * 20
    assert len(full.texts) == 20


def test_a_person_confirms_that_they_are_gone(full):
    settled(full, NAMES[6:])

    assert confirm_missing(full.store, NOON) == 6
    assert states(full, NAMES[:6]) == {"cancelled"}
    assert states(full, NAMES[6:]) == {"scheduled"}
    assert confirm_missing(full.store, NOON) == 0
