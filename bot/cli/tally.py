"""tally: how many actions there were, in numbers that lead back to nobody."""

import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from bot.cli import DONE, PERSON_NEEDED, show
from bot.cli import tally_forms as forms
from bot.cli.countries import country_name
from bot.cli.setting import load, reading_store
from bot.domain.report import Standing
from bot.domain.tally import LEAST, Tally, Tier, deeds_of, in_words, spoken_period, tally
from bot.flows.review import EVERY

EDITION = timedelta(days=6)  # how far apart two of them should lie
FORMS: dict[str, Callable[[Tally], str]] = {
    "json": forms.as_json,
    "csv": forms.as_csv,
    "html": forms.as_page,
}


@click.command("tally")
@click.option("--json", "form", flag_value="json", help="For the campaign's site to embed.")
@click.option("--csv", "form", flag_value="csv", help="For a spreadsheet.")
@click.option("--html", "form", flag_value="html", help="One page that needs nothing else.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Into this file.")
@click.pass_context
def tally_command(ctx: click.Context, form: str | None, out: Path | None) -> int:
    """Say how many actions there were at least. Every number rests on five accounts or more.

    The page, the file and the table hold confirmed reports only; they may be published.
    """
    if out and not form:
        raise click.UsageError("--out needs to know in which form: --json, --csv or --html")
    store = reading_store(load(ctx))
    if store is None:
        raise click.ClickException("nothing has run here yet, so nothing was reported; `run` begins")
    counting = {Standing.COUNTED, Standing.UNDECIDED, Standing.LAPSED}
    with closing(store):
        reports = store.reports(standings=counting, limit=EVERY)
    today = datetime.now(UTC).date()
    confirmed = tally(reports, Tier.CONFIRMED, today)
    if form is None:
        told = [deed for report in reports for deed in deeds_of(report, Tier.CONFIRMED)]
        return _say(confirmed, tally(reports, Tier.REPORTED, today), len(told))
    text = FORMS[form](confirmed)
    if out is None:
        click.echo(text, nl=False)
        return DONE
    return _write(text, out, in_words(confirmed))


def _write(text: str, out: Path, words: str) -> int:
    try:
        age = time.time() - out.stat().st_mtime if out.exists() else None
        out.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        show.complain(f"{out}: cannot be written: {error.strerror}")
        return PERSON_NEEDED
    show.say(f"{out}: {words}")
    if age is not None and age < EDITION.total_seconds():
        show.complain(
            f"The one before is only {show.span(timedelta(seconds=age))} old. Publish once a week at most: "
            "the closer two editions are, the more it tells when a number grows."
        )
    return DONE


def _say(confirmed: Tally, reported: Tally, in_all: int) -> int:
    show.say(in_words(confirmed), bold=True)
    if confirmed.cells:
        rows = [
            [
                country_name(cell.heading.country),
                forms.kind_name(cell.heading.action),
                str(cell.actions),
                spoken_period(cell.heading.period, rest=cell.rest),
            ]
            for cell in forms.by_name(confirmed)
        ]
        show.table([["where", "what", "at least", "when"], *rows])
    show.say(
        f"Told by {LEAST}, of {LEAST} accounts each; what is left over is part of a larger whole or left out."
    )
    show.say(f"{show.count(in_all, 'action')} were confirmed in all; that number is for you alone.")
    show.say(f"Reported and not confirmed, so not public: at least {show.count(reported.actions, 'action')}.")
    return DONE
