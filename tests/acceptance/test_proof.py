"""`make proof` counts what the platforms hold, and says so when a number is wrong."""

import subprocess
import sys

from bot.sandbox import Sandbox
from tests.acceptance import proof
from tests.acceptance.turned import ROOT, TurnedClock
from tests.tables import TLDS


def test_the_proof_finds_each_post_once_on_every_platform():
    command = [sys.executable, "-m", "tests.acceptance.proof"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)

    assert done.stdout.splitlines() == ["x 1 1 1 1 3", "mastodon 1 1 1 1 3", "bluesky 1 1 1 1 3"]
    assert (done.stderr, done.returncode) == ("", 0)


def test_a_wrong_number_fails_the_proof_and_is_named(capsys):
    code = proof.main(lambda _, name, __: [1, 1, 1, 2 if name == "x" else 1, 3])

    said = capsys.readouterr()
    assert code == 1
    assert said.out.startswith("x 1 1 1 2 3\nmastodon 1 1 1 1 3\n")
    assert said.err == "x: 2 instead of 1, when the program was killed after the post was stored\n"


def test_the_proof_counts_what_the_platform_holds():
    clock = TurnedClock()
    with Sandbox(tlds=TLDS, now=clock.now) as sandbox:
        one = sandbox.post_by_hand("mastodon", "First, we meet.")
        sandbox.post_by_hand("mastodon", "First, we meet.")

        assert proof.in_order(sandbox, "mastodon", proof.ONE) == 0
        assert proof.in_order(sandbox, "mastodon", ("First,",)) == 2
        assert proof.in_order(sandbox, "mastodon", proof.THREE) == 0
        sandbox.record.amend("mastodon", one.id, deleted=True)
        assert proof.in_order(sandbox, "mastodon", ("First,",)) == 1
