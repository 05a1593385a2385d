"""reports: look at what supporters report, and decide what counts. Counting publishes nothing."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from functools import partial

import click

from bot.cli import DONE, PERSON_NEEDED, show
from bot.cli import report_words as words
from bot.cli.boosting import boost_command, unboost_command
from bot.cli.countries import countries
from bot.cli.setting import load, reading_store, writing_store
from bot.domain.errors import StoreError
from bot.domain.report import Action, Report, ReportId, Standing
from bot.flows import review
from bot.ports import Store
from bot.ports.inbox import Inbox

CHOICES = {"all": None, **{words.STANDING_WORDS[one].replace(" ", "-"): {one} for one in Standing}}
TYPED_AT_ONCE = 2  # keys that a quick hand presses before the first was read
number_argument = click.argument("numbers", metavar="NUMBER...", type=int, nargs=-1, required=True)
name_option = click.option("--as", "name", required=True, metavar="NAME", help="Who decides.")
json_option = click.option("--json", "as_json", is_flag=True, help="For programs.")
only_option = click.option("--only", is_flag=True, help="Not the others with the same words.")


@click.group("reports")
def reports_command() -> None:
    """Look at what supporters report, and decide what counts. Nothing of this is public."""


@reports_command.command("list")
@click.option("--standing", type=click.Choice(list(CHOICES)), default="waiting", show_default=True)
@json_option
@click.pass_context
def list_command(ctx: click.Context, standing: str, as_json: bool) -> int:
    """List reports, without their words and writers. Equal words stand there once."""
    with closing(_readable(ctx)) as store:
        found = store.reports(standings=CHOICES[standing], limit=review.EVERY)
        numbers = words.not_kept(store.numbers())
    if as_json:
        show.say_json({"reports": [words.as_json(one) for one in found], "numbers": numbers})
        return DONE
    bundles = review.bundled(found)
    if bundles:
        head = ["no.", "day", "on", "in", "standing", "what"]
        show.table([head, *(words.as_row(bundle) for bundle in bundles)])
    waits = sum(one.standing is Standing.UNDECIDED for one in found)
    show.say(
        f"{show.count(len(found), 'report')}; {waits} waiting. `reports review --as NAME` goes through them."
    )
    for name, number in numbers.items():
        show.say(f"not kept, only counted: {name}: {number}")
    return DONE


@reports_command.command("show")
@click.argument("number", metavar="NUMBER", type=int)
@click.option("--full", is_flag=True, help="With its words, its writer and its link.")
@json_option
@click.pass_context
def show_command(ctx: click.Context, number: int, full: bool, as_json: bool) -> int:
    """Show one report; with --full, also what was said and by whom."""
    with closing(_readable(ctx)) as store:
        report = store.report(ReportId(number))
    if as_json:
        show.say_json(words.as_json(report, full=full))
        return DONE
    show.table([words.as_row([report])])
    show.say(f"  we thought: {words.thought(report.suggestion)}")
    if report.decided_at:
        show.say(f"  decided by {report.decided_by} on {spoken(report.decided_at)}")
    for line in words.warnings([report], report.suggestion, words=report.text is not None):
        show.say(f"  ! {line}")
    if full:
        for line in words.quoted(report.text or ""):
            show.say(line)
        show.say(f"  from: {show.plain(report.handle or 'not kept')}")
        show.say(f"  link: {words.link(report.url)}")
    return DONE


@reports_command.command("review")
@name_option
@click.pass_context
def review_command(ctx: click.Context, name: str) -> int:
    """Go through what waits, one report at a time, with one key each; ? explains them."""
    from bot.cli.reviewing import Sitting

    by = _named(name)
    with closing(writing_store(load(ctx))) as store:
        sitting = Sitting(inbox=store, by=by, now=lambda: datetime.now(UTC), key=partial(next, _keys()))
        try:
            sitting.hold()
        finally:
            cleaned = _scrubbed(store)
    return DONE if cleaned else PERSON_NEEDED


@reports_command.command("approve")
@number_argument
@name_option
@click.option("--kind", "kinds", multiple=True, type=click.Choice([one.value for one in Action]))
@click.option("--country", metavar="CODE", help="Two letters; 'none' for no country.")
@click.option("--people", metavar="N", type=click.IntRange(0), help="0 for no number.")
@only_option
@json_option
@click.pass_context
def approve_command(
    ctx: click.Context,
    *,
    numbers: tuple[int, ...],
    name: str,
    kinds: tuple[str, ...],
    country: str | None,
    people: int | None,
    only: bool,
    as_json: bool,
) -> int:
    """Count reports as suggested, or as you say. It only counts: nothing is passed on or answered."""
    by, now, place = _named(name), datetime.now(UTC), _place(country)

    def decide(store: Inbox, report: Report) -> Report:
        guess = report.suggestion
        return review.confirm(
            store,
            report,
            by,
            now,
            actions=[Action(one) for one in kinds] or (guess.actions if guess.is_report else ()),
            country=guess.country if country is None else place,
            participants=guess.participants if people is None else people or None,
        )

    return _decide(ctx, numbers, decide, only=only, as_json=as_json)


@reports_command.command("reject")
@number_argument
@name_option
@only_option
@json_option
@click.pass_context
def reject_command(ctx: click.Context, numbers: tuple[int, ...], name: str, only: bool, as_json: bool) -> int:
    """Say that reports are none."""
    by, now = _named(name), datetime.now(UTC)

    def decide(store: Inbox, report: Report) -> Report:
        return review.reject(store, report, by, now)

    return _decide(ctx, numbers, decide, only=only, as_json=as_json)


@reports_command.command("undo")
@number_argument
@name_option
@only_option
@json_option
@click.pass_context
def undo_command(ctx: click.Context, numbers: tuple[int, ...], name: str, only: bool, as_json: bool) -> int:
    """Take decisions of the last 24 hours back. The words stay erased; the link is still there."""
    by, now = _named(name), datetime.now(UTC)

    def decide(store: Inbox, report: Report) -> Report:
        return review.undo(store, report, by, now)

    return _decide(ctx, numbers, decide, only=only, as_json=as_json)


def spoken(at: datetime) -> str:
    """An instant in UTC, as people read it."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _decide(
    ctx: click.Context,
    numbers: tuple[int, ...],
    decide: Callable[[Inbox, Report], Report],
    *,
    only: bool,
    as_json: bool,
) -> int:
    """Decide on reports and on those with equal words, each once; what was decided stays where one fails."""
    done: dict[ReportId, Report] = {}
    with closing(writing_store(load(ctx))) as store:
        try:
            for number in map(ReportId, numbers):
                if number in done:
                    continue
                named = store.report(number)
                for one in [named] if only else review.with_equals(store, named):
                    done[one.id] = decide(store, one)
        finally:
            _say(list(done.values()), as_json=as_json)
            cleaned = _scrubbed(store)
    return DONE if cleaned else PERSON_NEEDED


