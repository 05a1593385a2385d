"""Tell systemd how the daemon is, where it runs under systemd: ready, alive, ending."""

import logging
import os
import socket

log = logging.getLogger(__name__)

READY = "READY=1"
ALIVE = "WATCHDOG=1"
ENDING = "STOPPING=1"


def notify(state: str) -> None:
    """Send one state to the socket that systemd named; nothing where it named none."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]  # a name that is not in the file system
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
            channel.settimeout(1.0)
            channel.connect(address)
            channel.send(state.encode())
    except OSError as error:
        log.warning("daemon: systemd was not told %s: %s", state, error.strerror or error)
