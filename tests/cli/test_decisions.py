"""status, and what a person decides. The store is the real one, on disk."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.errors import InDoubtError, RefusedError
from bot.domain.lengths import PlatformName
from bot.domain.post import PostId
from tests.builders import frozen, planned, settled

NOW = datetime.now(UTC)


@pytest.fixture
def due(store):
    """One post that is due, and one that is not yet."""
    store.meet([PostId("may-day"), PostId("later")], NOW - timedelta(days=1))
    posts = [
        planned(planned_at=NOW - timedelta(minutes=1), expires_at=NOW + timedelta(hours=1)),
        planned(post=PostId("later"), planned_at=NOW + timedelta(days=2), expires_at=NOW + timedelta(days=3)),
    ]
    store.plan(posts, [], NOW)
    return store


def attempt(store, outcome):
    with store.hold(NOW, {}):
        claimed = store.claim("mastodon", NOW, frozen)
        store.settle(settled(claimed, outcome, NOW), NOW, outcome)
    return claimed.key[:8]


def test_status_without_a_configuration_says_how_to_get_one(shell):
    code, said = shell.call("status")

    assert code == 1
    assert "make one with `init`" in said


def test_status_before_the_first_run(shell):
    shell.configure()

    assert shell.call("status") == (
        1,
        "Nothing has run here yet, so nothing is planned: see `queue`. `run` begins.\n",
    )


@pytest.mark.usefixtures("due")
def test_status_asks_for_a_person_when_the_program_is_not_running(shell):
    code, said = shell.call("status")

    assert code == 1
    assert "the program is not running: `run` starts it" in said


def test_status_needs_nobody_when_all_is_well(shell, due):
    with due.hold(datetime.now(UTC), {}):
        code, said = shell.call("status")

    assert (code, "Nobody is needed." in said) == (0, True)


def test_status_leaves_with_3_while_something_is_looked_for(shell, due):
    attempt(due, InDoubtError("no answer"))

    with due.hold(datetime.now(UTC), {}):
        code, said = shell.call("status")

    assert code == 3
    assert "Please do not post it by hand." in said


def test_status_names_what_a_person_must_do(shell, due):
    key = attempt(due, RefusedError("Mastodon refuses this post (422: too long)"))

    with due.hold(datetime.now(UTC), {}):
        code, found = shell.json("status")

    assert code == 1
    assert found["needs"] == [f"{key} may-day on mastodon: Mastodon refuses this post (422: too long)"]


def test_status_names_errors_in_the_posts(shell, due):
    shell.write("bad", text="{acount}")

    with due.hold(datetime.now(UTC), {}):
        code, found = shell.json("status")

    assert (code, found["needs"]) == (1, ["the posts have 1 error: see `check`"])


def test_status_names_a_paused_account(shell, due):
    shell.call("pause", "mastodon", "--reason", "a mass release")

    with due.hold(datetime.now(UTC), {}):
        code, said = shell.call("status")

    assert code == 1
    assert "mastodon is paused (a mass release): `resume mastodon` goes on" in said


def test_what_was_refused_is_tried_again_by_the_start_of_its_key(shell, due):
    key = attempt(due, RefusedError("no"))

    code, said = shell.call("retry", key, "--as", "an organiser")

    assert (code, said) == (0, f"{key} may-day on mastodon (en) is tried again.\n")
    assert due.decisions(due.find(key).key)[-1].by == "an organiser"


def test_what_waits_is_taken_back(shell, due):
    key = due.of_post(PostId("later"))[0].key[:8]

    assert shell.call("cancel", key)[0] == 0
    assert due.of_post(PostId("later"))[0].state == "cancelled"


@pytest.mark.usefixtures("due")
def test_what_is_not_there_is_one_sentence(shell):
    code, said = shell.call("cancel", "zzzzzzzz")

    assert code == 1
    assert said.count("\n") == 1


@pytest.mark.usefixtures("due")
def test_publishing_now_asks_once(shell):
    code, said = shell.call("publish", "later", "--now", answer="n\n")

    assert code == 130
    assert "Publish later now, on every account it goes to?" in said


@pytest.mark.usefixtures("due")
def test_publishing_without_now_is_wrong_use(shell):
    assert shell.call("publish", "later")[0] == 2


def test_publishing_now_beside_a_running_program_leaves_it_to_that(shell, due):
    with due.hold(datetime.now(UTC), {}):
        code, said = shell.call("publish", "later", "--now", "--yes")

    assert code == 0
    assert "The program that is running does it." in said
    assert due.of_post(PostId("later"))[0].next_at <= datetime.now(UTC)


def test_pause_and_resume_one_account(shell, store):
    assert shell.call("pause", "mastodon")[0] == 0
    assert store.account("mastodon").pause.reason == "paused by hand"

    assert shell.call("resume", "mastodon")[0] == 0
    assert store.account("mastodon").pause is None


def test_pause_and_resume_everything(shell, store):
    shell.call("pause", "--reason", "a mass release")
    assert store.paused() == "a mass release"

    shell.call("resume")
    assert store.paused() is None


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("command", ["pause", "resume"])
def test_an_account_that_nobody_knows_is_wrong_use(shell, command):
    code, said = shell.call(command, "mastodno")

    assert code == 2
    assert "there is no account mastodno; there are: mastodon" in said


def test_queue_shows_what_waits_for_a_person(shell, due):
    attempt(due, RefusedError("Mastodon refuses this post"))

    assert "refused: Mastodon refuses this post" in shell.call("queue")[1]


def test_an_account_on_another_platform_needs_another_name(shell, store):
    store.enroll("press", PlatformName.X, NOW)
    config = (
        (shell.folder / "config.yaml")
        .read_text()
        .replace("  mastodon:\n", "  press:\n    platform: mastodon\n")
    )
    (shell.folder / "config.yaml").write_text(config)

    code, said = shell.call("run", "--once")

    assert code == 1
    assert "press" in said


def test_status_names_what_cannot_be_planned(shell, due):
    shell.write("long", "x" * 20_000)
    with due.hold(datetime.now(UTC), {}):
        _, found = shell.json("status")

    assert found["needs"] == ["the posts have 1 error: see `check`"]


def test_status_names_no_draft_that_could_not_be_planned(shell, due):
    shell.write("long", "x" * 20_000, more="draft: true\n")
    with due.hold(datetime.now(UTC), {}):
        _, found = shell.json("status")

    assert found["needs"] == []


def test_status_names_an_approved_post_that_has_changed(shell, due):
    shell.write("draft", more="draft: true\n")
    shell.call("approve", "draft", "--as", "olga")
    shell.write("draft", "Strike with us.", more="draft: true\n")
    with due.hold(datetime.now(UTC), {}):
        _, found = shell.json("status")

    (need,) = found["needs"]
    assert need.startswith("draft was approved by olga and has changed since")
