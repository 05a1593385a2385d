"""The table of a post's fields as a JSON Schema, for editors."""

import json
from typing import Any

from bot.files.posts import POST

NAME = "schema.json"
DRAFT = "https://json-schema.org/draft/2020-12/schema"


def post_schema() -> dict[str, Any]:
    """The schema of a file: one post, or a list of posts."""
    return {
        "$schema": DRAFT,
        "title": "Posts of a campaign",
        "description": "One post, or a list of posts. `check` knows more than this: it also looks at dates, "
        "lengths and what belongs together.",
        "oneOf": [
            {"$ref": "#/$defs/post"},
            {"type": "array", "items": {"$ref": "#/$defs/post"}, "minItems": 1},
        ],
        "$defs": {
            "post": {"title": "A post", "description": f"begins with `{POST.example}`"} | POST.schema()
        },
    }


def schema_text() -> str:
    """The schema as it stands in the folder of posts."""
    return json.dumps(post_schema(), ensure_ascii=False, indent=2) + "\n"
