"""Golden previews of the posts that ship: `python -m tests.acceptance.renew_previews` writes them anew."""

import contextlib
import io
import shutil
import tempfile
from pathlib import Path

from bot.app import queue_settings
from bot.cli import call
from bot.config import default_config
from bot.files.queue import read_queue

ROOT = Path(__file__).parent.parent.parent
POSTS = ROOT / "posts"
PREVIEWS = ROOT / "tests" / "data" / "previews"
CONFIG = """\
campaign: previews
timezone: Europe/Brussels
slots: [{days: [monday, tuesday, wednesday, thursday, friday], at: "09:00"}]
accounts:
  x:
    handle: "@our_account"
    languages: [LANGUAGES]
    consumer_key: {env: NONE}
    consumer_secret: {env: NONE}
    access_token: {env: NONE}
    access_token_secret: {env: NONE}
  mastodon:
    handle: "@our_account@our.server.example"
    base_url: https://our.server.example
    languages: [LANGUAGES]
    access_token: {env: NONE}
  bluesky:
    handle: "@our-account.example"
    languages: [LANGUAGES]
    app_password: {env: NONE}
"""


def posts():
    """The posts that ship."""
    return read_queue(POSTS, queue_settings(default_config(POSTS))).posts


def shipped():
    """Their names, in order."""
    return sorted(post.id for post in posts())


def previews(names):
    """What `preview` says of each post, on accounts that speak every language of them all."""
    words = [words for post in posts() for words in (post.words, *post.own_words.values())]
    languages = ", ".join(sorted({language for one in words for language in one.text}))
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        shutil.copytree(POSTS, "posts")
        Path("config.yaml").write_text(CONFIG.replace("LANGUAGES", languages), encoding="utf-8")
        return {name: _said(name) for name in names}


def _said(name):
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = call(["preview", name])
    return f"{said.getvalue()}(exit code {code})\n"


def golden():
    """The previews as they were last renewed."""
    return {path.stem: path.read_text(encoding="utf-8") for path in PREVIEWS.glob("*.txt")}


def renew():
    """Write every golden preview, and take away those whose post has gone."""
    PREVIEWS.mkdir(parents=True, exist_ok=True)
    wanted = previews(shipped())
    for name in golden().keys() - wanted.keys():
        (PREVIEWS / f"{name}.txt").unlink()
    for name, said in wanted.items():
        (PREVIEWS / f"{name}.txt").write_text(said, encoding="utf-8")


if __name__ == "__main__":
    renew()
