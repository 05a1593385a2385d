"""cases, approve, pause-people and resume-people at a terminal."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.case import spoken

TODAY = datetime.now(UTC).date()
SAYS_JAILED = "cases: {anna: jailed}\n"
URL = "https://union.example/anna"


def record(shell, status="jailed", ago=0, name="anna", surname="Exemplar"):
    shell.record(status, TODAY - timedelta(days=ago), name, surname)


def fact(shell):
    (shell.posts / "facts.yaml").write_text(
        f"id: raid\nstatement: On 19 April 2022 there was a raid.\nsource: {URL}\nverified_on: 2026-01-01\n"
        f"check_by: {TODAY - timedelta(days=1)}\n",
        encoding="utf-8",
    )


@pytest.fixture
def anna(shell, store):
    """A post that says that Anna is in prison, and her record."""
    assert store.findings() == {}
    shell.write("may-day", "Anna Exemplar is in prison.", SAYS_JAILED)
    record(shell)
    return shell


def verify(shell, *more, name="anna", source=URL, by="olga"):
    return shell.call("cases", "verify", name, "--source", source, "--as", by, *more)


def the_case(shell, name="case anna"):
    _, found = shell.json("cases")
    return next(one for one in found["cases"] if one["subject"] == name)


def test_cases_lists_who_was_checked_when_and_how_long_that_is_good(anna):
    code, said = anna.call("cases")

    assert code == 0
    assert "anna" in said
    assert "Anna Example  in prison" in said
    assert "good until" in said


def test_cases_shows_what_must_be_checked_again(anna):
    record(anna, ago=20)

    assert "check again: good until" in anna.call("cases")[1]


def test_what_posts_wait_for_is_listed_first_drafts_and_held_ones_too(shell, store):
    assert store.findings() == {}
    for number, (status, ago, claim, more) in enumerate(
        [
            ("jailed", 0, None, ""),
            ("died", 0, "history", ""),
            ("jailed", 30, None, ""),
            ("unknown", 60, "jailed", "draft: true\nheld: look first\n"),
        ]
    ):
        record(shell, status, ago, f"p{number}", surname := f"Exemplar{'abcd'[number]}")
        if claim:
            words = f"Anna {surname} is in prison." if claim == "jailed" else f"Anna {surname} was there."
            shell.write(f"on-{number}", words, f"cases: {{p{number}: {claim}}}\n{more}")

    lines = shell.call("cases")[1].splitlines()

    assert [line.split()[1] for line in lines] == ["p3", "p2", "p1", "p0"]
    assert "last seen" in lines[0]
    assert "on-3 waits for it" in lines[0]
    assert "check again" in lines[1]
    assert lines[2].endswith("does not age")
    assert lines[3].endswith("no post names them")


def test_a_dispute_says_who_says_what(anna):
    verify(anna, "--status", "free")

    assert "cases/anna.yaml says jailed, the last check says free: correct one" in anna.call("cases")[1]


def test_a_check_is_written_down_with_its_source_and_by_whom(anna, store):
    record(anna, ago=20)

    code, said = verify(anna)

    assert (code, "Anna Example counts as in prison; this is good until" in said) == (0, True)
    (line,) = store.decisions("case anna")
    assert (line.by, line.note) == ("olga", f"jailed: {URL}")
    assert the_case(anna)["verified_on"] == TODAY.isoformat()


def test_a_change_of_status_counts_at_once_and_asks_to_correct_the_file(anna):
    code, said = verify(anna, "--status", "free")

    assert code == 0
    assert "counts as free" in said
    assert "The file says something else" in said
    assert the_case(anna)["disputed"]


def test_jailed_after_free_needs_to_be_said_on_purpose(anna):
    record(anna, "free", ago=1)

    code, said = verify(anna, "--status", "jailed")
    assert (code, "--resolve" in said) == (1, True)

    code, said = verify(anna, "--status", "jailed", "--resolve")
    assert (code, "counts as in prison" in said) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["cases", "verify", "anna"], "--source"),
        (["cases", "verify", "anna", "--source", " "], "names the page"),
        (["cases", "verify", "boris", "--source", URL], "there is no case boris"),
        (["cases", "verify", "raid", "--fact", "--status", "free", "--source", URL], "a fact has no status"),
        (["cases", "verify", "anna", "--source", URL, "--on", str(TODAY + timedelta(9))], "still to come"),
        (
            ["cases", "verify", "anna", "--source", URL, "--on", "soon"],
            "`soon` is not a date; write year, month and day",
        ),
        (["cases", "verify", "ana", "--source", URL], "there is no case ana; did you mean anna?"),
        (["cases", "verify", "raid", "--source", URL], "raid is a fact: add `--fact`"),
        (["cases", "leave", "may-day"], "nothing that is out of may-day"),
    ],
)
def test_what_cannot_be_written_down_is_answered_in_a_sentence(anna, arguments, said):
    fact(anna)

    code, answer = anna.call(*arguments)

    assert code in {1, 2}
    assert said in answer
    assert "Traceback" not in answer


def test_a_fact_is_checked_as_a_person_is(anna):
    fact(anna)

    code, said = verify(anna, "--fact", name="raid")

    assert (code, "raid still holds" in said) == (0, True)


def test_check_tells_what_will_be_held_and_lets_it_pass(anna):
    record(anna, ago=20)

    code, found = anna.json("check")

    assert (code, found["errors"], found["warnings"]) == (0, 0, 0)
    (notice,) = [one for one in found["problems"] if one["severity"] == "notice"]
    assert "Anna Example was last checked on" in notice["message"]


def test_check_knows_the_checks_of_the_ledger(anna):
    record(anna, ago=20)
    verify(anna)

    assert anna.json("check")[1]["problems"] == []


def test_pausing_people_holds_what_names_them_until_it_is_lifted(anna):
    assert anna.call("pause-people", "--reason", "a release", "--as", "olga")[0] == 0
    (notice,) = anna.json("check")[1]["problems"]
    assert "posts that name people are paused: a release" in notice["message"]

    assert "go out again" in anna.call("resume-people", "--as", "olga")[1]
    assert anna.json("check")[1]["problems"] == []


def test_a_second_pause_keeps_the_reason_of_the_first_unless_another_is_given(anna, store):
    anna.call("pause-people", "--reason", "a release", "--as", "olga")

    said = anna.call("pause-people", "--as", "luc")[1]

    assert "held already: a release, by olga, since" in said
    assert store.people_paused() == "a release"
    anna.call("pause-people", "--reason", "another", "--as", "luc")
    assert store.people_paused() == "another"


def test_status_says_who_has_paused_people_and_since_when(anna):
    anna.call("pause-people", "--reason", "a release", "--as", "olga")
    anna.call("resume-people", "--as", "olga")
    anna.call("pause-people", "--reason", "a rumour", "--as", "luc")

    assert f"paused (a rumour, by luc, since {spoken(TODAY)}" in anna.call("status")[1]


def test_resuming_what_is_not_paused_says_so(anna):
    assert anna.call("resume-people") == (0, "Posts that name people are not paused.\n")


def test_a_draft_is_lifted_by_name_and_counts_as_lifted(shell, store):
    shell.write("may-day", more="draft: true\n")
    shell.write("other", more="draft: true\n")

    code, said = shell.call("approve", "may-day", "--as", "Olga")

    assert (code, said) == (0, "1 post approved by Olga: may-day.\n")
    assert "1 of them a draft" in shell.call("check")[1]
    assert store.decisions("may-day")[-1].by == "Olga"


@pytest.mark.usefixtures("store")
def test_all_drafts_are_lifted_at_once(shell):
    for number in range(7):
        shell.write(f"post-{number}", text=f"March with us, number {number}.", more="draft: true\n")

    code, said = shell.call("approve", "--all", "--as", "Olga")

    assert (code, "7 posts approved by Olga: post-0, post-1, post-2, post-3, post-4 and 2 more" in said) == (
        0,
        True,
    )


@pytest.mark.usefixtures("store")
def test_what_is_held_is_left_out_of_approving_all(shell):
    shell.write("may-day", more="draft: true\n")
    shell.write("june", more="draft: true\nheld: the lawyer\n")

    assert shell.call("approve", "--all", "--as", "Olga") == (
        0,
        "1 post approved by Olga: may-day. 1 held post was left out.\n",
    )
    assert "no draft waits for approval. 1 held post was" in shell.call("approve", "--all", "--as", "Olga")[1]


@pytest.mark.usefixtures("store")
def test_a_translation_is_lifted_by_its_language(shell):
    more = "  fr: |\n    Marchons.\nreviewed_by: {fr: nobody}\n"
    shell.write("may-day", more=more)

    assert shell.call("approve", "may-day", "--language", "fr", "--as", "Marie")[1] == (
        "1 post in fr approved by Marie: may-day.\n"
    )
    assert shell.call("approve", "may-day", "--language", "fr", "--as", "Marie")[0] == 1


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["approve", "--as", "Olga"], 2, "name the posts"),
        (["approve", "may-day", "--all", "--as", "Olga"], 2, "name the posts"),
        (["approve", "may-day"], 2, "--as"),
        (["approve", "may-day", "--as", " "], 2, "who answers for it"),
        (["approve", "may-day", "--as", "Olga"], 1, "of may-day, no draft waits"),
        (["approve", "june", "--as", "Olga"], 1, "there is no post june"),
        (["approve", "may-dy", "--as", "Olga"], 1, "did you mean may-day?"),
        (["approve", "broken", "--as", "Olga"], 1, "broken has errors"),
        (["approve", "may-day", "--language", "fr", "--as", "Olga"], 1, "no translation into fr waits"),
    ],
)
@pytest.mark.usefixtures("store")
def test_what_cannot_be_approved_is_said(shell, arguments, code, said):
    shell.write("may-day")
    shell.write("broken", more="draft: perhaps\n")

    found, answer = shell.call(*arguments)

    assert found == code
    assert said in answer


def test_the_forecast_says_who_must_be_checked_again_by_when(anna):
    record(anna, ago=20)

    code, said = anna.call("forecast")
    found = anna.json("forecast")[1]["rechecks"]

    assert code == 0
    assert "Who and what must be checked again, or posts will not go out" in said
    assert "or may-day will not go out" in " ".join(said.split())
    assert [(one["subject"], one["posts"]) for one in found] == [("case anna", ["may-day"])]


def test_the_forecast_says_nothing_of_checks_where_none_is_due(anna):
    assert "checked again" not in anna.call("forecast")[1]
