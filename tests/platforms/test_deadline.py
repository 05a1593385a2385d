"""The thread that ends what takes too long."""

import threading
import time

from bot.platforms.deadline import Deadline


def running():
    return [thread for thread in threading.enumerate() if thread.name == "deadline"]


def gone(threads):
    for thread in threads:
        thread.join(5)
    return not any(thread.is_alive() for thread in threads)


def test_what_takes_too_long_is_ended_in_time():
    over, began = threading.Event(), time.monotonic()
    Deadline().set(0.1, over.set)

    assert over.wait(5)
    assert 0.1 <= time.monotonic() - began < 2


def test_what_was_in_time_is_not_ended():
    deadline, ended, over = Deadline(), [], threading.Event()
    deadline.set(0.05, lambda: ended.append(1))
    deadline.clear()

    deadline.set(0.15, over.set)

    assert over.wait(5)
    assert ended == []


def test_a_shorter_time_than_the_one_before_is_kept():
    deadline, over, began = Deadline(), threading.Event(), time.monotonic()
    deadline.set(60, lambda: None)
    deadline.clear()

    deadline.set(0.05, over.set)

    assert over.wait(5)
    assert time.monotonic() - began < 5


def test_many_requests_need_one_thread():
    deadline, before = Deadline(), running()
    for _ in range(50):
        deadline.set(5, lambda: None)
        deadline.clear()

    assert len(running()) - len(before) <= 1


def test_the_thread_ends_when_nothing_is_asked_of_it():
    deadline, before = Deadline(), set(running())
    deadline.set(0.05, lambda: None)
    deadline.clear()

    assert gone([thread for thread in running() if thread not in before])


def test_after_its_thread_has_ended_a_deadline_works_again():
    deadline, before = Deadline(), set(running())
    deadline.set(0.02, lambda: None)
    deadline.clear()
    assert gone([thread for thread in running() if thread not in before])
    over = threading.Event()

    deadline.set(0.02, over.set)

    assert over.wait(5)
