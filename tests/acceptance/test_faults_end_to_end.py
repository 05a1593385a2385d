"""A post meets each fault on its way out: in the end it stands on the platform once, or a person is asked.

The real adapters, flows and store on a turned clock; how many copies there are, the sandbox's record says.
"""

from contextlib import contextmanager
from datetime import timedelta

import pytest

from bot.domain.delivery import PATIENCE
from bot.sandbox import Answer, Cut, Drip, Fault, Gate, Hold, Twice
from tests.acceptance.run import ALWAYS, MOST_WRITES, SECOND, SENT_ONCE
from tests.acceptance.turned import PLATFORMS
from tests.platforms.conftest import full_house, raw_server, reset
from tests.platforms.faults import ENDLESS, SHUT_OUT, UNCLEAR, says


@pytest.fixture(params=PLATFORMS)
def run(request, begin):
    return begin(request.param)


@pytest.mark.parametrize("action", UNCLEAR.values(), ids=UNCLEAR)
def test_after_an_unclear_answer_the_post_is_there_once(run, action):
    assert run.play(action).end() == SENT_ONCE
    assert run.sandbox.faults.unplayed == ()
    assert run.writes == (1 if action.store else 2)


@pytest.mark.parametrize("action", ENDLESS.values(), ids=ENDLESS)
def test_an_answer_that_does_not_end_holds_the_lane_no_longer_than_its_deadline(run, action):
    run.play(action)
    with run.hurried():
        run.account.publish()
    run.server.settle_down()

    assert run.end() == SENT_ONCE


@pytest.mark.parametrize("stored", [True, False])
def test_where_every_answer_is_unclear_a_person_is_asked_and_looks_end(run, stored):
    # The platform shows nothing for longer than we look, and is as unclear about each request as the last.
    if run.name != "bluesky":
        run.server.settings.stale_reads = timedelta(days=1)
    run.play(Answer(status=500, store=stored), times=ALWAYS)

    states, copies = run.end()

    if run.name == "bluesky" and stored:
        assert (states, copies) == SENT_ONCE  # its records are never hidden
        return
    assert (states, copies) == (["in_doubt"], int(stored))
    assert "did it go out?" in run.attention
    assert run.writes == MOST_WRITES[run.name]


@pytest.mark.parametrize("status", [400, 404, 413, 415, 422])
def test_a_refused_post_fails_and_is_nowhere(run, status):
    states, copies = run.play(says(run.name, status, "the text is not acceptable")).end()

    assert (states, copies) == (["failed"], 0)
    assert "the text is not acceptable" in run.attention
    assert run.writes == 1


def test_a_refusal_after_a_doubt_proves_nothing(run):
    run.play(Answer(status=500), says(run.name, 422, "the text is not acceptable"))

    states, copies = run.end()

    # X has had its two requests, and a person is asked; elsewhere it is safe to send again.
    assert (states, copies) == ((["in_doubt"], 0) if run.name == "x" else SENT_ONCE)


@pytest.mark.parametrize("status", [401, 402, 403])
def test_an_account_that_was_shut_out_publishes_once_it_is_let_in_again(run, status):
    assert run.play(says(run.name, status, SHUT_OUT[run.name])).end() == SENT_ONCE
    assert run.writes == 2


@pytest.mark.parametrize("times", [1, 3])
def test_a_platform_that_asks_us_to_slow_down_is_obeyed(run, times):
    began = run.clock.now()

    assert run.play(says(run.name, 429, "Too many"), times=times).end(times) == SENT_ONCE

    assert run.writes == times + 1
    asked = run.sandbox.record.asked(run.name, "publish")
    assert asked[-1].at - began >= times * timedelta(seconds=5)


def test_a_platform_that_never_takes_it_in_time_leaves_it_expired(run):
    run.play(says(run.name, 429, "Too many"), times=ALWAYS)

    assert run.end(harmless=run.writes + 20) == (["expired"], 0)


PARTS = ("First, we meet.", "Then, we march.", "At last, we sing.")
IN_A_THREAD = {
    "cut before it was stored": Cut(store=False),
    "cut after it was stored": Cut(store=True),
    "arrives twice": Twice(answer="second"),
}


@pytest.mark.parametrize("place", [1, 3], ids=["first part", "last part"])
@pytest.mark.parametrize("action", IN_A_THREAD.values(), ids=IN_A_THREAD)
@pytest.mark.parametrize("name", PLATFORMS)
def test_a_thread_stands_in_order_whichever_part_met_the_fault(begin, name, action, place):
    run = begin(name, *PARTS)
    run.sandbox.faults.add(Fault(platform=name, operation="publish", action=action, skip=place - 1))

    assert run.end() == (["sent"] * 3, 3)

    posts = run.sandbox.record.posts(name)
    assert [post.text.partition("\n")[0] for post in posts] == list(PARTS)
    assert [post.parent_id for post in posts] == ["", posts[0].id, posts[1].id]


