"""cases, pause-people, resume-people: who is named, what is known of them, and since when."""

from collections.abc import Iterable
from datetime import UTC, date, datetime

import click

from bot.app import open_store, queue_settings
from bot.cli import DONE, show
from bot.cli.case_lines import WORDS, case_lines
from bot.cli.setting import Day, load, meant, reading_store, who
from bot.domain.case import CaseId, FactId, Status, Subject, case_subject, fact_subject, spoken
from bot.domain.errors import DecisionError
from bot.domain.post import PostId
from bot.domain.recheck import rechecks
from bot.domain.spoken import count
from bot.files.queue import read_queue
from bot.flows import truth
from bot.flows.needs import since_when, situation

RELEASED = "somebody may have been released"


@click.group("cases", invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_context
def cases_command(ctx: click.Context, as_json: bool) -> int:
    """List whom and what the posts rest on, and what must be checked again, the most urgent first."""
    if ctx.invoked_subcommand:
        return DONE
    config = load(ctx)
    store, now = reading_store(config), datetime.now(UTC)
    lines = case_lines(config, read_queue(config.queue, queue_settings(config)), store, now)
    if as_json:
        show.say_json({"cases": [line.as_json() for line in lines]})
        return DONE
    if not lines:
        show.say("There are no cases and no facts in the queue: see posts/README.md.")
    show.table(line.row(now.date()) for line in lines)
    return DONE


@cases_command.command("verify")
@click.argument("name", metavar="ID")
@click.option("--source", required=True, help="The page that says so.")
@click.option("--status", type=click.Choice([one.value for one in Status]), help="Where it has changed.")
@click.option("--on", type=Day(), help="The day somebody looked; today unless given.")
@click.option("--check-by", type=Day(), help="The last day this may be relied on.")
@click.option("--fact", is_flag=True, help="ID is a fact, not a person.")
@click.option("--resolve", is_flag=True, help="Say jailed although something else counted.")
@click.option("--as", "by", help="Who has looked.")
@click.pass_context
def verify_command(
    ctx: click.Context,
    *,
    name: str,
    source: str,
    status: str | None,
    on: date | None,
    check_by: date | None,
    fact: bool,
    resolve: bool,
    by: str | None,
) -> int:
    """Write down that somebody has looked whether what we say of ID is still so."""
    config = load(ctx)
    if fact and status:
        raise click.UsageError("a fact has no status")
    if not source.strip():
        raise click.UsageError("--source names the page that says so")
    now = datetime.now(UTC)
    queue = read_queue(config.queue, queue_settings(config))
    subject = fact_subject(FactId(name)) if fact else case_subject(CaseId(name))
    said = {finding.subject: finding for finding in queue.findings}
    store = open_store(config)
    if subject not in said and subject not in store.findings():
        raise DecisionError(_no_record(name, fact, said))
    counts = truth.verify(
        store,
        said,
        subject,
        status=Status(status) if status else None,
        source=source.strip(),
        on=on or now.date(),
        check_by=check_by,
        by=who(by),
        resolve=resolve,
        age=config.case_age,
        now=now,
    )
    what = f" counts as {WORDS[counts.status]}" if counts.status else " still holds"
    until = f"; this is good until {spoken(counts.good_until)}" if counts.good_until else ""
    show.say(f"{counts.name}{what}{until}.", colour="green")
    if counts.disputed:
        show.say("The file says something else: correct its record, so that both agree.", colour="yellow")
    return DONE


def _no_record(name: str, fact: bool, known: Iterable[Subject]) -> str:
    kind, other = ("fact", "case") if fact else ("case", "fact")
    if Subject(f"{other} {name}") in known:
        return f"{name} is a {other}: {'leave `--fact` out' if fact else 'add `--fact`'}"
    near = meant(name, [one.partition(" ")[2] for one in known if one.startswith(kind)])
    return f"there is no {kind} {name}{near or ': write its record first; `cases` lists those there are'}"


@cases_command.command("leave")
@click.argument("post", metavar="POST")
@click.option("--as", "by", help="Who says so.")
@click.pass_context
def leave_command(ctx: click.Context, post: str, by: str | None) -> int:
    """Let POST stand although it says of somebody what is no longer so."""
    config = load(ctx)
    store = open_store(config)
    now = datetime.now(UTC)
    guard = truth.guard_of(store, config.case_age, now)
    left = truth.leave(store, PostId(post), guard, who(by), now)
    show.say(f"{left.post} stays; {left.reason}.")
    return DONE


@click.command("pause-people")
@click.option("--reason", help=f"Without one: {RELEASED}.")
@click.option("--as", "by", help="Who says so.")
@click.pass_context
def pause_people_command(ctx: click.Context, reason: str | None, by: str | None) -> int:
    """Hold every post that names a person, until `resume-people`: for days on which many are released."""
    store = open_store(load(ctx))
    before, said = store.people_paused(), (reason or "").strip()
    if before is not None and not said:
        show.say(f"They are held already: {before}{since_when(store)}. `resume-people` goes on.")
        return DONE
    store.pause_people(said or RELEASED, who(by), datetime.now(UTC))
    show.say("Posts that name people are held. `cases` lists whom to check; `resume-people` goes on.")
    return DONE


@click.command("resume-people")
@click.option("--as", "by", help="Who says so.")
@click.pass_context
def resume_people_command(ctx: click.Context, by: str | None) -> int:
    """Let posts that name people go out again, each as far as its checks allow."""
    config = load(ctx)
    store, now = open_store(config), datetime.now(UTC)
    if store.people_paused() is None:
        show.say("Posts that name people are not paused.")
        return DONE
    store.resume_people(who(by), now)
    found = situation(store, config.labels, now, config.case_age)
    stale = rechecks(found.waiting, found.guard)
    more = f" {count(len(stale), 'check is', 'checks are')} due: see `cases`." if stale else ""
    show.say(f"Posts that name people go out again, as far as their checks allow.{more}")
    return DONE
