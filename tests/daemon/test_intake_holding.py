"""What must not go out as it was planned is held at once, and what could not be planned is counted."""

from datetime import timedelta

from bot.domain.draft import content_digest
from bot.flows.needs import needs_of, situation
from tests.builders import NOON
from tests.daemon.test_daemon import identified, write
from tests.daemon.test_intake import at_rest, daemon, looks

__all__ = ["daemon"]  # the fixture

BROKEN = "id: broken\nwhen: [\n"
DRAFT = "id: one\ndraft: true\nwhen: 2027-05-01 12:00\ntext:\n  en: |\n    March.\n"


def held(daemon, name="one"):
    return {one.held for one in daemon.store.of_post(name)}


def states(daemon, name="one"):
    return {one.state.value for one in daemon.store.of_post(name)}


def test_what_was_planned_of_a_post_is_held_while_its_id_stands_twice(daemon):
    write(daemon)
    identified(daemon)
    namesake = at_rest(daemon, "two", "id: one\nwhen: 2027-05-01 12:00\ntext:\n  en: |\n    Another.\n")
    looks(daemon)
    assert held(daemon) == {"its id stands twice in the queue: see `check`"}

    namesake.unlink()
    looks(daemon)

    assert (held(daemon), states(daemon)) == ({None}, {"scheduled"})


def test_a_post_that_is_deleted_while_another_file_cannot_be_read_is_held(daemon):
    path = write(daemon)
    write(daemon, "two")
    identified(daemon)
    at_rest(daemon, "broken", BROKEN)
    looks(daemon)

    path.unlink()
    looks(daemon)

    assert {"gone from the queue" in reason for reason in held(daemon)} == {True}
    assert states(daemon) == {"scheduled"}
    assert held(daemon, "two") == {None}


def test_what_was_held_until_the_queue_could_be_read_is_cancelled_then(daemon):
    path = write(daemon)
    write(daemon, "two")
    identified(daemon)
    broken = at_rest(daemon, "broken", BROKEN)
    looks(daemon)
    path.unlink()
    looks(daemon)

    broken.unlink()
    looks(daemon)

    assert states(daemon) == {"cancelled"}


def test_what_was_held_until_the_queue_could_be_read_goes_on_when_its_post_is_back(daemon):
    path = write(daemon)
    identified(daemon)
    at_rest(daemon, "broken", BROKEN)
    looks(daemon)
    path.unlink()
    looks(daemon)

    write(daemon)
    looks(daemon)

    assert (held(daemon), states(daemon)) == ({None}, {"scheduled"})


def test_a_post_that_moves_to_a_file_that_rests_is_not_held(daemon):
    path = write(daemon, due="2027-05-01 09:04")
    write(daemon, "two")
    identified(daemon)
    text = path.read_text(encoding="utf-8")
    path.unlink()
    daemon.app.config.queue.joinpath("elsewhere.yaml").write_text(text, encoding="utf-8")

    looks(daemon)
    looks(daemon)

    assert held(daemon) == {None}


def test_a_post_that_cannot_be_planned_any_more_is_counted_as_an_error(daemon):
    write(daemon)
    identified(daemon)
    assert daemon.intake.errors == 0

    write(daemon, text="x" * 5000)
    looks(daemon)
    assert daemon.watchman.errors == daemon.intake.errors == 2

    write(daemon)
    looks(daemon)
    assert daemon.watchman.errors == 0


def test_an_error_in_planning_goes_with_its_post(daemon):
    at_rest(
        daemon, "slotted", "id: slotted\nwhere: [x]\nwhen: 2027-05-01 12:00\ntext: {en: " + "x" * 5000 + "}\n"
    )
    write(daemon)
    identified(daemon)
    assert daemon.intake.errors == 1

    daemon.app.config.queue.joinpath("slotted.yaml").unlink()
    looks(daemon)

    assert daemon.intake.errors == 0


def test_an_approved_post_that_has_changed_needs_a_person_until_its_hour_has_passed(daemon):
    at_rest(daemon, "one", DRAFT)
    identified(daemon)
    (draft,) = daemon.intake.drafts
    daemon.store.approve({(draft.id, None): content_digest(draft)}, "olga", daemon.clock.now())
    looks(daemon)
    assert lapsed(daemon) == []

    at_rest(daemon, "one", DRAFT.replace("March", "Strike"))
    looks(daemon)

    (need,) = lapsed(daemon)
    assert need.words == (
        "one was approved by olga and has changed since, so it will not go out: look at it, then "
        "`approve one --as NAME`"
    )
    assert need.alarm == "one was approved and has changed since"
    daemon.clock.at = NOON + timedelta(days=9)
    assert lapsed(daemon) == []


def test_an_approved_translation_that_has_changed_needs_a_person(daemon):
    text = "id: one\nreviewed_by: {fr: nobody}\nwhen: 2027-05-01 12:00\ntext:\n  en: |\n    March.\n"
    text += "  fr: |\n    "
    at_rest(daemon, "one", f"{text}Marchez.\n")
    identified(daemon)
    (post,) = daemon.intake.drafts
    daemon.store.approve({(post.id, "fr"): content_digest(post, "fr")}, "olga", daemon.clock.now())

    at_rest(daemon, "one", f"{text}Criez.\n")
    looks(daemon)

    (need,) = lapsed(daemon)
    assert "`approve one --language fr --as NAME`" in need.words


def lapsed(daemon):
    now = daemon.clock.now()
    found = situation(daemon.store, daemon.app.labels, now, drafts=daemon.watchman.drafts)
    return [need for need in needs_of(found, now, alive=True, errors=0) if need.problem.startswith("lapsed")]
