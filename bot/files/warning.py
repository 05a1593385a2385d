"""The warning of a post: what readers are told before they see it."""

from collections.abc import Mapping
from typing import Any

from bot.domain.post import Texts, Words
from bot.domain.problem import Severity
from bot.strictyaml.fields import INVALID, MapOf, Word, Wrong
from bot.strictyaml.nodes import Node, Reading, key_place_of
from bot.strictyaml.words import language

_EXAMPLE = "warning:\n  en: describes torture"


def _in_one_line(text: str) -> str:
    if "{" in text or "}" in text:
        raise Wrong("a warning is shown as it stands: nothing is filled in there", "take the braces out")
    return " ".join(text.split())


WARNING = MapOf(
    key=language,
    each=Word(says="a few words, in one line", parse=_in_one_line, examples=("describes torture",)),
    name="a warning for each language",
    example=_EXAMPLE,
)


def warning_of(node: Node, found: Mapping[str, Any], words: Words | None, reading: Reading) -> Texts:
    """A post's warning in each language; one in a language that its text is not written in is an error."""
    warning = found.get("warning")
    if warning is None or warning is INVALID or words is None:
        return {}
    texts: Texts = warning
    own = node[0]["warning"]
    for code in texts:
        if code not in words.text:
            said = f"the warning is written in `{code}`, but the text is not"
            reading.add(key_place_of(own[0][code]), said, f"add `{code}: |` to the text, or take it out here")
    if missing := [code for code in words.text if code not in texts]:
        said = f"the text is written in {_listed(missing)}, but the warning is not: there it goes out without"
        reading.add(key_place_of(own), said, "write the warning there as well", Severity.WARNING)
    return texts


def _listed(codes: list[Any]) -> str:
    return " and ".join(f"`{code}`" for code in codes)
