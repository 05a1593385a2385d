"""Posts a second: the whole durable pipeline against a bare loop of the same library at the same sandbox."""

import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.stage import Stage, stage
from bench.table import Row
from bot.app import App, open_store
from bot.config import load_config
from bot.domain.lengths import PlatformName
from bot.domain.post import Language, PostId, digest
from bot.flows.identify import identify
from bot.flows.plan import keys_for
from bot.flows.publish import drain
from bot.ports.records import Planned

POSTS = 300
ROUNDS = 3
AIM = 0.8


def run() -> list[Row]:
    """One row a platform: the median of some rounds, each of a bare loop and the pipeline after it."""
    rows = []
    with stage() as sandbox, tempfile.TemporaryDirectory() as folder:
        app = _app(Path(folder), sandbox)
        for platform in PlatformName:
            bare, ours = [], []
            for number in range(ROUNDS):
                bare.append(_bare(platform, sandbox))
                ours.append(_pipeline(platform, app, number))
            ratios = sorted(o / b for o, b in zip(ours, bare, strict=True))
            rows.append(
                Row(
                    f"posts a second, {platform.shown}",
                    f"{max(ours):.0f}",
                    f"{max(bare):.0f} bare loop",
                    f"{ratios[len(ratios) // 2]:.2f}",
                    f">= {AIM}",
                )
            )
        app.store.close()
    return rows


def _rate(publish: Callable[[int], Any]) -> float:
    publish(-1)  # connect, load
    began = time.perf_counter()
    for number in range(POSTS):
        publish(number)
    return POSTS / (time.perf_counter() - began)


def _bare(platform: PlatformName, sandbox: Stage) -> float:
    known = sandbox.addresses[platform.value]
    salt = time.monotonic_ns()
    if platform is PlatformName.X:
        import requests
        import tweepy

        client = tweepy.Client(
            consumer_key=known["consumer_key"],
            consumer_secret=known["consumer_secret"],
            access_token=known["access_token"],
            access_token_secret=known["access_token_secret"],
            return_type=dict,
        )

        class Redirected(requests.Session):
            def request(self, method: str, url: str, **options: Any) -> Any:
                return super().request(
                    method, url.replace("https://api.twitter.com", known["url"]), **options
                )

        client.session = Redirected()
        return _rate(lambda number: client.create_tweet(text=f"Bare {salt} {number}", user_auth=True))
    if platform is PlatformName.MASTODON:
        from mastodon import Mastodon

        mastodon = Mastodon(access_token=known["token"], api_base_url=known["url"])
        return _rate(
            lambda number: mastodon.status_post(f"Bare {salt} {number}", idempotency_key=f"{salt}{number}")
        )
    from atproto_client import Client

    bluesky = Client(known["url"])
    bluesky.login(known["handle"], known["app_password"], fetch_bsky_profile=False)
    did = "did:plc:sandboxcampaign0000000000"
    return _rate(lambda number: bluesky.send_post(f"Bare {salt} {number}", profile_identify=did))


def _app(folder: Path, sandbox: Stage) -> App:
    known = sandbox.addresses
    secrets = {
        "consumer_key": known["x"]["consumer_key"],
        "consumer_secret": known["x"]["consumer_secret"],
        "access_token": known["x"]["access_token"],
        "access_token_secret": known["x"]["access_token_secret"],
        "mastodon": known["mastodon"]["token"],
        "bluesky": known["bluesky"]["app_password"],
    }
    for name, secret in secrets.items():
        (folder / name).touch(mode=0o600)
        (folder / name).write_text(secret)
    keys = "".join(f"    {name}: {{file: {name}}}\n" for name in list(secrets)[:4])
    config = folder / "config.yaml"
    config.write_text(
        f"campaign: bench\ntimezone: UTC\naccounts:\n"
        f'  x:\n    handle: "@{known["x"]["handle"]}"\n    base_url: {known["x"]["url"]}\n{keys}'
        f'  mastodon:\n    handle: "@campaign@mastodon.example"\n    base_url: {known["mastodon"]["url"]}\n'
        f"    access_token: {{file: mastodon}}\n"
        f'  bluesky:\n    handle: "@{known["bluesky"]["handle"]}"\n    base_url: {known["bluesky"]["url"]}\n'
        f"    app_password: {{file: bluesky}}\n"
    )
    loaded = load_config(config)
    app = App(loaded, open_store(loaded))
    app.store.start("bench", datetime.now(UTC))
    return app


def _pipeline(platform: PlatformName, app: App, round_number: int) -> float:
    label = platform.value
    speaker = app.speaker(label)
    check = identify(speaker, app.voice(label))
    assert check.passed, check
    now = datetime.now(UTC)
    salt = time.monotonic_ns()
    posts = [PostId(f"bench-{round_number}-{label}-{number}") for number in range(POSTS + 1)]
    app.store.meet(posts, now - timedelta(hours=1))
    account = app.store.account(label)
    planned = []
    for number, post in enumerate(posts):
        texts = (f"Bench {salt} {number} #IndustriALL",)
        planned.append(
            Planned(
                account=label,
                post=post,
                occurrence="",
                language=Language("en"),
                planned_at=now - timedelta(seconds=1),
                expires_at=now + timedelta(hours=1),
                priority=1,
                held=None,
                part_gap=timedelta(),
                digest=digest(texts),
                keys=keys_for("bench", account, post, occurrence="", language=Language("en"), parts=1),
                texts=texts,
            )
        )
    app.store.plan(planned[:1], [], now)
    with app.store.hold(now, app.patience):
        drain(speaker, lambda: 0.0)
        app.store.plan(planned[1:], [], now)
        began = time.perf_counter()
        sent = drain(speaker, lambda: 0.0)
        rate = sent / (time.perf_counter() - began)
    assert sent == POSTS, sent
    return rate
