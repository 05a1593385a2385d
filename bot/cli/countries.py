"""Countries by their two letters. The table comes with the time zones."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files


@cache
def countries() -> Mapping[str, str]:
    """The English name of each country, by its two capital letters (ISO 3166)."""
    table = files("tzdata").joinpath("zoneinfo/iso3166.tab").read_text("utf-8")
    lines = (line.partition("\t") for line in table.splitlines() if line and not line.startswith("#"))
    return {code: name for code, _, name in lines}


def country_name(code: str | None) -> str:
    """A country's name; its letters where the table does not know it, and `elsewhere` for none."""
    return countries().get(code, code) if code else "elsewhere"
