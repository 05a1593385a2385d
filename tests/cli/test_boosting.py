"""reports boost and unboost at the terminal, against the sandbox's Mastodon."""

import contextlib
from datetime import UTC, datetime

import click
import pytest
from click.testing import CliRunner

from bot.app import App, open_store
from bot.cli import DONE, PERSON_NEEDED, forget
from bot.cli.boosting import boost_command, unboost_command
from bot.cli.forget import forget_command
from bot.config import load_config
from bot.domain.errors import DecisionError
from bot.domain.lengths import PlatformName
from bot.store.hasher import open_hashes
from tests.reports import a_report, counted, take_in

NO, YES = "n\n", "y\n"
HARMLESS = NO * 3


@pytest.fixture
def desk(shell, sandbox):
    """A campaign with an account on the sandbox, and a confirmed report of what somebody said there."""
    server = sandbox.mastodon
    (shell.folder / "token").touch(mode=0o600)
    (shell.folder / "token").write_text(server.account.token, encoding="utf-8")
    (shell.folder / "config.yaml").write_text(
        "campaign: test\ntimezone: UTC\naccounts:\n"
        f'  mastodon:\n    handle: "@campaign@{server.host}"\n'
        f"    base_url: {server.url}\n    access_token: {{file: token}}\n",
        encoding="utf-8",
    )
    return Desk(shell, sandbox)


class Desk:
    """What an organiser does, and what the sandbox then shows."""

    def __init__(self, shell, sandbox):
        self.shell, self.sandbox = shell, sandbox
        self.config = load_config(shell.folder / "config.yaml")
        self.store = open_store(self.config)
        now = datetime.now(UTC)
        self.store.enroll("mastodon", PlatformName.MASTODON, now)
        self.store.identified("mastodon", self._platform().identify(), now)
        self.store.start("a test", now)

    def _platform(self):
        return App(self.config, self.store).speaker("mastodon").platform

    def report(self, text):
        said = self.sandbox.mention("mastodon", "someone", f"@campaign {text}")
        listener = App(self.config, self.store).listener("mastodon")
        words = listener.ear.still_there([said.id])[said.id]
        group = listener.hasher("words", " ".join(words.casefold().split()))
        (report,) = take_in(self.store, a_report(remote_id=said.id, url=said.url, text=None, group=group))
        self.store.change(counted(report), report, "anna", "count", datetime.now(UTC))
        return report.id, said.id

    def call(self, command, *arguments, answer=""):
        """Call one of the two commands; what came of it."""
        obj = {"path": self.shell.folder / "config.yaml", "given": True}
        with contextlib.chdir(self.shell.folder):
            arguments = [str(one) for one in arguments]
            return CliRunner().invoke(command, arguments, obj=obj, input=answer, standalone_mode=False)

    @property
    def boosts(self):
        return [one.post for one in self.sandbox.record.boosts("mastodon")]


def test_a_boost_asks_a_second_time_and_then_goes_out_once(desk):
    number, message = desk.report("we handed in 41 letters")

    for _ in range(2):
        done = desk.call(boost_command, number, "--as", "anna", answer=HARMLESS)

        assert (done.exception, done.return_value) == (None, DONE)
    assert "Belarus or Russia" in done.output
    assert "we handed in 41 letters" in done.output
    assert desk.boosts == [message]


def test_a_boost_is_taken_back(desk):
    number, _ = desk.report("we handed in 41 letters")
    desk.call(boost_command, number, "--as", "anna", answer=HARMLESS)

    done = desk.call(unboost_command, number, "--as", "anna")

    assert (done.exception, done.return_value) == (None, DONE)
    assert desk.boosts == []


@pytest.mark.parametrize("answer", [YES + NO + NO, NO + YES + NO + NO, NO + NO + YES + NO])
def test_what_the_second_look_shows_is_not_boosted(desk, answer):
    number, _ = desk.report("we handed in 41 letters")

    done = desk.call(boost_command, number, "--as", "anna", answer=answer)

    assert isinstance(done.exception, DecisionError)
    assert desk.boosts == []


def test_without_an_answer_nothing_is_boosted(desk):
    number, _ = desk.report("we handed in 41 letters")

    done = desk.call(boost_command, number, "--as", "anna", answer="\n")

    assert isinstance(done.exception, click.Abort)
    assert desk.boosts == []


def test_there_is_no_way_around_the_second_look(desk):
    number, _ = desk.report("we handed in 41 letters")

    done = desk.call(boost_command, number, "--as", "anna", "--yes")

    assert isinstance(done.exception, click.NoSuchOption)


def test_a_message_that_is_gone_is_not_boosted(desk):
    number, message = desk.report("we handed in 41 letters")
    desk.sandbox.record.amend("mastodon", message, deleted=True)

    done = desk.call(boost_command, number, "--as", "anna", answer=HARMLESS)

    assert "gone" in str(done.exception)
    assert desk.boosts == []


def test_who_is_forgotten_is_boosted_no_longer_and_stands_nowhere(desk):
    number, message = desk.report("we handed in 41 letters")
    desk.call(boost_command, number, "--as", "anna", answer=HARMLESS)
    open_hashes(desk.config.state, desk.store)
    address = desk.store.report(number).url

    done = desk.call(forget_command, address, "--yes", "--as", "anna")

    assert (done.exception, done.return_value) == (None, DONE)
    assert "STILL THERE" not in done.output
    assert desk.boosts == []
    kept = b"".join(path.read_bytes() for path in desk.config.state.rglob("*") if path.is_file())
    assert message.encode() not in kept


def test_who_is_forgotten_while_the_program_runs_stays_known_until_it_took_the_boost_back(desk, monkeypatch):
    number, _ = desk.report("we handed in 41 letters")
    desk.call(boost_command, number, "--as", "anna", answer=HARMLESS)
    open_hashes(desk.config.state, desk.store)
    address = desk.store.report(number).url
    monkeypatch.setattr(forget, "TAKEN_BACK_WITHIN", 0.0)

    with open_store(desk.config).hold(datetime.now(UTC), {}):
        early = desk.call(forget_command, address, "--yes", "--as", "anna")
    again = desk.call(unboost_command, number, "--as", "anna")
    late = desk.call(forget_command, address, "--yes", "--as", "anna")

    assert early.return_value == PERSON_NEEDED
    assert "still being taken back" in early.output
    assert "delete those files" not in early.output
    assert desk.boosts == []
    assert (again.return_value, late.return_value) == (DONE, DONE)