@contextmanager
def nobody_there():
    yield "http://127.0.0.1:9"


@contextmanager
def no_such_name():
    yield f"http://{'x' * 64}.invalid"


@contextmanager
def door_shut():
    with full_house() as address:
        yield f"http://{address}"


@contextmanager
def handshake_reset():
    with raw_server(reset) as address:
        yield f"https://{address}"


BELOW_HTTP = (nobody_there, no_such_name, door_shut, handshake_reset)


@pytest.mark.parametrize("trouble", BELOW_HTTP, ids=[one.__name__ for one in BELOW_HTTP])
def test_where_no_connection_stood_the_post_goes_as_soon_as_one_does(run, trouble):
    with trouble() as url, run.account.at_another_address(url), run.hurried():
        assert run.account.publish() == 1

    assert run.account.owed()[0].doubts == 0
    assert run.end() == SENT_ONCE
    assert run.writes == 1


def test_a_look_that_fails_for_hours_is_no_proof_of_absence(run):
    run.play(Cut(store=True)).play(Answer(status=503), operation="look", times=8)

    assert run.end() == SENT_ONCE
    assert run.writes == 1
    assert run.sandbox.faults.unplayed == ()


def test_a_look_that_does_not_end_holds_the_lane_no_longer_than_its_deadline(run):
    run.play(Cut(store=True)).play(Drip(seconds_per_byte=0.02), operation="look")
    run.account.publish()
    run.clock.turn(timedelta(minutes=2))
    with run.hurried():
        assert run.account.look() == 1
    run.server.settle_down()

    assert run.end() == SENT_ONCE
    assert run.writes == 1


def test_a_platform_that_shows_a_post_late_but_within_the_settle_time_has_it_once(run):
    settle = PATIENCE[run.account.speaker.platform.name].settle
    run.server.settings.stale_reads = settle - SECOND

    assert run.play(Cut(store=True)).end() == SENT_ONCE

    (sent,), looks = (run.sandbox.record.asked(run.name, kind) for kind in ("publish", "look"))
    assert min(look.at for look in looks if look.at >= sent.at) - sent.at >= settle


def stored_late(run, looks):
    """Give up on a request, let so many looks pass, and only then let the platform store it."""
    gate = Gate()
    run.play(Hold(gate=gate, store=False))
    with run.hurried():
        run.account.publish()
    assert gate.reached.is_set()
    for _ in range(looks):
        run.account.wait_for_what_comes()
        assert run.account.look() == 1
    return gate


def let_in(run, gate):
    before = run.writes
    gate.release()
    assert run.sandbox.record.wait_for(lambda: run.writes > before)


@pytest.mark.parametrize("looks", [0, 1])
def test_a_request_that_lands_while_we_still_look_is_found(run, looks):
    let_in(run, stored_late(run, looks))

    assert run.end() == SENT_ONCE
    assert run.writes == 1


def test_a_request_that_lands_after_the_next_one_adds_nothing(run):
    # X has its duplicate filter, Mastodon the key, Bluesky the name of the record.
    gate = stored_late(run, len(PATIENCE[run.account.speaker.platform.name].looks))
    assert run.account.publish() == 1
    let_in(run, gate)

    assert run.end() == SENT_ONCE
    assert run.writes == 2


@pytest.mark.parametrize("name", ["x", "mastodon"])
def test_without_filter_and_key_a_request_that_lands_so_late_is_one_copy_more(begin, name):
    run = begin(name)
    without_fence(run)
    gate = stored_late(run, len(PATIENCE[run.account.speaker.platform.name].looks))
    assert run.account.publish() == 1
    let_in(run, gate)

    assert run.end() == (["sent"], 2)


def without_fence(run):
    """Take from the platform what keeps a second request for the same post from being a second post."""
    if run.name == "x":
        run.server.settings.duplicate_filter = None
    else:
        run.server.settings.idempotency = "ignored"


@pytest.mark.parametrize("answer", ["first", "second"])
def test_a_request_that_arrives_twice_is_one_post(run, answer):
    assert run.play(Twice(answer=answer)).end() == SENT_ONCE
    assert run.writes == 1


@pytest.mark.parametrize("answer", ["first", "second"])
@pytest.mark.parametrize("name", ["x", "mastodon"])
def test_without_filter_and_key_a_request_that_arrives_twice_is_one_copy_more(begin, name, answer):
    run = begin(name)
    without_fence(run)

    assert run.play(Twice(answer=answer)).end() == (["sent"], 2)
    assert run.writes == 1
