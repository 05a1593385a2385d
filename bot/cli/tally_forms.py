"""The tally as a page, as a file for another site and as a table for a spreadsheet, all of the same cells."""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from string import Template

from bot.cli.countries import country_name
from bot.domain.inert import inert
from bot.domain.report import Action
from bot.domain.tally import LEAST, Cell, Tally, in_words, spoken_period

PAGE = Path(__file__).with_name("tally.html")
TITLE = "What supporters did"


def kind_name(action: Action | None) -> str:
    """A kind as people say it."""
    return action.value.replace("_", " ") if action else "several kinds"


def by_name(told: Tally) -> list[Cell]:
    """The cells with the countries in the order of their names, elsewhere last."""
    return sorted(told.cells, key=lambda cell: (not cell.heading.country, country_name(cell.heading.country)))


def as_json(told: Tally) -> str:
    """The tally for the campaign's site; its keys stay as they are."""
    value = {
        "version": 1,
        "by": told.by.isoformat(),
        "words": in_words(told),
        "at_least": {"actions": told.actions, "countries": told.countries},
        "each_number_rests_on_at_least": LEAST,
        "kinds": [
            {"kind": action, "name": kind_name(action), "actions": number}
            for action, number in told.by_action().items()
        ],
        "countries": [
            {"country": code, "name": country_name(code), "actions": number}
            for code, number in told.by_country().items()
        ],
        "cells": [
            {
                "kind": cell.heading.action,
                "country": cell.heading.country,
                "period": cell.heading.period,
                "rest": cell.rest,
                "actions": cell.actions,
            }
            for cell in told.cells
        ],
    }
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def as_csv(told: Tally) -> str:
    """The tally for a spreadsheet, as RFC 4180 has it; no cell of it is a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["kind", "country", "country name", "period", "period in words", "at least", "by"])
    for cell in by_name(told):
        heading = cell.heading
        row = [
            kind_name(heading.action),
            heading.country or "",
            country_name(heading.country),
            heading.period,
            spoken_period(heading.period, rest=cell.rest),
            str(cell.actions),
            told.by.isoformat(),
        ]
        writer.writerow([inert(text) for text in row])
    return out.getvalue()


def as_page(told: Tally) -> str:
    """The tally as one page that needs nothing else: no script, no picture, no other address."""
    tables = [
        _table("By kind", ["Kind"], _sums({kind_name(key): n for key, n in told.by_action().items()})),
        _table(
            "By country", ["Country"], _sums({country_name(key): n for key, n in told.by_country().items()})
        ),
        _table("By country, kind and week", ["Country", "Kind", "When"], map(_row, by_name(told))),
    ]
    return Template(PAGE.read_text("utf-8")).substitute(
        title=escape(TITLE),
        words=escape(in_words(told)),
        least=LEAST,
        tables="\n".join(tables) if told.cells else "",
    )


def _sums(numbers: Mapping[str, int]) -> list[list[str]]:
    return [[name, str(number)] for name, number in numbers.items()]


def _row(cell: Cell) -> list[str]:
    heading = cell.heading
    return [
        country_name(heading.country),
        kind_name(heading.action),
        spoken_period(heading.period, rest=cell.rest),
        str(cell.actions),
    ]


def _table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in columns)
    lines = [
        f"<table>\n<caption>{escape(caption)}</caption>",
        f'<thead><tr>{head}<th scope="col" class="number">At least</th></tr></thead>\n<tbody>',
    ]
    for first, *more, number in rows:
        cells = "".join(f"<td>{escape(text)}</td>" for text in more)
        lines.append(
            f'<tr><th scope="row">{escape(first)}</th>{cells}<td class="number">{escape(number)}</td></tr>'
        )
    return "\n".join([*lines, "</tbody>\n</table>"])
