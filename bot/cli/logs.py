"""What the program writes down while it works: its own lines, and of a library's only that there was one.

A library's line may hold anything: at debug level, urllib3 and httpx write the address of every question, and
what we ask Mastodon and Bluesky for is named by the number or the hour of a message. The words of an
exception, too, may repeat what was being read. Levels do not keep that out: whoever looks for a fault turns
them up, and libraries warn of addresses as well.
"""

import copy
import logging
import sys
import traceback
from pathlib import Path
from typing import TextIO

OURS = "bot"
LEAST_OF_OTHERS = logging.WARNING
LAST_CALLS = 6  # that are named of where something broke


class _ToTerminal(logging.StreamHandler[TextIO]):
    """The one handler of ours; it writes to what standard error is at the time."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]  # as logging's own last resort has it
        """Where to."""
        return sys.stderr


def begin(level: str) -> None:
    """Write one line for each thing that happens, from a level on; begun again, as if for the first time."""
    handler = _ToTerminal()
    handler.setFormatter(Discreet("%(asctime)s %(levelname)-7s %(message)s"))
    handler.addFilter(worth_a_line)
    root = logging.getLogger()
    for old in root.handlers[:]:
        if isinstance(old, _ToTerminal):
            root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level.upper())


def worth_a_line(record: logging.LogRecord) -> bool:
    """Whether a record is written down: all of ours, of a library's what it warns of."""
    return _is_ours(record) or record.levelno >= LEAST_OF_OTHERS


class Discreet(logging.Formatter):
    """Writes our lines as they are; of a library's and of an exception who and where, never its words."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, and one more where something broke."""
        shown = copy.copy(record)
        shown.exc_info = shown.exc_text = shown.stack_info = None  # another handler may have spelt it out
        if not _is_ours(record):
            shown.msg, shown.args = f"{record.name}: its words are not repeated: {_place(record)}", ()
        lines = [super().format(shown)]
        if record.exc_info and record.exc_info[1]:
            lines.append(f"  {where(record.exc_info[1])}")
        return "\n".join(lines)


def where(error: BaseException) -> str:
    """What broke and on which way there, without a word of it."""
    calls = traceback.extract_tb(error.__traceback__)[-LAST_CALLS:]
    way = " > ".join(f"{Path(call.filename).name}:{call.lineno}" for call in calls)
    return f"{type(error).__name__} at {way or 'nowhere'}"


def _is_ours(record: logging.LogRecord) -> bool:
    return record.name == OURS or record.name.startswith(f"{OURS}.")


def _place(record: logging.LogRecord) -> str:
    return f"{Path(record.pathname).name}:{record.lineno}"
