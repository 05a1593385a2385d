"""A seal on the words of a rendition: a disk that changed a letter of them is noticed before they are sent.

SQLite checks the form of its pages, not what stands in them. The seal is kept with the rendition's digest.
"""

from collections.abc import Iterable

from bot.domain.errors import StoreLostError
from bot.domain.post import digest

_MARK = "."
_LENGTH = 12


def sealed(planned_digest: str, texts: Iterable[str]) -> str:
    """A rendition's digest with a seal on its words."""
    return f"{planned_digest}{_MARK}{_seal(texts)}"


def unsealed(kept: str) -> str:
    """The digest alone, as planning knows it."""
    return kept.partition(_MARK)[0]


def unplanned(kept: str) -> str:
    """The seal alone: whatever is planned next differs from it, and is written."""
    return _MARK + kept.partition(_MARK)[2]


def check_seal(kept: str, texts: Iterable[str], key: str) -> None:
    """StoreLostError where the words are not those that were sealed; older renditions have no seal."""
    seal = kept.partition(_MARK)[2]
    if seal and seal != _seal(texts):
        raise StoreLostError(
            f"{key}: its words in the store are not those that were planned, so the store is damaged: "
            "put back the last backup with `restore`"
        )


def _seal(texts: Iterable[str]) -> str:
    return digest(*texts)[:_LENGTH]
