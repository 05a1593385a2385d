"""What is collected of what is said to us, and who answers for it. Nothing is, unless it says so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from bot.config.alarm import fault_of_url
from bot.domain.lengths import PlatformName
from bot.strictyaml.fields import INVALID, ListOf, Row, Table, Word, Wrong
from bot.strictyaml.nodes import Node, Reading, key_place_of
from bot.strictyaml.words import day, slug

NOW = "now"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyConfig:
    """Who answers for the data of those who write to us, and where they read about it."""

    controller: str
    contact: str
    notice_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared:
    """Who found out that X's rules allow what we do there, and when."""

    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectConfig:
    """From when on, and on which accounts, what is said to us is collected."""

    since: date | None = None  # None: from the first start on
    accounts: tuple[str, ...] = ()
    cleared: Cleared | None = None


class _Account(Protocol):
    @property
    def label(self) -> str: ...
    @property
    def platform(self) -> PlatformName: ...
    @property
    def budget(self) -> int | None: ...


def _since(text: str) -> date | None:
    return None if text.strip() == NOW else day(text)


def _notice(text: str) -> str:
    if fault := fault_of_url(text.strip()):
        raise Wrong(*fault)
    return text.strip()


PRIVACY = Table(
    name="`privacy:`",
    example="privacy: {controller: Union Office, contact: privacy@example.org, notice_url: https://example.org/p}",
    rows={
        "controller": Row(
            field=Word(says="the name of the organisation that answers for the data"),
            required=True,
            example="add `controller:`, the organisation that answers for what is collected",
        ),
        "contact": Row(
            field=Word(says="where people ask about their data", examples=("privacy@example.org",)),
            required=True,
            example="add `contact: privacy@example.org`, where people ask about their data",
        ),
        "notice_url": Row(
            field=Word(
                says="the address of our privacy notice",
                parse=_notice,
                examples=("https://example.org/privacy",),
            ),
            required=True,
            example="add `notice_url: https://example.org/privacy`, where our privacy notice stands",
        ),
    },
    hints={"url": "write `notice_url:`", "notice": "write `notice_url:`", "email": "write `contact:`"},
)
CLEARED = Table(
    name="`cleared:`",
    example="cleared: {by: Anna, on: 2027-04-01}",
    rows={
        "by": Row(field=Word(says="a name"), required=True, example="add `by:`, who made sure"),
        "on": Row(
            field=Word(says="a date", parse=day, examples=("2027-04-01",)),
            required=True,
            example="add `on: 2027-04-01`, the day on which that was",
        ),
    },
)
X = Table(
    name="`x:`", example="x: {cleared: {by: Anna, on: 2027-04-01}}", rows={"cleared": Row(field=CLEARED)}
)
COLLECT = Table(
    name="`collect:`",
    example="collect: {since: now}",
    rows={
        "since": Row(field=Word(says="`now` or a date", parse=_since, examples=(NOW, "2027-04-01"))),
        "accounts": Row(
            field=ListOf(each=Word(says="the name of an account", parse=slug), name="names of accounts")
        ),
        "x": Row(field=X),
    },
    hints={"from": "write `since:`", "account": "write `accounts:`", "cleared": "it belongs under `x:`"},
)


def privacy_of(found: Mapping[str, Any] | None) -> PrivacyConfig | None:
    """Who answers for the data, None where nobody does."""
    return PrivacyConfig(**found) if found else None


def collecting_of(
    root: Node, found: Mapping[str, Any], accounts: Sequence[_Account], reading: Reading
) -> CollectConfig | None:
    """What is collected, None where nothing is; what keeps it from being collected is told of."""
    given = found.get("collect")
    if given is None or given is INVALID or INVALID in given.values():
        return None
    node: Node = root[0]["collect"]
    if "privacy" not in found:
        said = "nothing may be collected before somebody answers for the data"
        reading.add(
            key_place_of(node), said, "add `privacy:`, as config.example.yaml shows, or delete `collect:`"
        )
    cleared = given.get("x", {}).get("cleared")
    if cleared is INVALID or (cleared and INVALID in cleared.values()):
        return None
    chosen = _chosen(node, given, accounts, bool(cleared), reading)
    return CollectConfig(
        since=given.get("since"),
        accounts=tuple(one.label for one in chosen),
        cleared=Cleared(**cleared) if cleared else None,
    )


def _chosen(
    node: Node, given: Mapping[str, Any], accounts: Sequence[_Account], cleared: bool, reading: Reading
) -> list[_Account]:
    """The accounts that collect: those that are named, else all; X only where it was cleared."""
    named = given.get("accounts")
    place = key_place_of(node[0]["accounts"]) if named else key_place_of(node)
    for label in named or ():
        if label not in {one.label for one in accounts}:
            reading.add(place, f"there is no account named `{label}`", "write a name from `accounts:` below")
    chosen = [one for one in accounts if named is None or one.label in named]
    on_x = [one for one in chosen if one.platform is PlatformName.X]
    if not cleared:
        if named and on_x:
            said = f"`{on_x[0].label}` is on X, whose rules must be cleared first"
            fix = "add `x: {cleared: {by: NAME, on: DATE}}` once somebody has made sure, or leave it out"
            reading.add(place, said, fix)
        return [one for one in chosen if one not in on_x]
    for one in on_x:
        if one.budget is None:
            said = f"X asks for money for what is read on `{one.label}`, and nothing limits it"
            reading.add(place, said, f"add `monthly_budget: 20` to `{one.label}`")
    return chosen
