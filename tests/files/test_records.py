"""Cases and facts on disk: what a record holds, and what becomes of one with an error."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.domain.case import Status, Subject
from bot.domain.problem import Severity
from bot.files.posts import QueueSettings
from bot.files.queue import read_queue
from bot.files.watch import Watch

NOW = datetime(2027, 5, 1, 12, tzinfo=UTC)
ANNA = """\
id: anna
name: Anna Example
spellings: [Example, Экзампл]
status: jailed
since: 19 April 2022
sentence: 8 years
place: colony 22
source: https://union.example/anna
verified_on: 2027-04-20
check_by: 2027-05-02
"""
RAID = """\
id: raid
statement: |
  On 19 April 2022 the offices were raided.
source: the union's own page of 8 April 2024
verified_on: 2027-04-20
"""
POST = """\
id: one
when: 2027-05-03 12:00
text:
  en: |
    March.
"""


def write(folder, **files):
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return read_queue(folder, QueueSettings(timezone="UTC"))


def errors(queue):
    return [str(one.message) for one in queue.problems if one.severity is Severity.ERROR]


def test_records_lie_in_folders_or_files_of_their_own(tmp_path):
    queue = write(tmp_path, cases__anna=ANNA, facts=RAID, one=POST)

    assert errors(queue) == []
    assert [case.id for case in queue.cases] == ["anna"]
    assert [fact.id for fact in queue.facts] == ["raid"]
    assert [post.id for post in queue.posts] == ["one"]


def test_a_case_holds_all_that_is_known_and_since_when(tmp_path):
    (case,) = write(tmp_path, cases__anna=ANNA).cases

    assert (case.name, case.spellings) == ("Anna Example", ("Example", "Экзампл"))
    assert (case.status, case.since, case.sentence) == (Status.JAILED, "19 April 2022", "8 years")
    assert (case.verified_on, case.check_by) == (date(2027, 4, 20), date(2027, 5, 2))
    assert case.finding.source == "https://union.example/anna"


def test_several_records_stand_in_one_file(tmp_path):
    text = "".join(
        f"- {RAID.replace('raid', name, 1).replace(chr(10), chr(10) + '  ').rstrip(' ')}" for name in "ab"
    )

    assert [fact.id for fact in write(tmp_path, facts=text).facts] == ["a", "b"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("status: jailed", "status: prison"), "`prison` is not a status"),
        (("status: jailed\n", ""), "a case has no `status`"),
        (("spellings: [Example, Экзампл]\n", ""), "a case has no `spellings`"),
        (("verified_on: 2027-04-20\n", ""), "a case has no `verified_on`"),
        (("source: https://union.example/anna\n", ""), "a case has no `source`"),
        (("check_by: 2027-05-02", "check_by: soon"), "`soon` is not a date"),
        (("place:", "plaace:"), "`plaace` is not a key of a case"),
    ],
)
def test_what_is_wrong_with_a_record_is_said_where_it_stands(tmp_path, change, said):
    queue = write(tmp_path, cases__anna=ANNA.replace(*change))

    assert any(message.startswith(said) for message in errors(queue)), errors(queue)
    assert all(case.status is Status.UNKNOWN for case in queue.cases)  # its names stay known
    assert all(one.place.line for one in queue.problems)


def test_a_check_by_before_the_check_is_probably_a_slip(tmp_path):
    queue = write(tmp_path, cases__anna=ANNA.replace("2027-05-02", "2026-05-02"))

    assert [one.severity for one in queue.problems] == [Severity.WARNING]
    assert len(queue.cases) == 1


def test_of_a_person_with_two_records_nothing_counts(tmp_path):
    queue = write(tmp_path, cases__anna=ANNA, cases__again=ANNA.replace("jailed", "free"))

    assert len(errors(queue)) == 2
    assert "the id `anna` is also that of the record at" in errors(queue)[0]
    assert queue.findings == ()
    assert len(queue.cases) == 2  # both know how the name is spelt


def test_a_file_of_no_records_says_so(tmp_path):
    queue = write(tmp_path, cases__anna="# nothing yet\n")

    assert [one.message for one in queue.problems] == ["there is no record in this file"]


def looked(watch, seconds):
    return watch.look(seconds, NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize("broken", [ANNA.replace("status: jailed", "status: released"), "id: [anna\n"])
def test_of_a_record_with_a_new_error_the_names_stay_and_nothing_else_counts(tmp_path, broken):
    write(tmp_path, cases__anna=ANNA, one=POST)
    watch = Watch(tmp_path, QueueSettings(timezone="UTC"))
    assert [one.subject for one in looked(watch, 0).findings] == [Subject("case anna")]

    write(tmp_path, cases__anna=broken)
    looked(watch, 6)
    queue = looked(watch, 9)

    assert len(errors(queue)) == 1
    assert [(one.name, one.status) for one in queue.cases] == [("Anna Example", Status.UNKNOWN)]


def test_the_posts_of_a_queue_rest_on_what_they_declare(tmp_path):
    queue = write(tmp_path, one=POST + "cases: {anna: jailed, boris: history}\nfacts: [raid, raid]\n")

    (post,) = queue.posts
    assert {case: claim.value for case, claim in post.reliance.claims.items()} == {
        "anna": "jailed",
        "boris": "history",
    }
    assert post.reliance.facts == ("raid",)


@pytest.mark.parametrize(
    "more", ["cases: {anna: prison}\n", "cases: [anna]\n", "facts: {a: b}\n", "cases: {}\n"]
)
def test_what_a_post_declares_must_be_understood(tmp_path, more):
    queue = write(tmp_path, one=POST + more)

    assert len(errors(queue)) == 1
    assert queue.posts == ()


def test_a_translation_is_unread_until_a_reader_is_named(tmp_path):
    text = POST + "  fr: |\n    Marchons.\n  de: |\n    Marschiert.\n"

    (post,) = write(tmp_path, one=text + "reviewed_by: {fr: nobody, de: Dora Example}\n").posts

    assert post.unread == {"fr"}
    assert post.read_by == {"de": "Dora Example"}


def test_nobody_reviews_a_language_that_is_not_there(tmp_path):
    queue = write(tmp_path, one=POST + "reviewed_by: {fr: nobody}\n")

    assert errors(queue) == ["the text is not written in `fr`"]


@pytest.mark.parametrize("reader", ["nobdy", "Noboddy", "no one", "none"])
def test_a_slip_of_the_pen_does_not_make_a_reader_of_nobody(tmp_path, reader):
    text = POST + "  fr: |\n    Marchons.\n"

    queue = write(tmp_path, one=text + f"reviewed_by: {{fr: {reader}}}\n")

    assert errors(queue) == [f"`{reader}` would count as the name of a reader"]
    assert queue.problems[0].fix == "did you mean `nobody`?"


@pytest.mark.parametrize("reader", ["Nobody", "Norbert", "Noa Brody", "Bob"])
def test_names_that_are_no_slip_are_readers(tmp_path, reader):
    text = POST + "  fr: |\n    Marchons.\n"

    assert write(tmp_path, one=text + f"reviewed_by: {{fr: {reader}}}\n").problems == ()
