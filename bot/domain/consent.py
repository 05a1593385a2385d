"""Whether a supporter's message may be passed on: what the report says, and what a person has seen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.domain.case import NOTHING, Claim, Guard, Reliance, Status, case_subject
from bot.domain.lengths import PlatformName
from bot.domain.mention import Audience
from bot.domain.naming import Names
from bot.domain.report import Report, Risk, Standing
from bot.domain.tally import SILENT
from bot.domain.vocabulary import Vocabulary
from bot.domain.wording import called_jailed

DANGER = "its writer may be in danger, and is never made known"
ON_X = "boosts on X are off until `collect.x.cleared` is set"


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondLook:
    """What a person answers after looking at a message once more."""

    may_be_in_danger: bool  # in Belarus or Russia, or family of a prisoner
    shows_faces: bool
    in_exile: bool = False  # from Belarus or Russia, and abroad: their families may not be
    they_agreed: bool = False  # those in exile, and those whose faces show

    @property
    def forbids(self) -> bool:
        """Whether what was seen stands against passing it on."""
        return self.may_be_in_danger or ((self.shows_faces or self.in_exile) and not self.they_agreed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What else decides whether something is passed on."""

    names: Names
    vocabulary: Vocabulary
    guard: Guard
    x_cleared: bool = False
    opted_out: bool = False
    unwilling: bool = False  # its writer asked so in another message


def refusal(report: Report, look: SecondLook, ground: Ground) -> str | None:
    """Why a report is not boosted, whatever its message says; None where nothing is in the way."""
    against = (
        (look.may_be_in_danger, DANGER),
        (report.risk is not Risk.NONE, "its writer could be in Belarus or Russia"),
        (bool(SILENT & {report.country, report.suggestion.country}), "it tells of Belarus or Russia"),
        (
            look.in_exile and not look.they_agreed,
            "somebody in exile is in it, and nobody knows whether they agreed",
        ),
        (look.shows_faces and not look.they_agreed, "faces show, and nobody knows whether they agreed"),
        (ground.opted_out, "its writer wants nothing to do with us"),
        (report.no_boost or ground.unwilling, "its writer asked not to be passed on"),
        (report.audience is not Audience.PUBLIC, "its writer did not say it to everybody"),
        (report.standing is not Standing.COUNTED, "nobody has confirmed it: review it first"),
        (report.platform is PlatformName.X and not ground.x_cleared, ON_X),
    )
    return next((reason for holds, reason in against if holds), None)


def untruth(text: str, report: Report, ground: Ground, now: datetime) -> tuple[str | None, Reliance]:
    """Why what a message says is not passed on, None where it may be; and whom it rests on."""
    named = {one.case for one in ground.names.found(text)}
    known = {case: ground.guard.known.get(case_subject(case)) for case in named}
    statuses = {case: one.status if one else None for case, one in known.items()}
    settled = {case: _CLAIM.get(status, Claim.HISTORY) for case, status in statuses.items()}
    settled = {case: claim for case, claim in settled.items() if claim is not Claim.JAILED}
    if case := called_jailed(text, report.language, settled, ground.names, ground.vocabulary):
        name = ground.names.shown[case]
        return f"it speaks as if {name} were in prison today, which our records do not bear out", NOTHING
    rests_on = Reliance(cases=dict.fromkeys(sorted(named - settled.keys()), Claim.JAILED))
    if named and ground.guard.people_paused is not None:
        return f"what names people is paused: {ground.guard.people_paused}", rests_on
    objection = ground.guard.objection(rests_on, now)
    return (objection.reason if objection else None), rests_on


_CLAIM: Mapping[Status | None, Claim] = {
    Status.JAILED: Claim.JAILED,
    Status.FREE: Claim.FREE,
    Status.DIED: Claim.DIED,
}
