"""What posts say, held against the records of people and facts that lie beside them."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.app import read_vocabulary
from bot.domain.problem import Severity
from bot.files.posts import QueueSettings
from bot.files.queue import read_queue
from bot.files.truth import MEND_FIRST
from bot.files.watch import Watch

NOW = datetime(2027, 5, 1, 12, tzinfo=UTC)
SETTINGS = QueueSettings(timezone="UTC", vocabulary=read_vocabulary())
ANNA = (
    "id: exemplar\nname: Anna Exemplar\nspellings: [Exemplar, Экземпляр]\nstatus: free\n"
    "source: https://union.example\nverified_on: 2027-04-20\n"
)
RAID = "id: raid\nstatement: The raid of 2022.\nsource: https://union.example\nverified_on: 2027-04-20\n"
POST = "id: one\nwhen: 2027-06-01 12:00\ntext:\n  en: |\n    {text}\n{more}"


def write(folder, text="March with Anna Exemplar.", more="", **records):
    for name, record in records.items():
        path = folder / name / "record.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(record, encoding="utf-8")
    (folder / "one.yaml").write_text(POST.format(text=text, more=more), encoding="utf-8")
    return folder


def read(folder):
    return read_queue(folder, SETTINGS)


def said(queue):
    return [(one.severity.value, one.place.line, one.place.column, one.message) for one in queue.problems]


def test_who_is_named_must_be_declared_and_the_error_stands_at_the_name(tmp_path):
    queue = read(write(tmp_path, cases=ANNA))

    ((severity, line, column, message),) = said(queue)
    assert (severity, line, column) == ("error", 5, 21)
    assert "Anna Exemplar" in message
    assert queue.problems[0].place.excerpt == "March with Anna Exemplar."
    assert "cases: {exemplar:" in queue.problems[0].fix


def test_a_post_that_must_not_say_what_it_says_is_held_and_not_forgotten(tmp_path):
    queue = read(write(tmp_path, cases=ANNA))

    assert [post.held for post in queue.posts] == [MEND_FIRST]
    assert queue.standing == {"one"}


def test_a_post_that_declares_whom_it_names_is_sound(tmp_path):
    queue = read(write(tmp_path, more="cases: {exemplar: free}\n", cases=ANNA))

    assert said(queue) == []
    assert [post.held for post in queue.posts] == [None]


def test_a_false_match_is_lifted_where_everybody_sees_it(tmp_path):
    record = ANNA.replace("status:", "first_names: [Anna]\nstatus:")
    queue = read(write(tmp_path, "Anna Exemplar, the baker.", "not_a_name: [Exemplar]\n", cases=record))

    ((severity, line, _, message),) = said(queue)
    assert (severity, line) == ("notice", 5)
    assert message == "`not_a_name` lifts Exemplar: nobody checks what is said of them"
    assert [post.held for post in queue.posts] == [None]


def test_a_name_that_can_be_nobody_elses_is_not_lifted(tmp_path):
    queue = read(write(tmp_path, "Anna Exemplar.", "not_a_name: [Exemplar]\n", cases=ANNA))

    assert {severity for severity, *_ in said(queue)} == {"error"}
    assert [post.held for post in queue.posts] == [MEND_FIRST]


def test_a_fact_that_nobody_has_written_down_is_an_error(tmp_path):
    queue = read(write(tmp_path, "March.", "facts: [raidd]\n", facts=RAID))

    ((severity, line, _, message),) = said(queue)
    assert (severity, line, message) == ("error", 6, "there is no fact `raidd`")
    assert queue.problems[0].fix.startswith("did you mean `raid`?")


def test_one_file_is_checked_with_the_records_beside_it(tmp_path):
    write(tmp_path, more="cases: {exemplar: history}\n")
    (alone,) = read_queue(tmp_path / "one.yaml", SETTINGS).problems
    assert "there is no case `exemplar`" in alone.message

    write(tmp_path, more="cases: {exemplar: history}\n", cases=ANNA)
    assert said(read_queue(tmp_path / "one.yaml", SETTINGS)) == []


def test_what_is_wrong_with_the_records_is_not_told_of_the_one_file(tmp_path):
    write(tmp_path, more="cases: {exemplar: history}\n", cases=ANNA + "broken: true\n")

    assert said(read_queue(tmp_path / "one.yaml", SETTINGS)) == []
    assert len(said(read(tmp_path))) == 1


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("Anna Exemplar is in prison.", "cases: {exemplar: history}\n"),
        ("29 trade unionists are in prison in Belarus.", ""),
    ],
)
def test_what_must_not_be_said_is_an_error(tmp_path, text, more):
    queue = read(write(tmp_path, text, more, cases=ANNA))

    assert [one.severity for one in queue.problems] == [Severity.ERROR]
    assert queue.problems[0].place.line == 5


def looks(watch, seconds):
    return watch.look(seconds, NOW + timedelta(seconds=seconds))


def test_a_new_record_alone_holds_a_post_that_was_sound(tmp_path):
    write(tmp_path)
    watch = Watch(tmp_path, SETTINGS)
    assert [post.held for post in looks(watch, 0).posts] == [None]

    write(tmp_path, cases=ANNA)
    looks(watch, 3)
    queue = looks(watch, 6)

    assert [post.held for post in queue.posts] == [MEND_FIRST]
    assert "one" in queue.changed


def test_whose_record_goes_away_is_named_no_more_freely_than_before(tmp_path):
    write(tmp_path, cases=ANNA)
    watch = Watch(tmp_path, SETTINGS)
    assert [post.held for post in looks(watch, 0).posts] == [MEND_FIRST]

    (tmp_path / "cases" / "record.yaml").unlink()
    looks(watch, 3)
    queue = looks(watch, 6)

    assert [post.held for post in queue.posts] == [MEND_FIRST]


def test_a_post_that_names_nobody_any_more_goes_out(tmp_path):
    write(tmp_path, cases=ANNA)
    watch = Watch(tmp_path, SETTINGS)
    looks(watch, 0)

    write(tmp_path, "March with us all.")
    looks(watch, 3)
    queue = looks(watch, 6)

    assert [post.held for post in queue.posts] == [None]
    assert "one" in queue.changed


def test_of_many_facts_only_some_are_listed(tmp_path):
    records = [RAID.replace("raid", f"raid-{letter}", 1).strip() for letter in "abcdefghijkl"]
    facts = "".join("- " + record.replace("\n", "\n  ") + "\n" for record in records)

    queue = read(write(tmp_path, "March.", "facts: [strange, raid-z]\n", facts=facts))

    fixes = [problem.fix for problem in queue.problems]
    assert fixes[0].endswith("raid-g, raid-h and 4 more: see `cases`")
    assert fixes[1].startswith("did you mean `raid-")
