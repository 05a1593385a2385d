"""Numbers, days and lengths of time as people say them."""

from datetime import date, timedelta


def count(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun: 1 post, 2 posts."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def span(length: timedelta) -> str:
    """A length of time in its two largest units: 3 h 10 min."""
    seconds = max(0, round(length.total_seconds()))
    units = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))
    parts = []
    for size, unit in units:
        amount, seconds = divmod(seconds, size)
        if amount:
            parts.append(f"{amount} {unit}")
    return " ".join(parts[:2]) or "0 s"


def spoken(day: date) -> str:
    """A date as people say it: 3 May 2027."""
    return f"{day.day} {day:%B %Y}"
