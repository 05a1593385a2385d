"""Credentials that cannot be read, and frozen bytes that are not ours."""

from dataclasses import replace

import pytest

from bot.domain.errors import Concern, ConfigError, RefusedError, TryLaterError
from bot.platforms.own import frozen, thawed
from bot.platforms.x import XPlatform
from tests.builders import a_delivery
from tests.platforms.conftest import at


def nothing_to_say():
    raise ConfigError("the environment variable X_TOKEN is not set, or empty")


def test_a_credential_that_cannot_be_read_stops_the_account_and_sends_nothing(stage, sandbox, tmp_path):
    platform = at(stage.name, getattr(sandbox, stage.name).url, sandbox, tmp_path / "fresh")
    holder = platform._sessions if stage.name == "bluesky" else platform
    name = {"x": "_secrets", "mastodon": "_access_token", "bluesky": "_app_password"}[stage.name]
    setattr(holder, name, (nothing_to_say,) * 4 if stage.name == "x" else nothing_to_say)

    for call in (platform.identify, lambda: platform.publish(stage.delivery())):
        with pytest.raises(TryLaterError, match="X_TOKEN is not set") as caught:
            call()
        assert caught.value.concern is Concern.ACCOUNT_BLOCKED
    assert sandbox.record.asked(stage.name, "publish") == []


@pytest.mark.parametrize("payload", [None, b"", b"March", b"[]", b"{}", b'{"other": 1}', b"\xff"])
def test_frozen_bytes_that_cannot_be_read_are_never_sent(stage, sandbox, payload):
    delivery = replace(stage.delivery(), payload=payload)

    for call in (stage.platform.publish, lambda one: stage.platform.look(one, stage.own)):
        with pytest.raises(RefusedError, match="write a new post"):
            call(delivery)
    assert sandbox.record.asked(stage.name, "publish") == []


def test_equal_content_has_equal_bytes_in_whatever_order_it_was_said():
    one = frozen({"text": "Салідарнасць", "langs": ["be"]})
    other = frozen({"langs": ["be"], "text": "Салідарнасць"})

    assert one == other == '{"langs":["be"],"text":"Салідарнасць"}'.encode()


def test_what_was_frozen_thaws():
    delivery = a_delivery(payload=frozen({"text": "March."}))

    assert thawed(delivery, XPlatform.name, "text") == {"text": "March."}
