"""Every platform on a stage of its own: the adapter, and a judge that is not the adapter."""

import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.clock import SystemClock
from bot.domain.delivery import Delivery, DeliveryKind, make_key
from bot.domain.post import Language, PostId
from bot.platforms.bluesky import BlueskyPlatform
from bot.platforms.bluesky.record import content_id
from bot.platforms.mastodon import MastodonPlatform
from bot.platforms.memory import MemoryPlatform
from bot.platforms.x import XPlatform
from bot.ports import Platform
from bot.ports.records import Own
from tests.servers.mastodon import TOKEN

STAGES = ["memory", "sandbox-x", "sandbox-mastodon", "sandbox-bluesky", "mastodon-mock", "real-bluesky"]
DEADLINE = timedelta(seconds=5)
MEDIA = "media"  # the folder of pictures, beside the sessions
NOBODY = "http://127.0.0.1:9"  # the port of discard: closed everywhere


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One platform under test. `texts` and `delete` ask the server itself, by another way than ours."""

    name: str
    platform: Platform
    own: Own
    texts: Callable[[], list[str]]
    delete: Callable[[str], None]
    language_of: Callable[[str], str]
    parent_of: Callable[[str], str]
    stranger: Callable[[], Platform]  # the same server, with credentials that it does not know
    nowhere: Callable[[], Platform]  # an address where nobody listens
    say: Callable[[str], str]  # lets a supporter post; what our boost of it is to be given
    boosts: Callable[[], list[str]]  # what we boost, each as often as it is boosted there
    media: Path = Path()  # where the bytes of pictures lie
    pictures_of: Callable[[str], list[tuple[bytes, str]]] = lambda _: []  # bytes and words, as read there

    def delivery(self, text: str = "March with us. #IndustriALL", **changes: Any) -> Delivery:
        """A claimed delivery, frozen for this platform."""
        now = datetime.now(UTC)
        about = changes.pop("about", text)
        language = changes.pop("language", Language("en"))
        delivery = Delivery(
            key=make_key(
                campaign="contract",
                platform=self.platform.name,
                own_id=self.own.own_id,
                kind=DeliveryKind.POST,
                about=about,
                occurrence="",
                language=language,
                part=changes.get("part", 1),
            ),
            account=self.name,
            post=PostId("may-day"),
            language=language,
            text=text,
            planned_at=now,
            expires_at=now + timedelta(hours=1),
            next_at=None,
            claimed_at=now,
            attempts=1,
        )
        delivery = replace(delivery, **changes)
        return replace(delivery, payload=self.platform.freeze(delivery, self.own, now))


def _said(secret: str) -> Callable[[], str]:
    return lambda: secret


def x_platform(
    base_url: str, secrets: dict[str, str], deadline: timedelta = DEADLINE, media: Any = None
) -> XPlatform:
    said = {name: _said(secret) for name, secret in secrets.items()}
    return XPlatform(**said, base_url=base_url, clock=SystemClock(), deadline=deadline, media=media)


def mastodon_platform(
    base_url: str, token: str, deadline: timedelta = DEADLINE, media: Any = None
) -> MastodonPlatform:
    return MastodonPlatform(
        base_url=base_url, access_token=_said(token), clock=SystemClock(), deadline=deadline, media=media
    )


def bluesky_platform(
    base_url: str, handle: str, password: str, path: Any, *, deadline: timedelta = DEADLINE, tag: str = ""
) -> BlueskyPlatform:
    return BlueskyPlatform(
        base_url=base_url,
        handle=handle,
        app_password=_said(password),
        session_path=path / f"{handle}-{abs(hash(password))}.json",
        clock=SystemClock(),
        deadline=deadline,
        media=path / MEDIA,
        tag=tag,
    )


def memory_stage() -> Stage:
    platform = MemoryPlatform()

    def stored(remote_id: str) -> Any:
        return next(one for one in platform.stored if one.receipt.remote_id == remote_id)

    return Stage(
        name="memory",
        platform=platform,
        own=Own(own_id=platform.own_id, handle=platform.handle),
        texts=lambda: [one.text for one in platform.stored],
        delete=lambda remote_id: platform.stored.remove(stored(remote_id)),
        language_of=lambda _: "",
        parent_of=lambda remote_id: stored(remote_id).parent or "",
        stranger=MemoryPlatform,
        nowhere=MemoryPlatform,
        say=lambda text: text,
        boosts=lambda: sorted(platform.boosted),
    )


def sandbox_stage(sandbox: Any, name: str, path: Any) -> Stage:
    """One of the sandbox's three, judged by its record."""

    def find(remote_id: str) -> Any:
        return sandbox.record.find(name, remote_id)

    server = {"x": sandbox.x, "mastodon": sandbox.mastodon, "bluesky": sandbox.bluesky}[name]
    if name == "x":
        keys = dict(server.account.secrets)

        def build(url: str, **changes: str) -> Platform:
            return x_platform(url, {**keys, **changes}, media=path / MEDIA)

        wrong = {"access_token_secret": "wrong"}
    elif name == "mastodon":

        def build(url: str, **changes: str) -> Platform:
            token = changes.get("token", server.account.token)
            return mastodon_platform(url, token, media=path / MEDIA)

        wrong = {"token": "wrong"}
    else:

        def build(url: str, **changes: str) -> Platform:
            password = changes.get("password", server.account.app_password)
            return bluesky_platform(url, server.account.handle, password, path)

        wrong = {"password": "wrong"}
    platform = build(server.url)
    identity = platform.identify()
    return Stage(
        name=f"sandbox-{name}",
        platform=platform,
        own=Own(own_id=identity.own_id, handle=identity.handle),
        texts=lambda: [post.text for post in sandbox.record.posts(name)],
        delete=lambda remote_id: _delete_in_sandbox(sandbox, name, remote_id),
        language_of=lambda remote_id: find(remote_id).language,
        parent_of=lambda remote_id: find(remote_id).parent_id,
        stranger=lambda: build(server.url, **wrong),
        nowhere=lambda: build(NOBODY),
        media=path / MEDIA,
        pictures_of=lambda remote_id: [(one.data, one.alt) for one in find(remote_id).media],
        say=lambda text: _named(sandbox.mention(name, "someone.example", text)),
        boosts=lambda: [_named(find(one.post)) for one in sandbox.record.boosts(name)],
    )


