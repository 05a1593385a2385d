"""Slips of the hand in the structure of a post, each answered once and with the lines to write."""

import re

from bot.domain.lengths import PlatformName
from bot.strictyaml.explain import ODD_SPACE, odd_space
from bot.strictyaml.fields import did_you_mean, shortened
from bot.strictyaml.nodes import Node, Reading, key_place_of, place_of
from bot.strictyaml.words import languages

GLUED = re.compile(r"([a-z]{2,3}):(?=\S|[\u00a0\u2000-\u200a\u202f\u3000])(?!/)")
"""A language whose text follows its colon without a space, so that YAML takes all of it for one text."""


_MEANT_PLATFORMS = {
    "twitter": "x",
    "x.com": "x",
    "bsky": "bluesky",
    "fediverse": "mastodon",
    "masto": "mastodon",
}


def unglued(found: re.Match[str]) -> tuple[str, str]:
    """What is wrong with a language that GLUED has found, and the way to mend it."""
    if odd_space(found.string) >= 0:
        return ODD_SPACE, f"write `{found[1]}: |`"
    return "there is no space after the `:`", f"write `{found[1]}: |`"


def outside_text(word: str) -> str:
    """What to do with a language that stands at the margin, "" for any other word."""
    return f"`{word}` belongs under `text:`: put two spaces before it" if _is_code(word) else ""


def _is_code(word: str) -> bool:
    return word in languages() and word != "id"  # Indonesian, and the name of a post


def forgive(node: Node, reading: Reading) -> None:
    """Take back that the text is empty where its languages stand at the margin: that is said of them."""
    text = node[0].get("text")
    if not text or text[0] or not any(outside_text(word) or odd_space(word) >= 0 for word in node[0]):
        return
    line = key_place_of(text).line + 1
    reading.problems[:] = [
        one
        for one in reading.problems
        if one.place.line != line or "text for each language" not in one.message
    ]


def refuse_place(node: Node, number: int, word: str, labels: frozenset[str], reading: Reading) -> None:
    """Say that a word of `where:` is no place of ours."""
    one = node[0][number] if isinstance(node[0], list) else node
    known = [*PlatformName, *sorted(labels.difference(PlatformName))]
    meant = _MEANT_PLATFORMS.get(word.lower())
    fix = f"did you mean `{meant}`?" if meant else ""
    if not fix and not reading.full:
        fix = did_you_mean(word, known, "known are")
    reading.add(place_of(one), f"`{shortened(word)}` is neither a platform nor an account of ours", fix)
