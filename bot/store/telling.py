"""Numbers of the tally, filled in and kept in the transaction that claims the post which tells them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select, update

from bot.domain.delivery import Delivery
from bot.domain.thanks import ABOUT, TAKEN, fill
from bot.store import rules
from bot.store.base import write_decisions
from bot.store.inbox import read_counted
from bot.store.rows import AnyRow
from bot.store.seal import sealed, unsealed
from bot.store.tables import decisions, instance, outbox, renditions
from bot.store.types import Instant

_LAST = select(func.max(decisions.c.at, type_=Instant)).where(
    decisions.c.about == ABOUT, decisions.c.what == TAKEN
)
# Two accounts that claim at once must tell the same numbers.
_IN_TURN = select(instance.c.epoch).with_for_update()
_WRITE = update(outbox).where(outbox.c.key == bindparam("was_key")).values(text=bindparam("new_text"))


def tell(
    connection: Connection, row: AnyRow, parts: Sequence[Delivery], now: datetime
) -> tuple[Sequence[Delivery], str | None]:
    """The parts of what is due with their numbers filled in, or why they cannot be."""
    blank = rules.blank_parts(parts)
    if not blank:
        return parts, None
    connection.execute(_IN_TURN).all()
    last = connection.scalar(_LAST)
    told = fill([part.text for part in blank], read_counted(connection), last, now)
    if isinstance(told, str):
        return parts, told
    if told.until != last:
        write_decisions(connection, [rules.edition(told.until)])
    texts = dict(zip((part.key for part in blank), told.texts, strict=True))
    for key, text in texts.items():
        connection.execute(_WRITE, {"was_key": key, "new_text": text})
    after = [replace(part, text=texts.get(part.key, part.text)) for part in parts]
    digest = sealed(unsealed(row.digest), [part.text for part in after])
    connection.execute(update(renditions).where(renditions.c.id == row.rendition).values(digest=digest))
    return after, None
