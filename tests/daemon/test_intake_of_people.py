"""What people find out and lift is planned at once, and nothing else is."""

from datetime import timedelta

from bot.domain.draft import content_digest
from bot.domain.terms import Terms
from bot.files.truth import MEND_FIRST
from tests.daemon.test_daemon import identified
from tests.daemon.test_intake import at_rest, daemon, looks, write_many

__all__ = ["daemon"]  # the fixture

ABOUT_ANNA = "id: one\nwhen: 2027-05-01 12:00\ncases: {anna: jailed}\ntext:\n  en: |\n    March.\n"
ANNA = (
    "id: anna\nname: Anna Example\nspellings: [Example]\nstatus: jailed\n"
    "source: https://union.example/anna\nverified_on: 2027-05-01\n"
)


def record(daemon, name, text):
    folder = daemon.app.config.queue / "cases"
    folder.mkdir(exist_ok=True)
    return at_rest(daemon, f"cases/{name}", text)


def held(daemon):
    """Why the post is held, on whichever account."""
    return {one.held for one in daemon.store.of_post("one")}


def test_what_the_files_say_of_people_decides_what_is_held(daemon):
    at_rest(daemon, "one", ABOUT_ANNA)
    identified(daemon)
    assert held(daemon) == {MEND_FIRST}

    record(daemon, "anna", ANNA)
    looks(daemon)
    assert held(daemon) == {None}

    record(daemon, "anna", ANNA.replace("jailed", "free"))
    looks(daemon)
    assert held(daemon) == {"it says that Anna Example is in prison, but this person is free"}


def test_a_persons_check_is_acted_on_without_any_file_having_changed(daemon):
    at_rest(daemon, "one", ABOUT_ANNA)
    record(daemon, "anna", ANNA)
    write_many(daemon, 3)
    identified(daemon)
    daemon.store.counted().clear()

    daemon.store.pause_people("a release", "olga", daemon.clock.now())
    looks(daemon)

    assert held(daemon) == {"posts that name people are paused: a release"}
    assert set(daemon.store.counted()) == {"one"}


def test_a_draft_that_a_person_lifts_is_planned_and_stays(daemon):
    at_rest(daemon, "one", "id: one\ndraft: true\nwhen: 2027-05-01 12:00\ntext:\n  en: |\n    March.\n")
    identified(daemon)
    (draft,) = daemon.intake._posts.values()

    daemon.store.approve({(draft.id, None): content_digest(draft)}, "olga", daemon.clock.now())
    looks(daemon)
    write_many(daemon, 3)  # what changes elsewhere takes nothing of it back
    looks(daemon)

    assert {one.state.value for one in daemon.store.of_post("one")} == {"scheduled"}


def test_a_lifted_draft_that_says_something_else_is_owed_no_longer(daemon):
    text = "id: one\ndraft: true\nwhen: 2027-05-01 12:00\ntext:\n  en: |\n    March.\n"
    at_rest(daemon, "one", text)
    identified(daemon)
    (draft,) = daemon.intake._posts.values()
    daemon.store.approve({(draft.id, None): content_digest(draft)}, "olga", daemon.clock.now())
    looks(daemon)

    at_rest(daemon, "one", text.replace("March", "Strike"))
    looks(daemon)

    assert {one.state.value for one in daemon.store.of_post("one")} == {"cancelled"}


def test_what_the_budget_held_is_planned_again_when_a_month_may_have_room(daemon):
    at_rest(daemon, "one", "id: one\nwhen: 2027-05-01 12:00\nwhere: [x]\ntext: {en: March}\n")
    identified(daemon)
    daemon.store.start("a test", daemon.clock.now())
    daemon.clock.at += timedelta(hours=4)
    daemon.store.claim("x", daemon.clock.now(), lambda *_: b"", Terms(budget=1))
    assert "the budget of" in held(daemon).pop()

    daemon.clock.at += timedelta(hours=1)
    looks(daemon)

    assert held(daemon) == {None}
