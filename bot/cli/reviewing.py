"""One sitting of an organiser with the reports that wait: one at a time, one key each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.cli import report_words as words
from bot.cli import show
from bot.cli.countries import countries, country_name
from bot.domain.errors import DecisionError, LostClaimError
from bot.domain.report import Action, Report, ReportId, Standing, Suggestion
from bot.domain.tally import spoken_day
from bot.flows import review
from bot.ports.inbox import Inbox

KEYS = "c count · r reject · k kinds · l country · n number · s skip · u undo · ? help · q quit"
HELP = """\
  c  count it as it stands there; without a kind, you are asked for one
  r  reject it: it is no report, or not for the imprisoned
  k  change the kinds      l  change the country      n  change the number of people
  s  skip it: it comes again next time
  u  undo your last decision of this sitting
  q  quit; what you decided is kept
Counting only counts: nothing is answered, passed on or published. The words are erased at once."""
ENTER = frozenset("\r\n")
ERASE = frozenset("\x7f\b")
LETTERS = dict(zip("abcdefghijkl", Action, strict=True))
DIGITS = 7  # as many as a number of people has at most


@dataclass(slots=True)
class Bundle:
    """Reports with equal words, and what will be decided on them. The words live here only."""

    reports: list[Report]
    text: str | None
    suggestion: Suggestion
    actions: tuple[Action, ...]
    country: str | None
    participants: int | None


@dataclass(slots=True, kw_only=True)
class Sitting:
    """Reports one after another, and what was decided on them so far."""

    inbox: Inbox
    by: str
    now: Callable[[], datetime]
    key: Callable[[], str]  # one key that was pressed; an empty one where no more will come
    read: Callable[[Report], str | None] = lambda report: report.text
    bundles: list[Bundle] = field(default_factory=list)
    at: int = 0
    counted: int = 0
    rejected: int = 0
    undoable: list[int] = field(default_factory=list)

    def hold(self) -> None:
        """Go through everything that waits, until the end or until told to quit."""
        self.bundles = [_bundle(reports) for reports in review.waiting(self.inbox)]
        while self.at < len(self.bundles):
            self._show()
            if not self._turn():
                break
        waits = sum(len(one) for one in review.waiting(self.inbox))
        show.say(f"{self.counted} counted, {self.rejected} rejected, {waits} still waiting.")

    def _turn(self) -> bool:
        """Do what a key says, and stay until one leads on; whether to go on."""
        moves: dict[str, Callable[[], bool]] = {
            "c": self._count,
            "r": self._reject,
            "k": self._kinds,
            "l": self._country,
            "n": self._number,
            "s": self._skip,
            "u": self._undo,
        }
        while (key := self.key().lower()) not in {"q", "", "\x03", "\x04"}:
            if key not in moves:
                show.say(HELP if key in "?h" else f"That key does nothing here. {KEYS}")
            elif moves[key]():
                return True
        return False

    def _show(self) -> None:
        bundle = self.bundles[self.at]
        one = bundle.reports[0]
        if bundle.text is None:
            bundle.text = self.read(one)
        show.say()
        head = [f"{self.at + 1} of {len(self.bundles)}", f"report {one.id}", one.platform.value]
        show.say(
            " · ".join([*head, spoken_day(one.day.date()), one.language or "language unknown"]), bold=True
        )
        for line in words.quoted(bundle.text) if bundle.text is not None else []:
            show.say(line)
        show.say(f"  link: {words.link(one.url)}")
        show.say(f"  we think: {words.thought(bundle.suggestion)}")
        if why := bundle.suggestion.why:
            show.say("  because of: " + ", ".join(f"“{_short(word)}”" for word in why))
        if len(bundle.reports) > 1:
            show.say(f"  {len(bundle.reports)} with the same words: decided together")
        for line in words.warnings(bundle.reports, bundle.suggestion, words=bundle.text is not None):
            show.say(f"  ! {line}", colour="yellow")
        self._stands(bundle)

    def _stands(self, bundle: Bundle) -> None:
        show.say(f"  as: {words.made(bundle.actions, bundle.country, bundle.participants)}")
        show.say(KEYS)

    def _count(self) -> bool:
        bundle = self.bundles[self.at]
        if not bundle.actions:
            self._kinds()
        if not bundle.actions:
            return False

        def decide(report: Report) -> Report:
            return review.confirm(
                self.inbox,
                report,
                self.by,
                self.now(),
                actions=bundle.actions,
                country=bundle.country,
                participants=bundle.participants,
            )

        done = self._decided(decide)
        self.counted += done
        show.say(f"  {done} counted.")
        return True

    def _reject(self) -> bool:
        done = self._decided(lambda report: review.reject(self.inbox, report, self.by, self.now()))
        self.rejected += done
        show.say(f"  {done} rejected.")
        return True

    def _decided(self, decide: Callable[[Report], Report]) -> int:
        """Decide on all of a bundle, and go to the next; how many were still there to be decided."""
        bundle = self.bundles[self.at]
        done = _each(bundle.reports, decide)
        if lost := len(bundle.reports) - len(done):
            show.say(f"  {show.count(lost, 'report')} changed in the meantime, and not decided by you")
        if done:
            bundle.reports = done
            self.undoable.append(self.at)
        self.at += 1
        return len(done)

    def _skip(self) -> bool:
        self.at += 1
        return True

    def _undo(self) -> bool:
        if not self.undoable:
            show.say("Nothing was decided in this sitting; `reports undo NUMBER` takes back what was before.")
            return False
        at = self.undoable.pop()
        bundle = self.bundles[at]
        was = bundle.reports[0].standing
        done = _each(bundle.reports, lambda report: review.undo(self.inbox, report, self.by, self.now()))
        if not done:
            show.say("It cannot be undone any more: it changed in the meantime.")
            return False
        bundle.reports = done
        if was is Standing.COUNTED:
            self.counted -= len(done)
        else:
            self.rejected -= len(done)
        self.at = at
        return True

    def _kinds(self) -> bool:
        bundle = self.bundles[self.at]
        show.say("  ".join(f"{letter} {words.kinds([kind])}" for letter, kind in LETTERS.items()))
        show.say("Each letter adds a kind or takes it away; Enter when it is right.")
        chosen = list(bundle.actions)
        while (key := self.key().lower()) and key not in ENTER:
            if key in LETTERS:
                kind = LETTERS[key]
                chosen = [one for one in chosen if one is not kind] if kind in chosen else [*chosen, kind]
                show.say(f"  {words.kinds(chosen)}")
        bundle.actions = tuple(chosen)
        self._stands(bundle)
        return False

    def _country(self) -> bool:
        bundle = self.bundles[self.at]
        show.say("Two letters, such as DE; Enter for no country.")
        typed = self._typed(str.isalpha, 2).upper()
        if typed and typed not in countries():
            show.say(f"There is no country {typed}; it stays as it was.")
        else:
            bundle.country = typed or None
            show.say(f"  {country_name(typed) if typed else 'no country'}")
        self._stands(bundle)
        return False

    def _number(self) -> bool:
        bundle = self.bundles[self.at]
        show.say("How many people, then Enter; Enter alone for no number.")
        bundle.participants = int(self._typed(str.isdecimal, DIGITS, at_once=False) or 0) or None
        self._stands(bundle)
        return False

    def _typed(self, fits: Callable[[str], bool], longest: int, *, at_once: bool = True) -> str:
        """What is typed until Enter, or until it is as long as it can be."""
        typed = ""
        while (key := self.key()) and key not in ENTER:
            if key in ERASE:
                typed = typed[:-1]
            elif len(key) == 1 and key.isascii() and fits(key) and len(typed) < longest:
                typed += key
            if at_once and len(typed) == longest:
                break
        return typed


def _bundle(reports: list[Report]) -> Bundle:
    one = reports[0]
    guess = one.suggestion
    return Bundle(
        reports=reports,
        text=one.text,
        suggestion=guess,
        actions=guess.actions if guess.is_report else (),
        country=guess.country,
        participants=guess.participants,
    )


def _each(reports: Sequence[Report], decide: Callable[[Report], Report]) -> list[Report]:
    """Decide on each report that is still as we saw it."""
    done: dict[ReportId, Report] = {}
    for report in reports:
        try:
            done[report.id] = decide(report)
        except LostClaimError:
            continue  # somebody else was faster; the caller says how many
        except DecisionError as error:
            show.say(f"  {error}")
    return list(done.values())


def _short(word: str) -> str:
    return show.plain(word).replace("\n", " ")[:60]
