"""What came in, in plain dicts."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.domain.report import Counts, Report, ReportId, Standing
from bot.store import inbox_rules
from bot.store.memory_register import MemoryRegister


class MemoryInbox(MemoryRegister):
    """The part of the store that remembers reports."""

    def cursor(self, account: str, stream: str) -> str | None:
        """Where reading a stream goes on, None where it never began."""
        return self._memory.streams.get((account, stream))

    def known(self, marks: Collection[str]) -> frozenset[str]:
        """Those of these marks that were dealt with before."""
        with self._memory.lock:
            return frozenset(marks) & self._marks()

    def opted_out(self, authors: Collection[str]) -> frozenset[str]:
        """Those of these authors who want nothing to do with us."""
        with self._memory.lock:
            return frozenset(authors) & self._memory.opt_outs.keys()

    def written_on(self, authors: Collection[str], day: datetime) -> Mapping[str, int]:
        """How many reports of each author were stored on a day."""
        start, end = inbox_rules.of_day(day)
        asked = set(inbox_rules.among(authors))
        with self._memory.lock:
            return Counter(
                one.author
                for one in self._memory.reports.values()
                if one.author in asked and start <= one.day < end
            )

    def take_in(
        self,
        account: str,
        stream: str,
        reports: Sequence[Report],
        *,
        cursor: str | None,
        at_risk: Sequence[str],
        opt_outs: Sequence[str],
        counts: Counts,
        now: datetime,
    ) -> None:
        """Store what a page came to and move the cursor, together."""
        inbox_rules.check(reports)
        with self._memory.lock:
            for mark in at_risk:
                self._memory.at_risk.setdefault(mark, now)
            for report in reports:
                if report.mark not in self._marks():
                    number = ReportId(len(self._memory.reports) + 1)
                    self._memory.reports[number] = replace(report, id=number)
            for author in opt_outs:
                self._memory.opt_outs.setdefault(author, now)
            self._let_go({*opt_outs, *(report.author for report in reports)}, now)
            self._memory.numbers.update(counts)
            self._memory.streams[account, stream] = cursor

    def _let_go(self, authors: Collection[str], now: datetime) -> None:
        """Keep nothing more of those among these authors who want nothing to do with us."""
        for was in [one for one in self._memory.reports.values() if one.author in authors]:
            if was.author in self._memory.opt_outs and (left := inbox_rules.opted_out(was)) != was:
                self._memory.reports[was.id] = left
                self.decide(inbox_rules.line(was.id, inbox_rules.BY_WRITER, inbox_rules.OPTED_OUT, now))

    def reports(self, *, standings: Collection[Standing] | None = None, limit: int = 1000) -> list[Report]:
        """Reports in these standings, the oldest undecided first."""
        with self._memory.lock:
            found = [
                one for one in self._memory.reports.values() if standings is None or one.standing in standings
            ]
        return sorted(found, key=inbox_rules.waits_first)[:limit]

    def report(self, report: ReportId) -> Report:
        """One report."""
        with self._memory.lock:
            if report not in self._memory.reports:
                raise inbox_rules.unknown(report)
            return self._memory.reports[report]

    def change(self, report: Report, was: Report, by: str, what: str, now: datetime) -> None:
        """Write a report in place of what it was, and a line of the ledger that holds none of its words."""
        with self._memory.lock:
            inbox_rules.check([report])
            line = inbox_rules.line(was.id, by, what, now)
            if self.report(was.id) != was or report.id != was.id:
                raise inbox_rules.changed(was.id)
            self._memory.reports[was.id] = report
            self.decide(line)

    def of_author(self, author: str) -> list[Report]:
        """Every report of an author."""
        with self._memory.lock:
            return [one for one in self._memory.reports.values() if author and one.author == author]

    def numbers(self) -> Counts:
        """The anonymous numbers."""
        with self._memory.lock:
            return dict(self._memory.numbers)

    def forget_marks(self, before: datetime) -> int:
        """Forget the marks at risk that were seen before; counts them."""
        with self._memory.lock:
            old = [mark for mark, at in self._memory.at_risk.items() if at < before]
            for mark in old:
                del self._memory.at_risk[mark]
            return len(old)

    def scrub(self) -> None:
        """Nothing of this is ever written anywhere."""

    def _marks(self) -> set[str]:
        return {one.mark for one in self._memory.reports.values()} | self._memory.at_risk.keys()
