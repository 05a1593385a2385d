"""The sandbox, a process that forks the program, and the judgement: by the sandbox's record alone."""

import multiprocessing
import os
import re
import shutil
import sqlite3
import tempfile
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

from bot.domain.delivery import DeliveryKind
from bot.domain.lengths import PlatformName
from bot.domain.post import Language, PostId, digest
from bot.domain.report import ReportId
from bot.flows.acknowledge import owing
from bot.flows.plan import keys_for
from bot.flows.withdraw import withdraw
from bot.platforms.bluesky.record import content_id
from bot.ports.records import Planned
from bot.sandbox import Sandbox
from bot.store import open_store
from tests.kills.case import NUMBER, Case, Outcome, Row
from tests.kills.worker import BASE, BROKEN, UNBOUNDED, SharedTime, copy, platform_of, serve
from tests.reports import a_report, counted, take_in
from tests.tables import TLDS

MOST_LIVES = 8
MOST_WRITES = {"x": 2, "mastodon": 5, "bluesky": 5}
BOOSTING = ("boost", "unboost")
POST, AGAIN = PostId("may-day"), PostId("may-day-again")
QUIET = Path("/dev/shm")  # noqa: S108  # where writing costs nothing


class Arena:
    """A context manager in which cases are tried, one after the other."""

    def __init__(self):
        self.clock = SharedTime()
        self._warm = set()
        self._load()
        self._orders, theirs = multiprocessing.Pipe()
        self._server = os.fork()
        if self._server == 0:
            self._orders.close()
            serve(theirs, self.clock)
            os._exit(0)
        theirs.close()
        where = QUIET if os.access(QUIET, os.W_OK) else None
        self._home = Path(tempfile.mkdtemp(prefix="kills-", dir=where))
        self.sandbox = Sandbox(tlds=TLDS, now=self.clock.world)

    def _load(self):
        """Load what every life needs, once."""
        import atproto_client
        import libipld
        import mastodon
        import tweepy

        assert all((atproto_client, libipld, mastodon, tweepy))

    def __enter__(self):
        self.sandbox.__enter__()
        return self

    def __exit__(self, *_):
        self._orders.send(None)
        os.waitpid(self._server, 0)
        self.sandbox.__exit__(None, None, None)
        shutil.rmtree(self._home)

    def try_out(self, case):
        """Run a case until nothing is left to do; what is wrong with what the platform has then."""
        if case.platform not in self._warm:
            self._warm.add(case.platform)
            self.try_out(Case(name="warming up", platform=case.platform, parts=2))
        folder = self._begin(case)
        kills, steps, wrong = self._lives(case, folder)
        if case.restored and not wrong:
            self._put_back(case, folder)
            more, steps, wrong = self._lives(case, folder)
            kills += more
        if not wrong:
            wrong = self._judge(case, _rows(folder, case.kind))
        return Outcome(kills=kills, steps=steps, wrong=tuple(wrong))

    def _begin(self, case):
        self.sandbox.reset()
        self.clock.reset()
        server = getattr(self.sandbox, case.platform)
        template = self._template(case)
        folder = self._home / "run"
        copy(template, folder)
        self._by_hand = server.post_by_hand(case.by_hand).id if case.by_hand else ""
        self.clock.turn(2.0)
        if case.kind in BOOSTING:
            self._said = [server.mention("someone.example", words) for words in case.words]
            self._owe(case, folder, "boost")
        if case.kind == "unboost":
            assert self._live(case, folder, 0) == 0
            assert len(self.sandbox.record.boosts(case.platform)) == len(case.words)
            self._owe(case, folder, "unboost")
        if case.kind == "withdrawal":
            assert self._live(case, folder, 0) == 0
            self._withdraw(folder)
            self.sandbox.record.requests.clear()
        for name, value in case.settings.items():
            assert hasattr(server.settings, name)
            setattr(server.settings, name, value)
        self.sandbox.faults.add(*(_copied(fault) for fault in case.faults))
        return folder

    def _lives(self, case, folder):
        kills = 0
        for number in range(MOST_LIVES):
            kill_at = case.kills[number] if number < len(case.kills) else 0
            code = self._live(case, folder, kill_at)
            if code == 0:
                return kills, self.clock.steps, []
            if code != -9:
                words = {UNBOUNDED: "it does not come to rest", BROKEN: "it broke"}
                said = folder / "broken"
                return kills, 0, [words.get(code, f"it left with {code}"), _read(said)]
            kills += 1
            if case.kind == "thanks":
                self._confirm(case, folder, kills)
            if number < len(case.skews):
                self.clock.set_wrong(case.skews[number])
        return kills, 0, ["it dies at every start"]

    def _live(self, case, folder, kill_at):
        self._orders.send((case, self._address(case.platform), folder, kill_at))
        return self._orders.recv()

    def _address(self, name):
        server = getattr(self.sandbox, name)
        account = server.account
        secrets = {
            "x": lambda: dict(account.secrets),
            "mastodon": lambda: {"access_token": account.token},
            "bluesky": lambda: {"app_password": account.app_password},
        }[name]()
        return {"url": server.url, "handle": account.handle, "secrets": secrets}

    def _template(self, case):
        folder = (
            self._home
            / f"{case.platform}-{hash((case.words, case.again, case.kind in BOOSTING)) & 0xFFFFFFFF:x}"
        )
        if not folder.exists():
            folder.mkdir()
            store = open_store(folder / "bot.sqlite")
            self._identify(case, folder, store)
            store.start("the harness", BASE)
            if case.kind not in BOOSTING:
                self._plan(case, store, case.words)
            if case.again:
                self._plan(case, store, case.words, AGAIN)
            store.close()
            if case.kind == "thanks":
                self._confirm(case, folder, 0)
        return folder

    def _confirm(self, case, folder, deaths):
        """Confirm what five more writers did, so that the tally tells more."""
        store = open_store(folder / "bot.sqlite")
        now = self.clock.now()
        new = [
            a_report(number, day=BASE, account=case.platform) for number in range(deaths * 5, deaths * 5 + 5)
        ]
        for report in take_in(store, *new, now=now):
            store.change(counted(report, decided_at=now), report, "the harness", "count", now)
        store.close()

    def _identify(self, case, folder, store):
        identity = platform_of(case.platform, self._address(case.platform), folder, self.clock).identify()
        store.enroll(case.platform, PlatformName(case.platform), BASE)
        store.identified(case.platform, identity, BASE)

    def _plan(self, case, store, words, post=POST):
        keys = keys_for(
            "harness",
            store.account(case.platform),
            post,
            occurrence="",
            language=Language("en"),
            parts=len(words),
        )
        owed = Planned(
            account=case.platform,
            post=post,
            occurrence="",
            language=Language("en"),
            planned_at=BASE + timedelta(seconds=1 if post == POST else 61),
            expires_at=BASE + timedelta(days=30),
            priority=1,
            held=None,
            part_gap=timedelta(seconds=5),
            digest=digest(words),
            keys=keys,
            texts=words,
        )
        store.plan([owed], [], BASE)

    def _owe(self, case, folder, kind):
        """Owe each message that was said its boost, or the end of that."""
        store = open_store(folder / "bot.sqlite")
        account = store.account(case.platform)
        for number, post in enumerate(self._said, start=1):
            report = a_report(number, id=ReportId(number), account=case.platform, remote_id=_named(post))
            owed = owing(
                DeliveryKind(kind),
                report,
                account,
                campaign="harness",
                number=0,
                now=BASE + timedelta(seconds=1 if kind == "boost" else 2),
            )
            store.plan([owed], [], BASE)
        store.close()

    def _withdraw(self, folder):
        store = open_store(folder / "bot.sqlite")
        withdraw(store, POST, "harness", "the harness", self.clock.now())
        store.close()

    def _put_back(self, case, folder):
        """Lose what was written since the beginning, as an old backup does."""
        copy(self._template(case), folder)
        if case.kind in BOOSTING:
            self._owe(case, folder, "boost")
        store = open_store(folder / "bot.sqlite")
        if not case.unnoticed:
            store.put_back(BASE, "the harness", self.clock.now())
        if case.edited:
            words = tuple(f"{text} Edited." for text in case.words)
            self._plan(case, store, words)
        store.close()

    def _judge(self, case, rows):
        record = self.sandbox.record
        wrong = [f"the sandbox broke: {error}" for error in record.errors]
        wrong += _of_rows(case, rows)
        ours = [post for post in record.everything(case.platform) if post.ours]
        ours = [post for post in ours if post.id != self._by_hand]
        if case.kind in BOOSTING:
            return [*wrong, *_of_boosts(case, self._said, record.boosts(case.platform, undone=True), rows)]
        if case.kind == "withdrawal":
            return [*wrong, *_of_withdrawal(case, ours, rows)]
        if case.again:
            return [*wrong, *_of_two(ours, rows)]
        wrong += _of_posts(_told(case, ours), ours, rows)
        writes = len(record.asked(case.platform, "publish"))
        refused = sum(one.status == 429 for one in record.asked(case.platform, "publish"))
        if writes - refused > MOST_WRITES[case.platform] * case.parts:
            wrong.append(f"{writes} requests were made")
        return wrong


