"""One post on one platform, followed on a turned clock from its hour to the end."""

import time
from contextlib import contextmanager
from datetime import timedelta

import pytest

from bot.sandbox import Fault, Sandbox
from bot.store import open_store
from tests.acceptance.turned import OneAccount, TurnedClock, furnish
from tests.tables import TLDS

ONE = "March with us."
MOST_WRITES = {"x": 2, "mastodon": 5, "bluesky": 5}
SHORT, SLACK = 0.4, 1.0  # seconds: a deadline, and what a loaded machine may take on top
ALWAYS = 1000
SECOND = timedelta(seconds=1)
SENT_ONCE = (["sent"], 1)


@pytest.fixture(scope="module")
def turned():
    """A sandbox whose time is a clock of the tests."""
    clock = TurnedClock()
    with Sandbox(tlds=TLDS, now=clock.now) as sandbox:
        yield sandbox, clock


@pytest.fixture(scope="module")
def empty_store(tmp_path_factory):
    path = tmp_path_factory.mktemp("template") / "bot.sqlite"
    open_store(path).close()
    return path


class Run:
    """One post on one platform, from its hour until nothing more will happen to it."""

    def __init__(self, sandbox, clock, account):
        self.sandbox, self.clock = sandbox, clock
        self.account, self.name = account, account.name

    @property
    def server(self):
        return getattr(self.sandbox, self.name)

    def play(self, *actions, times=1, operation="publish"):
        self.sandbox.faults.add(
            *(Fault(platform=self.name, operation=operation, action=one, times=times) for one in actions)
        )
        return self

    def end(self, harmless=0):
        """The states at rest and the copies on the platform, within the writes that we may risk.

        `harmless` are requests of which the platform said that it took nothing.
        """
        states = [str(one.state) for one in self.account.until_rest()]
        self.server.settle_down()  # until the last request is on record
        assert self.writes - harmless <= MOST_WRITES[self.name] * len(states)
        return states, self.copies

    @property
    def copies(self):
        return len(self.sandbox.record.posts(self.name))

    @property
    def writes(self):
        return len(self.sandbox.record.asked(self.name, "publish"))

    @property
    def attention(self):
        return self.account.owed()[0].attention

    @property
    def state(self):
        return self.account.owed()[0].state

    @contextmanager
    def hurried(self):
        """Give requests little time, and know that what is done took no longer."""
        wire = self.account.speaker.platform._wire
        usual, wire.deadline = wire.deadline, SHORT
        began = time.monotonic()
        yield
        assert time.monotonic() - began < SHORT + SLACK
        wire.deadline = usual


@pytest.fixture
def begin(turned, tmp_path, empty_store):
    sandbox, clock = turned
    sandbox.reset()
    runs = []

    def made(name, *texts):
        furnish(sandbox, name, tmp_path / name)
        account = OneAccount(tmp_path / name, name, clock, template=empty_store)
        runs.append(Run(sandbox, clock, account))
        account.owe(*texts or (ONE,))
        return runs[-1]

    yield made
    for one in runs:
        one.account.close()
    assert sandbox.record.errors == []
