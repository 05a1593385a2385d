"""What a person is told: the decisions, and what is written down before and after."""

from datetime import timedelta

import pytest

from bot.flows import alarm
from bot.flows.alarm import MOST_LINES, News
from bot.flows.needs import Need
from bot.ports.records import Alarm
from bot.store.memory import MemoryStore
from tests.builders import HOUR, MINUTE, NOON


def a_need(problem="late k", words="may-day on mastodon is late"):
    return Need(problem=problem, words="for whoever stands there", alarm=words)


def an_alarm(problem="late k", words="may-day on mastodon is late", **changes):
    return Alarm(problem=problem, words=words, since=NOON, **changes)


TOLD = an_alarm(told_at=NOON)
OVER = an_alarm(told_at=NOON, over_at=NOON)


@pytest.mark.parametrize(
    ("known", "needs", "begun", "over"),
    [
        ([], [], [], []),
        ([], [a_need()], ["late k"], []),
        ([TOLD], [a_need()], [], []),
        ([TOLD], [], [], ["late k"]),
        ([an_alarm()], [], [], ["late k"]),
        ([OVER], [], [], []),
        ([OVER], [a_need()], ["late k"], []),
        ([TOLD], [a_need("late other")], ["late other"], ["late k"]),
    ],
)
def test_a_problem_begins_once_and_ends_once(known, needs, begun, over):
    change = alarm.compare(known, needs)

    assert (sorted(change.begun), sorted(change.over)) == (begun, over)


def test_only_the_words_for_outside_are_written_down():
    store = MemoryStore()

    (noted,) = alarm.take_note(store, [a_need()], NOON)

    assert noted == an_alarm() == store.alarms()[0]


def test_a_problem_that_is_over_before_anybody_was_told_is_dropped():
    store = MemoryStore()
    alarm.take_note(store, [a_need()], NOON)

    assert alarm.take_note(store, [], NOON + MINUTE) == []


@pytest.mark.parametrize(
    ("known", "told", "begun", "over"),
    [
        ([an_alarm()], {}, ["late k"], []),
        ([TOLD], {"late k": "words"}, [], []),
        ([OVER], {"late k": "words"}, [], ["late k"]),
        ([], {"late k": "words"}, [], ["late k"]),
        ([OVER], {}, [], []),  # told on another way only, which tells the end
        ([TOLD], {}, ["late k"], []),  # this way failed until now
    ],
)
def test_each_way_is_told_what_it_has_not_heard(known, told, begun, over):
    found = alarm.news(known, told)

    if found is None:
        assert (begun, over) == ([], [])
    else:
        assert (sorted(found.begun), sorted(found.over)) == (begun, over)


def test_what_arrived_is_not_told_again():
    told = {"old": "old", "ended": "ended"}
    arrived = News(begun={"new": "new"}, over={"ended": "ended"})

    assert alarm.after(told, arrived) == {"old": "old", "new": "new"}


def test_after_a_restart_those_are_known_of_whom_a_person_was_told():
    assert alarm.told_before([TOLD, an_alarm("late other")]) == {"late k": "may-day on mastodon is late"}
    assert alarm.told_before([OVER]) == {"late k": "may-day on mastodon is late"}


def test_several_problems_are_one_message():
    message = News(
        begun={"a": "x is paused", "b": "may-day on x is late"}, over={"c": "the posts have 1 error"}
    )

    assert message.message == (
        "2 new problems:\n- x is paused\n- may-day on x is late\n"
        "1 problem is over:\n- the posts have 1 error\n"
        "Run `status` to see what to do."
    )


def test_the_messages_of_one_post_are_one_line():
    same = dict.fromkeys(("late a", "late b"), "may-day on mastodon is late")

    assert "- may-day on mastodon is late (2 messages)\n" in News(begun=same, over={}).message


def test_a_flood_of_problems_is_counted():
    many = {f"late {number}": f"post-{number} on mastodon is late" for number in range(100)}

    message = News(begun=many, over={}).message

    assert message.startswith("100 new problems:\n")
    assert message.count("is late") == MOST_LINES
    assert f"- and {100 - MOST_LINES} more\n" in message


def test_a_way_that_fails_is_tried_again_after_thirty_seconds_and_then_ever_more_seldom():
    waits = [alarm.wait(failures) for failures in (1, 2, 3, 5, 6, 1_000_000)]

    assert waits == [
        timedelta(seconds=30),
        MINUTE,
        2 * MINUTE,
        8 * MINUTE,
        HOUR / 4,
        HOUR / 4,
    ]
