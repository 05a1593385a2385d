"""A cursor can be read by whoever has the key, and by nobody else."""

import pytest

from bot.domain.sealed import opened, sealed
from bot.store.hasher import KeyedHashes

OURS, ANOTHER = KeyedHashes(b"a" * 32), KeyedHashes(b"b" * 32)
CURSORS = ["", "7", "700000012", '{"to": "2027-05-01 12:00:00+00:00", "at": "жук"}', "x" * 1000]


@pytest.mark.parametrize("cursor", CURSORS)
def test_what_was_sealed_is_opened_with_the_same_key_and_no_other(cursor):
    written = sealed(OURS, cursor)

    assert opened(OURS, written) == cursor
    assert opened(ANOTHER, written) is None


@pytest.mark.parametrize("cursor", CURSORS[1:])
def test_nothing_of_a_cursor_can_be_read_in_what_was_sealed(cursor):
    assert cursor not in sealed(OURS, cursor)
    assert len({sealed(OURS, cursor), sealed(ANOTHER, cursor)}) == 2


def test_the_same_cursor_is_sealed_alike_and_its_neighbour_quite_differently():
    one, other = sealed(OURS, "700000012"), sealed(OURS, "700000013")

    assert one == sealed(OURS, "700000012")
    assert sum(a == b for a, b in zip(one, other, strict=True)) < len(one) / 2


@pytest.mark.parametrize("written", ["", "700000012", "down:700000012", "ж", "AAAA", "=" * 9])
def test_what_was_never_sealed_is_not_opened(written):
    assert opened(OURS, written) is None


def test_what_was_changed_since_is_not_opened():
    written = sealed(OURS, "70000012")  # as long as makes every letter count

    assert all(
        opened(OURS, written[:at] + other + written[at + 1 :]) is None
        for at in range(len(written))
        for other in "AB_"
        if other != written[at]
    )
