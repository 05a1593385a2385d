"""The real program, and a disk on which something happens to its store."""

import resource
import shutil
from datetime import UTC, datetime, timedelta

import pytest

from bot.sandbox import Fault, Gate, Hold
from bot.store.backup import backups
from tests.acceptance.conftest import PATIENCE, PLATFORMS


def store_of(bot):
    return bot.folder / "state" / "bot.sqlite"


@pytest.mark.parametrize("what", ["deleted", "replaced"])
def test_a_store_that_is_deleted_or_replaced_ends_the_program_before_anything_else_is_sent(bot, what):
    bot.write("one", "One.", timedelta(seconds=6))
    bot.run()
    bot.wait_for_posts(1)
    bot.write("two", "Two.", timedelta(seconds=4))
    copy = shutil.copy(store_of(bot), bot.folder / "copy")
    store_of(bot).unlink()
    if what == "replaced":
        shutil.move(copy, store_of(bot))

    code = bot._running.wait(PATIENCE)

    assert code == 1
    assert "was deleted or replaced while it was in use" in bot.log.read_text(encoding="utf-8")
    assert [bot.texts(name) for name in PLATFORMS] == [["One."]] * 3


def test_an_answer_for_which_the_disk_has_no_room_is_kept_until_it_has(bot):
    gate = Gate()
    bot.sandbox.faults.add(
        Fault(platform="mastodon", operation="publish", action=Hold(gate=gate, store=True))
    )
    bot.write("one", "One.", timedelta(seconds=6))
    bot.write("two", "Two.", timedelta(seconds=9))
    bot.run()
    assert gate.wait_reached(30)
    wal = store_of(bot).with_name("bot.sqlite-wal")
    limits = resource.prlimit(bot._running.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(bot._running.pid, resource.RLIMIT_FSIZE, (wal.stat().st_size, limits[1]))

    gate.release()
    bot.wait_for_log("cannot be written down: the store")
    resource.prlimit(bot._running.pid, resource.RLIMIT_FSIZE, limits)
    bot.wait_for_posts(2)
    bot.wait_for_log("written down after")
    code, _ = bot.stop()

    assert code == 0
    assert [bot.texts(name) for name in PLATFORMS] == [["One.", "Two."]] * 3
    assert bot.call("status")[1].count("did it go out?") == 0


def test_the_first_start_makes_a_backup_and_it_can_be_put_back(bot):
    bot.write("one", "One.", timedelta(hours=5))
    folder = bot.folder / "state" / "backups"
    bot.run()
    bot.wait_for_log("backup: the store was copied to")
    code, said = bot.call("restore", str(backups(folder)[0].path), "--yes")
    assert (code, "already publishes" in said) == (1, True)
    bot.stop()

    code, said = bot.call("restore", str(backups(folder)[0].path), "--yes")

    assert code == 0, said
    assert "The backup is in place." in said
    bot.log.unlink()
    bot.run()
    bot.wait_for_log("publishes from")
    assert datetime.now(UTC) - backups(folder)[0].at < timedelta(minutes=5)
    assert bot.stop()[0] == 0
