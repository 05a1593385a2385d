"""Against the real Bluesky server and somebody else's Mastodon: whatever is cut or killed, each post once.

The servers themselves are asked what they hold, by another way than the program's.
"""

from contextlib import closing, suppress
from datetime import timedelta
from threading import Thread

import pytest

from bot.sandbox import Gate
from tests.acceptance.turned import OneAccount, TurnedClock, kill_when, write_config
from tests.servers.bluesky import BlueskyServer, require
from tests.servers.mastodon import TOKEN
from tests.servers.proxy import Proxy, cut_after, cut_before, held, twice, unavailable_after

MINUTE = timedelta(minutes=1)
PARTS = ("First, we meet.", "Then, we march.", "At last, we sing.")
PUBLISH = {"mastodon": "/api/v1/statuses", "bluesky": "/com.atproto.repo.putRecord"}
# What becomes of one request after the other, those that are sent again among them.
ONE_AFTER_THE_OTHER = {
    "at first unsent": (cut_before, cut_after, unavailable_after, twice),
    "at first unheard": (cut_after, twice, cut_before, unavailable_after),
}


class Stage:
    """An account on a real server, behind a proxy; the server is asked what stands there."""

    name = ""

    def __init__(self, server, proxy, folder):
        self.server, self.proxy = server, proxy
        self.folder, self.clock = folder, TurnedClock()
        handle, secrets = self.campaign()
        write_config(folder, self.name, secrets, f'handle: "@{handle}"', f"base_url: {proxy.url}")

    def play(self, action, part=1):
        self.proxy.play(PUBLISH[self.name], action, skip=part - 1)

    def started(self):
        """The program, as it is when it has just been started."""
        return closing(OneAccount(self.folder, self.name, self.clock))

    def killed_at(self, part, *, store):
        """Let another process publish; kill it when the request of a part is before the server, or done."""
        gate = Gate()
        self.play(held(gate, store=store), part)
        with self.started() as account:
            account.owe(*PARTS)
            kill_when(account, gate.wait_reached)
        gate.release()
        self.clock.turn(MINUTE)  # the other process turned its own clock

    @property
    def published(self):
        """How many requests to publish reached the server."""
        return sum(path.endswith(PUBLISH[self.name]) for path in self.proxy.passed)

    def assert_each_once_in_order(self):
        """Ask the server: each part once, and each an answer to the one before."""
        posts = self.posts()
        assert [text.partition("\n")[0] for _, text, _ in posts] == list(PARTS)
        assert [parent for *_, parent in posts] == ["", posts[0][0], posts[1][0]]
        assert self.proxy.unplayed == 0


class OnMastodon(Stage):
    """On mastodon-mock."""

    name = "mastodon"

    def campaign(self):
        return "campaign@mock.local", {"access_token": TOKEN}

    def posts(self):
        """Id, text and parent of every post, the oldest first."""
        judge = self.server.judge
        found = judge.account_statuses(judge.me().id)
        return [
            (str(one.id), judge.status_source(one.id).text, str(one.in_reply_to_id or ""))
            for one in sorted(found, key=lambda one: int(one.id))
        ]


class OnBluesky(Stage):
    """On the real Bluesky server."""

    name = "bluesky"

    def campaign(self):
        self.account = self.server.account()
        return self.account.handle, {"app_password": self.account.app_password}

    def posts(self):
        """Address, text and parent of every record, the oldest first."""
        found = sorted(self.server.records(self.account.did), key=lambda one: one["uri"])
        roots = {one["value"].get("reply", {}).get("root", {}).get("uri", found[0]["uri"]) for one in found}
        assert roots <= {found[0]["uri"]}
        return [
            (one["uri"], one["value"]["text"], one["value"].get("reply", {}).get("parent", {}).get("uri", ""))
            for one in found
        ]


@pytest.fixture(params=["mastodon", "bluesky"])
def stage(request, tmp_path):
    if request.param == "bluesky":
        require()
    name = {"mastodon": "mastodon_mock", "bluesky": "bluesky_server"}[request.param]
    server = request.getfixturevalue(name)
    with Proxy(server.url) as proxy:
        yield {"mastodon": OnMastodon, "bluesky": OnBluesky}[request.param](
            server, proxy, tmp_path / "campaign"
        )


@pytest.mark.parametrize("actions", ONE_AFTER_THE_OTHER.values(), ids=ONE_AFTER_THE_OTHER)
def test_whatever_becomes_of_its_requests_each_part_is_there_once(stage, actions):
    for action in actions:
        stage.play(action)
    with stage.started() as account:
        account.owe(*PARTS)
        account.until_rest()

    stage.assert_each_once_in_order()
    assert stage.published == len(PARTS) + 1  # one arrived twice, and the one that was cut never


@pytest.mark.parametrize(("part", "store"), [(2, False), (3, True)], ids=["before part 2", "after part 3"])
def test_killed_around_a_request_each_part_is_there_once(stage, part, store):
    stage.killed_at(part, store=store)
    with stage.started() as account:
        account.until_rest()

    stage.assert_each_once_in_order()


@pytest.fixture(scope="module")
def mortal(tmp_path_factory):
    """A Bluesky server that is killed and started again on its data."""
    require()
    server = BlueskyServer(tmp_path_factory.mktemp("server"))
    yield server
    server.stop()


def at_work(server):
    """The server is killed while it works on a request, wherever it is with it, and started again."""

    def kill(forward):
        request = Thread(target=in_vain, args=(forward,))
        request.start()
        request.join(0.004)
        server.kill()
        request.join()
        server.start_again()
        return b""

    return kill


def in_vain(forward):
    with suppress(ConnectionError):
        forward()


def when_stored(server):
    """The server is killed when it has stored a post and answered nobody, and started again."""

    def kill(forward):
        forward()
        server.kill()
        server.start_again()
        return b""

    return kill


def test_a_server_that_is_killed_in_mid_run_has_each_part_once(mortal, tmp_path):
    with Proxy(mortal.url) as proxy:
        stage = OnBluesky(mortal, proxy, tmp_path / "campaign")
        stage.play(at_work(mortal))
        stage.play(when_stored(mortal))
        with stage.started() as account:
            account.owe(*PARTS)
            account.until_rest()

        stage.assert_each_once_in_order()


def test_a_server_that_stays_down_for_a_while_has_each_part_once(mortal, tmp_path):
    with Proxy(mortal.url) as proxy:
        stage = OnBluesky(mortal, proxy, tmp_path / "campaign")
        with stage.started() as account:
            account.owe(*PARTS)
            stage.play(cut_after)
            account.publish()
            mortal.kill()
            account.wait_for_what_comes()
            assert account.look() == 1  # in vain
            mortal.start_again()
            account.until_rest()

        stage.assert_each_once_in_order()


def test_server_and_program_killed_together_leave_each_part_once(mortal, tmp_path):
    with Proxy(mortal.url) as proxy:
        stage = OnBluesky(mortal, proxy, tmp_path / "campaign")
        stage.killed_at(2, store=True)
        mortal.kill()
        mortal.start_again()
        with stage.started() as account:
            account.until_rest()

        stage.assert_each_once_in_order()
