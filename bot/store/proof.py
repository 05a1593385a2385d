"""Proof that something was forgotten: whether any of some texts can still be read in the bytes of files."""

import json
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from bot.domain.report import Report

SHORTEST = 6  # bytes: what is shorter stands everywhere by chance
_PIECE = 32  # characters: long texts lie on the disk in pieces, between which other bytes may stand
_BLOCK = 1 << 20


def telling(report: Report) -> set[str]:
    """Every text by which what a report held would be recognised."""
    text = report.text or ""
    pieces = {text[start : start + _PIECE] for start in range(0, max(len(text) - _PIECE, 0) + 1, _PIECE)}
    return {part for part in (report.handle, report.url, report.remote_id, *pieces) if part}


def files_holding(files: Iterable[Path], texts: Collection[str]) -> list[Path]:
    """The files in whose bytes one of these texts stands. OSError where one cannot be read."""
    needles = [needle for text in texts for needle in _spellings(text) if len(needle) >= SHORTEST]
    return [path for path in files if _holds(path, needles)]


def _spellings(text: str) -> set[bytes]:
    """A text as it may stand in a file: as it is, or as JSON writes it."""
    plain = text.encode("utf-8", "surrogatepass")
    return {plain.lower(), json.dumps(text)[1:-1].encode().lower()}


def _holds(path: Path, needles: Collection[bytes]) -> bool:
    return any(
        needle in block for block in _blocks(path, max(map(len, needles), default=1)) for needle in needles
    )


def _blocks(path: Path, longest: int) -> Iterator[bytes]:
    """A file in blocks that overlap by as much as may lie across an edge."""
    tail = b""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            block = tail + block.lower()
            yield block
            tail = block[-longest:]
