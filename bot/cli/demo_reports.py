"""The demo's second act: supporters say what they did, and an organiser goes through it."""

import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.cli import show
from bot.cli.demo_said import TO_BOOST, Line, read_said
from bot.cli.demo_terminal import Terminal
from bot.domain.report import Action, Report, ReportId, Standing
from bot.ports import Store
from bot.sandbox import Accepted, Said, Sandbox

MAIN = Path(__file__).parent.parent.parent / "main.py"
HARMLESS = "n\n" * 3  # nobody could be in danger or is in exile, and no face shows
OUT_WITHIN = 20.0  # seconds within which a boost, or the end of one, is on the platform

_ON_SCREEN = re.compile(r"(\d+) of (\d+) · report (\d+)")
_LETTERS = dict(zip(Action, "abcdefghijkl", strict=True))


@dataclass(slots=True)
class Supporters:
    """Those who speak in the demo, and what became of what they said."""

    folder: Path
    stage: Sandbox
    store: Store
    lines: list[Line] = field(default_factory=read_said)
    said: list[tuple[Line, Accepted]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def speak(self, share: float) -> None:
        """Let so much of what is to be said have been said."""
        while len(self.said) < min(1.0, share) * len(self.lines):
            line = self.lines[len(self.said)]
            server = self.stage.mastodon if line.platform == "mastodon" else self.stage.bluesky
            text = f"@{server.account.handle.partition('@')[0]} {line.text}"
            said = Said(language=line.language)
            self.said.append((line, self.stage.mention(line.platform, line.handle, text, said=said)))

    def heard(self) -> bool:
        """Whether the program has dealt with everything that was said."""
        dealt_with = len(self.store.reports()) + sum(self.store.numbers().values())
        return len(self.said) == len(self.lines) and dealt_with >= len(self.lines)

    def play(self) -> None:
        """Go through what was heard as an organiser does; what is not as it should be is kept in `wrong`."""
        languages = len({line.language for line in self.lines})
        show.say(
            f"\n{len(self.lines)} supporters have answered, in {languages} languages, on Mastodon and "
            "Bluesky.\nOn X nothing is collected until somebody has cleared it.",
            bold=True,
        )
        self._command("reports", "list")
        self._review()
        self._command("tally")
        self._boost_and_forget()
        self._search()

    def _review(self) -> None:
        """Press the keys of somebody who knows what each of them did."""
        command = _command_line(self.folder, "reports", "review", "--as", "Demo")
        _typed(command)
        pressed, first, seen = 0, "", ""
        with Terminal(command) as terminal:
            while terminal.awaited() and (on_screen := _ON_SCREEN.findall(terminal.shown)):
                keys = self._keys_for(ReportId(int(on_screen[-1][2])))
                for key in keys:
                    seen = terminal.press(key) or ""
                    first = first or f"{seen.strip()}\n  [{'] ['.join(map(_name_of_key, keys))}]"
                pressed += len("".join(keys))
            shown = [line for line in terminal.rest().splitlines() if line.strip()]
        _echo(first)
        show.say(f"    … and so on: {pressed} keys in all.")
        _echo(shown[-1] if shown else "it ended early")
        self._expect(
            not self.store.reports(standings={Standing.UNDECIDED}), "not everything could be decided on"
        )

    def _keys_for(self, number: ReportId) -> list[str]:
        """What an organiser presses at a report: what is wrong is put right, then it is counted or not."""
        report = self.store.report(number)
        line = self._line_of(report)
        if not line.actions:
            return ["r"]
        guess = report.suggestion
        thought = guess.actions if guess.is_report else ()
        wrong = [action for action in Action if (action in thought) != (action in line.actions)]
        keys = ["k", *(_LETTERS[action] for action in wrong), "\r"] if wrong else []
        if guess.country != line.country:
            keys += ["l", line.country or "\r"]
        return [*keys, "c"]

    def _line_of(self, report: Report) -> Line:
        return next(line for line, post in self.said if post.id == report.remote_id)

    def _boost_and_forget(self) -> None:
        """Pass one on after a second look; then its writer wishes to be forgotten."""
        post = next(post for line, post in self.said if line.handle == TO_BOOST)
        number = next(one.id for one in self.store.reports() if one.remote_id == post.id)
        self._command("reports", "boost", str(number), "--as", "Demo", answers=HARMLESS)
        self._expect(self._stands(post, 1), "the boost did not appear once")
        show.say(f"    on the platform: boosted {self._number_of(post)} time", colour="green")
        self._command("forget", "-", "--yes", "--as", "Demo", answers=f"{post.url}\n")
        self._expect(self._stands(post, 0), "the boost was not taken back")
        show.say("    on the platform: the boost is gone", colour="green")

    def _stands(self, post: Accepted, times: int) -> bool:
        return self.stage.record.wait_for(lambda: self._number_of(post) == times, OUT_WITHIN)

    def _number_of(self, post: Accepted) -> int:
        return sum(one.post == post.id for one in self.stage.record.boosts(post.platform))

    def _search(self) -> None:
        """Look into every file for whoever is inside, and for whoever asked to be forgotten."""
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        held = b"\n".join(path.read_bytes() for path in files)
        for line, post in self.said:
            if line.inside or line.handle == TO_BOOST:
                words = (line.text, line.handle, post.id, post.url)
                found = any(word.encode() in held or ascii(word)[1:-1].encode() in held for word in words)
                self._expect(not found, f"a trace of {line.handle} is left in the program's files")
        kept = sum(number for name, number in self.store.numbers().items() if name.startswith("at risk"))
        self._expect(kept == sum(line.inside for line in self.lines), "whoever is inside was not counted")
        if not self.wrong:
            show.say(
                f"\nOf the one who wrote from Minsk, and of the one who was forgotten: nothing in any of "
                f"{len(files)} files.\nOf the first an anonymous count is left, without a day or a platform.",
                colour="green",
            )

    def _command(self, *arguments: str, answers: str = "") -> None:
        """Run a command of the program as an organiser would, and show what it says."""
        command = _command_line(self.folder, *arguments)
        _typed(command)
        done = subprocess.run(  # noqa: S603  # our own program
            command, input=answers, capture_output=True, text=True, encoding="utf-8", check=False
        )
        _echo((done.stdout + done.stderr).replace("[y/n]: ", "[y/n]: n\n"))
        self._expect(done.returncode == 0, f"`{' '.join(arguments)}` ended with {done.returncode}")

    def _expect(self, holds: bool, otherwise: str) -> None:
        if not holds:
            self.wrong.append(otherwise)
            show.say(f"    {otherwise}", colour="red")


def _command_line(folder: Path, *arguments: str) -> list[str]:
    return [sys.executable, str(MAIN), "--config", str(folder / "config.yaml"), *arguments]


def _typed(command: Sequence[str]) -> None:
    """Show a command as somebody types it, without what concerns only the demo."""
    show.say(f"\n$ python main.py {' '.join(command[4:])}", bold=True)


def _echo(text: str) -> None:
    for line in text.rstrip("\n").splitlines():
        show.say(f"    {_COLOURS.sub('', line)}")


def _name_of_key(key: str) -> str:
    return {"\r": "Enter"}.get(key, key)


_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
