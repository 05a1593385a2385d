"""Words of a post that may not be said as they stand."""

from dataclasses import dataclass

from bot.domain.problem import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """One thing to mend. `written` are the very words, to be found in the file."""

    where: str
    written: str
    message: str
    fix: str
    severity: Severity = Severity.ERROR
