"""What an account keeps in a file of its own between two starts: a session, and whom the tag names."""

import contextlib
import json
import logging
import os
import tempfile
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)


class Kept:
    """A small file for our eyes only. What it holds for another account or server is of no use."""

    def __init__(self, path: Path, belongs_to: tuple[str, ...]) -> None:
        self._path = path
        self._belongs_to = list(belongs_to)
        self._content = self._read()

    def get(self, name: str) -> Any:
        """What is kept under a name, None where nothing is."""
        return self._content.get(name)

    def put(self, name: str, value: Any) -> None:
        """Keep a value; for this program's life only where the file cannot be written."""
        if self._content.get(name) == value:
            return
        self._content[name] = value
        try:
            self._write()
        except OSError as error:
            log.warning("%s cannot be written (%s): the next start logs in anew", self._path, error.strerror)

    def _read(self) -> dict[str, Any]:
        try:
            content = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        ours = isinstance(content, dict) and content.get("for") == self._belongs_to
        return content if ours else {}

    def _write(self) -> None:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # mkstemp makes a file that nobody else may read, with a name that no other program writes to.
        handle, name = tempfile.mkstemp(prefix=f"{self._path.name}.", dir=self._path.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump({**self._content, "for": self._belongs_to}, file)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(self._path)
        except OSError:
            with contextlib.suppress(OSError):
                Path(name).unlink()
            raise
