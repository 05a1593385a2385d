"""What stands in the way of a claim, and the numbers that are filled in with it, in plain dicts."""

from dataclasses import replace
from datetime import datetime

from bot.domain.case import Guard, standings
from bot.domain.delivery import TAKING_BACK, Delivery, State
from bot.domain.report import Standing
from bot.domain.terms import Terms, month_of
from bot.domain.thanks import ABOUT, TAKEN, fill
from bot.store import rules
from bot.store.memory_inbox import MemoryInbox
from bot.store.memory_knowledge import MemoryKnowledge


class MemoryGuarding(MemoryKnowledge, MemoryInbox):
    """The part of the store that says what may be claimed, and holds what may not."""

    def spent(self, account: str, since: datetime) -> int:
        """What requests begun since then on an account cost, in millionths of a dollar."""
        shelf, billed = self._memory.shelf, {state.value for state in rules.BILLED}
        with self._memory.lock:
            return sum(
                shelf.get(key).cost
                for key, attempts in self._memory.attempts.items()
                if shelf.get(key).account == account
                for attempt in attempts
                if attempt.started_at >= since and attempt.outcome in billed
            )

    def _stands_in_the_way(self, due: Delivery, terms: Terms, now: datetime) -> str | None:
        """Why a due delivery may not be claimed; where it may, its rendition has its numbers from then on."""
        return self._objection(due, terms, now) or self._tell(due, now)

    def _objection(self, due: Delivery, terms: Terms, now: datetime) -> str | None:
        """Why a due delivery may not be claimed, None where it may."""
        if due.kind in TAKING_BACK:
            return None
        known = standings(self.findings(), terms.age)
        found = Guard(known=known, people_paused=self.people_paused()).objection(due.reliance, now)
        if found:
            return found.reason
        return terms.over_budget(self.spent(due.account, month_of(now)), due.cost) if due.cost else None

    def _hold(self, due: Delivery, reason: str, now: datetime) -> None:
        """Hold what is still to go out of a rendition, until it is planned again."""
        rendition = self._memory.shelf.rendition(due.key)
        for part in self._memory.shelf.parts(rendition):
            if part.state is State.SCHEDULED:
                self._memory.shelf.put(replace(part, held=reason))
        rendition.digest = ""
        self.decide(rules.hold(due.key, reason, now))

    def _tell(self, due: Delivery, now: datetime) -> str | None:
        """Fill in the numbers of the tally, or say why they cannot be."""
        blank = rules.blank_parts(self._memory.shelf.parts(self._memory.shelf.rendition(due.key)))
        if not blank:
            return None
        lines = [one.at for one in self.decisions(ABOUT) if one.what == TAKEN]
        last = max(lines, default=None)
        counted = [one for one in self._memory.reports.values() if one.standing is Standing.COUNTED]
        told = fill([part.text for part in blank], counted, last, now)
        if isinstance(told, str):
            return told
        if told.until != last:
            self.decide(rules.edition(told.until))
        for part, text in zip(blank, told.texts, strict=True):
            self._memory.shelf.put(replace(part, text=text))
        return None
