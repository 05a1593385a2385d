"""What is collected into a real database, by a process that is killed."""

from bot.store import open_store
from tests.store.conftest import MOST_STEPS, killed_before

APART = 7  # steps


def test_two_hundred_are_accounted_for_whenever_the_process_is_killed(store, path, tmp_path):
    store.close()
    outcomes = []
    with killed_before("collect", path, tmp_path) as outcome:
        for step in range(1, MOST_STEPS * 10, APART):
            outcomes.append(outcome(step))
            if outcomes[-1] == "done":
                break

    store = open_store(path)
    assert (set(outcomes[:-1]), outcomes[-1]) == ({"killed"}, "done")
    assert len(outcomes) > 30
    assert store.numbers() == {"at risk 2027-05": 50, "opted out 2027-05": 50}
    assert len(store.reports()) == 100
    store.close()
