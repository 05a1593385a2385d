import json
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.errors import Concern, TryLaterError
from bot.platforms.bluesky.record import content_id, make_record, record_key
from bot.sandbox import Answer, Cut, Fault
from bot.sandbox.cbor import cid
from tests.contracts.stages import bluesky_platform, sandbox_stage

EXPIRED = Answer(status=400, body=b'{"error": "ExpiredToken", "message": "Token has expired"}')


@pytest.fixture
def bluesky(sandbox, tmp_path):
    return sandbox_stage(sandbox, "bluesky", tmp_path)


def again(sandbox, path, **changes):
    """The same account, as after a restart."""
    account = sandbox.bluesky.account
    password = changes.pop("password", account.app_password)
    return bluesky_platform(sandbox.bluesky.url, account.handle, password, path, **changes)


def logins(sandbox):
    return len(sandbox.record.asked("bluesky", "login"))


@pytest.mark.usefixtures("bluesky")
def test_a_restart_needs_no_new_login(sandbox, tmp_path):
    again(sandbox, tmp_path).identify()

    assert logins(sandbox) == 1


@pytest.mark.usefixtures("bluesky")
def test_the_session_is_for_our_eyes_only(tmp_path):
    (path,) = tmp_path.glob("*.json")

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_session_that_ran_out_is_made_anew_and_the_post_made_once(bluesky, sandbox):
    sandbox.faults.add(Fault(platform="bluesky", operation="publish", action=EXPIRED))

    bluesky.platform.publish(bluesky.delivery())

    assert (len(bluesky.texts()), logins(sandbox)) == (1, 2)


@pytest.mark.usefixtures("bluesky")
def test_a_session_file_nobody_can_read_is_made_anew(sandbox, tmp_path):
    (path,) = tmp_path.glob("*.json")
    path.write_text("{", encoding="utf-8")

    again(sandbox, tmp_path).identify()

    assert json.loads(path.read_text())["session"]


@pytest.mark.usefixtures("bluesky")
def test_a_session_for_another_server_is_not_used(sandbox, tmp_path):
    account = sandbox.bluesky.account
    elsewhere = bluesky_platform("http://127.0.0.1:9", account.handle, account.app_password, tmp_path)

    with pytest.raises(TryLaterError, match="could not be reached"):
        elsewhere.identify()


def test_a_wrong_password_is_not_tried_again_at_once(sandbox, tmp_path):
    platform = again(sandbox, tmp_path, password="wrong")

    for _ in range(3):
        with pytest.raises(TryLaterError):
            platform.identify()

    assert logins(sandbox) == 1


def test_a_server_that_was_not_reached_is_no_failed_login(sandbox, tmp_path):
    sandbox.faults.add(Fault(platform="bluesky", operation="login", action=Cut(store=False)))
    platform = again(sandbox, tmp_path)
    with pytest.raises(TryLaterError):
        platform.identify()

    assert platform.identify().own_id == sandbox.bluesky.account.id


def test_an_account_that_was_taken_down_is_shut_out(bluesky, sandbox):
    sandbox.bluesky.settings.active = False

    with pytest.raises(TryLaterError) as caught:
        bluesky.platform.publish(bluesky.delivery())

    assert caught.value.concern is Concern.ACCOUNT_BLOCKED


def test_the_tag_may_be_an_account_of_somebody_else(sandbox, tmp_path):
    sandbox.mention("bluesky", "union.example", "We are here.")
    platform = again(sandbox, tmp_path, tag="@union.example")
    platform.identify()
    stage = replace(sandbox_stage(sandbox, "bluesky", tmp_path / "other"), platform=platform)

    receipt = platform.publish(stage.delivery("March with us. @union.example"))

    (facet,) = sandbox.record.find("bluesky", receipt.remote_id).facets
    assert facet["features"][0]["$type"] == "app.bsky.richtext.facet#mention"


def test_a_tag_that_nobody_answers_to_stops_the_account(sandbox, tmp_path):
    with pytest.raises(TryLaterError):
        again(sandbox, tmp_path, tag="@nobody.example").identify()


def test_a_record_has_one_name_however_often_it_is_made(bluesky):
    one = bluesky.delivery("One.")
    other = bluesky.delivery("Two.", planned_at=one.planned_at)

    assert record_key(one) == record_key(replace(one, attempts=9, text="Edited."))
    assert record_key(one) != record_key(other)
    assert len(record_key(one)) == 13


@pytest.mark.parametrize("year", [1971, 2026, 2100])
def test_the_name_is_a_timestamp_id_in_any_year(bluesky, year):
    hour = datetime(year, 5, 1, tzinfo=UTC)

    key = record_key(bluesky.delivery(planned_at=hour))

    assert key[0] in "234567abcdefghij"
    assert key < record_key(bluesky.delivery(planned_at=hour + timedelta(seconds=1)))


def test_parts_have_instants_of_their_own(bluesky):
    now = datetime(2027, 5, 1, 12, tzinfo=UTC)
    parts = [make_record(bluesky.delivery(part=number), now, {}) for number in (1, 2, 3)]

    assert [part["createdAt"][-5:] for part in parts] == [".000Z", ".001Z", ".002Z"]


def test_the_judge_comes_to_the_same_content_id(bluesky):
    text = "Прывітанне 👩‍👧 https://example.org/ж #IndustriALL"
    record = make_record(bluesky.delivery(text), datetime.now(UTC), {})

    assert content_id(record) == cid(record)
