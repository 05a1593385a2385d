"""What is said to us is heard on every platform: all of it, once, and as plain text."""

import json
import logging
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from bot.clock import SystemClock
from bot.domain.errors import TryLaterError
from bot.domain.mention import Audience
from bot.flows.collect import collect, dealt_with
from bot.platforms.bluesky.ear import BlueskyEar
from bot.platforms.mastodon.ear import MastodonEar
from bot.platforms.x.ear import XEar
from bot.ports.inbox import MENTIONS, SWEEP
from bot.sandbox import Answer, Cut, Fault, Said
from bot.store.memory import MemoryStore
from tests.hearing import a_listener
from tests.hostile import BODIES, INSTEAD, MISSING, PLACES, put

DEADLINE = timedelta(seconds=20)
NOW = datetime.now(UTC)
LONG_AGO = NOW - timedelta(days=30)
NAMES = ("x", "mastodon", "bluesky")


def said(word):
    return lambda: word


def an_ear(name, sandbox, tmp_path, clock=None):
    """An ear on the sandbox."""
    clock = clock or SystemClock()
    match name:
        case "mastodon":
            server = sandbox.mastodon
            return MastodonEar(
                label="mastodon",
                base_url=server.url,
                access_token=said(server.account.token),
                clock=clock,
                deadline=DEADLINE,
            )
        case "bluesky":
            server = sandbox.bluesky
            return BlueskyEar(
                label="bluesky",
                handle=server.account.handle,
                app_password=said(server.account.app_password),
                session_path=tmp_path / "ear.json",
                clock=clock,
                deadline=DEADLINE,
                base_url=server.url,
            )
    secrets = {name: said(secret) for name, secret in sandbox.x.account.secrets.items()}
    return XEar(
        label="x",
        own_id=sandbox.x.account.id,
        base_url=sandbox.x.url,
        clock=clock,
        deadline=DEADLINE,
        **secrets,
    )


class Hall:
    """One platform with people who speak to us, and somebody who listens."""

    def __init__(self, name, sandbox, tmp_path):
        self.name = name
        self.sandbox = sandbox
        self.server = {"x": sandbox.x, "mastodon": sandbox.mastodon, "bluesky": sandbox.bluesky}[name]
        self.ear = an_ear(name, sandbox, tmp_path)
        self.inbox = MemoryStore()
        self.listener = a_listener(
            self.ear, self.inbox, SystemClock(), label=name, own_id=self.server.account.id
        )

    def say(self, words, author="someone", **more):
        text = f"@{self.server.account.handle} {words}"
        return self.sandbox.mention(self.name, author, text, said=Said(**more))

    def read(self, stream=MENTIONS, since=LONG_AGO):
        """All that the ear hears of a stream, and how much of it was refused."""
        cursor, mentions, refused = None, [], 0
        for _ in range(200):
            page = self.ear.read(stream, cursor, since)
            mentions += page.mentions
            refused += len(page.refused)
            cursor = page.cursor
            if not page.more:
                return mentions, refused
        raise AssertionError("the stream does not end")


@pytest.fixture(params=NAMES)
def hall(request, sandbox, tmp_path):
    return Hall(request.param, sandbox, tmp_path)


@pytest.fixture
def mastodon(sandbox, tmp_path):
    return Hall("mastodon", sandbox, tmp_path)


@pytest.fixture
def bluesky(sandbox, tmp_path):
    return Hall("bluesky", sandbox, tmp_path)


@pytest.fixture
def x(sandbox, tmp_path):
    return Hall("x", sandbox, tmp_path)


def test_a_mention_is_heard_as_it_was_said(hall):
    there = hall.say("we wrote a <letter> & sang\nloudly", language="fr")

    ((mention,), refused) = hall.read()

    assert refused == 0
    assert (mention.account, mention.platform, mention.remote_id) == (hall.name, hall.name, there.id)
    assert mention.text.endswith("we wrote a <letter> & sang\nloudly")
    assert (mention.language, mention.audience) == ("fr", Audience.PUBLIC)
    assert abs(mention.created_at - there.created_at) < timedelta(seconds=1)
    assert mention.url.startswith("http")


def test_all_of_two_hundred_and_fifty_are_heard_and_each_is_dealt_with_once(hall):
    for number in range(250):
        hall.say(f"letter {number}", author=f"someone{number}")

    first = collect(hall.listener, LONG_AGO)
    second = collect(hall.listener, LONG_AGO)

    assert (first.stored, dealt_with(first), dealt_with(second)) == (250, 250, 0)


def test_what_comes_between_two_readings_is_heard(hall):
    hall.say("letter 1")
    collect(hall.listener, LONG_AGO)
    hall.say("letter 2")

    assert collect(hall.listener, LONG_AGO).stored == 1


def test_what_was_said_before_we_began_is_left_alone(hall):
    for number in range(3):
        hall.say(f"letter {number}")

    assert hall.read(since=NOW + timedelta(hours=1)) == ([], 0)


