"""On what terms an account publishes: how it catches up, how long a check counts, what a month may cost."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.domain.case import AGE
from bot.domain.catch_up import CatchUp
from bot.domain.price import dollars

MILLIONTHS = 1_000_000  # of a dollar


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What is asked before a delivery of an account is claimed."""

    catch_up: CatchUp = field(default_factory=CatchUp)
    age: timedelta = AGE  # how long a check of a person's status counts
    budget: int | None = None  # for a calendar month in UTC, in millionths of a dollar

    def over_budget(self, spent: int, cost: int) -> str | None:
        """Why a delivery may not go out after so much was spent this month, None where it may."""
        if self.budget is None or spent + cost <= self.budget:
            return None
        return f"the budget of {dollars(self.budget)} for this month is used up: {dollars(spent)} are spent"


USUAL_TERMS = Terms()


def month_of(now: datetime) -> datetime:
    """When the calendar month of a moment began, in UTC."""
    return now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
