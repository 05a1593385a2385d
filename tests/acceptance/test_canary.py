"""No line that is logged names a message, its writer or a secret, however loud all loggers are."""

import base64
import json
import logging
from contextlib import closing

import pytest

from bot.app import App, open_store
from bot.cli import logs
from bot.cli.run import _lanes
from bot.config import load_config
from bot.daemon.collector import Collector
from bot.sandbox import Answer, Cut, Fault
from bot.store.hasher import KEY_NAME
from tests.acceptance.conftest import PLATFORMS
from tests.acceptance.supporters import HEARING, SAFE, Hall
from tests.traces import spellings

ANIMALS = [text.rstrip(".").split()[-1] for text in SAFE.values()]
ASKED = {"x": "mentions", "mastodon": "notifications", "bluesky": "notifications"}
BROKEN_HEADER = {"X-Broken": "a\r\na line of no meaning"}


@pytest.fixture
def loud(monkeypatch):
    """Every logger says all it knows, whatever its library or we ask of it."""
    root = logging.getLogger()
    levels = {one: one.level for one in (root, *_loggers())}
    asked = logging.Logger.setLevel
    monkeypatch.setattr(logging.Logger, "setLevel", lambda logger, _: asked(logger, logging.DEBUG))
    logs.begin("debug")
    yield
    monkeypatch.undo()
    for logger in (root, *_loggers()):
        logger.setLevel(levels.get(logger, logging.NOTSET))


def _loggers():
    return [one for one in logging.root.manager.loggerDict.values() if isinstance(one, logging.Logger)]


def faults(said):
    """All that can become of a question, with answers that repeat a message and its writer."""
    echo = f"{said.author} {said.id} {said.text}"
    words = json.dumps({"error": echo, "message": echo, "title": echo, "detail": echo}).encode()
    for status in (500, 503, 401, 403, 400, 404, 422):
        yield Answer(status=status, body=words)
    yield Answer(status=429, body=words, headers={"Retry-After": "1", "X-RateLimit-Reset": said.id})
    yield Answer(status=500, body=words, headers=BROKEN_HEADER)
    yield Answer(status=302, body=words, headers={"Location": said.url})
    for body in (
        words[: len(words) // 2],
        words,
        b"[" + words + b"]",
        b"<html>" + words,
        b"",
        b"\xff" + words,
    ):
        yield Answer(status=200, body=body)
    yield Answer(status=200, body=words, says_length=10_000)
    yield from (Cut(store=False, after=after) for after in ("nothing", "headers", "half"))
    yield Cut(store=False, reset=True)


class Stage:
    """The program's own parts, in this process, one round at a time."""

    def __init__(self, bot, store):
        self.bot, self.hall = bot, Hall(bot.sandbox)
        self.app = App(load_config(bot.config), store)
        self.lanes = _lanes(self.app)
        self.ears = {name: Collector(self.app, name) for name in PLATFORMS}

    def round(self):
        for lane in self.lanes:
            lane.planned()
            lane.round()
            lane.planned()
            lane.round()
        for ear in self.ears.values():
            ear.round()

    def stumble(self):
        """Let every fault befall the next question of each ear; then all is heard."""
        for name, ear in self.ears.items():
            said = self.hall.say(name, "stumbling.example", SAFE["en"])
            self.hall.safe.append(said)
            for action in faults(said):
                self.bot.sandbox.faults.add(
                    Fault(platform=name, operation=ASKED[name], action=action, times=2 if name == "x" else 1)
                )
                ear.round()
                self.bot.sandbox.faults.clear()
            ear.round()

    def secrets(self):
        """Every secret the program has, as it may be written."""
        sandbox, state = self.bot.sandbox, self.app.config.state
        key = (state / KEY_NAME).read_bytes()
        sessions = [json.loads(path.read_text()) for path in state.glob("*session.json")]
        tokens = [part for one in sessions for part in one["session"].split(":::")[2:4]]
        own = [*sandbox.x.account.secrets.values(), sandbox.mastodon.account.token]
        return {
            *own,
            *tokens,
            sandbox.bluesky.account.app_password,
            key.hex(),
            base64.b64encode(key).decode(),
        }


@pytest.fixture
def stage(bot):
    bot.configure(HEARING)
    with closing(open_store(load_config(bot.config))) as store:
        app = Stage(bot, store)
        with store.hold(app.app.clock.now(), app.app.patience):
            yield app


@pytest.mark.usefixtures("loud")
def test_no_log_line_names_a_message_a_writer_or_a_secret(stage, caplog, capsys):
    stage.hall.fill()
    stage.round()
    stage.stumble()
    boosted = next(
        one for one in stage.app.store.reports() if (one.platform, one.language) == ("mastodon", "de")
    )
    number = str(boosted.id)
    assert stage.bot.call("reports", "approve", number, "--kind", "letter", "--as", "anna")[0] == 0
    assert stage.bot.call("reports", "boost", number, "--as", "anna", answer="n\n" * 3)[0] == 0
    stage.round()
    assert [one.post for one in stage.bot.sandbox.record.boosts()] == [boosted.remote_id]
    forgotten = stage.bot.call("forget", boosted.handle, "--yes", "--as", "anna")
    assert "Taken out: 1 report" in forgotten[1]
    stage.round()
    stage.bot.sandbox.record.errors.clear()

    written, everything = capsys.readouterr().err, caplog.text
    hall = stage.hall
    words = {*hall.traces([*hall.safe, *hall.at_risk]), *ANIMALS, *stage.secrets()}
    assert held_in(written, words) == []
    assert written.count("account x: cannot hear") > 10  # it was said that something is wrong
    loudest = {"urllib3", "httpx", "httpcore", "requests_oauthlib", "oauthlib"}
    assert loudest <= {record.name.partition(".")[0] for record in caplog.records}
    assert len(held_in(everything, words)) > 3  # libraries do tell, if one lets them


def held_in(log, words):
    content = log.encode().lower()
    return sorted(word for word in words if any(form in content for form in spellings(word)))
