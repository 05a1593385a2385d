"""check and preview: what organisers ask before anything is published."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.cli import DONE, PERSON_NEEDED, show
from bot.cli.setting import load_or_default, meant, reading_store

if TYPE_CHECKING:
    from bot.cli.numbers import Previewed
    from bot.domain.account import Voice
    from bot.domain.draft import Approvals
    from bot.domain.post import Language, Post, PostId
    from bot.domain.rendition import Rendition
    from bot.ports import Pictures, Store


@click.command("check")
@click.argument("path", type=click.Path(path_type=Path), required=False)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_context
def check_command(ctx: click.Context, path: Path | None, as_json: bool) -> int:
    """Say what is wrong with the posts in PATH (a folder or a file), and how to mend it.

    Leaves with 1 where something must be mended before it can be published.
    """
    from bot.app import queue_settings
    from bot.cli.guarded import without_cases
    from bot.cli.outlook import outlook_of
    from bot.domain.problem import Severity
    from bot.files.misnamed import misnamed
    from bot.files.queue import read_queue

    config = load_or_default(ctx)
    store = reading_store(config)
    folder = path or config.queue
    queue = read_queue(folder, queue_settings(config))
    outlook = outlook_of(queue, config, datetime.now(UTC), store, warned=True)
    problems = [*outlook.problems, *without_cases(queue, folder), *misnamed(folder)]
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    warnings = sum(problem.severity is Severity.WARNING for problem in problems)
    if as_json:
        found = [show.problem_json(problem) for problem in problems]
        show.say_json(
            {"posts": len(outlook.posts), "errors": errors, "warnings": warnings, "problems": found}
        )
        return PERSON_NEEDED if errors else DONE
    for problem in problems:
        show.problem(problem)
    untrue = {one.post for one in outlook.held_back if one.untrue}
    _sum_up(outlook.posts, untrue, errors, warnings)
    return PERSON_NEEDED if errors else DONE


def _sum_up(posts: Sequence["Post"], untrue: AbstractSet["PostId"], errors: int, warnings: int) -> None:
    drafts = sum(post.draft for post in posts)
    held = sum(post.id in untrue or (bool(post.held) and not post.draft) for post in posts)
    words = [show.count(len(posts), "post")]
    words += [f"{drafts} of them {'a draft' if drafts == 1 else 'drafts'}"] if drafts else []
    words += [f"{held} held"] if held else []
    unread = sum(len(post.unread) for post in posts)
    words += [f"{show.count(unread, 'translation')} not read yet"] if unread else []
    words += [show.count(errors, "error"), show.count(warnings, "warning")]
    show.say(", ".join(words) + ("." if errors or untrue else ". All is well."), bold=True)


@click.command("preview")
@click.argument("what", metavar="FILE-OR-ID")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_context
def preview_command(ctx: click.Context, what: str, as_json: bool) -> int:
    """Show how a post will look on each account, in each language."""
    from bot.app import queue_settings, read_tlds, studio_of, voice_of
    from bot.cli.numbers import with_numbers
    from bot.cli.outlook import outlook_of
    from bot.files.queue import read_queue

    config = load_or_default(ctx)
    studio = studio_of(config, keeps=False)
    path = Path(what)
    queue = read_queue(path if path.exists() else config.queue, queue_settings(config))
    posts = [post for post in queue.posts if path.exists() or post.id == what]
    problems = [one for one in queue.problems if path.exists() or one.post == what]
    store = reading_store(config)
    accounts = {account.label: account for account in store.accounts()} if store else {}
    tlds = read_tlds()
    voices = [voice_of(account, accounts.get(account.label), tlds) for account in config.accounts]
    if not posts and not problems:
        near = meant(what, [post.id for post in queue.posts])
        raise click.ClickException(f"there is no post {what} in {config.queue}, and no such file{near}")
    now = datetime.now(UTC)
    previews = [with_numbers(post, _renditions(post, voices, studio), store, now) for post in posts]
    if as_json:
        approvals = store.approvals() if store else {}
        show.say_json([_preview_json(one, studio, approvals) for one in previews])
    else:
        # The guard is asked about these posts alone, without their pictures: all else would take its time.
        asked = tuple(replace(post, media=()) for post in posts)
        outlook = outlook_of(replace(queue, posts=asked), config, now, store)
        for problem in (*problems, *(one.notice for one in outlook.held_back)):
            show.problem(problem)
        for one in previews:
            _preview(one, studio, store)
    failed = any(isinstance(version, Exception) for one in previews for _, _, version in one.versions)
    return PERSON_NEEDED if failed or (not posts and problems) else DONE


def _renditions(
    post: "Post", voices: Sequence["Voice"], studio: "Pictures"
) -> Iterator[tuple["Voice", "Language", "Rendition | Exception"]]:
    from bot.cli.pictures import with_pictures
    from bot.domain.errors import RenditionError
    from bot.domain.rendition import languages_for, render

    for voice in voices:
        if not post.goes_to(voice.label, voice.platform):
            continue
        for language in languages_for(post, voice, unread=True):
            try:
                rendition = render(post, language, voice)
                with_pictures(post, voice, language, studio)
                yield voice, language, rendition
            except RenditionError as error:
                yield voice, language, error


def _preview(previewed: "Previewed", studio: "Pictures", store: "Store | None" = None) -> None:
    from bot.cli.guarded import mark_of, marks
    from bot.cli.pictures import lines

    post = previewed.post
    words = marks(post, store)
    marked = f" ({', '.join(words)})" if words else ""
    show.say(f"{post.id}{marked}  {post.source}", bold=True)
    if previewed.numbers:
        show.say(f"  {previewed.numbers}")
    if not previewed.versions:
        show.say("  goes to none of the accounts: none speaks its language, or `where:` leaves all out")
    for voice, language, rendition in previewed.versions:
        show.say()
        show.say(f"  {voice.label} · {language}{mark_of(post, language, store)}", colour="cyan")
        if isinstance(rendition, Exception):
            show.say(f"    {rendition}", colour="red")
            show.say(f"    to mend: {getattr(rendition, 'fix', '')}")
            continue
        if rendition.warning:
            show.say(f"    warning: {rendition.warning}")
        for number, part in enumerate(rendition.parts, start=1):
            _preview_part(voice, part, number, len(rendition.parts))
            for line in lines(post, voice, language, studio) if number == 1 else ():
                show.say(f"    {line}")
    show.say()


def _preview_part(voice: "Voice", part: Any, number: int, parts: int) -> None:
    from bot.domain.richtext import carries, octets, spans

    of = f"part {number} of {parts}, " if parts > 1 else ""
    tagged = f", {voice.tag} is there" if carries(part.text, voice.tag) else ""
    show.say(f"    {of}{part.length} of {part.limit}{tagged}")
    for line in part.text.splitlines():
        show.say(f"    │ {line}".rstrip())
    marked = [(span, octets(part.text, span)) for span in spans(part.text)]
    if marked:
        places = ", ".join(f"{span.kind} {span.text} [{start}:{end}]" for span, (start, end) in marked)
        show.say(f"    marked: {places}")


def _preview_json(previewed: "Previewed", studio: "Pictures", approvals: "Approvals") -> dict[str, Any]:
    from bot.cli.pictures import values
    from bot.domain.draft import is_approved, read
    from bot.domain.richtext import octets, spans

    post = previewed.post
    draft, unread = post.draft and not is_approved(post, approvals), read(post, approvals).unread
    versions = []
    for voice, language, rendition in previewed.versions:
        version: dict[str, Any] = {"account": voice.label, "language": language, "tag": voice.tag}
        version["unread"] = language in unread
        if isinstance(rendition, Exception):
            version |= {"error": str(rendition), "fix": getattr(rendition, "fix", "")}
        else:
            version["warning"] = rendition.warning
            version["parts"] = [
                {
                    "text": part.text,
                    "length": part.length,
                    "limit": part.limit,
                    "facets": [
                        {"kind": span.kind, "text": span.text, "bytes": list(octets(part.text, span))}
                        for span in spans(part.text)
                    ],
                }
                for part in rendition.parts
            ]
            version["media"] = values(post, voice, language, studio)
        versions.append(version)
    numbers = {"numbers": previewed.numbers} if previewed.numbers else {}
    return {"id": post.id, "source": str(post.source), "draft": draft, **numbers, "versions": versions}
