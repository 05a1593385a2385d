"""Rows of figures, printed as one table at the end."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One figure beside its baseline; `aim` says what it ought to be."""

    what: str
    ours: str
    baseline: str
    ratio: str
    aim: str = ""


def show(rows: list[Row]) -> None:
    """Print the table."""
    lines = [("what", "ours", "baseline", "ratio", "aim")]
    lines += [(row.what, row.ours, row.baseline, row.ratio, row.aim) for row in rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    for number, line in enumerate(lines):
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
        if number == 0:
            print("  ".join("-" * width for width in widths))
