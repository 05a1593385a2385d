"""Reports that tests start from; each changes the one detail it is about."""

from dataclasses import replace

from bot.domain.lengths import PlatformName
from bot.domain.mention import Audience
from bot.domain.post import Language
from bot.domain.report import Action, Report, ReportId, Risk, Suggestion
from tests.builders import NOON

WORDS = "Forty of us stood at the embassy today."
VIGIL = Suggestion(
    is_report=True,
    confidence=0.9,
    actions=(Action.PROTEST,),
    country="DE",
    participants=40,
    why=("stood at the embassy",),
)


def a_report(number=1, **changes):
    """A report that waits for a person; those of another number are of other writers, in other words."""
    report = Report(
        id=ReportId(number),
        account="mastodon",
        platform=PlatformName.MASTODON,
        mark=f"mark-{number}",
        author=f"author-{number}",
        group=f"group-{number}",
        day=NOON.replace(hour=0),
        taken_at=NOON,
        language=Language("en"),
        audience=Audience.PUBLIC,
        risk=Risk.NONE,
        suggestion=VIGIL,
        handle=f"@someone{number}@mastodon.example",
        text=WORDS,
        url=f"https://mastodon.example/@someone{number}/{number}",
        remote_id=str(number),
    )
    return replace(report, **changes)
