"""Organisers look at reports and decide what counts. The store is the real one, on disk."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.cli.reviewing import Sitting
from bot.domain.lengths import PlatformName
from bot.domain.mention import Audience
from bot.domain.report import Action, Risk, Standing
from bot.flows import review
from bot.store.memory import MemoryStore
from tests.builders import NOON
from tests.reports import LETTER, a_report, take_in

NOTHING = replace(LETTER, is_report=False, actions=(), country=None, participants=None)


@pytest.fixture
def three(store):
    """Three reports that wait."""
    return take_in(store, *(a_report(number) for number in (1, 2, 3)))


def standings(store):
    return {one.id: one.standing for one in store.reports()}


def the(store, number=1):
    return store.report(number)


def sit(shell, keys):
    code, said = shell.call("reports", "review", "--as", "anna", answer=keys)
    assert code == 0, said
    return said


def test_one_report_shows_its_words_its_link_and_why(shell, store):
    take_in(store, a_report())

    said = sit(shell, "q")

    assert "| zebrafish 1: nous avons écrit une lettre" in said
    assert "link: https://example.org/@someone1/1" in said
    assert "letter, photo · France · 12 people (87% sure)" in said
    assert "“écrit une lettre”" in said
    assert "0 counted, 0 rejected, 1 still waiting." in said


@pytest.mark.usefixtures("three")
def test_a_key_decides_and_leads_on(shell, store):
    said = sit(shell, "crs")

    assert standings(store) == {1: Standing.COUNTED, 2: Standing.REJECTED, 3: Standing.UNDECIDED}
    assert "1 counted, 1 rejected, 1 still waiting." in said
    assert (the(store).actions, the(store).country) == (LETTER.actions, "FR")
    assert the(store).decided_by == "anna"


@pytest.mark.usefixtures("three")
def test_kinds_country_and_number_can_be_changed_before_counting(shell, store):
    sit(shell, "kae\nlden41\ncq")

    left = the(store)
    assert (left.actions, left.country, left.participants) == ((Action.PHOTO, Action.PROTEST), "DE", 41)


@pytest.mark.usefixtures("three")
def test_enter_takes_country_and_number_away(shell, store):
    sit(shell, "l\nn\ncq")

    assert (the(store).country, the(store).participants) == (None, None)


@pytest.mark.usefixtures("three")
def test_a_country_that_does_not_exist_changes_nothing(shell, store):
    said = sit(shell, "lqqcq")

    assert "There is no country QQ" in said
    assert the(store).country == "FR"


@pytest.mark.usefixtures("three")
def test_the_last_decision_is_undone_and_shown_again_with_its_words(shell, store):
    said = sit(shell, "ruc")

    assert said.count("| zebrafish 1:") == 2
    assert the(store).standing is Standing.COUNTED
    assert the(store).text is None


def test_two_undos_take_two_decisions_back(shell, store, three):
    sit(shell, "cruuq")

    assert set(standings(store).values()) == {Standing.UNDECIDED}
    assert len(three) == 3


@pytest.mark.usefixtures("three")
def test_undo_at_the_start_and_unknown_keys_say_what_to_do(shell, store):
    said = sit(shell, "uz?q")

    assert "reports undo NUMBER" in said
    assert "That key does nothing here" in said
    assert "Counting only counts" in said
    assert set(standings(store).values()) == {Standing.UNDECIDED}


def test_what_seems_no_report_is_counted_only_with_a_kind(shell, store):
    take_in(store, a_report(suggestion=NOTHING))

    said = sit(shell, "c\nce\n")

    assert "perhaps no report" in said
    assert (the(store).standing, the(store).actions) == (Standing.COUNTED, (Action.PROTEST,))


def test_equal_words_are_shown_once_and_decided_together(shell, store):
    take_in(store, *(a_report(number, group="equal") for number in range(1, 6)), a_report(6))

    said = sit(shell, "cq")

    assert "5 with the same words" in said
    assert said.count("| zebrafish") == 2
    assert sorted(standings(store).values()) == [*["counted"] * 5, "undecided"]


def test_sixty_reports_take_sixty_to_a_hundred_and_twenty_keys():
    store = MemoryStore()
    take_in(store, *(a_report(n, suggestion=NOTHING if n % 10 == 0 else LETTER) for n in range(1, 61)))
    pressed = []

    def keys():
        for number in range(1, 61):
            if number % 10 == 0:
                yield "r"  # it was no report
            elif number % 12 == 1:
                yield from "ke\nc"  # a kind was missing
            elif number % 15 == 2:
                yield from "ldec"  # the country was wrong
            elif number % 20 == 3:
                yield from "ruc"  # a slip of the finger
            else:
                yield "c"

    stream = keys()

    def key():
        pressed.append(next(stream))
        return pressed[-1]

    Sitting(inbox=store, by="anna", now=lambda: NOON, key=key).hold()

    assert Standing.UNDECIDED not in standings(store).values()
    assert 60 <= len(pressed) <= 120


def test_what_changed_while_it_was_looked_at_is_not_decided(capsys):
    store = MemoryStore()
    take_in(store, a_report(1), a_report(2))

    def key():
        for one in store.reports(standings={Standing.UNDECIDED})[:1]:
            review.reject(store, one, "berta", NOON)
        return "c"

    Sitting(inbox=store, by="anna", now=lambda: NOON, key=key).hold()

    assert {one.decided_by for one in store.reports()} == {"berta"}
    assert "changed in the meantime" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"risk": Risk.UNSURE}, "Could be in Belarus or Russia: no public act."),
        ({"audience": Audience.PRIVATE}, "A private message"),
        ({"no_boost": True}, "does not want it passed on"),
        ({"platform": PlatformName.X}, "the count is all that stays"),
        ({"suggestion": replace(LETTER, country="BY")}, "in no public number"),
        ({"text": None}, "read them at the link"),
    ],
)
def test_an_organiser_is_warned_before_deciding(shell, store, changes, words):
    take_in(store, a_report(**changes))

    assert words in sit(shell, "q")


def test_words_can_neither_move_the_cursor_nor_pass_for_ours(shell, store):
    evil = "good\x1b[2J\u202eend\n  as: letter · France\r\nc count"
    take_in(store, a_report(text=evil, suggestion=replace(LETTER, why=("\x1b]0;x\x07\n! fine",))))

    said = sit(shell, "q")

    assert "\x1b" not in said.replace("\x1b[1m", "").replace("\x1b[0m", "")
    assert "\u202e" not in said
    assert "  |   as: letter · France" in said
    assert "\n! fine" not in said


def test_a_very_long_text_is_cut_for_the_eye(shell, store):
    take_in(store, a_report(text="word " * 200_000))

    said = sit(shell, "q")

    assert "more lines)" in said
    assert len(said) < 10_000


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://exаmple.org/1", "(in truth xn--"),
        ("javascript:alert(1)", "cannot be opened"),
        ("https://[broken", "cannot be opened"),
        (None, "none is kept"),
    ],
)
def test_a_link_shows_where_it_really_leads(shell, store, url, words):
    take_in(store, a_report(url=url))

    assert words in sit(shell, "q")


@pytest.mark.parametrize("more", [(), ("--json",), ("--standing", "all")])
def test_the_list_shows_neither_words_nor_writers(shell, store, more):
    take_in(store, *(a_report(number) for number in (1, 2)), counts={"at risk 2027-05": 1})

    code, said = shell.call("reports", "list", *more)

    assert code == 0
    assert "at risk 2027-05" in said
    for word in ("zebrafish", "someone", "example.org", "remote-", "author-", "mark-"):
        assert word not in said


@pytest.mark.parametrize(("number", "shown"), [(1, "fewer than 5"), (4, "fewer than 5"), (5, "5")])
def test_a_small_number_of_people_at_risk_is_not_told(shell, store, number, shown):
    take_in(store, counts={"at risk 2027-05": number, "opted out 2027-05": 1})

    assert f"at risk 2027-05: {shown}\n" in shell.call("reports", "list")[1]
    told = shell.json("reports", "list")[1]["numbers"]
    assert told == {"at risk 2027-05": int(shown) if shown.isdigit() else shown, "opted out 2027-05": 1}


def test_the_list_shows_equal_words_once_with_their_number(shell, store):
    take_in(store, *(a_report(number, group="equal") for number in (1, 2, 3)))

    _, said = shell.call("reports", "list")

    assert "3 equal" in said
    assert said.count("letter, photo") == 1


@pytest.mark.usefixtures("three")
def test_only_one_report_at_a_time_is_shown_in_full(shell):
    _, brief = shell.json("reports", "show", "1")
    _, full = shell.json("reports", "show", "1", "--full")
    code, said = shell.call("reports", "show", "1", "--full")

    assert "zebrafish" not in json.dumps(brief)
    assert (full["handle"], full["url"]) == ("@someone1@example.org", "https://example.org/@someone1/1")
    assert (code, "| zebrafish 1" in said, "@someone1@example.org" in said) == (0, True, True)


@pytest.mark.usefixtures("three")
def test_scripts_approve_reject_and_undo(shell, store):
    _, counted = shell.json("reports", "approve", "1", "--as", "anna", "--country", "de", "--people", "0")
    shell.call("reports", "approve", "2", "--as", "anna", "--kind", "video", "--kind", "share")
    _, rejected = shell.json("reports", "reject", "3", "--as", "anna")
    _, undone = shell.json("reports", "undo", "3", "--as", "berta")

    assert [(one["standing"], one["country"], one["participants"]) for one in counted] == [
        ("counted", "DE", None)
    ]
    assert the(store, 2).actions == (Action.VIDEO, Action.SHARE)
    assert (rejected[0]["standing"], undone[0]["standing"]) == ("rejected", "undecided")


def test_scripts_decide_equal_words_together_unless_told_otherwise(shell, store):
    take_in(store, *(a_report(number, group="equal") for number in (1, 2, 3)))

    shell.call("reports", "reject", "1", "--as", "anna", "--only")
    shell.call("reports", "approve", "2", "--as", "anna")

    assert standings(store) == {1: Standing.REJECTED, 2: Standing.COUNTED, 3: Standing.COUNTED}


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("approve", "9", "--as", "anna"), 1, "there is no report 9"),
        (("approve", "1", "--as", " "), 2, "--as names who decides"),
        (("approve", "1"), 2, "--as"),
        (("approve", "1", "--as", "anna", "--country", "Germany"), 2, "there is no country Germany"),
        (("undo", "1", "--as", "anna"), 1, "waits for a decision; there is nothing to undo"),
    ],
)
@pytest.mark.usefixtures("three")
def test_what_cannot_be_done_is_said_in_one_sentence(shell, arguments, code, words):
    got, said = shell.call("reports", *arguments)

    assert (got, words in said) == (code, True)


def test_before_the_first_run_there_is_nothing_to_list(shell):
    shell.configure()

    code, said = shell.call("reports", "list")

    assert (code, "nothing has run here yet" in said) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "keys"),
    [
        (("approve", "1", "2", "3", "--as", "anna"), ""),
        (("reject", "1", "2", "3", "--as", "anna"), ""),
        (("review", "--as", "anna"), "crc"),
    ],
)
@pytest.mark.usefixtures("three")
def test_a_decision_leaves_no_word_in_the_files_of_the_store(shell, arguments, keys):
    def found():
        return b"".join(path.read_bytes() for path in Path(shell.folder).rglob("*") if path.is_file())

    assert b"zebrafish" in found()

    shell.call("reports", *arguments, answer=keys)

    assert b"zebrafish" not in found()
    assert b"@someone" not in found().replace(b"/@someone", b"")  # the link stays for as long as an undo


def test_a_decision_of_yesterday_cannot_be_undone(shell, store):
    report = take_in(store, a_report())[0]
    review.reject(store, report, "anna", datetime.now(UTC) - timedelta(hours=25))

    code, said = shell.call("reports", "undo", "1", "--as", "anna")

    assert (code, "decided 1 d 1 h ago" in said) == (1, True)
