"""What is known of people and facts, and which drafts were approved, in plain dicts."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.domain.case import Finding, Subject
from bot.domain.draft import Approvals
from bot.store import rules
from bot.store.memory_register import MemoryRegister


class MemoryKnowledge(MemoryRegister):
    """The part of the store that knows what may be said."""

    def know(self, found: Sequence[Finding], now: datetime) -> bool:
        """Take what the files say now in place of what they said before; whether anything changed."""
        with self._memory.lock:
            wanted = {one.subject: one for one in found}
            if self._memory.files == wanted:
                return False
            self._memory.files = wanted
            self._memory.mark += 1
            return True

    def find_out(self, finding: Finding, now: datetime) -> None:
        """Add a person's check to the ledger."""
        with self._memory.lock:
            self._memory.checks.setdefault(finding.subject, []).append(finding)
            self._memory.mark += 1
            self.decide(rules.check(finding, now))

    def findings(self) -> Mapping[Subject, tuple[Finding | None, tuple[Finding, ...]]]:
        """What the file says of each subject, and the ledger's checks, oldest first."""
        with self._memory.lock:
            files, checks = self._memory.files, self._memory.checks
            return {one: (files.get(one), tuple(checks.get(one, ()))) for one in {**files, **checks}}

    def pause_people(self, reason: str, by: str, now: datetime) -> None:
        """Let nothing that names a person be claimed, until lifted by hand."""
        with self._memory.lock:
            self._memory.people_paused = reason
            self._memory.mark += 1
            self.decide(rules.line(now, by, "pause", rules.PEOPLE, reason))

    def resume_people(self, by: str, now: datetime) -> None:
        """Allow what names people again."""
        with self._memory.lock:
            self._memory.people_paused = None
            self._memory.mark += 1
            self.decide(rules.line(now, by, "resume", rules.PEOPLE))

    def people_paused(self) -> str | None:
        """Why what names people is paused, None where it is not."""
        return self._memory.people_paused

    def approve(self, lifted: Approvals, by: str, now: datetime) -> None:
        """Remember that a person lifts these drafts, each as its digest names it."""
        with self._memory.lock:
            self._memory.approvals.update(lifted)
            self._memory.mark += 1
            for draft in lifted:
                self.decide(rules.approval(draft, by, now))

    def approvals(self) -> Approvals:
        """The digests of what was approved last."""
        with self._memory.lock:
            return dict(self._memory.approvals)

    def mark(self) -> str:
        """Another text whenever a finding, an approval or the pause of people has changed."""
        return str(self._memory.mark)
