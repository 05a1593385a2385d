"""Files beside the posts that were probably meant as posts, and are not read for their names."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from bot.domain.problem import Place, Problem, Severity

_ALMOST = re.compile(r"(.+\.)(ya?ml)(\.[a-z0-9]{1,6})?", re.IGNORECASE)
_READ = re.compile(r".+\.(yaml|yml|YAML|YML)")


def misnamed(folder: Path) -> Iterator[Problem]:
    """A warning for each file in a folder of posts, or below it, that only its name keeps from being read."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            found = None if name.startswith(".") or _READ.fullmatch(name) else _ALMOST.fullmatch(name)
            if found and name.isprintable():
                meant = f"{found[1]}{found[2].lower()}"
                yield Problem(
                    place=Place(file=str(Path(place, name))),
                    message=f"{name} is not read",
                    fix=f"rename it to {meant}, or put it elsewhere",
                    severity=Severity.WARNING,
                )
