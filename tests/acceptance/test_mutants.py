"""The harness can fail: it catches a program that lacks any one of its protections."""

from dataclasses import replace

import pytest

from tests.kills.arena import Arena
from tests.kills.mutants import MUTANTS


@pytest.fixture(scope="module")
def arena():
    with Arena() as arena:
        yield arena


@pytest.mark.parametrize("name", MUTANTS)
def test_a_program_without_a_protection_is_caught(arena, name):
    mutant = MUTANTS[name]
    unharmed = arena.try_out(mutant.case)
    deaths = [(step,) for step in range(1, unharmed.steps + 1)] if mutant.killed else [()]
    cases = [replace(mutant.case, kills=kills) for kills in deaths]

    assert [arena.try_out(case).wrong for case in cases] == [()] * len(cases)
    assert any(arena.try_out(replace(case, mutant=name)).wrong for case in cases)
