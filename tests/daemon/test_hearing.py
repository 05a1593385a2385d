"""The whole way from three platforms into one store, as the program goes it."""

from dataclasses import replace

import pytest

from bot.app import App
from bot.cli.collect import taken_in
from bot.config import AccountConfig, CollectConfig, Secret, default_config
from bot.domain.account import Identity
from bot.domain.errors import StoreError
from bot.store import open_store
from bot.store.hasher import KEY_NAME
from bot.store.passing import PASSING_NAME
from tests.daemon.test_collector import PRIVACY
from tests.hearing import PlainJudge

NAMES = ("x", "mastodon", "bluesky")


def credentials(name, sandbox):
    if name == "x":
        return dict(sandbox.x.account.secrets)
    if name == "mastodon":
        return {"access_token": sandbox.mastodon.account.token}
    return {"app_password": sandbox.bluesky.account.app_password}


def kept(folder, name, secret):
    path = folder / name
    path.touch(mode=0o600)
    path.write_text(secret, encoding="utf-8")
    return Secret(file=path)


@pytest.fixture
def app(sandbox, tmp_path):
    servers = {"x": sandbox.x, "mastodon": sandbox.mastodon, "bluesky": sandbox.bluesky}
    config = default_config(tmp_path)

    def on_sandbox(account: AccountConfig) -> AccountConfig:
        secrets = credentials(account.label, sandbox)
        found = {name: kept(tmp_path, f"{account.label}-{name}", one) for name, one in secrets.items()}
        server = servers[account.label]
        return replace(
            account,
            base_url=server.url,
            handle=f"@{server.account.handle}",
            credentials=found,
            budget=20_000_000 if account.label == "x" else None,
        )

    accounts = tuple(map(on_sandbox, config.accounts))
    config = replace(config, accounts=accounts, privacy=PRIVACY, collect=CollectConfig(accounts=NAMES))
    app = App(config, open_store(tmp_path / "bot.sqlite"), judge=PlainJudge())
    for name, server in servers.items():
        us = Identity(own_id=server.account.id, handle=server.account.handle, url=server.url)
        app.store.identified(name, us, app.clock.now())
    yield app
    app.store.close()


def test_what_is_said_on_three_platforms_comes_into_the_store(app, sandbox, tmp_path):
    taken_in(app)
    for name, server in (("x", sandbox.x), ("mastodon", sandbox.mastodon), ("bluesky", sandbox.bluesky)):
        sandbox.mention(name, "zebrafish", f"@{server.account.handle} we wrote a letter")
        sandbox.mention(name, "quagga", f"@{server.account.handle} we struck in Minsk")

    code = taken_in(app)

    reports = app.store.reports()
    assert code == 0
    assert sorted(report.platform for report in reports) == sorted(NAMES)
    assert [report.handle for report in reports if report.platform == "x"] == [None]
    assert [
        name for name, number in app.store.numbers().items() if name.startswith("at risk") and number == 3
    ]
    assert (tmp_path / KEY_NAME).stat().st_mode & 0o077 == 0
    assert (tmp_path / PASSING_NAME).stat().st_mode & 0o077 == 0
    files = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"zebrafish" in files
    assert b"quagga" not in files
    assert b"Minsk" not in files


def test_without_its_key_a_store_collects_nothing(app, tmp_path):
    taken_in(app)
    (tmp_path / KEY_NAME).unlink()

    with pytest.raises(StoreError, match=r"the key .* is gone"):
        taken_in(app)