def _told(case, ours):
    """The case with the number that its first part tells, which all must tell."""
    found = next((int(one) for post in ours for one in re.findall(r"\d+", post.text)), 0)
    if case.kind != "thanks" or found not in range(5, 5 * MOST_LIVES + 6, 5):
        return case
    return replace(case, texts=tuple(text.replace(NUMBER, str(found)) for text in case.texts))


def _of_rows(case, rows):
    asked = False  # whether an earlier part waits for a person: then the others wait for it
    for row in rows:
        asked = asked or (case.may_ask and row.state == "in_doubt" and bool(row.attention))
        if row.state == "sending" or (row.state == "scheduled" and not asked):
            yield f"part {row.part} is left {row.state}"
        if row.state == "in_doubt" and not (case.may_ask and row.attention):
            yield f"part {row.part} is left in doubt: {row.attention}"
        if row.state == "failed" and not case.may_fail:
            yield f"part {row.part} failed: {row.attention}"


def _of_posts(case, ours, rows):
    there = {post.id: post for post in ours}
    yield from _of_copies(case, ours, rows, there)
    if len(ours) > len(case.words):
        yield f"{len(ours)} posts stand there"
    for before, after in pairwise(rows):
        if after.remote_id in there and there[after.remote_id].parent_id != before.remote_id:
            yield f"part {after.part} does not answer part {before.part}"
    if rows[0].remote_id in there and there[rows[0].remote_id].parent_id:
        yield "part 1 answers something"
    texts = [post.text for post in ours]
    if texts != [text for text in case.words if text in texts]:
        yield "they are out of order"