def _named(post: Any) -> str:
    """What a boost of a post is given: its id, on Bluesky with the content id."""
    return f"{post.id}|{a_cid(post.text)}" if post.platform == "bluesky" else str(post.id)


def a_cid(text: str) -> str:
    return content_id({"text": text})


def _delete_in_sandbox(sandbox: Any, name: str, remote_id: str) -> None:
    if name == "bluesky":
        sandbox.bluesky.delete_by_hand(remote_id)
    sandbox.record.amend(name, remote_id, deleted=True)


def mastodon_mock_stage(server: Any, path: Any) -> Stage:
    """mastodon-mock, judged through its own client."""
    platform = mastodon_platform(server.url, TOKEN, media=path / MEDIA)
    identity = platform.identify()
    judge = server.judge

    return Stage(
        name="mastodon-mock",
        platform=platform,
        own=Own(own_id=identity.own_id, handle=identity.handle),
        texts=lambda: [judge.status_source(one.id).text for one in judge.account_statuses(identity.own_id)],
        delete=judge.status_delete,
        language_of=lambda remote_id: judge.status(remote_id).language or "",
        parent_of=lambda remote_id: str(judge.status(remote_id).in_reply_to_id or ""),
        stranger=lambda: mastodon_platform(server.url, "wrong"),
        nowhere=lambda: mastodon_platform(NOBODY, TOKEN),
        media=path / MEDIA,
        pictures_of=lambda remote_id: [
            (_download(one.url), one.description) for one in judge.status(remote_id).media_attachments
        ],
        say=lambda text: str(server.supporter.status_post(text).id),
        boosts=lambda: [
            str(one.reblog.id) for one in judge.account_statuses(identity.own_id) if one.reblog is not None
        ],
    )


def real_bluesky_stage(server: Any, path: Any) -> Stage:
    """The real Bluesky server, judged by the records it lists."""
    account = server.campaign()
    platform = bluesky_platform(server.url, account.handle, account.app_password, server.folder)
    identity = platform.identify()

    def value(remote_id: str) -> Any:
        return next(one["value"] for one in server.records(account.did) if one["uri"] == remote_id)

    return Stage(
        name="real-bluesky",
        platform=platform,
        own=Own(own_id=identity.own_id, handle=identity.handle),
        texts=lambda: [one["value"]["text"] for one in server.records(account.did)],
        delete=lambda remote_id: server.delete(account, remote_id),
        language_of=lambda remote_id: value(remote_id)["langs"][0],
        parent_of=lambda remote_id: value(remote_id).get("reply", {}).get("parent", {}).get("uri", ""),
        stranger=lambda: bluesky_platform(server.url, account.handle, "wrong", path),
        nowhere=lambda: bluesky_platform(NOBODY, account.handle, "x", path),
        media=server.folder / MEDIA,
        pictures_of=lambda remote_id: [
            (server.blob(account.did, one["image"]["ref"]["$link"]), one["alt"])
            for one in value(remote_id)["embed"]["images"]
        ],
        say=lambda text: "|".join(server.said(server.account(), text)),
        boosts=lambda: ["|".join(one) for one in server.boosts(account.did)],
    )


def _download(url: str) -> bytes:
    with urllib.request.urlopen(url) as answer:
        return bytes(answer.read())
