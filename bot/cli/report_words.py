"""What a report looks like to an organiser; nothing in it that a terminal would obey."""

import textwrap
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from bot.cli.countries import country_name
from bot.cli.show import count, plain
from bot.domain.lengths import PlatformName
from bot.domain.mention import Audience
from bot.domain.report import Action, Counts, Report, Risk, Standing, Suggestion
from bot.domain.tally import LEAST, SILENT, spoken_day

WIDTH, LINES = 92, 30
ONLY_COUNTED = ("at risk", "opted out", "too many", "refused")
FEW = f"fewer than {LEAST}"
STANDING_WORDS = {
    Standing.UNDECIDED: "waiting",
    Standing.COUNTED: "counted",
    Standing.REJECTED: "rejected",
    Standing.LAPSED: "not reviewed",
    Standing.ERASED: "erased",
}


def kinds(actions: Iterable[Action]) -> str:
    """Kinds as words; a dash for none."""
    return ", ".join(action.value.replace("_", " ") for action in actions) or "-"


def made(actions: Sequence[Action], country: str | None, participants: int | None) -> str:
    """What was done, where and by how many, in one line."""
    where = country_name(country) if country else "no country"
    people = count(participants, "person", "people") if participants else "no number"
    return f"{kinds(actions)} · {where} · {people}"


def quoted(text: str) -> list[str]:
    """A text behind a bar that marks each of its lines, so that it cannot pass for one of ours."""
    lines = [piece for line in plain(text).split("\n") for piece in textwrap.wrap(line, WIDTH) or [""]]
    more = [f"({count(len(lines) - LINES, 'more line')})"] if len(lines) > LINES else []
    return [f"  | {line}" for line in lines[:LINES]] + [f"  {line}" for line in more]


def link(url: str | None) -> str:
    """An address that can be opened, with the true name of a host in foreign letters; else why not."""
    if not url:
        return "none is kept"
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        true_name = host.encode("idna").decode()
    except ValueError:
        return "one that cannot be opened"
    if parts.scheme not in {"http", "https"} or not host:
        return "one that cannot be opened"
    return plain(url).replace("\n", "\\u000a") + (f" (in truth {true_name})" if true_name != host else "")


def warnings(reports: Sequence[Report], suggestion: Suggestion, *, words: bool) -> list[str]:
    """What an organiser must know before deciding on reports with equal words."""
    silent = SILENT & {report.country or suggestion.country for report in reports}
    told = [
        (
            any(report.risk is not Risk.NONE for report in reports),
            "Could be in Belarus or Russia: no public act. It counts without its country.",
        ),
        (bool(silent), "Belarus and Russia are in no public number."),
        (
            any(report.audience is Audience.PRIVATE for report in reports),
            "A private message: never passed on. It counts without its country.",
        ),
        (any(report.no_boost for report in reports), "Its writer does not want it passed on."),
        (
            any(report.platform is PlatformName.X for report in reports),
            "From X: the count is all that stays, without country and number of people.",
        ),
        (not words, "Its words are not kept: read them at the link before you decide."),
    ]
    return [line for holds, line in told if holds]


def as_row(bundle: Sequence[Report]) -> list[str]:
    """One line of the list: nothing of what was said, or of who said it."""
    one = bundle[0]
    done = one.standing is Standing.COUNTED
    what = made(one.actions, one.country, one.participants) if done else _thought(one.suggestion)
    equal = f"{len(bundle)} equal" if len(bundle) > 1 else ""
    notes = [equal, "could be in Belarus or Russia" if one.risk is not Risk.NONE else ""]
    return [
        str(one.id),
        spoken_day(one.day.date()),
        one.platform.value,
        one.language or "-",
        STANDING_WORDS[one.standing],
        "; ".join([what, *filter(None, notes)]),
    ]


def as_json(report: Report, *, full: bool = False) -> dict[str, object]:
    """A report as a value for programs; what was said, and by whom, only in full."""
    guess = report.suggestion
    value: dict[str, object] = {
        "id": report.id,
        "platform": report.platform,
        "account": report.account,
        "day": report.day.date(),
        "language": report.language,
        "audience": report.audience,
        "risk": report.risk,
        "standing": report.standing,
        "suggested": {
            "is_report": guess.is_report,
            "confidence": guess.confidence,
            "kinds": guess.actions,
            "country": guess.country,
            "participants": guess.participants,
        },
        "kinds": report.actions,
        "country": report.country,
        "participants": report.participants,
        "decided_at": report.decided_at,
        "decided_by": report.decided_by or None,
        "boosted": report.boosted_at is not None,
    }
    if full:
        value |= {"handle": report.handle, "text": report.text, "url": report.url, "why": guess.why}
    return value


def not_kept(numbers: Counts) -> dict[str, int | str]:
    """What was only counted, each with its number. One that is small, and of people at risk, is not told.

    Who knows the hour of a small number may find out of whom it is.
    """
    told = {name: number for name, number in numbers.items() if name.startswith(ONLY_COUNTED)}
    return {
        name: FEW if name.startswith("at risk") and number < LEAST else number
        for name, number in sorted(told.items())
    }


def thought(suggestion: Suggestion) -> str:
    """What the program makes of a text, and how sure it is."""
    return f"{_thought(suggestion)} ({suggestion.confidence:.0%} sure)"


def _thought(suggestion: Suggestion) -> str:
    if not suggestion.is_report:
        return "perhaps no report"
    return made(suggestion.actions, suggestion.country, suggestion.participants)
