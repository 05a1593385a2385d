"""What the harness must catch: one protection taken away at a time, in a process that is about to end.

Each mutant comes with the case that shows it. The case without the mutant is sound: so it is the protection
that makes it so.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.domain.delivery import Receipt, State, move
from bot.domain.errors import InDoubtError, RefusedError, TryLaterError
from bot.sandbox import Answer, Cut, Fault
from tests.kills.case import Case

LOST = Cut(store=True)
NEVER_CAME = Cut(store=False)
UNAIDED = {"idempotency": "ignored"}  # a Mastodon that does not help us


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """A program without one of its protections. `killed`: it shows only where the program dies."""

    apply: Callable
    case: Case
    killed: bool = False


def _case(platform, action=None, at=1, **changes):
    faults = ()
    if action:
        faults = (Fault(platform=platform, operation="publish", action=action, skip=at - 1),)
    return Case(name="mutant", platform=platform, faults=faults, **changes)


def key_of_each_attempt(speaker):
    publish = speaker.platform.publish
    speaker.platform.publish = lambda one: publish(replace(one, key=f"{one.key}{one.attempts}"))


def key_of_the_words(speaker):
    publish = speaker.platform.publish
    speaker.platform.publish = lambda one: publish(replace(one, key=f"{one.key}{len(one.text)}"))


def no_intent(speaker):
    from bot.store import sending

    store, settle, claim = speaker.store, speaker.store.settle, speaker.store.claim

    def claim_in_mind(account, now, freeze, terms):
        with store._database.writing() as connection:
            due = sending._asking(connection, account, now, terms.catch_up)
            row = connection.execute(sending._DUE, due).first()
            parts = row and sending._sayable(connection, row, terms, now)[0]
            given = {"now": now, "freeze": freeze, "epoch": store._epoch}
            claimed = row and sending._claim(connection, row, parts, **given)
            connection.exec_driver_sql("ROLLBACK")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        return claimed

    def settle_with_claim(settled, now, error=None):
        claim(settled.account, now, lambda part, _: part.payload or settled.payload)
        settle(settled, now, error)

    store.claim, store.settle = claim_in_mind, settle_with_claim


def a_task_after_the_answer(speaker):
    publish, failed = speaker.platform.publish, []

    def publish_and_tell(one):
        receipt = publish(one)
        if not failed:
            failed.append(one)
            raise TryLaterError("what was to be done after the answer failed")
        return receipt

    speaker.platform.publish = publish_and_tell


def no_look(_speaker):
    from bot.flows import reconcile

    def send_again(one, _, speaker):
        speaker.store.save(replace(move(one, State.SCHEDULED), next_at=speaker.clock.now()), one)

    reconcile._look = send_again


def one_look(speaker):
    return replace(speaker, patience=replace(speaker.patience, looks=speaker.patience.looks[:1]))


def no_settle_time(speaker):
    return replace(speaker, patience=replace(speaker.patience, settle=timedelta()))


def no_parent(speaker):
    look = speaker.platform.look
    speaker.platform.look = lambda one, own, since=None: look(
        replace(one, parent=None, root=None), own, since
    )


def bound_matches(_speaker):
    from bot.flows import reconcile

    reconcile.unbound = lambda seen, *_: seen


def server_errors_prove_nothing_came(_speaker):
    from bot.platforms import mastodon

    verdict = mastodon.verdict

    def believe(exchange, *rest):
        if exchange.status and exchange.status >= 500:
            raise TryLaterError("the server had an error")
        return verdict(exchange, *rest)

    mastodon.verdict = believe


def the_library_is_believed(speaker):
    from mastodon import MastodonAPIError, MastodonNetworkError

    platform = speaker.platform

    def publish(one):
        try:
            status = platform._client().status_post(one.text, idempotency_key=one.key)
        except MastodonNetworkError as error:
            raise TryLaterError(str(error)) from error
        except MastodonAPIError as error:
            raise RefusedError(str(error)) from error
        return Receipt(remote_id=str(status["id"]), url="")

    platform.publish = publish


def redirects_are_followed(speaker):
    publish = speaker.platform.publish

    def follow(one):
        try:
            return publish(one)
        except InDoubtError as error:
            if "elsewhere" not in str(error):
                raise
            # As a library does: the same address, asked with GET, answers with something.
            return Receipt(remote_id="1", url="")

    speaker.platform.publish = follow


def a_record_of_each_moment(speaker):
    frozen = speaker.platform._frozen

    def anew(one):
        key, record = frozen(one)
        return key, {**record, "createdAt": f"{speaker.clock.now():%Y-%m-%dT%H:%M:%S.000Z}"}

    speaker.platform._frozen = anew


def parts_do_not_wait(speaker):
    with speaker.store._database.writing() as connection:
        connection.exec_driver_sql("DROP TRIGGER IF EXISTS delivery_in_order")
        connection.exec_driver_sql("UPDATE delivery SET ready = 1 WHERE ready = 0")


def no_swap_record(speaker):
    post = speaker.platform._post

    def without(method, body, since=None, text=""):
        return post(method, {key: body[key] for key in body if key != "swapRecord"}, since, text)

    speaker.platform._post = without


STALE = {"stale_reads": timedelta(hours=1)}
TWIN = "Part 2 of it. #IndustriALL"


def boosts_unseen(_):
    from bot.platforms.mastodon import boosts

    seen = boosts._status
    boosts._status = lambda *asked: {**(seen(*asked) or {}), "reblogged": False}


def boosts_under_any_name(_):
    from itertools import count

    from bot.platforms.bluesky import boosts

    named, numbers = boosts.name_of, count()
    boosts.name_of = lambda one: named(replace(one, text=f"{one.text.partition('|')[0]}{next(numbers)}|"))


MUTANTS = {
    "a new key for each attempt": Mutant(
        apply=key_of_each_attempt, case=_case("mastodon", LOST, settings=STALE)
    ),
    "the words are part of the key": Mutant(
        apply=key_of_the_words, case=_case("mastodon", restored=True, edited=True)
    ),
    "no intent is written down": Mutant(
        apply=no_intent, case=_case("mastodon", settings=UNAIDED), killed=True
    ),
    "a task after the answer undoes it": Mutant(
        apply=a_task_after_the_answer, case=_case("mastodon", settings=UNAIDED)
    ),
    "in doubt is sent again without a look": Mutant(
        apply=no_look, case=_case("mastodon", LOST, settings=UNAIDED)
    ),
    "one look is enough": Mutant(
        apply=one_look,
        case=_case("x", LOST, settings={"duplicate_filter": None, "stale_reads": timedelta(seconds=120)}),
    ),
    "a look does not wait": Mutant(
        apply=no_settle_time,
        case=_case("mastodon", LOST, settings={**UNAIDED, "stale_reads": timedelta(seconds=60)}),
    ),
    "a match need not answer the same part": Mutant(
        apply=no_parent, case=_case("mastodon", NEVER_CAME, 2, parts=2, by_hand=TWIN)
    ),
    "a match may belong to another": Mutant(
        apply=bound_matches, case=_case("mastodon", NEVER_CAME, 2, again=True)
    ),
    "an error of the server means that nothing came": Mutant(
        apply=server_errors_prove_nothing_came,
        case=_case("mastodon", Answer(status=500, body=b"{}", store=True), settings=UNAIDED),
    ),
    "the library is believed": Mutant(
        apply=the_library_is_believed,
        case=_case("mastodon", Answer(status=200, body=b"<html></html>", store=True)),
    ),
    "redirects are followed": Mutant(
        apply=redirects_are_followed,
        case=_case("mastodon", Answer(status=302, headers={"Location": "/"})),
    ),
    "the record is made anew for each attempt": Mutant(
        apply=a_record_of_each_moment, case=_case("bluesky", LOST)
    ),
    "parts do not wait for one another": Mutant(apply=parts_do_not_wait, case=_case("mastodon", parts=2)),
    "a boost is not looked for first": Mutant(
        apply=boosts_unseen,
        case=Case(
            name="mutant",
            platform="mastodon",
            kind="boost",
            settings={"boosts_twice": True},
            restored=True,
            unnoticed=True,
        ),
    ),
    "a boost has another name each time": Mutant(
        apply=boosts_under_any_name,
        case=Case(
            name="mutant",
            platform="bluesky",
            kind="boost",
            faults=(Fault(platform="bluesky", operation="publish", action=LOST),),
        ),
    ),
    "swapRecord is left out": Mutant(
        apply=no_swap_record,
        case=_case("bluesky", restored=True, unnoticed=True, edited=True, may_ask=True),
    ),
}
