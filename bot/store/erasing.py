"""Erase what a settled delivery holds of a supporter's message, in the transaction that settles it."""

from sqlalchemy import Connection, bindparam, select, update

from bot.domain.boosting import erased
from bot.domain.delivery import Delivery
from bot.store.seal import unsealed
from bot.store.tables import outbox, renditions

_ERASE = (
    update(outbox)
    .where(outbox.c.key == bindparam("was_key"))
    .values(text=bindparam("new_text"), payload=bindparam("new_payload"), reliance="")
)
_SEALED = (
    select(renditions.c.id, renditions.c.digest)
    .join(outbox, outbox.c.rendition == renditions.c.id)
    .where(outbox.c.key == bindparam("was_key"))
)


def erase(connection: Connection, settled: Delivery) -> None:
    """Leave nothing in a delivery by which the message could be found, not even the seal on its id."""
    bare = erased(settled)
    if bare is settled:
        return
    was = {"was_key": settled.key}
    connection.execute(_ERASE, {**was, "new_text": bare.text, "new_payload": bare.payload})
    for row in connection.execute(_SEALED, was).all():
        unseal = update(renditions).where(renditions.c.id == row.id)
        connection.execute(unseal.values(digest=unsealed(row.digest)))
