"""The program publishes, is killed, and publishes what is left: each post once."""

import shutil
from datetime import UTC, datetime, timedelta

import pytest

from bot.cli.demo import copy_moved
from bot.sandbox import Answer, Cut, Fault, Gate, Hold
from tests.acceptance.conftest import PLATFORMS, ROOT, Bot


def test_the_queue_that_ships_stands_on_all_three_timelines_once(bot):
    shutil.rmtree(bot.posts)
    copy_moved(ROOT / "posts", bot.posts, datetime.now(UTC), timedelta(seconds=5), timedelta(seconds=9))
    texts = [file.read_text(encoding="utf-8") for file in bot.posts.glob("*.yaml")]
    expected = sum("\nheld:" not in text and "\nthanks:" not in text for text in texts)

    bot.run()
    bot.wait_for_posts(expected)
    bot.stop()

    for platform in PLATFORMS:
        texts = [post.text for post in bot.sandbox.record.posts(platform)]
        assert len(texts) == len(set(texts)) == expected
        assert all("#IndustriALL" in text for text in texts)


KILLED_AT = {
    "on the wire, not stored": False,
    "stored, not answered": True,
}


@pytest.mark.parametrize("stored", KILLED_AT.values(), ids=KILLED_AT)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_killed_in_mid_send_each_post_is_there_once(bot, platform, stored):
    gate = Gate()
    bot.sandbox.faults.add(
        Fault(platform=platform, operation="publish", action=Hold(gate=gate, store=stored), skip=1)
    )
    thread = "thread:\n  - text:\n      en: |\n        And the second part.\n"
    bot.write("one", "One.", more=thread)
    bot.write("two", "Two.", timedelta(seconds=3))

    bot.run()
    assert gate.wait_reached(30)
    bot.kill()
    gate.release()
    bot.run()
    bot.wait_for_posts(3)
    bot.stop()

    for name in PLATFORMS:
        assert sorted(bot.texts(name)) == ["And the second part.", "One.", "Two."]
        posts = {post.text.split("\n", maxsplit=1)[0]: post for post in bot.sandbox.record.posts(name)}
        assert posts["And the second part."].parent_id == posts["One."].id


def test_killed_right_after_the_answer_nothing_is_sent_again(bot):
    bot.write("one", "One.")
    bot.run()
    bot.wait_for_posts(1)
    bot.kill()

    bot.run()
    bot.wait_for_log("publishes as")
    bot.stop()
    bot.run()
    bot.wait_for_log("publishes as")
    bot.stop()

    assert [bot.texts(platform) for platform in PLATFORMS] == [["One."]] * 3


def test_a_lost_answer_is_found_and_not_sent_again(bot):
    for platform in PLATFORMS:
        bot.sandbox.faults.add(Fault(platform=platform, operation="publish", action=Cut(store=True)))
    bot.write("one", "One.")

    bot.run()
    for platform in PLATFORMS:
        bot.wait_for(lambda name=platform: bot.sandbox.record.asked(name, "look"))
    bot.wait_for_log("found:")
    bot.stop()

    assert [bot.texts(platform) for platform in PLATFORMS] == [["One."]] * 3


def test_one_platform_down_at_the_start_keeps_nothing_from_the_others(bot):
    bot.configure(mastodon="http://127.0.0.1:9")
    bot.write("one", "One.")
    record = bot.sandbox.record

    bot.run()
    bot.wait_for(lambda: record.posts("x") and record.posts("bluesky"))
    bot.stop()

    assert "account mastodon: publishes nothing: Mastodon could not be reached" in bot.log.read_text()


def test_a_wrong_token_keeps_nothing_from_the_others(bot):
    (bot.folder / "secrets" / "mastodon").write_text("wrong", encoding="utf-8")
    bot.write("one", "One.")
    record = bot.sandbox.record

    bot.run()
    bot.wait_for(lambda: record.posts("x") and record.posts("bluesky"))
    bot.stop()

    assert record.posts("mastodon") == []
    assert "account mastodon: publishes nothing: Mastodon does not let this account" in bot.log.read_text()


