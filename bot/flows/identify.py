"""Find out who we are on a platform, and whether we may publish there. Publishes nothing."""

import logging
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.domain.account import CLOCK_UNUSABLE, Account, Identity, Voice
from bot.domain.errors import BotError, Concern, StoreError, TryLaterError
from bot.ports import Speaker

log = logging.getLogger(__name__)

CLOCK_NOTICEABLE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthCheck:
    """What `auth check` says of one account. It publishes only where `stops` is empty."""

    label: str
    identity: Identity | None = None
    shut_out: bool = False  # it is the account or its credentials, and not the network or the clock
    stops: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the account may publish."""
        return self.identity is not None and not self.stops


def identify(speaker: Speaker, voice: Voice) -> AuthCheck:
    """Ask a platform who we are, judge the answer, and remember it where it is the account we mean.

    An account that is shut out is paused, so that a person hears of it before its next post is due; it is let
    in again by a check that passes.
    """
    account = speaker.store.account(voice.label)
    try:
        identity = speaker.platform.identify()
    except BotError as error:  # ours to mend (a secret that is missing), or the platform's
        shut_out = isinstance(error, TryLaterError) and error.concern is Concern.ACCOUNT_BLOCKED
        check = AuthCheck(label=voice.label, stops=(str(error),), shut_out=shut_out)
        _pause(check, account, speaker)
        return check
    check = judge(identity, account, voice)
    _pause(check, account, speaker)
    if check.passed:
        now = speaker.clock.now()
        try:
            speaker.store.identified(voice.label, identity, now)
        except StoreError as error:  # another account of ours is this one already
            return replace(check, stops=(str(error),))
        if account.pause and account.pause.blocked:
            speaker.store.resume(voice.label, "auth check", now)
    return check


def _pause(check: AuthCheck, account: Account, speaker: Speaker) -> None:
    """Pause an account that is shut out, once for each reason. A person's own pause stays as it is."""
    pause = account.pause
    if not check.shut_out or (pause and (not pause.blocked or pause.reason == check.stops[0])):
        return
    now = speaker.clock.now()
    speaker.store.pause(account.label, check.stops[0], "auth check", now, blocked=True)


def judge(identity: Identity, account: Account, voice: Voice) -> AuthCheck:
    """Decide whether what a platform says of an account lets it publish."""
    stops, warnings = [], []
    known = account.own_id is not None
    if known and account.own_id != identity.own_id:
        stops.append(
            f"these credentials belong to another account (id {identity.own_id}, @{_bare(identity.handle)}) "
            f"than the one that {voice.label} has published on (id {account.own_id}); "
            "put back the old credentials, or give the new account a name of its own in the configuration"
        )
    if not _same_handle(identity.handle, voice.handle):
        difference = f"the platform calls it @{_bare(identity.handle)}, the configuration {voice.mention}"
        if known:
            warnings.append(f"{difference}; if it was renamed, write the new handle")
        else:
            stops.append(f"{difference}; correct `handle:`, or use that account's credentials")
    if identity.may_write is False:
        stops.append("the credentials allow reading only; make new ones that may write")
    if identity.scopes_missing:
        stops.append(f"the credentials lack {', '.join(identity.scopes_missing)}; make new ones with it")
    if identity.scopes_excess:
        warnings.append(f"the credentials may do more than we need ({', '.join(identity.scopes_excess)})")
    if identity.bot_label is False:
        warnings.append("the account is not labelled as a bot; set the label in its profile settings")
    shut_out = bool(stops)
    _judge_clock(identity.clock_ahead, stops, warnings)
    return AuthCheck(
        label=voice.label,
        identity=identity,
        shut_out=shut_out,
        stops=tuple(stops),
        warnings=tuple(warnings),
    )


def _judge_clock(ahead: timedelta | None, stops: list[str], warnings: list[str]) -> None:
    if ahead is None or abs(ahead) < CLOCK_NOTICEABLE:
        return
    seconds = round(abs(ahead).total_seconds())
    words = f"our clock is {seconds} s {'ahead of' if ahead > timedelta() else 'behind'} the platform's"
    if abs(ahead) >= CLOCK_UNUSABLE:
        stops.append(f"{words}; set the clock of this machine")
    else:
        warnings.append(words)


def _bare(handle: str) -> str:
    return handle.lstrip("@")


def _same_handle(there: str, here: str) -> bool:
    """Whether two spellings name one handle; a platform may leave out its own server's name."""
    one, other = _bare(there).casefold(), _bare(here).casefold()
    return one == other or one == other.split("@")[0] or other == one.split("@")[0]
