"""What the flows that hear need: streams of mentions, a memory of reports, and hashes that name nobody."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.lengths import PlatformName
from bot.domain.mention import Page
from bot.domain.report import Counts, Intake, Report, ReportId, Standing

MENTIONS, SWEEP = "mentions", "sweep"
"""The streams of an ear: what is new, and once a day, slowly, what a platform put among the old."""


class Source(Protocol):
    """Whoever says what a message says today."""

    def still_there(self, remote_ids: Sequence[str]) -> Mapping[str, str | None]:
        """The plain text of these messages today; None for one that was deleted or is no longer public."""


class Ear(Source, Protocol):
    """One account's mentions on one platform. Used by one lane only.

    No method retries or sleeps; each ends within the request deadline. A method that raises raises a
    PlatformError. What cannot be understood is counted in the page, and never raises.
    """

    platform: PlatformName
    streams: tuple[str, ...]

    def read(self, stream: str, cursor: str | None, since: datetime) -> Page:
        """The next mentions of a stream after a cursor, or (None) from `since` on; none older than that."""


class Hasher(Protocol):
    """Keyed hashes, with a key that never stands in the store."""

    def __call__(self, *parts: str) -> str:
        """A short text that is the same for the same parts, and tells nothing of them."""


class Erasures(Protocol):
    """What was erased and who opted out, as keyed hashes outside the store: a copy put back is told again."""

    def add(self, *, marks: Collection[str] = (), authors: Collection[str] = ()) -> None:
        """Remember for ever; it lies on the disk when this returns. To be called before the store is told."""

    def marks(self) -> frozenset[str]:
        """Of every message that was ever erased."""

    def authors(self) -> frozenset[str]:
        """Of everybody who ever opted out."""


class Inbox(Protocol):
    """Our memory of reports. Each method is one transaction; all may be called from any thread."""

    def cursor(self, account: str, stream: str) -> str | None:
        """Where reading a stream goes on, None where it never began."""

    def known(self, marks: Collection[str]) -> frozenset[str]:
        """Those of these marks that were dealt with before: stored, erased, or at risk and not forgotten.

        Of what a copy of the store has set aside nobody knows what it said: it is not among them.
        """

    def opted_out(self, authors: Collection[str]) -> frozenset[str]:
        """Those of these authors who want nothing to do with us."""

    def written_on(self, authors: Collection[str], day: datetime) -> Mapping[str, int]:
        """How many reports of each author were stored on a day."""

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
        """Store what a page came to and move the cursor, together. A mark that is known changes nothing.

        What was set aside is taken in again, under the number that it had.
        `at_risk` are marks, remembered for the overlap only; `opt_outs` are authors, for ever: what waits of
        theirs is erased. The id of a report that comes in is ignored; the store gives its own.
        """

    def reports(self, *, standings: Collection[Standing] | None = None, limit: int = 1000) -> list[Report]:
        """Reports in these standings, the oldest undecided first."""

    def report(self, report: ReportId) -> Report:
        """One report. NotFoundError where there is none of that number."""

    def change(self, report: Report, was: Report, by: str, what: str, now: datetime) -> None:
        """Write a report in place of what it was, and a line of the ledger that holds none of its words.

        LostClaimError where it is no longer as believed.
        """

    def of_author(self, author: str) -> list[Report]:
        """Every report of an author, by either of the hashes that a report has of its writer."""

    def of_message(self, mark: str) -> Report | None:
        """The report of the message with this mark, None where there is none."""

    def holding(self, *, after: ReportId, limit: int = 500) -> list[Report]:
        """Reports that hold more of their writer than hashes, in the order of their numbers, after one."""

    def undecided_since(self, before: datetime) -> int:
        """How many undecided reports were taken in before an instant."""

    def numbers(self) -> Counts:
        """The anonymous numbers."""

    def forget_marks(self, before: datetime) -> int:
        """Forget the marks at risk that were seen on a day before that of this instant; counts them.

        Of when one was seen the day is kept and not the hour.
        """

    def keyed_by(self, key: str | None = None) -> str | None:
        """The mark of the key that our hashes are made with, None where there are none yet.

        The first that is given counts, for ever.
        """

    def erase_again(self, marks: Collection[str], authors: Collection[str], now: datetime) -> int:
        """Erase what bears these marks, know them for ever, and let go of these authors; counts reports."""

    def scrub(self) -> None:
        """Leave nothing of what was erased in the database's file and its log."""


__all__ = ["Ear", "Erasures", "Hasher", "Inbox", "Intake", "Source"]
