"""The schema that editors read says what the table of fields says."""

import json
from pathlib import Path

import yaml

from bot.files.posts import POST
from bot.files.schema import DRAFT, post_schema, schema_text
from bot.strictyaml.fields import NotYet

POSTS = Path(__file__).parent.parent.parent / "posts"


def test_the_schema_that_ships_is_what_the_table_says():
    assert (POSTS / "schema.json").read_text(encoding="utf-8") == schema_text()


def test_the_schema_names_its_draft_and_itself():
    schema = json.loads(schema_text())

    assert schema["$schema"] == DRAFT
    assert schema["title"]
    assert schema["description"]


def test_every_key_that_can_be_used_is_offered_and_no_other():
    usable = {word for word, row in POST.rows.items() if not isinstance(row.field, NotYet)}

    assert set(post_schema()["$defs"]["post"]["properties"]) == usable
    assert post_schema()["$defs"]["post"]["additionalProperties"] is False


def test_every_shipped_post_has_only_keys_of_the_schema():
    known = post_schema()["$defs"]["post"]
    for path in POSTS.glob("*.yaml"):
        read = yaml.safe_load(path.read_text(encoding="utf-8"))
        for post in read if isinstance(read, list) else [read]:
            assert set(known["required"]) <= set(post) <= set(known["properties"]), path.name
