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
from bot.strictyaml.fields import Wrong, did_you_mean, shortened

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip

_YEARS = (1990, 2199)

LANGUAGE_FILE = Path(__file__).parent.parent / "data" / "languages.txt"

_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::00)?", re.ASCII)
_TWELVE = r"(?i)\b(1[0-2]|0?[1-9])(?:[:.]([0-5]\d))? *([ap])\.?m\b\.?"
_HOUR = r"(?ia)([01]?\d|2[0-3])(?:[h.]([0-5]\d)|h| uhr)?"
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_LENGTH = re.compile(r"(\d{1,6}) *(second|minute|hour|day|week)s?", re.ASCII)
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")
_ADDRESS = re.compile(r"https?://[a-zA-Z0-9.-]+(?:[/?#][!-~]*)?")


@cache
def languages() -> frozenset[str]:
    """The codes we know."""
    lines = LANGUAGE_FILE.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))


def slug(text: str) -> str:
    """Small letters, digits and hyphens, at most 64."""
    if not _SLUG.fullmatch(text):
        near = re.sub(r"[^a-z0-9]+", "-", text.strip().lower()).strip("-")[:64].rstrip("-")
        fix = f"write `{near}`" if near else "for example may-day-2027"
        raise Wrong(f"`{shortened(text)}` may hold only small letters, digits and hyphens, at most 64", fix)
    return text


@cache
def zone(text: str) -> str:
    """The name of a time zone."""
    name = text.strip()
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        near = "" if name.isupper() else near_zone(name)  # CEST, IST: abbreviations have many homes
        fix = f"did you mean `{near}`?" if near else "name a place of that zone, such as Europe/Brussels"
        raise Wrong(f"`{shortened(name)}` is not a time zone", fix) from error
    return name


def near_zone(name: str) -> str:
    """The time zone that a name nearly is, or whose city it is; "" for none."""
    from difflib import get_close_matches

    zones = sorted(available_timezones())
    cities = {place.rpartition("/")[2].lower(): place for place in zones}
    wanted = name.replace(" ", "_").lower()
    if wanted in cities:
        return cities[wanted]
    near = get_close_matches(wanted, [place.lower() for place in zones], n=1, cutoff=0.7)
    return next((place for place in zones if near and place.lower() == near[0]), "")


def clock(text: str) -> time:
    """A time of day, 09:00."""
    hour = text.strip()
    if found := _CLOCK.fullmatch(hour):
        return time(int(found[1]), int(found[2]))
    meant = as_24_hours(hour)
    if found := re.fullmatch(_HOUR, hour):
        meant = f"{int(found[1]):02}:{found[2] or '00'}"
    fix = f"write {meant}" if _CLOCK.fullmatch(meant) else "write hours and minutes, such as 09:00"
    raise Wrong(f"`{shortened(hour)}` is not a time of day", fix)


def as_24_hours(text: str) -> str:
    """A text in which 9 pm has become 21:00."""
    found = re.search(_TWELVE, text)
    if not found:
        return text
    hours = int(found[1]) % 12 + (12 if found[3] in "pP" else 0)
    return f"{text[: found.start()]}{hours:02}:{found[2] or '00'}{text[found.end() :]}"


def check_year(moment: date) -> None:
    """Refuse a year that is a slip of the hand, and that the calendar could not compute with."""
    if not _YEARS[0] <= moment.year <= _YEARS[1]:
        raise Wrong(f"the year {moment.year} is far away from ours", "correct the year")


def day(text: str) -> date:
    """A date, 2027-05-01."""
    word = text.strip()
    if not _DATE.fullmatch(word):
        raise Wrong(f"`{shortened(word)}` is not a date", "write year, month and day: 2027-05-01")
    try:
        found = date.fromisoformat(word)
    except ValueError as error:
        raise Wrong(f"there is no {word} in the calendar", "write year, month and day: 2027-05-01") from error
    check_year(found)
    return found


def length(text: str) -> timedelta:
    """A length of time, 20 minutes."""
    found = _LENGTH.fullmatch(text.strip().lower())
    if not found:
        fix = "write a number and a unit: 90 seconds, 20 minutes, 2 hours, 3 days"
        raise Wrong(f"`{shortened(text)}` is not a length of time", fix)
    return timedelta(**{f"{found[2]}s": int(found[1])})


def shown_length(span: timedelta) -> str:
    """A length of time as it is written: 20 minutes."""
    seconds = int(span.total_seconds())
    for size, unit in ((86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second")):
        if seconds % size == 0 and (seconds or size == 1):
            return f"{seconds // size} {unit}{'' if seconds == size else 's'}"
    return "0 seconds"


def weekday(text: str) -> int:
    """A weekday as a number, Monday being 0."""
    return _numbered(text, WEEKDAYS, "a weekday")


def month(text: str) -> int:
    """A month's name as a number from 1."""
    return _numbered(text, MONTHS, "a month") + 1


def _numbered(text: str, names: tuple[str, ...], what: str) -> int:
    word = text.strip().lower().rstrip(".")
    for number, name in enumerate(names):
        if word in {name, name[:3], f"{name}s"}:
            return number
    raise Wrong(f"`{shortened(text)}` is not {what}", did_you_mean(word, names, "they are"))


@cache
def _codes() -> dict[str, Language]:
    """Each code as one text, that thousands of posts may share."""
    return {code: Language(code) for code in languages()}


def language(text: str) -> Language:
    """A language's code."""
    if known := _codes().get(text):
        return known
    code = text.strip().lower()
    base = re.split("[-_]", code)[0]
    meant = code if code in languages() else _MEANT_LANGUAGES.get(code, base)
    fix = "write its ISO 639 code, such as en, fr or be"
    if meant in languages():
        fix = f"did you mean `{meant}`?"
    elif near := [known for known in languages() if len(code) > 1 and code.startswith(known)]:
        fix = f"did you mean `{min(near)}`?"
    raise Wrong(f"`{shortened(text)}` is not the code of a language", fix)


# What people write instead of the code.
_MEANT_LANGUAGES = {
    "english": "en", "french": "fr", "german": "de", "spanish": "es", "italian": "it", "russian": "ru",
    "belarusian": "be", "ukrainian": "uk", "polish": "pl", "dutch": "nl", "portuguese": "pt", "by": "be",
    "swedish": "sv", "norwegian": "no", "danish": "da", "turkish": "tr", "gb": "en", "ua": "uk", "cz": "cs",
    "dk": "da", "jp": "ja", "gr": "el", "cn": "zh", "kr": "ko",
}  # fmt: skip


def address(text: str) -> str:
    """An http or https address with a host and nothing secret in it; a secret is not repeated."""
    link = text.strip()
    if _ADDRESS.fullmatch(link):
        return link
    try:
        parts = urlsplit(link)
        host = parts.hostname
    except ValueError:
        parts, host = urlsplit(""), None
    if parts.username or parts.password or (parts.scheme in {"http", "https"} and "@" in parts.netloc):
        raise Wrong("an address must not hold a name or a password", "take out what stands before the @")
    if parts.scheme not in {"http", "https"} or not host or " " in link or not link.isprintable():
        bare = f"https://{link}"
        fix = (
            f"write `{bare}`"
            if _ADDRESS.fullmatch(bare) and "." in link
            else "write it like https://example.org/page"
        )
        raise Wrong(f"`{'…' if '@' in link else shortened(link)}` is not an address", fix)
    return link
