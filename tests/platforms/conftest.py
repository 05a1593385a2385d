"""Platforms with a short deadline, and servers that misbehave below HTTP."""

import socket
import struct
import threading
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.contracts.stages import bluesky_platform, mastodon_platform, sandbox_stage, x_platform

SHORT = timedelta(seconds=0.6)


@pytest.fixture(params=["x", "mastodon", "bluesky"])
def stage(request, sandbox, tmp_path):
    """One platform of the sandbox, logged in, with a short deadline."""
    stage = sandbox_stage(sandbox, request.param, tmp_path)
    platform = at(request.param, getattr(sandbox, request.param).url, sandbox, tmp_path)
    platform.identify()
    return replace(stage, name=request.param, platform=platform)


def at(name, url, sandbox, path, deadline=SHORT):
    """An adapter with the sandbox's credentials, pointed at any address."""
    if name == "x":
        return x_platform(url, dict(sandbox.x.account.secrets), deadline)
    if name == "mastodon":
        return mastodon_platform(url, sandbox.mastodon.account.token, deadline)
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


def reset(connection):
    """Answer with RST."""
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
