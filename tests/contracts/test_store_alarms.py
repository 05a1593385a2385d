import pytest

from bot.ports.records import Alarm
from tests.builders import DAY, HOUR, NOON, SECOND

LATE = "late k"
WORDS = {LATE: "may-day on mastodon is late"}
OPEN = Alarm(problem=LATE, words=WORDS[LATE], since=NOON)


@pytest.fixture
def opened(bare):
    bare.open_alarms(WORDS, NOON)
    return bare


@pytest.fixture
def told(opened):
    opened.alarms_told([LATE], NOON + SECOND)
    return opened


@pytest.fixture
def over(told):
    told.alarms_over([LATE], NOON + HOUR)
    return told


def test_a_new_store_knows_no_alarm(bare):
    assert bare.alarms() == []


def test_a_problem_is_remembered_with_its_words_and_its_beginning(opened):
    assert opened.alarms() == [OPEN]


@pytest.mark.usefixtures("opened")
def test_another_program_sees_the_same_alarms(world):
    assert world.open().alarms() == [OPEN]


def test_alarms_are_listed_from_the_oldest_on(bare):
    bare.open_alarms({"b": "b", "c": "c"}, NOON)
    bare.open_alarms({"a": "a"}, NOON + SECOND)

    assert [alarm.problem for alarm in bare.alarms()] == ["b", "c", "a"]


def test_a_problem_that_is_known_keeps_its_words_and_its_beginning(opened):
    opened.open_alarms({LATE: "other words", "new": "new"}, NOON + DAY)

    assert opened.alarms() == [OPEN, Alarm(problem="new", words="new", since=NOON + DAY)]


def test_an_alarm_is_told_the_first_time(told):
    told.alarms_told([LATE, "of nobody"], NOON + DAY)

    (alarm,) = told.alarms()
    assert (alarm.told_at, alarm.over_at) == (NOON + SECOND, None)


def test_an_alarm_that_was_told_stays_until_its_end_is_told(over):
    over.alarms_over([LATE], NOON + DAY)

    (alarm,) = over.alarms()
    assert (alarm.since, alarm.told_at, alarm.over_at) == (NOON, NOON + SECOND, NOON + HOUR)
    over.forget_alarms([LATE])
    assert over.alarms() == []


def test_a_problem_that_nobody_was_told_of_is_forgotten_when_it_is_over(opened):
    opened.alarms_over([LATE, "of nobody"], NOON)

    assert opened.alarms() == []


def test_a_problem_that_begins_again_before_its_end_was_told_is_the_same_alarm(over):
    over.open_alarms({LATE: "other words"}, NOON + DAY)

    (alarm,) = over.alarms()
    assert (alarm.words, alarm.since, alarm.told_at, alarm.over_at) == (
        WORDS[LATE],
        NOON,
        NOON + SECOND,
        None,
    )


def test_a_problem_that_goes_on_is_not_forgotten(told):
    told.open_alarms({"untold": "untold"}, NOON)

    told.forget_alarms([LATE, "untold", "of nobody"])

    assert [alarm.problem for alarm in told.alarms()] == [LATE, "untold"]


def test_only_the_problems_that_are_named_change(told):
    told.open_alarms({"other": "other"}, NOON)
    told.alarms_told(["other"], NOON)

    told.alarms_over(["other"], NOON)
    told.forget_alarms(["other"])

    assert [(alarm.problem, alarm.over_at) for alarm in told.alarms()] == [(LATE, None)]


def test_nothing_named_changes_nothing(told):
    before = told.alarms()

    told.open_alarms({}, NOON)
    for change in (told.alarms_told, told.alarms_over):
        change([], NOON)
    told.forget_alarms([])

    assert told.alarms() == before


def test_more_problems_than_a_statement_can_name_are_kept(bare):
    many = {f"late {number:04}": "late" for number in range(2_500)}

    bare.open_alarms(many, NOON)
    bare.open_alarms(many, NOON)
    bare.alarms_told(many, NOON)
    bare.alarms_over(many, NOON)
    assert len(bare.alarms()) == len(many)
    bare.forget_alarms(many)

    assert bare.alarms() == []
