"""A daemon whose platforms are in memory, on a clock that a test turns."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.app import App
from bot.config import default_config
from bot.daemon import Daemon
from bot.platforms.memory import MemoryPlatform
from bot.ports import Speaker
from bot.store.memory import MemoryStore
from tests.builders import NOON
from tests.flows.conftest import TurnedClock


class RehearsedApp(App):
    """An app whose accounts are on platforms in memory."""

    def speaker(self, label):
        account = next(one for one in self.config.accounts if one.label == label)
        platform = MemoryPlatform(name=account.platform, own_id=label, handle=account.handle)
        return Speaker(
            label=label, platform=platform, patience=account.patience, store=self.store, clock=self.clock
        )


@pytest.fixture
def daemon(tmp_path):
    clock = TurnedClock(NOON - timedelta(hours=3))
    config = replace(default_config(tmp_path), campaign="test", timezone="UTC")
    daemon = Daemon(RehearsedApp(config, MemoryStore(), clock))
    daemon.store.start("a test", clock.now())
    with daemon.store.hold(clock.now(), {}):
        yield daemon
