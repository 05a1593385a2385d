"""cases, pause-people, resume-people: who is named, what is known of them, and since when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import click

from bot.app import open_store, queue_settings
from bot.cli import DONE, show
from bot.cli.setting import load, reading_store, who
from bot.config import Config
from bot.domain.case import (
    CaseId,
    FactId,
    Standing,
    Status,
    Subject,
    case_subject,
    fact_subject,
    spoken,
    standing,
)
from bot.domain.post import PostId
from bot.domain.recheck import rechecks
from bot.domain.spoken import count
from bot.files.queue import Queue, read_queue
from bot.flows import truth
from bot.flows.needs import situation
from bot.ports import Store

WORDS = {
    Status.JAILED: "in prison",
    Status.FREE: "free",
    Status.DIED: "died",
    Status.UNKNOWN: "not known",
    None: "",
}


@click.group("cases", invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_context
def cases_command(ctx: click.Context, as_json: bool) -> int:
    """List whom and what the posts rest on, and what must be checked again, the most urgent first."""
    if ctx.invoked_subcommand:
        return DONE
    config = load(ctx)
    store, now = reading_store(config), datetime.now(UTC)
    lines = _lines(config, read_queue(config.queue, queue_settings(config)), store, now)
    if as_json:
        show.say_json({"cases": [line.as_json() for line in lines]})
        return DONE
    if not lines:
        show.say("There are no cases and no facts in the queue: see posts/README.md.")
    show.table(line.row(now.date()) for line in lines)
    return DONE


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    subject: Subject
    counts: Standing
    source: str
    waiting: Sequence[PostId]

    def row(self, today: date) -> Sequence[str]:
        """What is printed of it."""
        kind, _, name = self.subject.partition(" ")
        until = self.counts.good_until
        words = f"good until {spoken(until)}" if until else "does not age"
        if until and until < today:
            words = f"check again: good until {spoken(until)}"
        if self.waiting:
            words += f"; {', '.join(self.waiting[:3])} {'waits' if len(self.waiting) == 1 else 'wait'} for it"
        if self.counts.disputed:
            words += "; the file and the ledger disagree"
        return (
            kind,
            name,
            self.counts.name if kind == "case" else "",
            WORDS[self.counts.status],
            f"checked {spoken(self.counts.verified_on)}",
            words,
        )

    def as_json(self) -> dict[str, Any]:
        """The same for programs."""
        return {
            "subject": self.subject,
            "name": self.counts.name,
            "status": self.counts.status,
            "verified_on": self.counts.verified_on,
            "good_until": self.counts.good_until,
            "disputed": self.counts.disputed,
            "source": self.source,
            "waiting": list(self.waiting),
        }


def _lines(config: Config, queue: Queue, store: Store | None, now: datetime) -> list[_Line]:
    said = {finding.subject: finding for finding in queue.findings}
    kept = store.findings() if store else {}
    waiting: dict[Subject, Sequence[PostId]] = {}
    if store:
        found = situation(store, config.labels, now, config.case_age)
        waiting = {one.subject: one.posts for one in rechecks(found.waiting, found.guard)}
    lines = []
    for subject in {**said, **kept}:
        checks = kept[subject][1] if subject in kept else ()
        counts = standing(said.get(subject), checks, config.case_age)
        if counts is None:
            continue  # its record is gone, and nobody ever checked it by hand
        source = checks[-1].source if checks else said[subject].source
        line = _Line(subject=subject, counts=counts, source=source, waiting=waiting.get(subject, ()))
        lines.append(line)
    return sorted(lines, key=_urgency)


def _urgency(line: _Line) -> tuple[bool, date, str]:
    return not line.waiting, line.counts.good_until or date.max, line.subject


@cases_command.command("verify")
@click.argument("name", metavar="ID")
@click.option("--source", required=True, help="The page that says so.")
@click.option("--status", type=click.Choice([one.value for one in Status]), help="Where it has changed.")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="The day somebody looked; today unless given.")
@click.option("--check-by", type=click.DateTime(["%Y-%m-%d"]), help="The last day this may be relied on.")
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
    on: datetime | None,
    check_by: datetime | None,
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
    counts = truth.verify(
        open_store(config),
        {finding.subject: finding for finding in queue.findings},
        subject,
        status=Status(status) if status else None,
        source=source.strip(),
        on=on.date() if on else now.date(),
        check_by=check_by.date() if check_by else None,
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
@click.option("--reason", default="somebody may have been released", show_default=True)
@click.option("--as", "by", help="Who says so.")
@click.pass_context
def pause_people_command(ctx: click.Context, reason: str, by: str | None) -> int:
    """Hold every post that names a person, until `resume-people`: for days on which many are released."""
    store = open_store(load(ctx))
    store.pause_people(reason.strip() or "no reason given", who(by), datetime.now(UTC))
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