def test_reading_begins_with_what_is_said_after_the_start(hall):
    # The first reading, with nothing new, says where the next one goes on.
    cursor = hall.ear.read(MENTIONS, None, NOW - timedelta(seconds=1)).cursor
    hall.say("letter")

    page = hall.ear.read(MENTIONS, cursor, NOW - timedelta(seconds=1))

    assert len(page.mentions) == 1


def test_a_message_that_was_deleted_is_no_longer_there(hall):
    first, second = hall.say("letter 1"), hall.say("letter 2")
    hall.sandbox.record.amend(hall.name, first.id, deleted=True)

    there = hall.ear.still_there([first.id, second.id])

    assert there[first.id] is None
    assert there[second.id].endswith("letter 2")


def test_a_server_that_stumbles_raises_what_can_be_tried_later_and_names_nobody(hall, caplog):
    caplog.set_level(logging.DEBUG)
    there = hall.say("letter", author="zebrafish")
    hall.ear.read(MENTIONS, None, LONG_AGO)
    words = json.dumps({"error": f"zebrafish {there.id}", "message": f"zebrafish {there.id}"}).encode()
    for operation in ("notifications", "mentions", "read_back", "read_many", "posts"):
        hall.sandbox.faults.add(
            *(
                Fault(platform=hall.name, operation=operation, action=Answer(status=status, body=words))
                for status in (503, 422, 403, 429)
            ),
            Fault(platform=hall.name, operation=operation, action=Cut(store=False)),
        )

    for call in (lambda: hall.ear.read(MENTIONS, None, LONG_AGO), lambda: hall.ear.still_there([there.id])):
        for _ in range(5):
            with pytest.raises(TryLaterError) as error:
                call()
            assert "zebrafish" not in str(error.value) + repr(error.value.__cause__)
            assert there.id not in str(error.value) + repr(error.value.__cause__)
    assert "zebrafish" not in caplog.text
    assert there.id not in caplog.text


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_a_hostile_body_is_inert_text_or_counted_and_the_next_one_is_heard(hall, body):
    key = {"mastodon": "content"}.get(hall.name, "text")
    hall.say("letter", author="stranger", fields={key: body})
    hall.say("we wrote a letter", author="someone")

    mentions, refused = hall.read()

    assert len(mentions) + refused == 2
    assert mentions[-1].text.endswith("we wrote a letter")
    for mention in mentions:
        assert len(mention.text) <= 20_000
        assert not any(ord(one) < 0x20 and one not in "\n\t" for one in mention.text)
        assert not any(0xD800 <= ord(one) < 0xE000 or one in "\u202e\u2066" for one in mention.text)
        if hall.name == "mastodon":  # elsewhere a text is no markup, and stays what it is
            assert "<script>alert('zebrafish')" not in mention.text


CASES = [
    pytest.param(name, place, value, id=f"{name} {place} {number}")
    for name, places in PLACES.items()
    for place in places
    for number, value in enumerate(INSTEAD)
]


@pytest.mark.parametrize(("name", "place", "value"), CASES)
def test_a_message_of_the_wrong_form_is_heard_or_counted_and_the_next_one_is_heard(
    name, place, value, sandbox, tmp_path
):
    hall = Hall(name, sandbox, tmp_path)
    hall.say("letter", author="stranger", twist=partial(put, path=PLACES[name][place], value=value))
    hall.say("we wrote a letter")

    intake = collect(hall.listener, LONG_AGO)

    assert hall.inbox.reports()[-1].text is None or hall.inbox.reports()[-1].text.endswith("wrote a letter")
    assert intake.stored + intake.refused >= 2


def test_what_cannot_be_understood_is_counted_once_however_often_it_is_met(hall):
    hall.say("letter", author="stranger", twist=partial(put, path=("nothing", "here"), value=None))
    hall.say("letter", author="stranger", twist=partial(put, path=PLACES[hall.name]["all"], value=None))
    hall.say("letter", author="stranger", twist=partial(put, path=PLACES[hall.name]["id"], value=MISSING))
    hall.say("we wrote a letter")

    intakes = [collect(hall.listener, LONG_AGO) for _ in range(3)]
    hall.inbox.take_in(
        hall.name, SWEEP, (), cursor=None, at_risk=(), opt_outs=(), counts={}, now=datetime.now(UTC)
    )
    intakes.append(collect(hall.listener, LONG_AGO))

    assert [(one.stored, one.refused) for one in intakes] == [(2, 2), (0, 0), (0, 0), (0, 0)]
    assert hall.inbox.numbers()[f"refused {datetime.now(UTC):%Y-%m}"] == 2


