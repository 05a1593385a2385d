"""What a platform can do that nothing on our side can make up for, and how far it can go."""

from datetime import timedelta

import pytest

from bot.sandbox import Cut
from tests.acceptance.run import ALWAYS, MOST_WRITES, SENT_ONCE

# Mastodon remembers a key for an hour, its timeline may be behind, some versions answer a replay with 500.


def test_a_replay_that_is_answered_500_is_found_by_the_next_look(begin):
    run = begin("mastodon")
    run.server.settings.idempotency = "replay_500"
    run.server.settings.stale_reads = timedelta(seconds=200)

    assert run.play(Cut(store=True)).end() == SENT_ONCE
    assert run.writes == 2


def test_a_replay_that_is_always_answered_500_asks_a_person(begin):
    run = begin("mastodon")
    run.server.settings.idempotency = "replay_500"
    run.server.settings.stale_reads = timedelta(days=1)

    assert run.play(Cut(store=True)).end() == (["in_doubt"], 1)
    assert "did it go out?" in run.attention


def test_a_server_that_knows_the_key_gives_the_post_back_however_late_it_shows_it(begin):
    run = begin("mastodon")
    run.server.settings.stale_reads = timedelta(days=1)

    assert run.play(Cut(store=True)).end() == SENT_ONCE
    assert run.writes == 2


FORGETS = {
    "ignores the key": {"idempotency": "ignored"},
    "has forgotten the key": {"key_life": timedelta(minutes=1)},
}


@pytest.mark.parametrize("changes", FORGETS.values(), ids=FORGETS)
def test_a_server_without_the_key_has_the_post_once_if_it_shows_it_in_time(begin, changes):
    run = begin("mastodon")
    set_up(run, changes, timedelta(seconds=89))

    assert run.play(Cut(store=True)).end() == SENT_ONCE
    assert run.writes == 1


@pytest.mark.parametrize("changes", FORGETS.values(), ids=FORGETS)
def test_a_server_without_the_key_that_hides_the_post_gets_one_copy_more(begin, changes):
    run = begin("mastodon")
    set_up(run, changes, timedelta(days=1))

    assert run.play(Cut(store=True)).end() == (["sent"], 2)
    assert run.writes == 2


def test_such_a_server_that_also_loses_every_answer_gets_as_many_copies_as_we_risk_requests(begin):
    run = begin("mastodon")
    set_up(run, {"idempotency": "ignored"}, timedelta(days=1))

    assert run.play(Cut(store=True), times=ALWAYS).end() == (["in_doubt"], MOST_WRITES["mastodon"])
    assert "did it go out?" in run.attention


def set_up(run, changes, stale_reads):
    run.server.settings.stale_reads = stale_reads
    for name, value in changes.items():
        setattr(run.server.settings, name, value)


def test_an_x_that_hides_the_post_longer_than_we_look_refuses_the_second(begin):
    run = begin("x")
    run.server.settings.stale_reads = timedelta(days=1)

    assert run.play(Cut(store=True)).end() == (["in_doubt"], 1)
    assert "did it go out?" in run.attention
    assert run.writes == 2


@pytest.mark.parametrize("times", [1, ALWAYS])
def test_without_its_filter_such_an_x_gets_one_copy_more_and_never_two(begin, times):
    run = begin("x")
    run.server.settings.stale_reads = timedelta(days=1)
    run.server.settings.duplicate_filter = None

    states, copies = run.play(Cut(store=True), times=times).end()

    assert (states, copies) == (["sent"] if times == 1 else ["in_doubt"], 2)
