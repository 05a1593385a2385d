"""The data tables of the product, as the tests pass them in."""

from pathlib import Path

from bot.app import read_mention_tables

_DATA = Path(__file__).parent.parent / "bot" / "data"

TLDS = frozenset(
    line for line in (_DATA / "tlds.txt").read_text(encoding="utf-8").splitlines() if line[:1] != "#"
)

MENTIONS = read_mention_tables()
