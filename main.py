"""Hands over to bot.cli; says so plainly where Python is too old for it."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036  # an older Python runs this very line
    sys.exit("This program needs Python 3.11 or newer; this is Python %d.%d." % sys.version_info[:2])  # noqa: UP031

from bot.cli import main

if __name__ == "__main__":
    main()
