"""init: set up a new campaign, step by step. Secrets are typed unseen and kept for our eyes only."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import click

from bot.cli import DONE, show
from bot.config.model import BASE_URL, CREDENTIALS
from bot.config.table import parse_base_url, parse_handle
from bot.domain.lengths import PlatformName
from bot.strictyaml.fields import Wrong
from bot.strictyaml.words import slug, zone

TEMPLATE = """\
# A post. Copy this file, give it another name and id, look at it with `preview`, and let it go with
# `approve ID --as NAME`.
id: first-post
when: next-slot
draft: true
text:
  en: |
    Write here what is to be said. Everything behind the bar is text: #, @ and : are no trouble.

    Tell us what you did: tag {account}.
"""

SHIPPED = Path(__file__).parent.parent.parent / "posts"
RECORDS = ("cases", "facts")
GUARDED = "With the records of people and facts in posts/cases and posts/facts: see posts/README.md."
UNGUARDED = (
    "Its posts have no cases/ and facts/ yet, so no name is recognised: copy both from the `posts` folder "
    "of the program's source."
)

NAMES = {
    "consumer_key": "API key",
    "consumer_secret": "API key secret",
    "access_token": "access token",
    "access_token_secret": "access token secret",
    "app_password": "app password",
}


@dataclass(slots=True, kw_only=True)
class _Answers:
    campaign: str
    timezone: str
    accounts: list[str] = field(default_factory=list)  # blocks of the configuration
    secrets: dict[str, str] = field(default_factory=dict)  # by file name


@click.command("init")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
def init_command(folder: Path) -> int:
    """Make a folder with a configuration, secrets and a first post, asking for what is needed.

    docs/credentials.md says where to find each secret.
    """
    config = folder / "config.yaml"
    if config.exists():
        raise click.ClickException(f"{config} is there already; nothing was changed")
    answers = _ask()
    if not answers.accounts:
        raise click.ClickException("without an account there is nothing to set up; nothing was written")
    guarded = _write(folder, answers)
    show.say()
    show.say(f"Written: {config}, {len(answers.secrets)} secrets, and a first post as a draft.", bold=True)
    show.say(GUARDED if guarded else UNGUARDED, colour=None if guarded else "yellow")
    show.say(f"Next: python main.py --config {config} auth check")
    return DONE


def _ask() -> _Answers:
    answers = _Answers(
        campaign=click.prompt(
            "A short name for the campaign (never change it later)", value_proc=_with(slug)
        ),
        timezone=click.prompt(
            "The time zone of your posts", default="Europe/Brussels", value_proc=_with(zone)
        ),
    )
    for platform in (PlatformName.MASTODON, PlatformName.BLUESKY, PlatformName.X):
        if click.confirm(f"Publish on {platform.shown}?", default=True):
            _ask_account(platform, answers)
    return answers


def _ask_account(platform: PlatformName, answers: _Answers) -> None:
    lines = [f"  {platform}:"]
    handle = click.prompt("  Our handle there", value_proc=_with(partial(parse_handle, platform=platform)))
    lines.append(f'    handle: "{handle}"')
    if platform is not PlatformName.X:
        default = BASE_URL.get(platform, f"https://{handle.rpartition('@')[2]}")
        url = click.prompt("  The address of its server", default=default, value_proc=_with(parse_base_url))
        lines.append(f"    base_url: {url}")
    if platform is PlatformName.X:
        lines.append("    threads: false  # until one was published by hand: see docs/credentials.md")
    for name in CREDENTIALS[platform]:
        file = f"{platform}-{name.replace('_', '-')}"
        secret = click.prompt(f"  The {NAMES[name]} (not shown)", hide_input=True, value_proc=_not_empty)
        answers.secrets[file] = secret
        lines.append(f"    {name}: {{file: secrets/{file}}}")
    answers.accounts.append("\n".join(lines))


def _with(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        try:
            return parse(text)
        except Wrong as wrong:
            raise click.BadParameter(f"{wrong.message}; {wrong.fix}") from wrong

    return read


def _not_empty(text: str) -> str:
    if not text.strip():
        raise click.BadParameter("this must not be empty")
    return text.strip()


def _write(folder: Path, answers: _Answers) -> bool:
    """Write the campaign's files; whether the records of people and facts are among them."""
    secrets, posts = folder / "secrets", folder / "posts"
    secrets.mkdir(mode=0o700, parents=True, exist_ok=True)
    posts.mkdir(exist_ok=True)
    for name, secret in answers.secrets.items():
        _write_private(secrets / name, secret)
    (posts / "first-post.yaml").write_text(TEMPLATE, encoding="utf-8")
    guarded = copy_records(SHIPPED, posts)
    (folder / "config.yaml").write_text(configuration(answers), encoding="utf-8")
    return guarded


def copy_records(shipped: Path, posts: Path) -> bool:
    """Copy what is known of people and facts into a new queue; whether it has it now. Replaces nothing."""
    for name in RECORDS:
        if (shipped / name).is_dir() and not (posts / name).exists():
            shutil.copytree(shipped / name, posts / name)
    return all((posts / name).is_dir() for name in RECORDS)


def _write_private(path: Path, secret: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(f"{secret}\n")


def configuration(answers: _Answers) -> str:
    """The configuration that the answers make."""
    accounts = "\n".join(answers.accounts)
    return f"""\
# config.example.yaml explains every key.
campaign: {answers.campaign}
timezone: {answers.timezone}
slots:
  - {{days: [monday, wednesday, friday], at: "09:00"}}
accounts:
{accounts}
"""
