"""What a writer's new message changes for the older ones: nobody has to ask for it a second time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.domain.errors import LostClaimError
from bot.domain.report import Report
from bot.flows.forget import BY_SOURCE, BY_WRITER, Forgetting, erase
from bot.ports import Clock

TRIES = 5  # against a person who decides on the same report meanwhile


@dataclass(frozen=True, slots=True, kw_only=True)
class Spared:
    """Takes out, or takes back, what is held of writers who bear some hashes; flows.collect.Sparing."""

    what: Forgetting
    clock: Clock

    def erase(self, names: Sequence[str]) -> None:
        """Take out every report of somebody who may be in danger; boosts of them first.

        Of the reason nothing is written down: it reads like any other source that is gone.
        """
        for report in self._of(names):
            self._erase(report)

    def hush(self, names: Sequence[str]) -> None:
        """Take back every boost of somebody who does not want to be passed on."""
        for report in self._of(names):
            if report.boosted_at is not None:
                self.what.unboost(report, BY_WRITER, self.clock.now())

    def _of(self, names: Sequence[str]) -> Iterator[Report]:
        for name in names:
            yield from self.what.inbox.of_author(name)

    def _erase(self, report: Report) -> None:
        for left in reversed(range(TRIES)):
            try:
                erase(self.what, report, BY_SOURCE, "its source is gone or changed", self.clock.now())
            except LostClaimError:
                if not left:
                    raise
                report = self.what.inbox.report(report.id)
            else:
                return
