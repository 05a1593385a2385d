"""Platforms with a short deadline, and servers that misbehave below HTTP."""

import json
import re
import socket
import struct
import threading
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.clock import SystemClock
from bot.platforms.bluesky import BlueskyPlatform
from bot.sandbox import Answer, Fault
from tests.contracts.stages import MEDIA, bluesky_platform, mastodon_platform, sandbox_stage, x_platform


class Ahead(SystemClock):
    """A clock that is set wrong."""

    def __init__(self, ahead):
        self._ahead = ahead

    def now(self):
        return super().now() + self._ahead


class Hands:
    """A clock that is set by hand."""

    def __init__(self):
        self.boot_at = self.monotonic_at = 0.0

    def boot(self):
        return self.boot_at

    def monotonic(self):
        return self.monotonic_at

    def sleep(self, seconds):
        self.boot_at += seconds

    def stand_still(self, seconds):
        self.boot_at += seconds
        self.monotonic_at += seconds


SHORT, LONG = timedelta(seconds=0.4), timedelta(seconds=5)


@pytest.fixture(params=["x", "mastodon", "bluesky"])
def stage(request, sandbox, tmp_path):
    """One platform of the sandbox, logged in, with a deadline that a busy machine keeps."""
    return staged(request.param, sandbox, tmp_path, LONG)


@pytest.fixture(params=["x", "mastodon", "bluesky"])
def hasty(request, sandbox, tmp_path):
    """The same with a short deadline, for what does not end before it."""
    return staged(request.param, sandbox, tmp_path, SHORT)


def staged(name, sandbox, path, deadline):
    stage = sandbox_stage(sandbox, name, path)
    platform = at(name, getattr(sandbox, name).url, sandbox, path, deadline)
    return replace(stage, name=name, platform=platform)


def at(name, url, sandbox, path, deadline=LONG):
    """An adapter with the sandbox's credentials, pointed at any address."""
    if name == "x":
        return x_platform(url, dict(sandbox.x.account.secrets), deadline, path / MEDIA)
    if name == "mastodon":
        return mastodon_platform(url, sandbox.mastodon.account.token, deadline, path / MEDIA)
    account = sandbox.bluesky.account
    return bluesky_platform(url, account.handle, account.app_password, path, deadline=deadline)


@contextmanager
def raw_server(serve):
    """A listening socket whose every connection is given to `serve`."""
    listener = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def accept():
        while not ended.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                serve(connection)

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        ended.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def whole_request(connection):
    """A request with its body; closing a connection on what was not read would be a reset."""
    request = b""
    while piece := connection.recv(1 << 16):
        request += piece
        head, end, body = request.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        if end and len(body) >= int(length[1] if length else 0):
            break
    return request


def reset(connection):
    """Wait for the first byte, and answer it with RST."""
    connection.recv(1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@contextmanager
def full_house():
    """An address that takes no further connection: who knocks waits."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    guests = []
    for _ in range(4):
        guest = socket.socket()
        guest.setblocking(False)
        guest.connect_ex(listener.getsockname())
        guests.append(guest)
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        for guest in guests:
            guest.close()
        listener.close()


@pytest.fixture
def bluesky(sandbox, tmp_path):
    """Bluesky in the sandbox, logged in."""
    return sandbox_stage(sandbox, "bluesky", tmp_path)


def bluesky_at(sandbox, path, **changes):
    """An adapter for the sandbox's account that keeps its session at a path."""
    account = sandbox.bluesky.account
    return BlueskyPlatform(
        base_url=sandbox.bluesky.url,
        handle=account.handle,
        app_password=lambda: account.app_password,
        session_path=path,
        clock=SystemClock(),
        deadline=timedelta(seconds=5),
        **changes,
    )


def xrpc_error(operation, status, error, times=1):
    """A refusal in Bluesky's form."""
    body = json.dumps({"error": error, "message": "No"}).encode()
    return Fault(
        platform="bluesky", operation=operation, action=Answer(status=status, body=body), times=times
    )
