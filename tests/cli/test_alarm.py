"""alarm test: whether a person would be reached."""

import pytest

from tests.servers.smtp import SmtpServer
from tests.servers.web import WebServer


@pytest.fixture
def web():
    with WebServer() as server:
        yield server


@pytest.fixture
def script(shell):
    """A command that keeps what it hears."""
    path = shell.folder / "wake-us.sh"
    path.write_text('#!/bin/sh\ncat > "$1"\n', encoding="utf-8")
    path.chmod(0o700)
    return "  command: [./wake-us.sh, heard]\n"


def webhook(web):
    return f"  webhook: {{url: {web.url}/hook}}\n"


def test_every_way_is_tried_and_says_whether_it_arrived(shell, web, script):
    with SmtpServer() as smtp:
        shell.configure(
            "alarm:\n"
            "  email: {to: [anna@example.org], from: bot@example.org, server: 127.0.0.1, "
            f"port: {smtp.port}}}\n{webhook(web)}{script}heartbeat_url: {web.url}/pulse\n"
        )
        code, said = shell.call("alarm", "test")

    assert (code, said) == (
        0,
        "email: arrived\nwebhook: arrived\ncommand: arrived\nheartbeat_url: arrived\n",
    )
    assert smtp.letters[0]["Subject"] == "A test of the alarm."
    assert [path for _, path, _ in web.asked] == ["/hook", "/pulse"]
    assert "Nothing is wrong" in (shell.folder / "heard").read_text(encoding="utf-8")


def test_one_way_that_fails_leaves_with_1_and_keeps_no_other_from_being_tried(shell, web, script):
    web.status = 500
    shell.configure(f"alarm:\n{webhook(web)}{script}")

    code, said = shell.call("alarm", "test")

    assert (code, said) == (1, "webhook: failed: the server answers 500\ncommand: arrived\n")


def test_a_heartbeat_that_nobody_hears_leaves_with_1(shell, web, script):
    web.status = 404
    shell.configure(f"alarm:\n{script}heartbeat_url: {web.url}/pulse\n")

    code, said = shell.call("alarm", "test")

    assert (code, said) == (1, "command: arrived\nheartbeat_url: failed: the server answers 404\n")


@pytest.mark.parametrize("heartbeat", [True, False])
def test_without_a_way_to_reach_anybody_it_leaves_with_1(shell, web, heartbeat):
    shell.configure(f"heartbeat_url: {web.url}\n" if heartbeat else "")

    code, said = shell.call("alarm", "test")

    assert code == 1
    assert "No way to reach anybody is configured" in said


def test_a_secret_that_is_not_there_is_one_sentence(shell):
    shell.configure("alarm:\n  webhook: {url: {file: hook}}\n")

    code, said = shell.call("alarm", "test")

    assert code == 1
    assert said.startswith("webhook: failed: the file hook cannot be read: No such file")
    assert said.count("\n") == 1
