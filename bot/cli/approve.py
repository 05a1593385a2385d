"""approve: a person lifts a draft, or says that they have read a translation."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import click

from bot.app import open_store, queue_settings
from bot.cli import DONE, show
from bot.cli.setting import load, meant, who
from bot.domain.draft import Approvals, Draft, content_digest, is_approved
from bot.domain.errors import DecisionError
from bot.domain.post import Language, Post
from bot.domain.problem import Severity
from bot.files.queue import Queue, read_queue


@click.command("approve")
@click.argument("ids", metavar="ID...", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every draft that has no error and is not held.")
@click.option("--language", metavar="CODE", help="The translation into this language was read, instead.")
@click.option("--as", "by", required=True, metavar="NAME", help="Who answers for it.")
@click.pass_context
def approve_command(
    ctx: click.Context, ids: tuple[str, ...], everything: bool, language: str | None, by: str
) -> int:
    """Let the drafts ID go out at their hours. Look at each with `preview` first.

    A post that is changed afterwards is a draft again. With --language, a translation that nobody had read
    (`reviewed_by: {fr: nobody}`) goes out with its post from now on.
    """
    if everything == bool(ids):
        raise click.UsageError("name the posts, or say --all")
    if not by.strip():
        raise click.UsageError("--as names who answers for it")
    config = load(ctx)
    queue = read_queue(config.queue, queue_settings(config))
    store = open_store(config)
    code = Language(language) if language else None
    known = store.approvals()
    sound = _sound(queue)
    chosen = [post for post in sound if not post.held] if everything else list(_named(ids, queue))
    held = _held_drafts(sound, code, known) if everything else 0
    left_out = f" {show.count(held, 'held post was', 'held posts were')} left out." if held else ""
    drafts: dict[Draft, str] = {
        (post.id, lifts): content_digest(post, lifts)
        for post in chosen
        if _is_draft(post, code)
        for lifts in ([code] if code else [None, *post.read_by])
        if not is_approved(post, known, lifts)
    }
    if not drafts:
        raise DecisionError(f"{_nothing(chosen, code)}.{left_out}" if held else _nothing(chosen, code))
    store.approve(drafts, who(by.strip()), datetime.now(UTC))
    what = f" in {code}" if code else ""
    posts = dict.fromkeys(post for post, _ in drafts)
    show.say(f"{show.count(len(posts), 'post')}{what} approved by {by.strip()}: {_listed(posts)}.{left_out}")
    return DONE


def _wrong(queue: Queue) -> set[str]:
    return {one.post for one in queue.problems if one.severity is Severity.ERROR}


def _sound(queue: Queue) -> list[Post]:
    wrong = _wrong(queue)
    return [post for post in queue.posts if post.id not in wrong]


def _named(ids: Iterable[str], queue: Queue) -> Iterable[Post]:
    """The posts of these names. DecisionError where one is not there, or must be mended first."""
    sound = {str(post.id): post for post in queue.posts}
    wrong = _wrong(queue)
    for name in ids:
        if name in wrong:
            raise DecisionError(f"{name} has errors: mend them first, `check` lists them")
        if name not in sound:
            raise DecisionError(f"there is no post {name} in the queue{meant(name, sound)}")
        yield sound[name]


def _is_draft(post: Post, code: Language | None) -> bool:
    return post.draft if code is None else code in post.unread or (post.draft and code in post.read_by)


def _held_drafts(posts: Iterable[Post], code: Language | None, known: Approvals) -> int:
    return sum(bool(one.held) and _is_draft(one, code) and not is_approved(one, known, code) for one in posts)


def _nothing(chosen: Sequence[Post], code: Language | None) -> str:
    which = chosen[0].id if len(chosen) == 1 else "these posts"
    what = f"no translation into {code} waits for a reader" if code else "no draft waits for approval"
    return f"of {which}, {what}"


def _listed(posts: Iterable[str]) -> str:
    names = list(posts)
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")  # noqa: PLR2004
