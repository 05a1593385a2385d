"""Which texts X may take for the same: nearly equal words on one account, too soon after one another.

X does not say how it compares. Two texts count as alike here where nine tenths of their pairs of neighbouring
words are shared. Only texts that share one of their rarest pairs are ever compared, so that the work grows
with the number of posts, not with its square.
"""

import unicodedata
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

import regex

from bot.domain.delivery import Delivery
from bot.domain.lengths import x_links

APART = timedelta(days=30)
MOST_COMPARED = 200  # that share a pair, the last first: in a larger crowd what is alike is found long before
_TENTHS = 9  # of the pairs that two alike texts share

_WORD = regex.compile(r"[\p{L}\p{M}\p{N}_]+")

Folded = tuple[str, ...]
_Pair = tuple[str, str, int]  # two neighbouring words, and how often they stood together before


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """A delivery whose words went out, or will, shortly before on the same account."""

    later: Delivery
    earlier: Delivery


def folded(text: str, tlds: frozenset[str]) -> Folded:
    """A text's words, digits among them, without links, punctuation and capitals."""
    kept, start = [], 0
    for begin, end in x_links(text, tlds):
        kept.append(text[start:begin])
        start = end
    kept.append(text[start:])
    return tuple(_WORD.findall(unicodedata.normalize("NFKC", " ".join(kept)).casefold()))


def too_alike(deliveries: Iterable[Delivery], tlds: frozenset[str]) -> Iterator[Likeness]:
    """For each delivery of one account, the last one before it that is too like it and too near."""
    in_order = sorted(deliveries, key=lambda one: (one.planned_at, one.post, one.language, one.part))
    cache: dict[str, Folded] = {}
    for one in in_order:
        if one.text not in cache:
            cache[one.text] = folded(one.text, tlds)
    pairs = _rarest_first({words for words in cache.values() if words})
    recent = _Recent(pairs)
    for later in in_order:
        words = cache[later.text]
        if not words:
            continue
        if earlier := recent.like(later, words):
            yield Likeness(later=later, earlier=earlier)
        recent.add(later, words)


def _rarest_first(texts: Iterable[Folded]) -> dict[Folded, list[_Pair]]:
    """Each text's pairs of neighbouring words, those first that few others have."""
    pairs = {words: _pairs(words) for words in texts}
    frequency = Counter(pair for some in pairs.values() for pair in some)
    return {words: sorted(some, key=lambda pair: (frequency[pair], pair)) for words, some in pairs.items()}


def _pairs(words: Folded) -> list[_Pair]:
    before: Counter[tuple[str, str]] = Counter()
    found = []
    for pair in zip(("", *words), (*words, ""), strict=True):
        found.append((*pair, before[pair]))
        before[pair] += 1
    return found


def _prefix(pairs: Sequence[_Pair]) -> Sequence[_Pair]:
    """So many of the rarest pairs that two alike texts must have one of these in common.

    Alike texts share at least 9/11 of the pairs of either, whatever the length of the other.
    """
    size = len(pairs)
    least = -(-_TENTHS * size // (20 - _TENTHS))
    return pairs[: size - least + 1]


class _Recent:
    """The texts of the last 30 days, by their rarest pairs."""

    def __init__(self, pairs: Mapping[Folded, list[_Pair]]) -> None:
        self._pairs = pairs
        self._sets = {words: frozenset(some) for words, some in pairs.items()}
        self._same: dict[Folded, list[Delivery]] = defaultdict(list)
        self._with: dict[_Pair, deque[tuple[Folded, Delivery]]] = defaultdict(deque)

    def add(self, delivery: Delivery, words: Folded) -> None:
        """Remember what goes out."""
        self._same[words].append(delivery)
        for pair in _prefix(self._pairs[words]):
            self._with[pair].append((words, delivery))

    def like(self, later: Delivery, words: Folded) -> Delivery | None:
        """The last delivery that is too like this one, None where none is near enough."""
        return self._same_as(later, words) or self._nearly(later, words)

    def _same_as(self, later: Delivery, words: Folded) -> Delivery | None:
        for same in reversed(self._same[words]):
            if later.planned_at - same.planned_at >= APART:
                break
            if _elsewhere(later, same):
                return same
        return None

    def _nearly(self, later: Delivery, words: Folded) -> Delivery | None:
        compared = {words}
        for pair in _prefix(self._pairs[words]):
            there = self._with[pair]
            while there and later.planned_at - there[0][1].planned_at >= APART:
                there.popleft()
            for other, earlier in islice(reversed(there), MOST_COMPARED):
                if other not in compared and _elsewhere(later, earlier):
                    compared.add(other)
                    if self._alike(words, other):
                        return earlier
        return None

    def _alike(self, one: Folded, other: Folded) -> bool:
        first, second = self._sets[one], self._sets[other]
        return 20 * len(first & second) >= _TENTHS * (len(first) + len(second))


def _elsewhere(one: Delivery, other: Delivery) -> bool:
    """Whether two deliveries are more than two parts of one thread."""
    return (one.post, one.occurrence, one.language) != (other.post, other.occurrence, other.language)
