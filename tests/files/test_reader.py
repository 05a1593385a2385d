import pytest

from bot.domain.problem import Severity
from bot.strictyaml.nodes import MOST_PROBLEMS, Reading, is_plain, key_place_of, place_of
from bot.strictyaml.reader import LONGEST_TEXT, MOST_NODES, items, parse


def plain(node):
    """Values without their places."""
    value = node[0]
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, list) else value


def values(text):
    """What a sound file holds."""
    root, reading = parse(text if isinstance(text, bytes) else text.encode(), "a.yaml")
    assert reading.problems == []
    return plain(root)


def refused(text):
    """Line, column and sentence of everything that is wrong with a file."""
    _, reading = parse(text if isinstance(text, bytes) else text.encode(), "a.yaml")
    return [(found.place.line, found.place.column, found.message) for found in reading.problems]


@pytest.mark.parametrize(
    "word",
    [
        "no",
        "yes",
        "on",
        "true",
        "null",
        "~",
        "010",
        "1_000",
        "0x1f",
        "1e3",
        ".inf",
        "18:30",
        "2027-05-01",
        "=",
    ],
)
def test_a_scalar_stays_the_text_it_is(word):
    assert values(f"a: {word}\nb: [{word}]\n") == {"a": word, "b": [word]}


def test_norway_keeps_its_language():
    assert values("languages: [be, ru, en, no]\n") == {"languages": ["be", "ru", "en", "no"]}


def test_a_block_keeps_its_lines_signs_and_blank_lines():
    text = 'en: |\n  Free them: now! #IndustriALL\n\n    @campaign *they* & "we"\n'

    assert values(text) == {"en": 'Free them: now! #IndustriALL\n\n  @campaign *they* & "we"\n'}


def test_places_are_those_of_key_and_value():
    root, _ = parse(b"# remark\nid:   may-day\ntext:\n  \xd0\xb1: x\n", "a.yaml")

    name, inner = root[0]["id"], root[0]["text"][0]["б"]
    assert (place_of(name).line, place_of(name).column) == (1, 6)
    assert (key_place_of(name).line, key_place_of(name).column) == (1, 0)
    assert (place_of(inner).line, place_of(inner).column) == (3, 5)


def test_quoted_and_block_texts_are_not_plain():
    root, _ = parse(b"a: x\nb: 'x'\nc: \"x\"\nd: |\n  x\ne: [x]\n", "a.yaml")

    assert {key: is_plain(node) for key, node in root[0].items()} == {
        "a": True, "b": False, "c": False, "d": False, "e": False
    }  # fmt: skip


@pytest.mark.parametrize("text", ["", "# remark\n", "---\n", "\n\n"])
def test_a_file_without_content_is_nothing_and_no_error(text):
    assert parse(text.encode(), "a.yaml")[0] is None
    assert refused(text) == []


def test_a_byte_order_mark_and_windows_line_ends_are_read():
    assert values(b"\xef\xbb\xbfid: a\r\ntext: |\r\n  one\r\n  two\r\n") == {"id": "a", "text": "one\ntwo\n"}


def test_an_explicit_beginning_is_allowed():
    assert values("---\nid: a\n...\n") == {"id": "a"}


@pytest.mark.parametrize(
    ("data", "line", "column", "said"),
    [
        ("id: a\n".encode("utf-16"), 1, 1, "this file is saved as UTF-16, and must be UTF-8"),
        (b"id: a\ntext: caf\xe9\n", 2, 10, "this is not UTF-8 text"),
        (b"id: a\ntext: \xd0\xb1\xff\n", 2, 8, "this is not UTF-8 text"),
        (b"id: a\x00\n", 1, 6, "an invisible character stands here (U+0000)"),
        (b"id: a\n\x1b[2J\n", 2, 1, "an invisible character stands here (U+001B)"),
        (b"id: a\rwhen: b\n", 1, 6, "an invisible character stands here (U+000D)"),
        ("id: a\u2028when: b\n", 1, 6, "an invisible character stands here (U+2028)"),
        ("id: a\u2029when: b\n", 1, 6, "an invisible character stands here (U+2029)"),
        ("id: a\u0085when: b\n", 1, 6, "an invisible character stands here (U+0085)"),
        ("id: \x9b2J\n", 1, 5, "an invisible character stands here (U+009B)"),
        ("id: \ufdd0\n", 1, 5, "an invisible character stands here (U+FDD0)"),
        ("id: \U0001fffe\n", 1, 5, "an invisible character stands here (U+1FFFE)"),
        (
            b"id: a\ntext: Free the",
            2,
            15,
            "the file ends in the middle of a line, so perhaps it was not saved whole",
        ),
    ],
)
def test_bytes_that_hide_or_lack_something_end_the_file(data, line, column, said):
    assert refused(data) == [(line, column, said)]


def test_a_refused_character_is_not_shown_as_itself():
    _, reading = parse("id: a\u2028\x1b[2J\n".encode(), "a.yaml")

    assert reading.problems[0].place.excerpt == "id: a\ufffd\ufffd[2J"


@pytest.mark.parametrize("blank", ["\u200b", "\ufeff", "\u2060"])
def test_characters_without_width_are_left_out_with_a_warning(blank):
    root, reading = parse(f"i{blank}d: a\nen: Free{blank} them\n".encode(), "a.yaml")

    assert plain(root) == {"id": "a", "en": "Free them"}
    assert [(found.place.line, found.severity) for found in reading.problems] == [(1, Severity.WARNING)]


def test_characters_without_width_that_come_by_escape_are_left_out():
    assert values('en: "Free\\u200b them"\n') == {"en": "Free them"}