def _of_copies(case, ours, rows, there):
    for number, text in enumerate(case.words, start=1):
        copies = [post for post in ours if post.text == text]
        alike = case.words.count(text)
        if len(copies) > alike:
            yield f"part {number} stands there {len(copies)} times"
        row = rows[number - 1]
        if row.state == "sent" and row.remote_id not in there:
            yield f"part {number} is lost: {row.remote_id} is not there"
        if row.state != "sent" and copies and not row.attention and alike == 1:
            yield f"part {number} stands there, and is called {row.state}"


def _of_boosts(case, said, boosts, rows):
    standing = [one.post for one in boosts if not one.undone]
    if len(rows) != len(said):
        yield f"{len(rows)} deliveries for {len(said)} messages"
    if len(boosts) > len(said):
        yield f"{len(boosts)} boosts were made of {len(said)} messages"
    for row in rows:
        kept = row.state in {"sent", "failed"} and (row.text or row.payload)
        if kept:
            yield f"{row.state}, and it still holds what it was about"
    settled = all(row.state == "sent" for row in rows)
    if case.kind == "unboost" and settled and standing:
        yield f"{len(standing)} boosts still stand there"
    if case.kind == "boost" and settled and sorted(standing) != sorted(post.id for post in said):
        yield f"{len(standing)} boosts stand there for {len(said)} messages"


def _named(post):
    """What a boost of a message is given: its id, on Bluesky with the content id."""
    return f"{post.id}|{content_id({'text': post.text})}" if post.platform == "bluesky" else post.id


def _of_two(ours, rows):
    if len(ours) != len(rows) or {post.id for post in ours} != {row.remote_id for row in rows}:
        yield f"{len(ours)} posts stand there for {len(rows)} deliveries"


def _of_withdrawal(case, ours, rows):
    if len(ours) != case.parts:
        yield f"{len(ours)} posts were made"
    standing = [post.text for post in ours if not post.deleted]
    if standing and all(row.state == "sent" for row in rows):
        yield f"{standing} still stand there"


def _rows(folder, kind):
    connection = sqlite3.connect(folder / "bot.sqlite")
    found = connection.execute(
        "SELECT part, state, attention, remote_id, doubts, text, payload FROM delivery JOIN rendition"
        " ON rendition.id = delivery.rendition WHERE kind = ? ORDER BY part",
        ("post" if kind == "thanks" else kind,),
    )
    rows = [
        Row(
            part=part,
            state=state,
            attention=attention,
            remote_id=remote_id,
            writes=doubts,
            text=text,
            payload=payload,
        )
        for part, state, attention, remote_id, doubts, text, payload in found
    ]
    connection.close()
    return rows


def _copied(fault):
    """A fault of its own: playing it uses it up."""
    from dataclasses import replace

    return replace(fault)


def _read(path):
    return path.read_text(encoding="utf-8") if path.exists() else ""
