"""What a post declares of what it says: whom it names and how, the facts it states, and who has read it."""

from collections.abc import Mapping
from typing import Any

from bot.domain.case import NOTHING, CaseId, Claim, FactId, Reliance
from bot.domain.post import Language
from bot.strictyaml.fields import INVALID, ListOf, MapOf, OneOf, Word, Wrong, shortened
from bot.strictyaml.nodes import Node, Reading, key_place_of
from bot.strictyaml.words import language, slug

_ALMOST = 0.8  # how like another word is when it is a slip of the pen
NOBODY = "nobody"  # has read a translation: it stays a draft


def _case(text: str) -> CaseId:
    return CaseId(slug(text))


def _fact(text: str) -> FactId:
    return FactId(slug(text))


def _reader(text: str) -> str:
    name = " ".join(text.split())
    if name.lower() in {"true", "yes"}:
        raise Wrong("`reviewed_by:` names who has read it", "write a name, or `nobody`")
    if name.lower() != NOBODY and _is_almost(name, NOBODY):
        raise Wrong(f"`{shortened(name)}` would count as the name of a reader", f"did you mean `{NOBODY}`?")
    return name


def _is_almost(name: str, word: str) -> bool:
    from difflib import SequenceMatcher  # only translations have a reader

    word_for_it = name.lower().replace(" ", "") in {"noone", "none", "no-one", "nobodyyet", "notyet"}
    return word_for_it or SequenceMatcher(None, name.lower(), word).ratio() > _ALMOST


class _Cases(MapOf):
    """What the post says of whom; people who are merely listed are answered with the line to write."""

    def read(self, node: Node, reading: Reading) -> Any:
        """A dict of claims by case."""
        listed = node[0] if type(node[0]) is list else [node]
        names = [one[0] for one in listed if type(one[0]) is str and one[0].strip()]
        if type(node[0]) is not dict and names and len(names) == len(listed):
            said = "`cases:` says of each person what the post says of them"
            fix = f"cases: {{{', '.join(f'{name}: {Claim.HISTORY}' for name in names)}}}"
            reading.add_once(key_place_of(node), said, f"write `{fix}`")
            return INVALID
        return super().read(node, reading)


CASES = _Cases(
    key=_case,
    each=OneOf(words={claim.value: claim for claim in Claim}, name="thing to say of somebody"),
    name="what the post says of whom",
    example="cases: {areshka: jailed}",
)
READERS = MapOf(
    key=language,
    each=Word(says="a name, or nobody", parse=_reader, examples=("nobody",)),
    name="who has read which translation",
    example="reviewed_by: {fr: nobody}",
)
FACTS = ListOf(each=Word(says="the id of a fact", parse=_fact), name="facts")


def reliance_of(found: Mapping[str, Any]) -> Reliance:
    """What a post rests on."""
    cases, facts = found.get("cases", {}), found.get("facts", ())
    if INVALID in (cases, facts):
        return NOTHING
    return Reliance(cases=cases, facts=tuple(dict.fromkeys(facts)))


def unread_of(node: Node, found: Mapping[str, Any], reading: Reading) -> frozenset[Language]:
    """The languages that nobody has read yet."""
    readers, texts = found["reviewed_by"], found["text"]
    if INVALID in (readers, texts):
        return frozenset()
    for code in readers:
        if code not in texts:
            said, fix = f"the text is not written in `{code}`", f"take `{code}:` out of `reviewed_by:`"
            reading.add(key_place_of(node[0]["reviewed_by"][0][code]), said, fix)
    return frozenset(code for code, name in readers.items() if name.lower() == NOBODY)


def read_by(found: Mapping[str, Any], unread: frozenset[Language]) -> dict[Language, str]:
    """Who has read which translation."""
    readers = found.get("reviewed_by", {})
    return {} if readers is INVALID else {code: name for code, name in readers.items() if code not in unread}
