"""What stands in the way of a claim: words that may not be said now, and a budget that is used up."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, func, select, update

from bot.domain.case import Guard, Reliance, standings
from bot.domain.delivery import TAKING_BACK, State
from bot.domain.terms import Terms, month_of
from bot.store import rules
from bot.store.base import write_decisions
from bot.store.knowledge import read_findings, read_people_paused
from bot.store.rows import AnyRow
from bot.store.seal import unplanned
from bot.store.tables import attempts, is_in, outbox, renditions
from bot.store.types import Instant

_BILLED = tuple(state.value for state in rules.BILLED)
_SPENT = (
    select(func.coalesce(func.sum(outbox.c.cost), 0))
    .join(attempts, attempts.c.key == outbox.c.key)
    .where(
        outbox.c.account == bindparam("of"),
        attempts.c.started_at >= bindparam("since", type_=Instant),
        attempts.c.outcome.in_(_BILLED),
    )
)
_HOLD = (
    update(outbox)
    .where(outbox.c.rendition == bindparam("of"), is_in(State.SCHEDULED))
    .values(held=bindparam("reason"))
)


def objection(connection: Connection, row: AnyRow, terms: Terms, now: datetime) -> str | None:
    """Why a due delivery may not be claimed, None where it may. What is taken back is never stopped."""
    if row.kind in TAKING_BACK:
        return None
    if row.reliance and (found := _may_not_be_said(connection, row.reliance, terms.age, now)):
        return found
    if row.cost and terms.budget is not None:
        return terms.over_budget(spent(connection, row.account, month_of(now)), row.cost)
    return None


def _may_not_be_said(connection: Connection, reliance: str, age: timedelta, now: datetime) -> str | None:
    rests_on = Reliance.from_text(reliance)
    known = standings(read_findings(connection, rests_on.subjects), age)
    found = Guard(known=known, people_paused=read_people_paused(connection)).objection(rests_on, now)
    return found.reason if found else None


def spent(connection: Connection, account: str, since: datetime) -> int:
    """What requests begun since then on an account cost."""
    return int(connection.scalar(_SPENT, {"of": account, "since": since}) or 0)


def hold(connection: Connection, row: AnyRow, reason: str, now: datetime) -> None:
    """Hold what is still to go out of a rendition, until it is planned again."""
    connection.execute(_HOLD, {"of": row.rendition, "reason": reason})
    digest = update(renditions).where(renditions.c.id == row.rendition)
    connection.execute(digest.values(digest=unplanned(row.digest)))
    write_decisions(connection, [rules.hold(row.key, reason, now)])
