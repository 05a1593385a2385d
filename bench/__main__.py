"""Run the benches: all, or the named: pipeline, start, queue, size, lateness, classify, hearing."""

import importlib
import sys

from bench.table import show

BENCHES = ("pipeline", "start", "queue", "size", "lateness", "classify", "hearing")


def main() -> None:
    """Run what was asked for and print one table."""
    wanted = sys.argv[1:] or BENCHES
    rows = []
    for name in wanted:
        if name not in BENCHES:
            sys.exit(f"there is no bench {name}; there are: {', '.join(BENCHES)}")
        print(f"{name} ...", flush=True)
        rows += importlib.import_module(f"bench.{name}").run()
    print()
    show(rows)


if __name__ == "__main__":
    main()
