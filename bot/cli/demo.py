"""demo: the daemon at work on three platforms of this machine, with the posts that ship."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from bot.app import open_store, read_tlds
from bot.cli import DONE, PERSON_NEEDED, show
from bot.cli.demo_reports import Supporters
from bot.cli.outlook import rehearsed
from bot.config import Config, load_config
from bot.domain.blanks import has_blanks
from bot.domain.delivery import Delivery, How, State
from bot.files.pictures import USABLE
from bot.files.queue import files_in
from bot.files.records import kind_of_records
from bot.ports import Store
from bot.sandbox import Accepted, Cut, Fault, Sandbox

ROOT = Path(__file__).parent.parent.parent
FIRST_DUE = timedelta(seconds=5)  # the program must have read its posts by then, also on a busy machine
LAST_DUE = timedelta(seconds=20)
LOST = "mastodon"  # the platform on which one answer is lost
END_WITHIN = 20.0

_WHEN = re.compile(r"^(?:when|every):.*\n(?:^[ \t]+.*\n)*", re.MULTILINE)


def _length(text: str) -> float:
    found = re.fullmatch(r"(\d+)s?", text.strip())
    if not found:
        raise click.BadParameter("write seconds, such as 30s")
    return float(found[1])


@click.command("demo")
@click.option(
    "--for",
    "seconds",
    metavar="30s",
    type=_length,
    help="End by itself when all was shown, or after so long; else Ctrl-C ends it.",
)
@click.option("--port", type=int, default=0, help="The port of the page; any free one unless given.")
def demo_command(seconds: float | None, port: int) -> int:
    """Watch it work, without an account, a configuration or a network.

    Starts X, Mastodon and Bluesky on this machine, moves the posts that ship to the next seconds, and
    publishes them through the same program that serves real accounts. One answer of Mastodon is lost on its
    way. Then supporters answer, and an organiser goes through what they did. Leaves with 0 when every post
    that fell due is on its timeline once, and of nobody more was kept than may be.
    """
    posts = ROOT / "posts"
    if not posts.is_dir():
        raise click.ClickException("the demo needs the folder posts/ that lies beside main.py")
    stage = Sandbox(tlds=read_tlds(), port=port)
    with tempfile.TemporaryDirectory(prefix="rehearsal-") as folder, stage:
        return _Demo(Path(folder), stage).run(posts, seconds)


@dataclass(slots=True)
class _Demo:
    folder: Path
    stage: Sandbox
    seen: set[str] = field(default_factory=set)
    told: set[str] = field(default_factory=set)
    played: bool = False

    def run(self, posts: Path, seconds: float | None) -> int:
        """Play it; whether all went well."""
        started = datetime.now(UTC)
        copy_moved(posts, self.folder / "posts", started, FIRST_DUE, LAST_DUE)
        config = _configure(self.folder, self.stage)
        self.stage.faults.add(Fault(platform=LOST, operation="publish", action=Cut(store=True), skip=1))
        store = open_store(config)
        store.start("the demo", started)
        planned = rehearsed(config, config.queue, started, None).deliveries
        owed = [one for one in planned if not one.held and not has_blanks(one.text)]
        thanks = len({one.post for one in planned if has_blanks(one.text)})
        held = len({one.post for one in planned if one.held})
        show.say(f"Three timelines: {self.stage.page.url}", bold=True)
        posts_owed = show.count(len({one.post for one in owed}), "post")
        show.say(f"{posts_owed} on each in the next {LAST_DUE.seconds} seconds.")
        show.say(f"{held} more are held: they name people whom nobody has checked lately.")
        show.say(f"{thanks} more will be held when its hour comes: nothing was counted that it could tell.\n")
        supporters = Supporters(self.folder, self.stage, store)
        with _daemon(self.folder) as log:
            try:
                self._follow(owed, store, supporters, time.monotonic() + seconds if seconds else None)
            except KeyboardInterrupt:
                show.say()
        store.close()
        return self._judge(owed, supporters, log)

    def _follow(
        self, owed: Sequence[Delivery], store: Store, supporters: Supporters, until: float | None
    ) -> None:
        """Tell what the platforms see, what the program makes of the lost answer, and what supporters say."""
        finished = False
        while until is None or time.monotonic() < until:
            for post in self.stage.record.posts():
                self._tell(post)
            self._tell_of_doubt(store)
            supporters.speak(len(self.seen) / len(owed))
            if not finished and len(self.seen) >= len(owed) and "found" in self.told:
                finished = True
                show.say(
                    "\nAll are out. Supporters have answered; the program looks for that every half minute …"
                )
            if finished and not self.played and supporters.heard():
                supporters.play()
                self.played = True
                if until:
                    return
                show.say("\nThe page stays until you press Ctrl-C.")
            time.sleep(0.1)

    def _tell(self, post: Accepted) -> None:
        if post.id in self.seen:
            return
        self.seen.add(post.id)
        first_line = post.text.splitlines()[0][:58]
        show.say(f"{post.created_at.astimezone():%H:%M:%S}  {post.platform:<9} {first_line}…")
        show.say(f"{'':20}{post.url}", colour="blue")
        if post.answer_lost:
            show.say(f"{'':20}stored, but its answer was lost on the way", colour="yellow")

    def _tell_of_doubt(self, store: Store) -> None:
        week = timedelta(days=7)
        now = datetime.now(UTC)
        for one in store.deliveries(since=now - week, until=now + week, states={State.IN_DOUBT, State.SENT}):
            if one.state is State.IN_DOUBT and "doubt" not in self.told:
                self.told.add("doubt")
                words = f"{one.post}: no answer from Mastodon. Looking at our own timeline …"
                show.say(f"{'':20}{words}", colour="yellow")
            if one.how is How.FOUND and "found" not in self.told:
                self.told.add("found")
                show.say(f"{'':20}{one.post}: found there, so it is not sent again", colour="green")

    def _judge(self, owed: Sequence[Delivery], supporters: Supporters, log: Path) -> int:
        """Compare what fell due with what the platforms hold. The program itself is not asked."""
        now = datetime.now(UTC)
        due = [one for one in owed if one.planned_at <= now - FIRST_DUE]
        copies = [(one, _copies(one, self.stage)) for one in due]
        wrong = [(one, number) for one, number in copies if number != 1]
        for one, number in wrong:
            show.say(f"{one.post} is on {one.account} {number} times instead of once", colour="red")
        self._errors()
        if wrong or supporters.wrong:
            show.say(log.read_text(encoding="utf-8"))
            return PERSON_NEEDED
        fell = show.count(len(due), "post")
        show.say(f"{fell} fell due; each is on its timeline once.", colour="green", bold=True)
        if not self.played:
            show.say(
                "It ended before an organiser could go through what supporters said; that takes a minute."
            )
        return DONE

    def _errors(self) -> None:
        for error in self.stage.record.errors:
            show.complain(error)


def _copies(one: Delivery, stage: Sandbox) -> int:
    return sum(post.text == one.text for post in stage.record.posts(one.account))


def _age(file: Path, started: datetime) -> None:
    """Make a copy look old: a file that was changed a moment ago is left to rest."""
    old = (started - timedelta(hours=1)).timestamp()
    os.utime(file, (old, old))


def copy_moved(posts: Path, to: Path, started: datetime, first: timedelta, last: timedelta) -> None:
    """Copy a queue with its hours moved to between two moments from now, in the order of its files."""
    found = [Path(name) for name in files_in(str(posts), [])]
    files = [file for file in found if kind_of_records(str(file)) is None]
    to.mkdir()
    for record in set(found).difference(files):
        copy = to / record.relative_to(posts)
        copy.parent.mkdir(exist_ok=True)
        shutil.copy(record, copy)
        _age(copy, started)
    _copy_pictures(posts, to)
    step = (last - first) / max(1, len(files) - 1)
    for number, file in enumerate(files):
        due = started + first + step * number
        moved = _WHEN.sub(f"when: {due:%Y-%m-%dT%H:%M:%S}Z\n", file.read_text(encoding="utf-8"), count=1)
        copy = to / file.name
        copy.write_text(moved.replace("\ndraft: true\n", "\n"), encoding="utf-8")
        _age(copy, started)


def _copy_pictures(posts: Path, to: Path) -> None:
    for picture in posts.iterdir():
        if picture.suffix.lower() in USABLE and picture.is_file():
            shutil.copyfile(picture, to / picture.name)


def _configure(folder: Path, stage: Sandbox) -> Config:
    """A configuration like an operator's, with the addresses of this stage."""
    secrets = folder / "secrets"
    secrets.mkdir(mode=0o700)
    kept = {
        **stage.x.account.secrets,
        "mastodon_token": stage.mastodon.account.token,
        "app_password": stage.bluesky.account.app_password,
    }
    for name, secret in kept.items():
        path = secrets / name
        path.touch(mode=0o600)
        path.write_text(secret, encoding="utf-8")
    keys = "".join(f"    {name}: {{file: secrets/{name}}}\n" for name in stage.x.account.secrets)
    path = folder / "config.yaml"
    path.write_text(
        f"""\
campaign: rehearsal
timezone: Europe/Brussels
privacy: {{controller: The demo, contact: demo@example.org, notice_url: https://example.org/privacy}}
collect: {{since: {datetime.now(UTC):%Y-%m-%d}}}
accounts:
  x:
    handle: "@{stage.x.account.handle}"
    base_url: {stage.x.url}
{keys}
  mastodon:
    handle: "@{stage.mastodon.account.handle}@{stage.mastodon.host}"
    base_url: {stage.mastodon.url}
    settle: 2 seconds
    access_token: {{file: secrets/mastodon_token}}
  bluesky:
    handle: "@{stage.bluesky.account.handle}"
    base_url: {stage.bluesky.url}
    app_password: {{file: secrets/app_password}}
""",
        encoding="utf-8",
    )
    return load_config(path)


@contextmanager
def _daemon(folder: Path) -> Iterator[Path]:
    """The daemon as a process of its own, as an operator runs it; what it logs goes to a file."""
    log = folder / "log"
    with log.open("wb") as sink:
        command = [sys.executable, str(ROOT / "main.py"), "--config", str(folder / "config.yaml"), "run"]
        # In a group of its own, or Ctrl-C would end it before us.
        running = subprocess.Popen(command, stdout=sink, stderr=sink, start_new_session=True)  # noqa: S603  # our own program
        try:
            yield log
        finally:
            running.send_signal(signal.SIGTERM)
            try:
                running.wait(END_WITHIN)
            except subprocess.TimeoutExpired:
                running.kill()
                running.wait()
