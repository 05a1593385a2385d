"""The script of faults does to a request what it says."""

from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from bot.domain.errors import InDoubtError
from bot.sandbox import Fault, Twice
from tests.contracts.stages import sandbox_stage


def toot(sandbox, key=""):
    """Post to Mastodon as a program without our adapter would; the id it is answered."""
    headers = {"Authorization": f"Bearer {sandbox.mastodon.account.token}", "Idempotency-Key": key}
    request = Request(f"{sandbox.mastodon.url}/api/v1/statuses", data=b"status=March", headers=headers)
    with urlopen(request) as answer:
        return answer.read().decode()


@pytest.mark.parametrize(("answer", "place"), [("first", 0), ("second", 1)])
def test_a_request_that_arrives_twice_is_carried_out_twice_and_answered_once(sandbox, answer, place):
    sandbox.faults.add(Fault(platform="mastodon", operation="publish", action=Twice(answer=answer)))

    said = toot(sandbox)

    posts = sandbox.record.posts("mastodon")
    assert len(posts) == 2
    assert posts[place].id in said
    assert posts[1 - place].id not in said
    sandbox.mastodon.settle_down()  # until the request is on record
    assert len(sandbox.record.asked("mastodon", "publish")) == 1


def test_a_key_makes_one_post_of_a_request_that_arrives_twice(sandbox):
    sandbox.faults.add(Fault(platform="mastodon", operation="publish", action=Twice(answer="second")))

    toot(sandbox, key="one")

    assert len(sandbox.record.posts("mastodon")) == 1


def test_x_answers_the_second_of_two_that_it_has_it_already(sandbox, tmp_path):
    stage = sandbox_stage(sandbox, "x", tmp_path)
    sandbox.faults.add(Fault(platform="x", operation="publish", action=Twice(answer="second")))

    with pytest.raises(InDoubtError, match="has this post already"):
        stage.platform.publish(stage.delivery())

    assert len(sandbox.record.posts("x")) == 1


def test_an_unknown_token_posts_nothing_however_often_it_arrives(sandbox):
    sandbox.faults.add(Fault(platform="mastodon", operation="publish", action=Twice()))
    request = Request(f"{sandbox.mastodon.url}/api/v1/statuses", data=b"status=March")

    with pytest.raises(HTTPError, match="401") as refused:
        urlopen(request)

    refused.value.close()
    assert sandbox.record.posts("mastodon") == []
