"""Where a secret is kept."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from bot.domain.errors import ConfigError

_OTHERS_MAY_READ = stat.S_IRWXG | stat.S_IRWXO
_LONGEST_SECRET = 4096  # bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """Where a secret is kept. It is read when it is used, and never shown."""

    env: str = ""
    file: Path | None = None

    def __repr__(self) -> str:
        return f"Secret({self.origin}, ••••)"

    @property
    def origin(self) -> str:
        """Where it is kept, in words."""
        return f"the file {self.file}" if self.file else f"the environment variable {self.env}"

    def problem(self) -> str | None:
        """Why it cannot be used, None where it can; never what it says."""
        if self.file is None:
            text = os.environ.get(self.env)
            return f"{self.origin} is not set" if text is None else self._form(text)
        try:
            with self.file.open("rb") as file:
                mode = os.fstat(file.fileno()).st_mode
                text = file.read(_LONGEST_SECRET + 1).decode()
        except OSError as error:
            return f"{self.origin} cannot be read: {error.strerror}"
        except UnicodeDecodeError:
            return f"{self.origin} does not hold a text"
        if mode & _OTHERS_MAY_READ:
            return f"{self.origin} can be read by others; run: chmod 600 {self.file}"
        return self._form(text)

    def _form(self, text: str) -> str | None:
        if not text.strip():
            return f"{self.origin} is empty"
        if len(text) > _LONGEST_SECRET or not text.strip().isprintable():
            return f"{self.origin} holds more than one line of text"
        return None

    def reveal(self) -> str:
        """The secret itself. Raises ConfigError where it cannot be used."""
        if problem := self.problem():
            raise ConfigError(problem)
        text = self.file.read_text(encoding="utf-8") if self.file else os.environ[self.env]
        return text.strip()
