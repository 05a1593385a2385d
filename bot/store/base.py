"""What every part of the SQL store stands on: its database, and the fence around its holder."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from bot.domain.account import Pause
from bot.domain.delivery import PATIENCE, Key, State, doubt
from bot.domain.errors import StoreError, StoreLostError
from bot.domain.lengths import PlatformName
from bot.ports import Patiences
from bot.ports.records import Decision
from bot.store import rows
from bot.store.database import Database
from bot.store.tables import accounts, attempts, decisions, instance, is_in, outbox

_CLOSE_ATTEMPT = (
    update(attempts)
    .where(attempts.c.key == bindparam("was_key"), attempts.c.ended_at.is_(None))
    .values(
        ended_at=bindparam("new_ended_at", type_=attempts.c.ended_at.type),
        outcome=bindparam("new_outcome"),
        note=bindparam("new_note"),
    )
)
_EPOCH = select(instance.c.epoch)


class Base:
    """One store, and the epoch in which we hold the right to send."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._epoch: int | None = None

    def _held(self) -> int:
        """The epoch in which we hold the right to send. StoreError where we do not."""
        if self._epoch is None:
            raise StoreError(f"nothing is sent from the store {self._database.name} without holding it")
        return self._epoch

    def _fence(self, connection: Connection) -> int:
        """As _held, and nobody else has taken hold since."""
        epoch = self._held()
        if connection.scalar(_EPOCH) != epoch:
            raise StoreLostError(f"another program has taken over the store {self._database.name}")
        return epoch


def put_in_doubt(
    connection: Connection, now: datetime, patience: Patiences, why: str, label: str | None = None
) -> list[Key]:
    """Write down of what is claimed, on one account or on all, that nobody can know what became of it."""
    query = rows.READ.where(is_in(State.SENDING)).order_by(*rows.IN_ORDER)
    if label is not None:
        query = query.where(outbox.c.account == label)
    platforms = _platforms(connection)
    changes = [
        (was, doubt(was, now, patience.get(was.account) or PATIENCE[platforms[was.account]]))
        for was in rows.read(connection, query.with_for_update(of=outbox))
    ]
    rows.exchange(connection, changes, rows.IN_HAND)
    for was, _ in changes:
        close_attempt(connection, was.key, State.IN_DOUBT, why, now)
    return [was.key for was, _ in changes]


def _platforms(connection: Connection) -> dict[str, PlatformName]:
    found = connection.execute(select(accounts.c.label, accounts.c.platform))
    return {row.label: PlatformName(row.platform) for row in found}


def close_attempt(connection: Connection, key: Key, outcome: State, note: str, now: datetime) -> None:
    """Write into the ledger what a request did."""
    values = {"was_key": key, "new_ended_at": now, "new_outcome": outcome.value, "new_note": note}
    connection.execute(_CLOSE_ATTEMPT, values)


def write_decisions(connection: Connection, lines: Sequence[Decision]) -> None:
    """Add lines to the ledger."""
    if lines:
        values = [
            {"at": line.at, "by": line.by, "what": line.what, "about": line.about, "note": line.note}
            for line in lines
        ]
        connection.execute(insert(decisions), values)


def put_pause(connection: Connection, label: str, pause: Pause | None) -> int:
    """Stop an account, or let it go on; counts accounts."""
    values = {
        "pause_at": pause.at if pause else None,
        "pause_by": pause.by if pause else None,
        "pause_reason": pause.reason if pause else None,
        "pause_blocked": int(pause.blocked) if pause else 0,
    }
    return connection.execute(update(accounts).where(accounts.c.label == label).values(values)).rowcount