def test_a_bad_post_keeps_nothing_from_the_others(bot):
    bot.write("bad", "One.", more="lnik: https://example.org\n")
    bot.write("good", "Two.")

    bot.run()
    bot.wait_for_posts(1)
    bot.stop()

    assert bot.texts("x") == ["Two."]
    assert "`lnik` is not a key of a post" in bot.log.read_text()


def test_a_file_saved_while_it_runs_is_published(bot):
    bot.write("one", "One.")
    bot.run()
    bot.wait_for_posts(1)

    # Due in more than five minutes, or it would have to rest for one; then moved to now.
    bot.write("two", "Two.", timedelta(minutes=10), rested=False)
    bot.wait_for_log("queue: 2 posts", 8)
    code, _ = bot.call("publish", "two", "--now", "--yes")
    bot.wait_for_posts(2)
    bot.stop()

    assert code == 0
    assert bot.texts("bluesky") == ["One.", "Two."]


def test_a_pause_holds_within_a_second_and_across_a_restart(bot):
    bot.write("one", "One.", timedelta(seconds=6))
    bot.run()
    bot.wait_for_log("publishes as")
    assert bot.call("pause", "x")[0] == 0
    record = bot.sandbox.record
    bot.wait_for(lambda: record.posts("mastodon") and record.posts("bluesky"))
    bot.kill()

    bot.run()
    bot.wait_for_log("publishes as")
    assert record.posts("x") == []
    assert bot.call("resume", "x")[0] == 0
    bot.wait_for(lambda: record.posts("x"), 5)
    bot.stop()

    assert bot.texts("x") == ["One."]


def test_nothing_goes_out_for_the_first_time_before_start(tmp_path, sandbox):
    bot = Bot(tmp_path, sandbox)
    bot.write("one", "One.")
    bot.run()
    try:
        bot.wait_for_log("In the next 24 hours this would go out")
        bot.wait_for_log("publishes as")
        assert sandbox.record.posts() == []
        assert bot.call("status")[0] == 1

        assert bot.call("start")[0] == 0
        bot.wait_for_posts(1)
    finally:
        bot.stop()


def test_a_second_program_on_the_same_store_refuses(bot):
    bot.write("one", "One.", timedelta(minutes=30))
    bot.run()
    bot.wait_for_log("publishes as")

    for command in (["run"], ["run", "--once"]):
        code, said = bot.call(*command)
        assert code == 1
        assert "already publishes" in said
    bot.stop()


def test_run_once_publishes_what_is_due_and_leaves(bot):
    bot.write("due", "One.", timedelta(seconds=4))
    bot.write("later", "Two.", timedelta(hours=1))
    assert bot.call("run", "--once")[0] == 0
    assert bot.sandbox.record.posts() == []

    bot.sandbox.record.wait_for(lambda: False, 4)
    assert bot.call("run", "--once")[0] == 0

    assert [bot.texts(platform) for platform in PLATFORMS] == [["One."]] * 3


def test_run_once_leaves_with_3_while_something_is_in_doubt(bot):
    bot.sandbox.faults.add(Fault(platform="x", operation="publish", action=Answer(status=503)))
    bot.write("due", "One.", timedelta(seconds=4))
    bot.call("run", "--once")
    bot.sandbox.record.wait_for(lambda: False, 4)

    code, _ = bot.call("run", "--once")

    assert code == 3
    assert bot.call("status", "--json")[1].count('"in_doubt"') >= 1


def test_asked_to_end_it_ends_and_leaves_nothing_half_done(bot):
    bot.write("one", "One.")
    bot.run()
    bot.wait_for_posts(1)

    code, seconds = bot.stop()

    assert code == 0
    assert seconds < 10


def test_what_is_on_the_wire_when_it_must_end_is_parked_in_doubt(bot):
    gate = Gate()
    bot.sandbox.faults.add(Fault(platform="x", operation="publish", action=Hold(gate=gate, store=True)))
    bot.write("one", "One.")
    bot.run()
    assert gate.wait_reached(30)

    code, seconds = bot.stop()
    gate.release()

    assert code == 0
    assert 14 < seconds < 20
    assert "in_doubt: no answer before the end" in bot.log.read_text()
    bot.run()
    bot.wait_for_log("found:")
    bot.stop()
    assert bot.texts("x") == ["One."]