def _say(done: list[Report], *, as_json: bool) -> None:
    if as_json:
        show.say_json([words.as_json(one) for one in done])
        return
    for one in done:
        what = words.made(one.actions, one.country, one.participants)
        more = f": {what}" if one.standing is Standing.COUNTED else ""
        show.say(f"report {one.id} is {words.STANDING_WORDS[one.standing]}{more}.")


def _scrubbed(store: Inbox) -> bool:
    """Whether nothing of the erased words is left in the store's files; else it is said."""
    try:
        store.scrub()
    except StoreError as error:
        show.complain(str(error))
        return False
    return True


def _readable(ctx: click.Context) -> Store:
    store = reading_store(load(ctx))
    if store is None:
        raise click.ClickException("nothing has run here yet, so nothing was reported; `run` begins")
    return store


def _named(name: str) -> str:
    if not name.strip():
        raise click.UsageError("--as names who decides")
    return name.strip()


def _place(country: str | None) -> str | None:
    if country is None or country.lower() == "none":
        return None
    if country.upper() not in countries():
        raise click.UsageError(f"there is no country {country}; give two letters, such as DE, or none")
    return country.upper()


def _keys() -> Iterator[str]:
    """Keys one by one, as fast as they are typed; an empty one where the keyboard is gone.

    What is pasted comes as one long key, which does nothing: else it could decide on many reports at once.
    """
    while True:
        try:
            pressed = click.getchar()
        except EOFError:
            pressed = ""
        except OSError as error:
            raise click.ClickException("this needs a keyboard; scripts use `reports approve`") from error
        yield from list(pressed) if len(pressed) == TYPED_AT_ONCE else [pressed]


reports_command.add_command(boost_command, "boost")
reports_command.add_command(unboost_command, "unboost")