def test_joiners_in_emoji_and_persian_are_kept():
    family, persian = "👩\u200d👧", "می\u200cخواهم"

    assert values(f"a: {family}\nb: {persian}\n") == {"a": family, "b": persian}


@pytest.mark.parametrize("escape", ["\\0", "\\x1b", "\\N", "\\L", "\\P", "\\uFFFE", "\\uFDD0", "\\x9b"])
def test_an_escape_brings_in_nothing_that_the_file_may_not_hold(escape):
    assert refused(f'id: a\nen: "x{escape}"\n') == [
        (2, 5, "this text holds a character that cannot be published")
    ]


def test_half_a_surrogate_pair_is_refused():
    assert refused('en: "\\ud83d"\n') == [(1, 8, "this text holds a character that cannot be published")]


@pytest.mark.parametrize("text", ["\u202eabc", "abc\u202c", "\u2067a\u202c", "\u202ba\u2067b\u202c\u2069"])
def test_a_text_that_turns_the_direction_of_reading_turns_it_back(text):
    assert refused(f"id: a\nen: {text}\n") == [
        (2, 5, "this text turns the direction of reading and does not turn it back")
    ]


def test_a_turn_that_comes_by_escape_is_seen():
    assert refused('en: "\\u202e"\n') == [
        (1, 5, "this text turns the direction of reading and does not turn it back")
    ]


@pytest.mark.parametrize("text", ["\u202bab\u202c", "\u2067a\u202ab\u202cc\u2069", "\u2066a\u2069"])
def test_balanced_turns_are_kept(text):
    assert values(f"en: {text}\n") == {"en": text}


def test_a_warning_does_not_stand_in_for_the_error_of_its_line():
    said = [said for _, _, said in refused("id: @a\u200b\n")]

    assert said[1:] == ["a text that stands bare cannot begin with `@`"]


def test_several_mistakes_are_found_at_once():
    text = "a: !x 1\nb: &y 2\nc: *y\nd: 3\nd: 4\ne: We #stand\n"

    assert [line for line, _, _ in refused(text)] == [1, 2, 3, 5, 6]


def test_a_broken_line_ends_the_file_and_keeps_what_was_said_before():
    assert [line for line, _, _ in refused("a: 1\na: 2\nb: @x\nc: *y\n")] == [2, 3]


@pytest.mark.parametrize(
    "text",
    [
        "a: see #5\n",
        "a: b # remark\n",
        "a: b#c\n",
        "a: 'b #c'\n",
        "a: |\n  b #c\n",
        "a: https://example.org/#c\n",
    ],
)
def test_a_hash_is_lost_only_where_a_word_follows_it_in_a_bare_text(text):
    lost = [said for _, _, said in refused(text)]

    assert lost == (
        ["everything from the # on would be lost: YAML takes it for a remark"] if "see" in text else []
    )


def test_the_alias_bomb_is_refused_and_holds_nothing():
    bomb = "a: &a [x, x]\n" + "".join(
        f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefg", "bcdefgh", strict=True)
    )

    root, reading = parse(bomb.encode(), "a.yaml")

    assert plain(root)["h"] == ["", ""]
    assert len(reading.problems) == 22


@pytest.mark.parametrize("depth", [20, 21])
def test_values_nest_twenty_deep_and_no_deeper(depth):
    text = "[" * depth + "a" + "]" * depth + "\n"

    assert (refused(text) == []) is (depth == 20)


@pytest.mark.parametrize("count", [MOST_NODES - 1, MOST_NODES])
def test_a_file_holds_so_many_values_and_no_more(count):
    text = "- a\n" * count

    assert (refused(text) == []) is (count < MOST_NODES)


@pytest.mark.parametrize("length", [LONGEST_TEXT, LONGEST_TEXT + 1])
def test_a_text_is_so_long_and_no_longer(length):
    text = f"id: a\nen: {'x' * length}\n"

    said = [] if length == LONGEST_TEXT else [(2, 5, "this text is longer than 65,536 characters")]
    assert refused(text) == said


def test_a_file_is_a_mebibyte_and_no_larger():
    whole = b"# " + b"x" * ((1 << 20) - 3) + b"\n"

    assert refused(whole) == []
    assert refused(b"#" + whole) == [(0, 0, "the file is larger than 1 MiB")]


def test_a_file_full_of_mistakes_tells_only_the_first_and_counts_all():
    _, reading = parse(b"a: 1\n" * 5000, "a.yaml")

    assert len(reading.problems) == MOST_PROBLEMS + 1
    assert reading.problems[-1].message == "more is wrong with this file"
    assert reading.errors == 4999


def test_the_items_of_a_list_come_one_by_one():
    reading = Reading("a.yaml")

    found = items(b"- id: a\n- id: b\n", reading)

    assert plain(next(found)) == {"id": "a"}
    assert [plain(node) for node in found] == [{"id": "b"}]
    assert not reading.cut


def test_one_value_that_is_no_list_is_the_one_item():
    assert [plain(node) for node in items(b"id: a\n", Reading("a.yaml"))] == [{"id": "a"}]


def test_items_of_a_file_that_breaks_off_are_marked_as_cut():
    reading = Reading("a.yaml")

    found = [plain(node) for node in items(b"- id: a\n- id: @b\n", reading)]

    assert found == [{"id": "a"}]
    assert reading.cut


def test_what_was_said_of_an_item_that_a_broken_line_follows_is_taken_back():
    reading = Reading("a.yaml")

    for node in items(b"- id: a\n- id: b\n when: c\n", reading):
        reading.add(place_of(node), f"said of {node[0]['id'][0]}")

    assert [found.message for found in reading.problems] == [
        "said of a",
        "this line does not belong to the list above it",
    ]
