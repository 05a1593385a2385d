"""A post that tells the tally's numbers: of what time, and where in its text."""

from collections.abc import Iterable

from bot.domain.blanks import Number, Period, names_numbers
from bot.domain.post import Words
from bot.strictyaml.fields import OneOf
from bot.strictyaml.nodes import Node, Reading, key_place_of

THANKS = OneOf(words={period.value: period for period in Period}, name="time")


def check_numbers(
    node: Node, thanks: Period | None, written: Iterable[Words | None], reading: Reading
) -> None:
    """Whether a post says of what time its numbers are, and has some where it does."""
    texts = [
        text
        for words in written
        if words is not None
        for message in (words.text, *words.thread)
        for text in message.values()
    ]
    if thanks is not None:
        if texts and not any(map(names_numbers, texts)):
            fix = "write {actions} where the number belongs, or delete the line `thanks:`"
            reading.add(key_place_of(node[0]["thanks"]), "no text has a number to be filled in", fix)
        return
    for text in texts:
        if named := next((f"{{{number}}}" for number in Number if f"{{{number}}}" in text), None):
            fix = "add `thanks: all`, or `thanks: week` for what was done this week"
            said = f"the text says {named}, but not of what time"
            reading.add(reading.find(named, node), said, fix)
            return
