import json

import pytest

from bot.config.table import CONFIG
from bot.files.posts import POST
from bot.strictyaml.fields import INVALID, Flag, ListOf, MapOf, NotYet, OneOf, Row, Table, Whole, Word, Wrong
from bot.strictyaml.reader import parse


def number(text):
    if not text.isdigit():
        raise Wrong(f"{text} is no number", "count again")
    return int(text)


NUMBER = Word(says="a number", parse=number, examples=("7",))
TABLE = Table(
    name="a thing",
    rows={
        "name": Row(field=Word(says="a name"), required=True),
        "size": Row(field=NUMBER),
        "many": Row(field=ListOf(each=NUMBER, name="numbers")),
        "by_name": Row(field=MapOf(key=str.upper, each=NUMBER, name="numbers by name")),
        "kind": Row(field=OneOf(words={"big": 1, "small": 2}, name="kind")),
        "sure": Row(field=Flag()),
        "count": Row(field=Whole(least=1, most=9)),
        "soon": Row(field=NotYet(why="it comes later")),
    },
    hints={"colour": "things have no colour"},
)


def read(text):
    root, reading = parse(text.encode(), "a.yaml")
    return TABLE.read(root, reading), [(found.message, found.fix) for found in reading.problems]


def test_each_field_turns_text_into_its_own_kind_of_value():
    text = "name: ' a '\nsize: 7\nmany: [1, 2]\nby_name: {a: 1}\nkind: small\nsure: true\ncount: 9\n"

    assert read(text) == (
        {"name": "a", "size": 7, "many": (1, 2), "by_name": {"A": 1}, "kind": 2, "sure": True, "count": 9},
        [],
    )


def test_one_value_stands_for_a_list_of_one():
    assert read("name: a\nmany: 3\n")[0]["many"] == (3,)


def test_everything_that_is_wrong_is_told_at_once():
    found, said = read("size: x\nmany: [1, y]\nby_name: {a: z}\ncolour: red\nnmae: a\nsoon: 1\n")

    assert said == [
        ("x is no number", "count again"),
        ("y is no number", "count again"),
        ("z is no number", "count again"),
        ("`colour` is not a key of a thing", "things have no colour"),
        (
            "`nmae` is not a key of a thing",
            "did you mean `name`? The keys are name, size, many, by_name, kind, sure, count",
        ),
        ("`soon` is not supported yet: it comes later", "leave it out"),
        ("a thing has no `name`", "add `name:`"),
    ]
    assert all(value is INVALID for value in found.values())


@pytest.mark.parametrize("word", ["yes", "True", "TRUE", "on", "1", "", '"true"', "'false'", "[true]", "{}"])
def test_a_flag_is_true_or_false_and_nothing_like_it(word):
    assert read(f"name: a\nsure: {word}\n")[0]["sure"] is INVALID


@pytest.mark.parametrize(
    "word", ["0", "10", "-1", "07", "010", "1_0", "0x1", "1.0", "1e0", "٣", '"3"', "", "[3]", "9" * 5000]
)
def test_a_whole_number_is_plain_digits_within_its_bounds(word):
    assert read(f"name: a\ncount: {word}\n")[0]["count"] is INVALID


def test_a_word_where_a_group_is_expected_names_its_keys():
    root, reading = parse(b"a\n", "a.yaml")

    assert TABLE.read(root, reading) is INVALID
    assert reading.problems[0].fix == "its keys are name, size, many, by_name, kind, sure, count, soon"


def test_the_schema_says_what_the_table_says():
    numbers = {"type": "string", "description": "a number", "examples": ["7"]}

    assert TABLE.schema() == {
        "type": "object",
        "properties": {
            "name": {"type": "string", "description": "a name"},
            "size": numbers,
            "many": {"anyOf": [numbers, {"type": "array", "items": numbers, "minItems": 1}]},
            "by_name": {"type": "object", "additionalProperties": numbers, "minProperties": 1},
            "kind": {"enum": ["big", "small"]},
            "sure": {"type": "boolean"},
            "count": {"type": "integer", "minimum": 1, "maximum": 9},
        },
        "required": ["name"],
        "additionalProperties": False,
    }


@pytest.mark.parametrize("table", [POST, CONFIG], ids=lambda table: table.name)
def test_the_schema_of_what_people_write_holds_every_key_that_can_be_used(table):
    schema = json.loads(json.dumps(table.schema()))

    usable = {word for word, row in table.rows.items() if not isinstance(row.field, NotYet)}
    assert set(schema["properties"]) == usable
    assert set(schema["required"]) == {word for word in usable if table.rows[word].required}


def test_the_schema_of_a_post_knows_its_languages_and_recurrences():
    properties = POST.schema()["properties"]

    assert {"en", "fr", "be"} <= set(properties["text"]["propertyNames"]["enum"])
    assert properties["every"]["required"] == ["at"]
    assert "jailed" in properties["cases"]["additionalProperties"]["enum"]
