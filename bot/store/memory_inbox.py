"""What came in, in plain dicts."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice

from bot.domain.erasure import erased, holds_something, is_set_aside, opted_out
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
            return frozenset(mark for mark in marks if self._is_known(mark))

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
                for one in self._written_by(asked)
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
                self._memory.at_risk.setdefault(mark, inbox_rules.since_day(now))
            for report in reports:
                if not self._is_known(report.mark):
                    fresh = ReportId(len(self._memory.reports) + 1)
                    self._put(replace(report, id=self._memory.by_mark.get(report.mark, fresh)))
            for author in opt_outs:
                self._memory.opt_outs.setdefault(author, now)
            self._let_go(inbox_rules.concerned(reports, opt_outs), now)
            self._memory.numbers.update(counts)
            self._memory.streams[account, stream] = cursor

    def _let_go(self, authors: Collection[str], now: datetime) -> int:
        """Keep nothing more of those among these authors who want nothing to do with us; counts reports."""
        changes = [
            (was, left)
            for was in self._written_by(self.opted_out(authors))
            if (left := opted_out(was)) != was
        ]
        for was, left in changes:
            self._put(left)
            self.decide(inbox_rules.line(was.id, inbox_rules.BY_WRITER, inbox_rules.OPTED_OUT, now))
        return len(changes)

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
            self._put(report)
            self.decide(line)

    def of_author(self, author: str) -> list[Report]:
        """Every report of an author, by either of the hashes that a report has of its writer."""
        with self._memory.lock:
            return self._written_by({author})

    def of_message(self, mark: str) -> Report | None:
        """The report of the message with this mark, None where there is none."""
        with self._memory.lock:
            number = self._memory.by_mark.get(mark)
            return None if number is None else self._memory.reports[number]

    def holding(self, *, after: ReportId, limit: int = 500) -> list[Report]:
        """Reports that hold more of their writer than hashes, in the order of their numbers, after one."""
        with self._memory.lock:
            numbers = sorted(number for number in self._memory.reports if number > after)
            found = (self._memory.reports[number] for number in numbers)
            return list(islice(filter(holds_something, found), limit))

    def undecided_since(self, before: datetime) -> int:
        """How many undecided reports were taken in before an instant."""
        with self._memory.lock:
            waiting = (one for one in self._memory.reports.values() if one.standing is Standing.UNDECIDED)
            return sum(one.taken_at < before for one in waiting)

    def numbers(self) -> Counts:
        """The anonymous numbers."""
        with self._memory.lock:
            return dict(self._memory.numbers)

    def forget_marks(self, before: datetime) -> int:
        """Forget the marks at risk that were seen on earlier days; counts them."""
        with self._memory.lock:
            day = inbox_rules.since_day(before)
            old = [mark for mark, at in self._memory.at_risk.items() if at < day]
            for mark in old:
                del self._memory.at_risk[mark]
            return len(old)

    def keyed_by(self, key: str | None = None) -> str | None:
        """The mark of the key that our hashes are made with."""
        with self._memory.lock:
            self._memory.hash_key = self._memory.hash_key or key
            return self._memory.hash_key

    def erase_again(self, marks: Collection[str], authors: Collection[str], now: datetime) -> int:
        """Erase what bears these marks, know them for ever, and let go of these authors; counts reports."""
        with self._memory.lock:
            for author in inbox_rules.among(authors):
                self._memory.opt_outs.setdefault(author, now)
            self._memory.erased_marks.update(inbox_rules.among(marks))
            number = 0
            for was in [
                self._memory.reports[one] for mark in marks if (one := self._memory.by_mark.get(mark))
            ]:
                if was.standing is not Standing.ERASED:
                    self._put(erased(was))
                    self.decide(
                        inbox_rules.line(was.id, inbox_rules.BY_RESTORE, inbox_rules.ERASED_BEFORE, now)
                    )
                    number += 1
            return number + self._let_go(authors, now)

    def scrub(self) -> None:
        """Nothing of this is ever written anywhere."""

    def _is_known(self, mark: str) -> bool:
        memory = self._memory
        if (number := memory.by_mark.get(mark)) is not None and not is_set_aside(memory.reports[number]):
            return True
        return mark in memory.at_risk or mark in memory.erased_marks

    def _written_by(self, authors: Collection[str]) -> list[Report]:
        numbers = {
            one for author in inbox_rules.among(authors) for one in self._memory.by_author.get(author, ())
        }
        return [self._memory.reports[one] for one in sorted(numbers)]

    def _put(self, report: Report) -> None:
        was = self._memory.reports.get(report.id, report)
        for author in inbox_rules.among((was.author, was.alias)):
            self._memory.by_author[author].discard(report.id)
        for author in inbox_rules.among((report.author, report.alias)):
            self._memory.by_author[author].add(report.id)
        self._memory.by_mark[report.mark] = report.id
        self._memory.reports[report.id] = report
