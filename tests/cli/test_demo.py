"""The demo, as a stranger sees it, and the terminal at which it presses keys."""

import subprocess
import sys
from pathlib import Path

import pytest

from bot.app import read_mention_tables
from bot.cli import DONE
from bot.cli.demo_said import TO_BOOST, read_said
from bot.cli.demo_terminal import Terminal
from bot.domain.report import Risk
from bot.domain.safety import risk_in

ROOT = Path(__file__).parent.parent.parent
ASKS = """
import click
for number in range(30):
    print(f"question {number}", "x" * 3000, flush=True)
    print("heard", repr(click.getchar()), flush=True)
"""


def test_the_demo_shows_everything_and_ends_well():
    done = subprocess.run(
        [sys.executable, "main.py", "demo", "--for", "180s"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )

    said = done.stdout + done.stderr
    assert done.returncode == DONE, said
    assert "found there, so it is not sent again" in said
    assert f"{len(read_said())} supporters have answered, in 8 languages" in said
    assert "at risk 20" in said
    assert "18 counted, 2 rejected, 0 still waiting" in said
    assert "At least 15 actions in 9 countries" in said
    assert "on the platform: boosted 1 time" in said
    assert "on the platform: the boost is gone" in said
    assert "nothing in any of" in said
    assert "each is on its timeline once" in said


def test_one_of_those_who_speak_in_the_demo_is_inside_and_the_program_sees_it():
    tables = read_mention_tables()
    inside = [line for line in read_said() if risk_in(line.text, line.language, tables).risk is Risk.AT_RISK]

    assert inside == [line for line in read_said() if line.inside]
    assert len(inside) == 1


def test_those_who_speak_in_the_demo_are_different_people_one_of_whom_is_boosted():
    handles = [line.handle for line in read_said()]

    assert len(set(handles)) == len(handles)
    assert handles.count(TO_BOOST) == 1
    assert all(handle.endswith(".example") for handle in handles)


def test_each_key_is_pressed_at_its_own_question_and_nothing_shown_is_missed():
    with Terminal([sys.executable, "-c", ASKS]) as terminal:
        shown = [terminal.press("jk"[number % 2]) for number in range(30)]
        rest = terminal.rest()

    for number in range(30):
        assert f"question {number} {'x' * 3000}\n" in shown[number]
        assert f"heard '{'jk'[number % 2]}'" in (shown[number + 1] if number < 29 else rest)


@pytest.mark.parametrize("code", ["print('no question')", "raise SystemExit(3)"])
def test_a_command_that_ends_awaits_no_key(code):
    with Terminal([sys.executable, "-c", code]) as terminal:
        assert terminal.press("c") is None
        assert not terminal.awaited()
