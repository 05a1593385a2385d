"""What is done to a store before the step a test is about."""

from dataclasses import replace

from bot.domain.delivery import Receipt, Sighting, State, after_look
from bot.domain.errors import InDoubtError, RefusedError
from tests.builders import MAY_DAY, NOON, PATIENT, a_receipt, frozen, planned, settled

OUTCOMES = {
    State.SENT: a_receipt(),
    State.IN_DOUBT: InDoubtError("no answer"),
    State.FAILED: RefusedError("too long"),
}


def of_may_day(store):
    return store.of_post(MAY_DAY)


def claim(store, now=NOON, account="mastodon"):
    return store.claim(account, now, frozen)


def send(store, outcome=OUTCOMES[State.SENT], now=NOON):
    """Claim what is due, and settle it."""
    after = settled(claim(store, now), outcome, now)
    store.settle(after, now, None if isinstance(outcome, Receipt) else outcome)
    return after


def owe(store, *renditions):
    """Owe renditions, a plain one unless they are given; the deliveries of the first."""
    store.plan(renditions or [planned()], [], NOON)
    return store.of_post(renditions[0].post if renditions else MAY_DAY)


def brought_to(store, state, *renditions):
    """Owe renditions, and bring the first part of the first into a state."""
    first = owe(store, *renditions)[0]
    if state in {State.EXPIRED, State.CANCELLED}:
        store.save(replace(first, state=state, next_at=None), first)
    elif state is State.SENDING:
        claim(store)
    elif state in OUTCOMES:
        send(store, OUTCOMES[state])
    return store.of_post(first.post)


def scheduled_again(store, *renditions):
    """A delivery that may have left, and of which looking has shown that it did not."""
    doubtful = brought_to(store, State.IN_DOUBT, *renditions)[0]
    for _ in PATIENT.looks:
        after = after_look(doubtful, Sighting(), NOON, PATIENT)
        store.save(after, doubtful)
        doubtful = after
    return doubtful
