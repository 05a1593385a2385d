"""Words that files and configuration share: times, zones, lengths of time, weekdays, languages, addresses.

Each turns a text into a value, or raises Wrong with one sentence and the way to mend it.
"""

import re
from datetime import date, time, timedelta
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from bot.domain.post import Language
from bot.strictyaml.fields import Wrong, did_you_mean

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip

LANGUAGE_FILE = Path(__file__).parent.parent / "data" / "languages.txt"

_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::00)?")
_LENGTH = re.compile(r"(\d+) *(second|minute|hour|day|week)s?")
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")


@cache
def languages() -> frozenset[str]:
    """The codes we know."""
    lines = LANGUAGE_FILE.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))


def slug(text: str) -> str:
    """Small letters, digits and hyphens, at most 64."""
    if not _SLUG.fullmatch(text):
        near = re.sub(r"[^a-z0-9]+", "-", text.strip().lower()).strip("-")[:64]
        fix = f"write `{near}`" if _SLUG.fullmatch(near) else "for example may-day-2027"
        raise Wrong(f"`{text[:70]}` may hold only small letters, digits and hyphens, at most 64", fix)
    return text


@cache
def zone(text: str) -> str:
    """The name of a time zone."""
    name = text.strip()
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        fix = did_you_mean(name, available_timezones(), "").rpartition("? ")[0]
        raise Wrong(
            f"`{name}` is not a time zone", f"{fix}?" if fix else "write it like Europe/Brussels"
        ) from error
    return name


def clock(text: str) -> time:
    """A time of day, 09:00."""
    found = _CLOCK.fullmatch(text.strip())
    if not found:
        raise Wrong(f"`{text.strip()}` is not a time of day", "write hours and minutes: 09:00")
    return time(int(found[1]), int(found[2]))


def day(text: str) -> date:
    """A date, 2027-05-01."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise Wrong(f"`{text.strip()}` is not a date", "write year, month and day: 2027-05-01") from error


def length(text: str) -> timedelta:
    """A length of time, 20 minutes."""
    found = _LENGTH.fullmatch(text.strip().lower())
    if not found:
        raise Wrong(
            f"`{text.strip()}` is not a length of time",
            "write a number and a unit: 90 seconds, 20 minutes, 2 hours, 3 days",
        )
    return timedelta(**{f"{found[2]}s": int(found[1])})


def weekday(text: str) -> int:
    """A weekday as a number, Monday being 0."""
    word = text.strip().lower()
    for number, name in enumerate(WEEKDAYS):
        if word in {name, name[:3], f"{name}s"}:
            return number
    raise Wrong(f"`{text.strip()}` is not a weekday", did_you_mean(word, WEEKDAYS, "they are"))


def month(text: str) -> int:
    """A month's name as a number from 1."""
    word = text.strip().lower().rstrip(".")
    for number, name in enumerate(MONTHS, start=1):
        if word in {name, name[:3]}:
            return number
    raise Wrong(f"`{text.strip()}` is not a month", did_you_mean(word, MONTHS, "they are"))


def language(text: str) -> Language:
    """A language's code."""
    code = text.strip()
    if code in languages():
        return Language(code)
    if code.lower() in languages():
        raise Wrong(f"`{code}` is written in small letters", f"write `{code.lower()}`")
    names = {"english": "en", "french": "fr", "german": "de", "spanish": "es", "russian": "ru"}
    names |= {"belarusian": "be", "by": "be", "ua": "uk", "cz": "cs", "se": "sv", "dk": "da", "jp": "ja"}
    meant = names.get(code.lower()) or (code[:2].lower() if code[:2].lower() in languages() else "")
    fix = f"did you mean `{meant}`?" if meant else "write its ISO 639 code, such as en, fr or be"
    raise Wrong(f"`{code}` is not the code of a language", fix)


def address(text: str) -> str:
    """An http or https address with a host and nothing secret in it."""
    link = text.strip()
    try:
        parts = urlsplit(link)
        sound = parts.scheme in {"http", "https"} and parts.hostname and " " not in link
    except ValueError:
        sound = False
    if not sound:
        raise Wrong(f"`{link[:60]}` is not an address", "write it whole: https://example.org/page")
    if parts.username or parts.password:
        raise Wrong("an address must not hold a name or a password", "take them out")
    return link
