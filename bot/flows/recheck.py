"""Look at the sources of reports again: once a day, and before any use of one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from bot.domain.delivery import Delivery
from bot.domain.errors import DecisionError, RefusedError, StoreError, TryLaterError
from bot.domain.lengths import PlatformName
from bot.domain.mention import Mention
from bot.domain.report import Report, ReportId, Risk
from bot.flows.acknowledge import wishes_of
from bot.flows.collect import Listener, must_afford, paid, words_of
from bot.flows.forget import Forgetting, Rechecked, recheck
from bot.ports import Store

EVERY = timedelta(hours=20)  # a day less what a walk takes, so that no source goes unseen for a day
AT_A_TIME = 200  # reports, after which what is new has its turn again
WALK = "recheck"  # no stream of any ear: its cursor is how far the walk has come
_DONE = "done "


@dataclass(slots=True)
class Paid:
    """A listener's ear that asks for sources within the budget, and remembers what they said."""

    listener: Listener
    said: dict[str, str | None] = field(default_factory=dict)

    def still_there(self, remote_ids: Sequence[str]) -> Mapping[str, str | None]:
        """The plain text of these messages today; None for one that is gone or no longer public."""
        listener = self.listener
        must_afford(listener, listener.clock.now(), len(remote_ids))
        found = listener.ear.still_there(remote_ids)
        paid(listener, len(remote_ids), listener.clock.now())
        self.said.update(found)
        return found


def look_again(listener: Listener, what: Forgetting, reports: Sequence[Report]) -> Mapping[str, str | None]:
    """Look at the sources of some reports now; what each says, None where it is gone.

    What is gone is erased, what has changed waits for a person again, and is boosted no longer.
    TryLaterError where the platform does not answer: then nothing is known.
    """
    ear, now = Paid(listener), listener.clock.now()
    recheck(what, ear, listener.label, partial(reread, listener), now, reports=reports)
    return ear.said


def walk(listener: Listener, what: Forgetting) -> Rechecked | None:
    """Look at the next sources of the daily walk; None where it is done for today."""
    now, inbox = listener.clock.now(), listener.inbox
    cursor = inbox.cursor(listener.label, WALK) or "0"
    if cursor.startswith(_DONE):
        if now - datetime.fromisoformat(cursor.removeprefix(_DONE)) < EVERY:
            return None
        cursor = "0"
    some = inbox.holding(after=ReportId(int(cursor)), limit=AT_A_TIME)
    seen = recheck(what, Paid(listener), listener.label, partial(reread, listener), now, reports=some)
    after = str(some[-1].id) if len(some) == AT_A_TIME else f"{_DONE}{now.isoformat()}"
    inbox.take_in(listener.label, WALK, (), cursor=after, at_risk=(), opt_outs=(), counts={}, now=now)
    return seen


def reread(listener: Listener, report: Report, text: str) -> Report | None:
    """What a report's text comes to today; None where its writer is at risk or wants no part in it."""
    mention = Mention(
        account=report.account,
        platform=report.platform,
        remote_id=report.remote_id or "",
        url=report.url or "",
        author_id="",
        handle=report.handle or "",
        text=text,
        language=report.language,
        created_at=report.day,
        audience=report.audience,
    )
    risk = listener.judge.risk_of(mention)
    if risk is Risk.AT_RISK:
        return None
    wish = listener.judge.opt_out(text)
    if wish.stop:
        return None
    words = words_of(listener, mention)
    return replace(
        report,
        text=words.text,
        group=words.group,
        suggestion=words.suggestion,
        # A profile is not read again: what it gave rise to stays.
        risk=report.risk if risk is Risk.NONE else risk,
        no_boost=report.no_boost or wish.no_boost,
    )


def is_kept_nowhere(report: Report) -> bool:
    """Whether a report's words are read where they stand, because we may keep none."""
    return report.platform is PlatformName.X and report.remote_id is not None and report.text is None


@dataclass(slots=True)
class BeforeBoost:
    """Looks at what a boost passes on once more before it is sent; lives on the account's lane."""

    hear: Callable[[], Listener | None]
    store: Store
    what: Forgetting
    listener: Listener | None = None

    def __call__(self, boost: Delivery) -> None:
        """What is gone, or says something else, has an end owed to its boost after this.

        TryLaterError where that cannot be known now.
        """
        try:
            report = self.what.inbox.report(ReportId(int(boost.post.rpartition(" ")[2])))
            if report.mark != boost.occurrence.partition(" ")[0]:
                return  # a number of a store that was put back: it is refused by another rule
            if any(wishes_of(self.store, report)):
                raise RefusedError("its writer asked meanwhile not to be passed on")
            self.listener = self.listener or self.hear()
            if self.listener is None:
                raise TryLaterError("the platform has not told us yet who we are")
            look_again(self.listener, self.what, [report])
        except (StoreError, DecisionError) as error:
            raise TryLaterError(f"its source could not be looked at: {error}") from error
