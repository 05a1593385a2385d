"""Reports that tests start from; each changes the one detail it is about."""

from dataclasses import replace
from datetime import UTC, datetime

from bot.domain.lengths import PlatformName
from bot.domain.mention import Audience
from bot.domain.post import Language
from bot.domain.report import Action, Report, ReportId, Risk, Standing, Suggestion
from tests.builders import DAY, NOON

TODAY = datetime(2027, 5, 1, tzinfo=UTC)
LETTER = Suggestion(
    is_report=True,
    confidence=0.87,
    actions=(Action.LETTER, Action.PHOTO),
    country="FR",
    participants=12,
    why=("zebrafish", "écrit une lettre"),
)


def a_report(number=1, **changes):
    """A report that has just come in."""
    report = Report(
        id=ReportId(0),
        account="mastodon",
        platform=PlatformName.MASTODON,
        mark=f"mark-{number}",
        author=f"author-{number}",
        alias=f"alias-{number}",
        group=f"group-{number}",
        day=TODAY,
        taken_at=NOON,
        language=Language("fr"),
        audience=Audience.PUBLIC,
        risk=Risk.NONE,
        suggestion=LETTER,
        handle=f"@someone{number}@example.org",
        text=f"zebrafish {number}: nous avons écrit une lettre",
        url=f"https://example.org/@someone{number}/{number}",
        remote_id=f"remote-{number}",
    )
    return replace(report, **changes)


def counted(report, **changes):
    """A report as a person confirms it; its address stays as long as that can be taken back."""
    done = replace(
        report,
        standing=Standing.COUNTED,
        actions=(Action.LETTER,),
        country="FR",
        participants=12,
        decided_at=NOON,
        decided_by="anna",
        suggestion=replace(report.suggestion, why=()),
        handle=None,
        text=None,
    )
    return replace(done, **changes)


def take_in(inbox, *reports, at_risk=(), opt_outs=(), counts=None, cursor="7", now=NOON, stream="mentions"):
    """Store a page; what the store makes of its reports."""
    inbox.take_in(
        "mastodon",
        stream,
        reports,
        cursor=cursor,
        at_risk=at_risk,
        opt_outs=opt_outs,
        counts=counts or {},
        now=now,
    )
    marks = {report.mark for report in reports}
    return [report for report in inbox.reports() if report.mark in marks]


__all__ = ["DAY", "LETTER", "NOON", "TODAY", "a_report", "counted", "take_in"]
