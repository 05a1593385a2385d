"""A terminal of its own for a command, whose keys are pressed by the demo."""

import contextlib
import os
import select
import subprocess
import termios
import time
from collections.abc import Callable, Sequence

PATIENCE = 20.0  # seconds within which a command asks for its next key
GLANCE = 0.02
LINE_MODE = 3  # where termios keeps the flags that tell whether single keys are awaited


class Terminal:
    """A command at work in a terminal; a context manager that ends it."""

    def __init__(self, command: Sequence[str]) -> None:
        self.shown = ""
        self._ours, theirs = os.openpty()
        try:
            self._running = subprocess.Popen(  # noqa: S603  # our own program
                command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
            )
        finally:
            os.close(theirs)

    def press(self, keys: str) -> str | None:
        """Press keys once they are awaited; what was shown before that, None where the command has ended."""
        if not self._until(self._awaits_a_key):
            return None
        shown, self.shown = self.shown, ""
        os.write(self._ours, keys.encode())
        self._until(lambda: bool(self.shown))
        return shown

    def awaited(self) -> bool:
        """Wait until a key is awaited; whether one is, and the command has not ended."""
        return self._until(self._awaits_a_key)

    def rest(self) -> str:
        """What is shown until the command ends."""
        self._until(lambda: False)
        return self.shown

    def _awaits_a_key(self) -> bool:
        """Whether single keys are awaited, and all that was shown before has been read."""
        if termios.tcgetattr(self._ours)[LINE_MODE] & termios.ICANON:
            return False
        return not select.select([self._ours], [], [], GLANCE)[0]

    def _until(self, done: Callable[[], bool]) -> bool:
        """Read along until something is so; whether it is. False where the command ends or says nothing."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if not self._read():
                return False
            if done():
                return True
        return False

    def _read(self) -> bool:
        """Take over what was shown meanwhile; whether more may come."""
        ready, _, _ = select.select([self._ours], [], [], GLANCE)
        if not ready:
            return self._running.poll() is None
        try:
            some = os.read(self._ours, 65536)
        except OSError:  # how a terminal tells that nobody is at its other end any more
            return False
        self.shown += some.decode("utf-8", "replace").replace("\r\n", "\n")
        return bool(some)

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        if self._running.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                self._running.kill()
        self._running.wait()
        os.close(self._ours)