def test_what_a_profile_says_is_heard_for_safety(mastodon, bluesky):
    fields = [{"name": "Place", "value": "<a href='x'>Gent</a>"}]
    mastodon.say(
        "hi", profile={"display_name": "Ann", "note": "<p>Welder</p>", "fields": fields, "bot": True}
    )
    bluesky.say("hi", profile={"displayName": "Ann", "description": "Welder", "labels": [{"val": "bot"}]})

    ((one,), _), ((other,), _) = mastodon.read(), bluesky.read()

    assert one.about_author == "Ann\nWelder\nPlace: Gent"
    assert other.about_author == "Ann\nWelder"
    assert (one.automated, other.automated) == (True, True)


def test_of_a_writer_on_x_nothing_is_asked_but_a_number(x):
    x.say("letter", profile={"name": "Ann"})

    ((mention,), _) = x.read()

    assert (mention.handle, mention.about_author) == ("", "")
    assert mention.author_id.isdigit()


@pytest.mark.parametrize("vocabulary", ["tweet", "post"])
def test_x_is_understood_in_both_of_its_vocabularies(x, vocabulary):
    x.server.settings.vocabulary = vocabulary
    x.say("letter", fields={f"note_{vocabulary}": {"text": "the whole &lt;letter&gt;"}})

    ((mention,), _) = x.read()

    assert mention.text == "the whole <letter>"


def test_x_gives_at_most_the_latest_eight_hundred(x):
    for number in range(850):
        x.say(f"letter {number}", author=f"someone{number}")

    assert len(x.read()[0]) == 800


def test_a_private_mention_is_heard_and_stays_private(mastodon):
    mastodon.say("letter", fields={"visibility": "direct"})

    ((mention,), _) = mastodon.read()

    assert mention.audience is Audience.PRIVATE


def test_a_handle_on_our_own_server_is_whole(mastodon):
    mastodon.say("letter", author="someone")
    mastodon.say("letter", author="other@union.example")

    mentions, _ = mastodon.read()

    server = mastodon.server.url.removeprefix("http://")
    assert [mention.handle for mention in mentions] == [f"@someone@{server}", "@other@union.example"]


def test_a_warning_is_read_before_the_words(mastodon):
    mastodon.say("letter", fields={"spoiler_text": "prison"})

    assert mastodon.read()[0][0].text.startswith("prison\n")


def test_a_backdated_message_is_found_by_the_sweep(bluesky):
    bluesky.say("letter 1")
    collect(bluesky.listener, LONG_AGO)
    bluesky.say("letter 2", at=datetime.now(UTC) - timedelta(days=5))

    assert collect(bluesky.listener, LONG_AGO).stored == 0
    bluesky.inbox.take_in(
        "bluesky", SWEEP, (), cursor=None, at_risk=(), opt_outs=(), counts={}, now=datetime.now(UTC)
    )
    assert collect(bluesky.listener, LONG_AGO).stored == 1


def test_many_messages_of_one_instant_are_all_heard(bluesky):
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1)
    for number in range(150):
        bluesky.say(
            f"letter {number}", author=f"someone{number}", at=at + timedelta(milliseconds=number // 40)
        )

    assert {mention.author_id for mention in bluesky.read()[0]}.__len__() == 150


def test_a_writer_who_is_not_the_one_in_the_address_is_refused(bluesky):
    bluesky.say("letter", profile={"did": "did:plc:somebodyelse"})

    assert bluesky.read() == ([], 1)


@pytest.mark.parametrize("hall", ["bluesky", "x"], indirect=True)
def test_a_cursor_that_a_server_forgot_begins_the_walk_anew(hall):
    for number in range(150):
        hall.say(f"letter {number}", author=f"someone{number}")
    cursor = hall.ear.read(MENTIONS, None, LONG_AGO).cursor
    bad = Fault(
        platform=hall.name,
        operation="mentions" if hall.name == "x" else "notifications",
        action=Answer(status=400, body=b'{"error": "InvalidRequest", "title": "Invalid Request"}'),
        times=2 if hall.name == "x" else 1,
    )
    hall.sandbox.faults.add(bad)

    page = hall.ear.read(MENTIONS, cursor, LONG_AGO)

    assert (page.mentions, page.more) == ((), True)
    assert len(hall.ear.read(MENTIONS, page.cursor, LONG_AGO).mentions) == 100


def test_three_hundred_old_messages_are_passed_over_by_one_question(mastodon):
    for number in range(300):
        mastodon.say(f"old {number}")
    mastodon.sandbox.record.requests.clear()

    page = mastodon.ear.read(MENTIONS, None, datetime.now(UTC) + timedelta(seconds=1))

    record = mastodon.sandbox.record
    assert page.mentions == ()
    assert record.wait_for(lambda: bool(record.asked("mastodon", "notifications")))
    assert len(record.asked("mastodon", "notifications")) == 1


def test_messages_too_long_for_one_page_are_read_one_by_one(mastodon):
    for number in range(4):
        mastodon.say("letter", author=f"someone{number}", fields={"content": "a" * 1_000_000})
    mastodon.say("we wrote a letter")

    mentions, refused = mastodon.read()

    assert (len(mentions), refused) == (5, 0)
