"""Each post that ships looks as it did when somebody last read it: tests/data/previews has what that was."""

import pytest

from tests.acceptance.renew_previews import golden, previews, shipped

RENEW = "read it, and if it is as it should be: python -m tests.acceptance.renew_previews"


@pytest.fixture(scope="module")
def now():
    """What `preview` says today."""
    return previews(shipped())


def test_each_post_that_ships_has_its_golden_preview_and_no_other_is_kept():
    assert set(golden()) == set(shipped()), RENEW
    assert len(shipped()) > 0


@pytest.mark.parametrize("post", shipped())
def test_a_post_that_ships_looks_as_it_was_last_read(post, now):
    assert now[post] == golden().get(post), RENEW


def test_every_post_that_ships_fits_everywhere(now):
    assert [post for post, said in now.items() if not said.endswith("(exit code 0)\n")] == []
