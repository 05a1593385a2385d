"""systemd is told through a real socket what it has to know."""

import os
import signal
import socket
import subprocess
import sys

import pytest

from bot.daemon.notify import notify
from tests.acceptance.conftest import MAIN


@pytest.fixture(params=["file", "abstract"])
def systemd(request, tmp_path):
    """A socket as systemd opens one, and the name it gives it."""
    name = str(tmp_path / "notify") if request.param == "file" else f"@{tmp_path.name}-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(name.replace("@", "\0", 1) if name.startswith("@") else name)
        listening.settimeout(20)
        yield listening, name


@pytest.fixture
def told():
    """Names the socket in the environment, as systemd does."""
    before = os.environ.get("NOTIFY_SOCKET")

    def name(socket_name):
        os.environ["NOTIFY_SOCKET"] = socket_name

    yield name
    os.environ.pop("NOTIFY_SOCKET", None)
    if before is not None:
        os.environ["NOTIFY_SOCKET"] = before


def test_a_state_reaches_the_socket_that_was_named(systemd, told):
    listening, name = systemd
    told(name)

    notify("WATCHDOG=1")

    assert listening.recv(100) == b"WATCHDOG=1"


def test_a_socket_that_is_gone_is_a_warning_and_no_end(told, tmp_path, caplog):
    told(str(tmp_path / "gone"))

    notify("WATCHDOG=1")

    assert "systemd was not told WATCHDOG=1: No such file or directory" in caplog.text


def test_without_systemd_nothing_is_told_and_nothing_warned_of(told, caplog):
    told("")

    notify("WATCHDOG=1")

    assert caplog.text == ""


def test_the_program_says_that_it_is_ready_then_that_it_lives_and_in_the_end_that_it_stops(systemd, tmp_path):
    listening, name = systemd
    (tmp_path / "posts").mkdir()
    (tmp_path / "token").touch(mode=0o600)
    (tmp_path / "token").write_text("secret", encoding="utf-8")
    config = tmp_path / "config.yaml"
    config.write_text(
        "campaign: test\ntimezone: UTC\naccounts:\n  mastodon:\n"
        '    handle: "@campaign@mastodon.example"\n    base_url: http://127.0.0.1:9\n'
        "    access_token: {file: token}\n",
        encoding="utf-8",
    )

    with subprocess.Popen(
        [sys.executable, MAIN, "--config", config, "run"],
        env={**os.environ, "NOTIFY_SOCKET": name},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as program:
        try:
            said = [listening.recv(100) for _ in range(3)]
            program.send_signal(signal.SIGTERM)
            while said[-1] != b"STOPPING=1":
                said.append(listening.recv(100))
            code = program.wait(20)
        finally:
            program.kill()

    assert said[:3] == [b"READY=1", b"WATCHDOG=1", b"WATCHDOG=1"]
    assert code == 0
