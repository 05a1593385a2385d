"""What check and preview say of the guard and of approvals."""

from datetime import date

import pytest

JAILED = "cases: {anna: jailed}\n"


@pytest.fixture
def untrue(shell):
    """A post that says of somebody free that she is in prison."""
    shell.record("free")
    shell.write("may-day", "Anna Exemplar is in prison.", JAILED)
    return shell


def test_a_queue_that_knows_nobody_is_a_warning_of_check(shell):
    shell.write("one")

    code, said = shell.call("check")

    assert code == 0
    assert "posts: warning: this queue has no cases/: no name is recognised" in said


def test_one_file_alone_is_not_asked_for_cases(shell):
    assert "no cases" not in shell.call("check", str(shell.write("one")))[1]


def test_what_is_untrue_is_counted_as_held_and_not_called_well(untrue):
    code, said = untrue.call("check")

    assert code == 0
    assert "it says that Anna Example is in prison, but this person is free" in said
    assert "to mend: write it as history, or delete it" in said
    assert said.splitlines()[-1] == "1 post, 1 held, 0 errors, 0 warnings."


def test_what_is_untrue_far_ahead_is_counted_as_held_today(shell):
    shell.record("died")
    path = shell.write("may-day", "Anna Exemplar is in prison.", JAILED)
    later = "every: {year: 1 January, at: '09:00', zone: UTC, skip: [2027-01-01]}"
    path.write_text(path.read_text().replace(path.read_text().splitlines()[1], later))

    assert "held: it says that Anna Example is in prison" in shell.call("check")[1]
    assert "1 held" in shell.call("check")[1]


def test_what_only_waits_for_a_check_is_well(shell):
    shell.record("jailed", date(2026, 1, 1))
    shell.write("may-day", "Anna Exemplar is in prison.", JAILED)

    assert shell.call("check")[1].endswith("1 post, 0 errors, 0 warnings. All is well.\n")


def test_preview_says_that_the_guard_holds_a_post_and_why(untrue):
    untrue.write("other", "Anna Exemplar is at large.", "cases: {anna: history}\n")

    said = untrue.call("preview", "may-day")[1]

    assert "this person is free" in said
    assert "write it as history" in said
    assert "this person" not in untrue.call("preview", "other")[1]


@pytest.mark.usefixtures("store")
def test_preview_names_who_approved_a_draft_and_who_read_its_translation(shell):
    shell.configure("    languages: [en, fr]\n")
    shell.write("one", more="  fr: |\n    Marchons.\nreviewed_by: {fr: nobody}\ndraft: true\n")
    before = shell.call("preview", "one")[1]
    shell.call("approve", "one", "--as", "Anna")
    shell.call("approve", "one", "--language", "fr", "--as", "Luc")

    said = shell.call("preview", "one")[1]
    (found,) = shell.json("preview", "one")[1]

    assert "one (draft)" in before
    assert "fr (not read yet" in before
    assert "one (approved by Anna)" in said
    assert "mastodon · fr (read by Luc)" in said
    assert (found["draft"], [one["unread"] for one in found["versions"]]) == (False, [False, False])


@pytest.mark.usefixtures("store")
def test_preview_calls_a_post_a_draft_again_once_it_is_changed(shell):
    shell.write("one", more="draft: true\n")
    shell.call("approve", "one", "--as", "Anna")
    shell.write("one", "March with them.", more="draft: true\n")

    assert "one (draft)" in shell.call("preview", "one")[1]


@pytest.mark.parametrize(
    ("post", "more", "said"),
    [
        ("one", "held: the lawyer\n", "one is held: the lawyer; take `held:` out of its file first"),
        ("one", "draft: true\n", "one is a draft: `approve one --as NAME` lets it go"),
        ("one", "priority: many\n", "one has errors: mend them first, `check` lists them"),
        ("onne", "", "there is no post onne in the queue; did you mean one?"),
    ],
)
@pytest.mark.usefixtures("store")
def test_what_stands_in_the_way_of_publishing_now_is_said(shell, post, more, said):
    shell.write("one", more=more, when="2099-05-01 09:00 UTC")

    assert shell.call("publish", post, "--now", "--yes") == (1, f"{said}\n")


@pytest.mark.usefixtures("store")
def test_publishing_what_is_untrue_now_says_why_it_is_held(untrue):
    code, said = untrue.call("publish", "may-day", "--now", "--yes")

    assert code == 1
    assert said.startswith("may-day is held: it says that Anna Example is in prison, but this person is free")


@pytest.mark.usefixtures("store")
def test_withdrawing_what_nobody_wrote_says_that_there_is_no_such_post(shell):
    shell.write("one")

    assert shell.call("withdraw", "nope") == (1, "there is no post nope in the queue\n")
    assert shell.call("withdraw", "one") == (1, "nothing of one was published\n")


@pytest.mark.usefixtures("store")
def test_status_before_the_first_plan_points_at_the_queue(shell):
    assert "Nothing is planned yet: see `queue`." in shell.call("status")[1]
