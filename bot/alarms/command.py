"""A command of the operator's own: the words are on its standard input."""

import os
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from bot.alarms.limit import SECONDS
from bot.domain.errors import AlarmError


class Command:
    """Runs a command without a shell; it has arrived when the command ends with 0."""

    name = "command"

    def __init__(self, words: Sequence[str], folder: Path, *, seconds: float = SECONDS) -> None:
        self._words = list(words)
        self._folder = folder
        self._seconds = seconds

    def tell(self, words: str) -> None:
        """Run the command. AlarmError where it cannot be run, says no, or takes too long."""
        try:
            # In a group of its own, so that whatever it has started ends with it.
            running = subprocess.Popen(  # noqa: S603  # the operator's own words, and no shell
                self._words,
                cwd=self._folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            raise AlarmError(f"the command cannot be run: {error.strerror}") from error
        try:
            running.communicate(words.encode(), timeout=self._seconds)
        except subprocess.TimeoutExpired as error:
            raise AlarmError(f"the command did not end within {self._seconds:.0f} s") from error
        finally:
            if running.poll() is None:
                with suppress(ProcessLookupError):
                    os.killpg(running.pid, signal.SIGKILL)
                running.wait()
        if running.returncode:
            raise AlarmError(f"the command ended with {running.returncode}")
