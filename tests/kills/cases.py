"""Which cases are tried: every step of every kind of run, and at random what nobody thought of."""

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from bot.sandbox import Answer, Cut, Fault
from tests.kills.case import THANKS, Case

PLATFORMS = ("x", "mastodon", "bluesky")
HTML = b"<html><body>Sorry.</body></html>"

CUTS = {
    "cut before it was stored": Cut(store=False),
    "cut after it was stored": Cut(store=True),
    "reset after it was stored": Cut(store=True, reset=True),
    "cut after the headers": Cut(store=True, after="headers"),
    "cut in mid answer": Cut(store=True, after="half"),
}
ODD = {
    "200 with a page": Answer(status=200, body=HTML, store=True),
    "200 with nothing in it": Answer(status=200, body=b"{}", store=True),
    "302": Answer(status=302, headers={"Location": "http://127.0.0.1:9/"}),
    "409": Answer(status=409, body=b"{}"),
    "500, stored": Answer(status=500, body=b"{}", store=True),
    "500, not stored": Answer(status=500, body=b"{}"),
    "503, not stored": Answer(status=503, body=HTML),
}
SLOW_DOWN = {"429": Answer(status=429, body=json.dumps({"error": "wait", "title": "wait"}).encode())}
WRITING = {**CUTS, **ODD, **SLOW_DOWN}
READING = {
    "the look is cut": Cut(store=False),
    "the look is answered 503": Answer(status=503, body=HTML),
}
LOST = ("cut after it was stored", "500, stored", "cut before it was stored")
SETTINGS = {
    "mastodon": ({"idempotency": "ignored"}, {"idempotency": "replay_500"}),
    "x": ({"duplicate_filter": None}, {"vocabulary": "post"}),
    "bluesky": (),
}


def runs(platform: str) -> Iterator[Case]:
    """Every kind of run on a platform, not killed yet."""
    for parts in (1, 2, 3):
        yield Case(name=f"{parts} parts", platform=platform, parts=parts)
    for parts, (name, action) in product((1, 3), WRITING.items()):
        for at in sorted({1, (parts + 1) // 2, parts}):
            yield _faulty(platform, parts, at, name, action)
    for name, action in READING.items():
        yield _blind(platform, name, action)
    for settings in SETTINGS[platform]:
        for name in LOST:
            faulty = _faulty(platform, 2, 2, name, WRITING[name])
            yield replace(faulty, name=f"{faulty.name}, {settings}", settings=settings)
    for name in (None, *LOST):
        yield _withdrawal(platform, name)
    yield from _boosts(platform)
    for name in (None, *LOST):
        faults = (Fault(platform=platform, operation="publish", action=WRITING[name]),) if name else ()
        yield Case(
            name=f"thanks: {name or 'no fault'}",
            platform=platform,
            parts=2,
            texts=THANKS,
            kind="thanks",
            faults=faults,
            may_ask=platform == "x",
        )


def _faulty(platform, parts, at, name, action):
    fault = Fault(platform=platform, operation="publish", action=action, skip=at - 1)
    # X risks two writes in all: a fault and a death may use them up, and then a person is asked.
    return Case(
        name=f"part {at} of {parts}: {name}",
        platform=platform,
        parts=parts,
        faults=(fault,),
        may_ask=platform == "x",
    )


def _blind(platform, name, action):
    lost = Fault(platform=platform, operation="publish", action=Cut(store=True))
    blind = Fault(platform=platform, operation="look", action=action, times=2)
    return Case(name=name, platform=platform, parts=2, faults=(lost, blind), may_ask=platform == "x")


def _withdrawal(platform, name):
    faults = ()
    if name:
        faults = (Fault(platform=platform, operation="delete", action=WRITING[name], skip=1),)
    return Case(
        name=f"withdrawal: {name or 'no fault'}",
        platform=platform,
        parts=3,
        kind="withdrawal",
        faults=faults,
        may_ask=platform == "x",
    )


def _boosts(platform):
    for kind, name in product(("boost", "unboost"), (None, *WRITING)):
        yield _boosting(platform, kind, name)
    yield replace(_boosting(platform, "boost", LOST[0]), name="boost: put back", restored=True)
    if platform == "mastodon":
        twice = {"boosts_twice": True}
        for name in LOST:
            yield replace(_boosting(platform, "boost", name), name=f"boost twice: {name}", settings=twice)


def _boosting(platform, kind, name):
    operation = kind
    if platform == "bluesky":
        operation = "publish" if kind == "boost" else "delete"
    faults = (Fault(platform=platform, operation=operation, action=WRITING[name]),) if name else ()
    return Case(
        name=f"{kind}: {name or 'no fault'}",
        platform=platform,
        parts=2,
        kind=kind,
        faults=faults,
        may_ask=platform == "x",
    )


def at_random(seed: int) -> Case:
    """Several deaths, several faults, and a clock that is wrong by some minutes after each death."""
    chance = random.Random(seed)
    platform = chance.choice(PLATFORMS)
    writing = [
        Fault(platform=platform, operation="publish", action=chance.choice(list(WRITING.values())), skip=skip)
        for skip in sorted(chance.sample(range(4), chance.randint(0, 3)))
    ]
    reading = [
        Fault(
            platform=platform,
            operation="look",
            action=chance.choice(list(READING.values())),
            times=chance.randint(1, 3),
        )
        for _ in range(chance.randint(0, 2))
    ]
    settings = chance.choice([{}, {}, *SETTINGS[platform]])
    kills = tuple(chance.randint(1, 45) for _ in range(chance.randint(1, 3)))
    return Case(
        name=f"seed {seed}",
        platform=platform,
        parts=chance.randint(1, 4),
        faults=(*writing, *reading),
        settings=settings,
        kills=kills,
        skews=tuple(chance.choice((0.0, 240.0, -240.0, 30.0)) for _ in kills),
        may_ask=True,
    )


def thinned(cases: list[Case], most: int) -> list[Case]:
    """So many of the cases, spread evenly over them all."""
    if len(cases) <= most:
        return cases
    return [cases[number * len(cases) // most] for number in range(most)]
