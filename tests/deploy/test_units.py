"""What the units promise the daemon, and what systemd itself says of them where it is installed."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from bot.daemon import PATIENCE_WITH_LANES, TICK
from bot.pictures.child import MEMORY

DEPLOY = Path(__file__).parent.parent.parent / "deploy"
UNITS = sorted(path for path in DEPLOY.iterdir() if path.suffix in {".service", ".timer"})
# In CI .ci/run installs it: there these tests must run.
needs_systemd = pytest.mark.skipif(
    not shutil.which("systemd-analyze") and not os.environ.get("CI"), reason="systemd is not installed"
)


def settings(name):
    text = (DEPLOY / name).read_text(encoding="utf-8")
    return dict(line.split("=", 1) for line in text.splitlines() if re.match(r"[A-Z]\w*=", line))


def test_the_daemon_has_time_to_end_and_is_killed_only_when_its_tick_hangs():
    unit = settings("solidarity-bot.service")

    assert int(unit["TimeoutStopSec"]) > PATIENCE_WITH_LANES + 5
    assert int(unit["WatchdogSec"]) > 20 * TICK
    assert (unit["Type"], unit["Restart"], unit["RestartSec"]) == ("notify", "on-failure", "30")


def test_whoever_opens_a_picture_may_limit_itself_and_ends_alone():
    text = (DEPLOY / "solidarity-bot.service").read_text(encoding="utf-8")

    denied, allowed = text.index("SystemCallFilter=~"), text.index("SystemCallFilter=setrlimit prlimit64")
    assert denied < allowed  # the later line counts
    assert settings("solidarity-bot.service")["OOMPolicy"] == "continue"
    assert int(settings("solidarity-bot.service")["MemoryMax"].removesuffix("G")) << 30 > 1.5 * MEMORY


def test_a_crash_loop_ends_before_a_platform_counts_the_logins():
    unit = settings("solidarity-bot.service")

    # Bluesky allows 30 logins in five minutes.
    assert int(unit["StartLimitBurst"]) <= 5
    assert int(unit["StartLimitIntervalSec"]) > int(unit["StartLimitBurst"]) * int(unit["RestartSec"])


@pytest.mark.parametrize("name", ["solidarity-bot.service", "solidarity-bot-queue.service"])
def test_whoever_fails_raises_an_alarm_that_is_there(name):
    alarm = settings(name)["OnFailure"]

    assert alarm == "solidarity-bot-alarm@%n.service"
    assert (DEPLOY / "solidarity-bot-alarm@.service").is_file()


def test_who_publishes_and_who_fetches_the_posts_are_not_the_same():
    users = {settings(name)["User"] for name in ("solidarity-bot.service", "solidarity-bot-queue.service")}

    assert len(users) == 2


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_what_a_unit_runs_is_there(unit):
    for program in re.findall(r"/opt/solidarity-bot/(\S+\.(?:sh|py))", unit.read_text(encoding="utf-8")):
        path = DEPLOY.parent / program
        assert path.is_file()
        assert path.suffix == ".py" or path.stat().st_mode & 0o111


@needs_systemd
def test_systemd_finds_nothing_wrong_with_the_units(tmp_path):
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8").replace("/opt/solidarity-bot/.venv/bin/python ", "/bin/true ")
        text = text.replace("/opt/solidarity-bot", str(DEPLOY.parent))
        (tmp_path / unit.name).write_text(text, encoding="utf-8")

    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *tmp_path.iterdir()],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")


@needs_systemd
@pytest.mark.parametrize("name", ["solidarity-bot.service", "solidarity-bot-queue.service"])
def test_systemd_calls_a_unit_well_shut_off(name):
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=20", DEPLOY / name],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-200:]
