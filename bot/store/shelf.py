"""Deliveries in plain dicts, kept in the order in which they are asked for."""

from bisect import bisect_left, bisect_right, insort
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.domain.delivery import Delivery, Key, State


@dataclass(slots=True, eq=False)
class Rendition:
    """What the parts of a rendition share; `number` tells which was owed first."""

    number: int
    priority: int
    part_gap: timedelta
    digest: str
    absent: bool = False
    keys: list[Key] = field(default_factory=list)


class Agenda:
    """Keys by an instant, the earliest first."""

    def __init__(self) -> None:
        self._items: list[tuple[datetime, int, int, Key]] = []

    @classmethod
    def of(cls, instants: Iterable[datetime]) -> "Agenda":
        """An agenda of instants alone."""
        made = cls()
        made._items = sorted((at, 0, 0, Key("")) for at in instants)
        return made

    def add(self, item: tuple[datetime, int, int, Key]) -> None:
        """Put one in its place."""
        insort(self._items, item)

    def discard(self, item: tuple[datetime, int, int, Key]) -> None:
        """Take one out."""
        del self._items[bisect_left(self._items, item)]

    def until(self, at: datetime, *, inclusive: bool = True) -> list[Key]:
        """Those up to an instant."""
        end = (
            bisect_right(self._items, at, key=_instant)
            if inclusive
            else bisect_left(self._items, at, key=_instant)
        )
        return [item[3] for item in self._items[:end]]

    def after(self, at: datetime) -> datetime | None:
        """The first instant later than another."""
        position = bisect_right(self._items, at, key=_instant)
        return self._items[position][0] if position < len(self._items) else None

    def first(self) -> datetime | None:
        """The first instant of all."""
        return self._items[0][0] if self._items else None


def _instant(item: tuple[datetime, int, int, Key]) -> datetime:
    return item[0]


class Shelf:
    """Every delivery by its key, and those that wait for something in the order of their hour."""

    def __init__(self) -> None:
        self._rows: dict[Key, Delivery] = {}
        self._renditions: dict[Key, Rendition] = {}
        self._ready: set[Key] = set()
        self.waiting: defaultdict[str, Agenda] = defaultdict(Agenda)
        self.in_doubt: defaultdict[str, Agenda] = defaultdict(Agenda)
        self.fresh: defaultdict[str, Agenda] = defaultdict(Agenda)
        self.expiring = Agenda()
        self.sending: dict[Key, None] = {}
        self.owners: dict[tuple[str, str], Key] = {}

    def __contains__(self, key: Key) -> bool:
        return key in self._rows

    def __iter__(self) -> Iterator[Key]:
        """Every key, in no order."""
        return iter(self._rows)

    def among(self, wanted: Callable[[Delivery], bool]) -> list[Delivery]:
        """The deliveries of some sort, in the order they go out."""
        return self.in_order(key for key, row in self._rows.items() if wanted(row))

    def counts(self) -> Counter[State]:
        """How many deliveries are in each state."""
        return Counter(row.state for row in self._rows.values())

    def get(self, key: Key) -> Delivery:
        """One delivery; a later part of a thread carries the receipts of the one before and the first."""
        row = self._rows[key]
        if row.part == 1:
            return row
        keys = self._renditions[key].keys
        parent = self._rows[keys[row.part - 2]].receipt
        return replace(row, parent=parent, root=self._rows[keys[0]].receipt) if parent else row

    def rendition(self, key: Key) -> Rendition:
        """The rendition a delivery is a part of."""
        return self._renditions[key]

    def parts(self, rendition: Rendition) -> tuple[Delivery, ...]:
        """The parts of a rendition, in order."""
        return tuple(self.get(key) for key in rendition.keys)

    def in_order(self, keys: Iterable[Key]) -> list[Delivery]:
        """Deliveries in the order they go out."""
        return sorted(map(self.get, keys), key=self._order)

    def add(self, delivery: Delivery, rendition: Rendition) -> None:
        """Put a delivery there that is the next part of a rendition."""
        rendition.keys.append(delivery.key)
        self._renditions[delivery.key] = rendition
        if delivery.part == 1:
            self._ready.add(delivery.key)
        self._place(delivery)

    def put(self, delivery: Delivery) -> None:
        """Put a delivery in place of what it was."""
        self._unplace(self._rows[delivery.key])
        self._place(replace(delivery, parent=None, root=None) if delivery.parent else delivery)
        keys = self._renditions[delivery.key].keys
        if delivery.state is State.SENT and delivery.part < len(keys):
            self._open(keys[delivery.part])

    def remove(self, key: Key) -> None:
        """Take away the last part of a rendition."""
        self._unplace(self._rows.pop(key))
        self._renditions.pop(key).keys.remove(key)

    def _open(self, key: Key) -> None:
        row = self._rows[key]
        self._unplace(row)
        self._ready.add(key)
        self._place(row)

    def _place(self, row: Delivery) -> None:
        self._rows[row.key] = row
        if row.state is State.SENDING:
            self.sending[row.key] = None
        if row.receipt:
            self.owners[row.account, row.receipt.remote_id] = row.key
        for agenda, item in self._agendas(row):
            agenda.add(item)

    def _unplace(self, row: Delivery) -> None:
        self.sending.pop(row.key, None)
        for agenda, item in self._agendas(row):
            agenda.discard(item)

    def _agendas(self, row: Delivery) -> Iterator[tuple[Agenda, tuple[datetime, int, int, Key]]]:
        place = (self._renditions[row.key].number, row.part, row.key)
        if row.state is State.SCHEDULED:
            yield self.expiring, (row.expires_at, *place)
        if row.next_at is None:
            return
        if row.state is State.SCHEDULED and row.held is None and row.key in self._ready:
            yield self.waiting[row.account], (row.next_at, *place)
        elif row.state is State.IN_DOUBT:
            yield self.in_doubt[row.account], (row.next_at, *place)
        elif row.state is State.SENT:
            yield self.fresh[row.account], (row.next_at, *place)

    def _order(self, delivery: Delivery) -> tuple[datetime, int, int]:
        return delivery.planned_at, self._renditions[delivery.key].number, delivery.part
