"""What only the real Bluesky server can confirm."""

from dataclasses import replace

import pytest

from tests.contracts.stages import bluesky_platform, real_bluesky_stage
from tests.servers.bluesky import require


@pytest.fixture
def server(request):
    require()
    return request.getfixturevalue("bluesky_server")


def test_the_account_s_own_password_is_more_than_we_need(server, tmp_path):
    account = server.campaign()

    identity = bluesky_platform(server.url, account.handle, account.password, tmp_path).identify()

    assert identity.own_id == account.did
    assert identity.scopes_excess == ("everything: this is the account's own password, not an app password",)


def test_an_account_without_a_profile_carries_no_label(server, tmp_path):
    account = server.account()

    identity = bluesky_platform(server.url, account.handle, account.app_password, tmp_path).identify()

    assert identity.bot_label is False


def test_whom_the_tag_names_is_marked_in_the_post(server, tmp_path):
    ours, union = server.campaign(), server.account()
    tag = f"@{union.handle}"
    stage = real_bluesky_stage(server, tmp_path)
    platform = bluesky_platform(server.url, ours.handle, ours.app_password, tmp_path, tag=tag)
    platform.identify()
    delivery = stage.delivery(f"Салідарнасць з {tag} і {stage.own.handle}")
    payload = platform.freeze(delivery, stage.own, delivery.claimed_at)

    platform.publish(replace(delivery, payload=payload))

    (record,) = server.records(ours.did)
    marked = [facet["features"][0]["did"] for facet in record["value"]["facets"]]
    assert marked == [union.did, ours.did]
