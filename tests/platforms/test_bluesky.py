"""Records: their names, their facets, and the content ids that both sides come to."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import Concern, InDoubtError, TryLaterError
from bot.platforms.bluesky.record import content_id, make_record, record_key
from bot.sandbox import Answer, Fault
from bot.sandbox.cbor import cid
from tests.builders import NOON, a_delivery, a_key
from tests.contracts.stages import sandbox_stage
from tests.platforms.conftest import bluesky_at, xrpc_error


def test_an_account_that_was_taken_down_is_shut_out(bluesky, sandbox):
    sandbox.bluesky.settings.active = False

    with pytest.raises(TryLaterError) as caught:
        bluesky.platform.publish(bluesky.delivery())

    assert caught.value.concern is Concern.ACCOUNT_BLOCKED


def test_the_tag_may_be_an_account_of_somebody_else(sandbox, tmp_path):
    sandbox.mention("bluesky", "union.example", "We are here.")
    platform = bluesky_at(sandbox, tmp_path / "session.json", tag="@union.example")
    platform.identify()
    stage = replace(sandbox_stage(sandbox, "bluesky", tmp_path / "other"), platform=platform)

    receipt = platform.publish(stage.delivery("March with us. @union.example"))

    (facet,) = sandbox.record.find("bluesky", receipt.remote_id).facets
    assert facet["features"][0]["$type"] == "app.bsky.richtext.facet#mention"


def test_a_tag_that_nobody_answers_to_stops_the_account(sandbox, tmp_path):
    with pytest.raises(TryLaterError):
        bluesky_at(sandbox, tmp_path / "session.json", tag="@nobody.example").identify()


def test_whom_the_tag_names_is_remembered_where_nobody_answers(sandbox, tmp_path):
    sandbox.mention("bluesky", "union.example", "We are here.")
    bluesky_at(sandbox, tmp_path / "session.json", tag="@union.example").identify()
    sandbox.faults.add(xrpc_error("resolve", 502, "Busy"))
    platform = bluesky_at(sandbox, tmp_path / "session.json", tag="@Union.example")

    platform.identify()

    frozen = json.loads(platform.freeze(*to_freeze(sandbox, tmp_path, "March. @union.example")))
    assert "#mention" in frozen["record"]["facets"][0]["features"][0]["$type"]


def test_a_handle_that_was_the_tag_once_is_no_mention_now(sandbox, tmp_path):
    sandbox.mention("bluesky", "union.example", "We are here.")
    bluesky_at(sandbox, tmp_path / "session.json", tag="@union.example").identify()
    platform = bluesky_at(sandbox, tmp_path / "session.json", tag="#IndustriALL")

    frozen = json.loads(platform.freeze(*to_freeze(sandbox, tmp_path, "March. @union.example")))

    assert "facets" not in frozen["record"]


def to_freeze(sandbox, path, text):
    stage = sandbox_stage(sandbox, "bluesky", path / "other")
    return stage.delivery(text), stage.own, datetime.now(UTC)


@given(st.text(alphabet="aж👩\u200d👧 #@./:\nhtps_ё", max_size=80))
def test_every_facet_marks_what_it_means_and_none_overlaps_another(text):
    record = make_record(a_delivery(text=text), NOON, {"ж": "did:plc:abc"})

    ends, octets = 0, text.encode()
    for facet in record.get("facets", ()):
        start, end = facet["index"]["byteStart"], facet["index"]["byteEnd"]
        marked, (feature,) = octets[start:end].decode(), facet["features"]
        assert ends <= start < end <= len(octets)
        assert marked == feature.get("uri", marked if "did" in feature else f"#{feature.get('tag')}")
        ends = end


@pytest.mark.parametrize(("letters", "facets"), [(63, 1), (64, 0)])
def test_a_tag_that_bluesky_would_refuse_is_left_as_words(letters, facets):
    record = make_record(a_delivery(text=f"#{'ж' * letters}"), NOON, {})

    assert len(record.get("facets", ())) == facets


@pytest.mark.parametrize("other", ["uri", "cid"])
def test_a_success_about_another_record_is_in_doubt(bluesky, sandbox, other):
    delivery = bluesky.delivery()
    receipt = bluesky.platform.publish(delivery)
    true = {"uri": receipt.remote_id, "cid": receipt.cid, other: "another"}
    lie = Answer(status=200, body=json.dumps(true).encode())
    sandbox.faults.add(Fault(platform="bluesky", operation="publish", action=lie))

    with pytest.raises(InDoubtError, match="not with the post it made"):
        bluesky.platform.publish(delivery)


def test_hundreds_of_posts_of_one_instant_have_names_of_their_own():
    names = {record_key(a_delivery(key=a_key(f"post-{number}"))) for number in range(200)}

    assert len(names) == 200


def test_the_names_of_a_threads_records_are_in_its_order():
    names = [record_key(a_delivery(key=a_key("thread", part), part=part)) for part in range(1, 26)]

    assert names == sorted(names)


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
