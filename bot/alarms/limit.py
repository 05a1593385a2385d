"""One limit for all the time that telling takes: a time-out of a socket begins anew with every byte."""

import os
import socket
from collections.abc import Callable
from contextlib import suppress
from threading import Lock, Timer
from types import TracebackType
from typing import Self

SECONDS = 30.0


class Limit:
    """Breaks off the connections that were opened within it, once its time is over."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.over = False
        self._kept: list[socket.socket] = []
        self._lock = Lock()
        self._timer = Timer(seconds, self._break_off)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        with self._lock:
            for kept in self._kept:
                kept.close()
            self._kept.clear()

    def watch(self, connection: socket.socket) -> None:
        """Break this connection off as well when the time is over."""
        # A second door to the same connection: the first is wrapped, and so replaced, by TLS.
        door = socket.socket(fileno=os.dup(connection.fileno()))
        with self._lock:
            self._kept.append(door)
        if self.over:
            self._break_off()

    def _break_off(self) -> None:
        with self._lock:
            self.over = True
            for kept in self._kept:
                with suppress(OSError):  # whoever we spoke to has gone already
                    kept.shutdown(socket.SHUT_RDWR)


def said_of(error: Exception, limit: Limit) -> str:
    """What went wrong with a connection, without a word of whoever we spoke to."""
    if limit.over or isinstance(error, TimeoutError):
        return f"no answer within {limit.seconds:.0f} s"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__


Reveal = Callable[[], str]
"""Gives a secret when it is needed. Raises ConfigError where it cannot be used."""
