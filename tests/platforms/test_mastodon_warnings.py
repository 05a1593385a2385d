"""A warning on Mastodon: sent beside the text, counted with it, and no part of what is looked for."""

import json
from dataclasses import replace

import pytest

from bot.domain.errors import RefusedError
from tests.contracts.stages import sandbox_stage

WARNING = "Describes torture"


@pytest.fixture
def mastodon(sandbox, tmp_path):
    return sandbox_stage(sandbox, "mastodon", tmp_path)


def stored(sandbox):
    return [(post.text, post.warning) for post in sandbox.record.posts("mastodon")]


def test_a_warning_stands_beside_the_text_on_every_part(mastodon, sandbox):
    for part in (1, 2):
        mastodon.platform.publish(mastodon.delivery(f"Part {part}", warning=WARNING, part=part))

    assert stored(sandbox) == [("Part 1", WARNING), ("Part 2", WARNING)]


def test_without_a_warning_none_is_sent(mastodon, sandbox):
    delivery = mastodon.delivery()

    mastodon.platform.publish(delivery)

    assert "spoiler_text" not in json.loads(delivery.payload)
    assert [warning for _, warning in stored(sandbox)] == [""]


def test_the_warning_is_frozen_with_the_text(mastodon, sandbox):
    delivery = mastodon.delivery(warning=WARNING)

    mastodon.platform.publish(replace(delivery, warning="Another"))

    assert [warning for _, warning in stored(sandbox)] == [WARNING]


def test_a_look_finds_a_post_with_a_warning_by_its_text(mastodon):
    delivery = mastodon.delivery(f"Tag {mastodon.own.handle}. #IndustriALL", warning=WARNING)
    wanted = mastodon.platform.publish(delivery)

    assert mastodon.platform.look(delivery, mastodon.own).matches == (wanted,)
    assert mastodon.platform.read_back(replace(delivery, receipt=wanted), mastodon.own)


@pytest.mark.parametrize(("limit", "taken"), [(len(WARNING) + 10, True), (len(WARNING) + 9, False)])
def test_the_server_counts_the_warning_with_the_text_as_we_do(mastodon, sandbox, limit, taken):
    sandbox.mastodon.settings.max_characters = limit
    delivery = mastodon.delivery("Ten signs.", warning=WARNING)

    if taken:
        mastodon.platform.publish(delivery)
    else:
        with pytest.raises(RefusedError, match="character limit"):
            mastodon.platform.publish(delivery)

    assert len(stored(sandbox)) == taken
