"""All tests in two processes at once, one for each core: the program from outside, and everything else.

`python -m tests.halves`, or `python -m pytest` for the same in one. What the second says is shown when the
first is done; leaves with 1 where either failed.
"""

import subprocess
import sys
import tempfile

OUTSIDE = "tests/acceptance"
HALVES = ([OUTSIDE], ["--ignore", OUTSIDE, "tests"])


def main() -> int:
    """Run both halves; whether either failed."""
    with tempfile.TemporaryFile() as kept:
        commands = [[sys.executable, "-m", "pytest", *half] for half in HALVES]
        second = subprocess.Popen(commands[1], stdout=kept, stderr=subprocess.STDOUT)
        first = subprocess.run(commands[0], check=False).returncode
        codes = (first, second.wait())
        kept.seek(0)
        sys.stdout.write(kept.read().decode(errors="replace"))
    return int(any(codes))


if __name__ == "__main__":
    sys.exit(main())
