"""Numbers of the tally in a post that has not gone out yet: as they would be told today."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.blanks import dotted
from bot.domain.report import Standing
from bot.domain.thanks import ABOUT, TAKEN, fill
from bot.flows.review import EVERY
from bot.ports import Store

AS_OF_TODAY = "the numbers are those of today; when it goes out, those of that moment are filled in"


def told_today(texts: Sequence[str], store: Store | None, now: datetime) -> tuple[Sequence[str], str]:
    """Texts with today's numbers, and a word on them; with dots where none may be told."""
    counted = store.reports(standings={Standing.COUNTED}, limit=EVERY) if store else []
    taken = [line.at for line in store.decisions(ABOUT) if line.what == TAKEN] if store else []
    told = fill(texts, counted, max(taken, default=None), now)
    if isinstance(told, str):
        return [dotted(text) for text in texts], f"today it would be held: {told}"
    return told.texts, AS_OF_TODAY
