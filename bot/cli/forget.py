"""about and forget: what we hold of somebody, and how we hold nothing more."""

import sys
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import click

from bot.cli import DONE, PERSON_NEEDED, show
from bot.cli.setting import load, reading_store, who, writing_store
from bot.config import Config
from bot.domain.report import RAW_FOR, Report, Standing
from bot.flows.forget import Traces
from bot.ports import Store

TAKEN_BACK_WITHIN = 30.0  # seconds that the running program has for it before we speak of it
GLANCE = 0.2
NOTHING = "Nothing was ever collected here, so nothing is held of anybody."
ON_X = "On X nothing is kept under a handle: there, give the number of the account or of a message."
STANDINGS = {
    Standing.UNDECIDED: "waits for a decision",
    Standing.COUNTED: "counted",
    Standing.REJECTED: "not counted",
    Standing.LAPSED: "never looked at",
    Standing.ERASED: "erased",
}


@click.command("about")
@click.argument("name", metavar="HANDLE")
@click.option("--words", is_flag=True, help="Show their words as well, where they are still held.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_context
def about_command(ctx: click.Context, name: str, words: bool, as_json: bool) -> int:
    """Say what is held of whoever bears HANDLE, for them to know.

    HANDLE may be a handle, a platform's own id, or the address of a profile or a message; - reads it from
    standard input, so that it stays out of the shell's history.
    """
    from bot.flows.forget import traces
    from bot.store.hasher import read_hashes

    config, found = load(ctx), None
    if store := reading_store(config):
        with closing(store):
            hashes = read_hashes(config.state, store)
            now = datetime.now(UTC)
            found = traces(store, hashes, _asked(name), now, wide=False) if hashes else None
    if as_json:
        held = [_as_json(report, words=words) for report in found.reports] if found else []
        show.say_json({"opted_out": bool(found and found.opted_out), "reports": held})
    elif found:
        _tell(found, words=words)
    else:
        show.say(NOTHING)
    return DONE


@click.command("forget")
@click.argument("name", metavar="HANDLE|URL")
@click.option("--and-opt-out", "opt_out", is_flag=True, help="Never take in anything of theirs again.")
@click.option(
    "--exports",
    type=click.Path(path_type=Path, file_okay=False),
    help="A folder of exports that is searched as well; usually exports beside the store.",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--as", "by", help="Who says so.")
@click.pass_context
def forget_command(  # noqa: PLR0917  # click passes each option under its own name
    ctx: click.Context, name: str, opt_out: bool, exports: Path | None, yes: bool, by: str | None
) -> int:
    """Take out all that is held of a supporter, then search for it to prove that it is gone.

    HANDLE may be a handle or a platform's own id, URL the address of a profile or a message; - reads it from
    standard input, so that it stays out of the shell's history.
    """
    config, asked = load(ctx), _asked(name)
    with closing(writing_store(config)) as store:
        found = _forgotten(config, store, asked, None if yes else _agreed, opt_out=opt_out, by=who(by))
    if found is None:
        show.say(NOTHING)
        return DONE
    show.say(f"Taken out: {show.count(len(found.reports), 'report')}.")
    if opt_out or found.opted_out:
        show.say("They opted out: nothing of theirs is taken in again.")
        show.say(ON_X)
    return _prove(config, asked, found, exports)


def _await_the_end(store: Store, reports: Iterable[Report]) -> None:
    """Wait for the program that is running to take boosts back: with their end goes what they name."""
    from bot.flows.acknowledge import is_being_taken_back

    until = time.monotonic() + TAKEN_BACK_WITHIN
    while any(is_being_taken_back(store, report) for report in reports):
        if time.monotonic() > until:
            show.complain(
                "A boost is still being taken back, and its address is known until that is done. "
                "Run this again in a few minutes."
            )
            return
        time.sleep(GLANCE)


def _forgotten(
    config: Config, store: Store, asked: str, ask: Callable[[Traces], None] | None, *, opt_out: bool, by: str
) -> Traces | None:
    """What was held and is taken out; None where nothing was ever collected."""
    from bot.app import forgetting_of
    from bot.cli.decide import see_to_it
    from bot.flows.forget import forget_author, traces
    from bot.store.hasher import open_hashes, read_hashes

    if opt_out:
        open_hashes(config.state, store)  # whoever opts out before anything came in is known as well
    hashes = read_hashes(config.state, store)
    if hashes is None:
        return None
    if ask:
        ask(traces(store, hashes, asked, datetime.now(UTC), wide=True))
    what = forgetting_of(config, store)
    found = forget_author(what, hashes, asked, by, datetime.now(UTC), opt_out=opt_out)
    if any(report.boosted_at for report in found.reports):
        # What a boost names is forgotten once it is taken back.
        see_to_it(config, store)
        _await_the_end(store, [report for report in found.reports if report.boosted_at])
        store.scrub()
    return found


def _agreed(found: Traces) -> None:
    _tell(found, words=False)
    click.confirm("Take all of it out?", abort=True)


def _asked(name: str) -> str:
    return sys.stdin.readline().strip() if name == "-" else name


def _tell(found: Traces, *, words: bool) -> None:
    if not found.reports:
        show.say(f"No report is held that can be told to be theirs. {ON_X}")
    for report in found.reports:
        show.say(f"Report {report.id}, {report.platform.value}, {report.day:%d %b %Y}: {_facts(report)}.")
        if words and report.text is not None:
            show.say(report.text)
    if found.opted_out:
        show.say("They opted out: nothing of theirs is taken in.")


def _facts(report: Report) -> str:
    actions, country = report.actions, report.country
    number = report.participants
    if report.standing in (Standing.UNDECIDED, Standing.LAPSED):
        guess = report.suggestion
        actions, country, number = guess.actions, guess.country, guess.participants
    facts = [STANDINGS[report.standing], *(action.value.replace("_", " ") for action in actions)]
    facts += [country] if country else []
    facts += [f"{number} people"] if number else []
    held = [word for word, there in _held(report).items() if there]
    return ", ".join(facts) + f"; held: {', '.join([*held, 'a keyed hash'])}"


def _held(report: Report) -> dict[str, bool]:
    return {
        "handle": report.handle is not None,
        "words": report.text is not None or bool(report.suggestion.why),
        "address": report.url is not None or report.remote_id is not None,
    }


def _as_json(report: Report, *, words: bool) -> dict[str, object]:
    return {
        "report": report.id,
        "platform": report.platform.value,
        "day": f"{report.day:%Y-%m-%d}",
        "standing": report.standing.value,
        "actions": [action.value for action in report.actions or report.suggestion.actions],
        "country": report.country or report.suggestion.country,
        "participants": report.participants or report.suggestion.participants,
        "held": [word for word, there in _held(report).items() if there],
        **({"text": report.text} if words else {}),
    }


def _prove(config: Config, asked: str, found: Traces, exports: Path | None) -> int:
    """Search for what was taken out, and say where."""
    from bot.app import store_file
    from bot.store.backup import COPYING
    from bot.store.proof import files_holding, telling

    texts = {asked.lstrip("@"), *(text for report in found.reports for text in telling(report))}
    store = store_file(config)
    places = _places(config, store, exports or config.state / "exports")
    holding = files_holding(places, texts)
    show.say(f"Searched for {show.count(len(texts), 'trace')} (names, addresses, pieces of their words) in:")
    for path in places:
        show.say(f"  {path}: {'STILL THERE' if path in holding else 'nothing'}")
    if store is None:
        show.say(
            "The tables hold nothing more; the server's own log and backups are for its keeper to search."
        )
    copies = files_holding(_copies(config, store), texts)
    if copies:
        last = datetime.now(UTC) + RAW_FOR
        show.say(
            f"{show.count(len(copies), 'older copy', 'older copies')} of the store still hold it, until "
            f"{last:%d %b %Y} at the latest; putting one back takes it out again."
        )
    if not holding:
        return DONE
    if copying := [path for path in holding if store and path.name.startswith(store.name + COPYING)]:
        show.complain(
            f"{copying[0].name} is a copy that was just being made, or one that broke off: `backup` takes it "
            "away. Run this again then."
        )
    if kept := [path for path in holding if path in _sides(store)]:
        show.complain(
            f"{kept[0].name} is the program's own memory, and must stay: run this again in a few minutes. "
            "Where a trace is left then, the program has a fault: tell those who keep it."
        )
    if set(holding).difference(kept, copying):
        show.complain("It is still there, as shown: delete those files, or take it out of them by hand.")
    return PERSON_NEEDED


def _places(config: Config, store: Path | None, exports: Path) -> list[Path]:
    """The store with all that SQLite keeps beside it, what lies in the state folder, and exports."""
    copies = set(_copies(config, store))
    found = [*_sides(store), *config.state.glob("*"), *exports.rglob("*")]
    return [path for path in sorted(set(found)) if path.is_file() and path not in copies]


def _sides(store: Path | None) -> list[Path]:
    """The store's file, and its log beside it."""
    return [store, *store.parent.glob(f"{store.name}-*")] if store else []


def _copies(config: Config, store: Path | None) -> list[Path]:
    from bot.store.backup import backups
    from bot.store.keeping import put_aside

    aside = [path for path, _ in put_aside(store)] if store else []
    return [*(backup.path for backup in backups(config.backup.folder)), *aside]
