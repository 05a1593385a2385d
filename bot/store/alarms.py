"""The problems that a person is told of."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from bot.ports.records import Alarm
from bot.store.base import Base
from bot.store.rows import chunks
from bot.store.tables import alarms


class Alarms(Base):
    """The part of the store that remembers what was told, and what is still to be told."""

    def alarms(self) -> list[Alarm]:
        """Every problem that goes on or whose end is still to be told, oldest first."""
        with self._database.reading() as connection:
            found = [
                Alarm(
                    problem=row.problem,
                    words=row.words,
                    since=row.since,
                    told_at=row.told_at,
                    over_at=row.over_at,
                )
                for row in connection.execute(select(alarms))
            ]
        # Sorted here: databases do not agree on the order of texts.
        return sorted(found, key=lambda alarm: (alarm.since, alarm.problem))

    def open_alarms(self, begun: Mapping[str, str], now: datetime) -> None:
        """Remember problems, each with its words; one that is known goes on."""
        if not begun:
            return
        with self._database.writing() as connection:
            known = set(connection.scalars(select(alarms.c.problem)))
            for some in chunks(sorted(known & begun.keys())):
                connection.execute(update(alarms).where(alarms.c.problem.in_(some)).values(over_at=None))
            new = [
                {"problem": problem, "words": words, "since": now}
                for problem, words in begun.items()
                if problem not in known
            ]
            if new:
                connection.execute(insert(alarms), new)

    def alarms_told(self, problems: Collection[str], now: datetime) -> None:
        """Remember that a person was told of these problems; the first time counts."""
        if not problems:
            return
        with self._database.writing() as connection:
            for some in chunks(list(problems)):
                untold = alarms.c.problem.in_(some) & alarms.c.told_at.is_(None)
                connection.execute(update(alarms).where(untold).values(told_at=now))

    def alarms_over(self, problems: Collection[str], now: datetime) -> None:
        """Remember that these problems are over; one that nobody was told of is forgotten."""
        if not problems:
            return
        with self._database.writing() as connection:
            for some in chunks(list(problems)):
                these = alarms.c.problem.in_(some)
                connection.execute(delete(alarms).where(these, alarms.c.told_at.is_(None)))
                connection.execute(
                    update(alarms).where(these, alarms.c.over_at.is_(None)).values(over_at=now)
                )

    def forget_alarms(self, problems: Collection[str]) -> None:
        """Forget problems whose end was told."""
        if not problems:
            return
        with self._database.writing() as connection:
            for some in chunks(list(problems)):
                over = alarms.c.problem.in_(some) & alarms.c.over_at.is_not(None)
                connection.execute(delete(alarms).where(over))
