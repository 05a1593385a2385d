"""The hook and the workflow for a queue in git; the hook is tried with git itself."""

import re
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from bot.cli import COMMANDS
from tests.deploy.alone import ALONE

ROOT = Path(__file__).parent.parent.parent
KIT = ROOT / "deploy" / "queue"
BAD = "id: one\nwhen: tomorrow\ntext:\n  en: |\n    March.\n"


def good(zone="UTC"):
    when = f"{datetime.now(UTC) + timedelta(days=2):%Y-%m-%d %H:%M}"
    return f"id: one\nwhen: {when} {zone}\ntext:\n  en: |\n    March with us.\n".replace(" \n", "\n")


class Repository:
    """A queue in git whose hook is linked as its first lines say."""

    def __init__(self, folder):
        self.folder = folder
        subprocess.run(["git", "init", "-q", "-b", "main", folder], env=ALONE, check=True)
        hooks = folder / ".git" / "hooks"
        hooks.mkdir(exist_ok=True)
        (hooks / "pre-commit").symlink_to(KIT / "pre-commit")

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def git(self, *arguments):
        return subprocess.run(
            ["git", "-C", self.folder, *arguments], env=ALONE, capture_output=True, text=True, check=False
        )

    def commit(self):
        return self.git("commit", "-q", "-m", "a change")

    @property
    def commits(self):
        return len(self.git("rev-list", "--all").stdout.split())


@pytest.fixture
def repository(tmp_path):
    return Repository(tmp_path / "queue of ours")


@pytest.mark.parametrize("name", ["posts/one.yaml", "one.yaml"])
def test_a_good_post_is_committed_and_a_bad_one_refused_with_its_place(repository, name):
    repository.write(name, good())
    repository.git("add", ".")
    assert repository.commit().returncode == 0

    repository.write(name, BAD)
    repository.git("add", ".")
    refused = repository.commit()

    assert (refused.returncode, repository.commits) == (1, 1)
    assert refused.stderr.removeprefix("./").startswith(f"{name}:2:7: error: `tomorrow` is not a date")
    assert "Nothing was committed" in refused.stderr


def test_what_is_staged_is_checked_and_not_what_the_folder_holds(repository):
    repository.write("posts/one.yaml", BAD)
    repository.git("add", ".")
    repository.write("posts/one.yaml", good())

    assert (repository.commit().returncode, repository.commits) == (1, 0)

    repository.git("add", ".")
    repository.write("posts/one.yaml", BAD)

    assert (repository.commit().returncode, repository.commits) == (0, 1)


def test_a_repository_without_posts_is_let_be(repository):
    repository.write("README.md", "Ours.\n")
    repository.git("add", ".")

    assert (repository.commit().returncode, repository.commits) == (0, 1)


def test_the_configuration_and_the_folder_can_be_named(repository):
    repository.write("texts/one.yaml", good(zone=""))
    repository.git("add", ".")
    repository.git("config", "solidarity.queue", "texts")
    assert "names no time zone" in repository.commit().stderr

    (repository.folder.parent / "token").write_text("x", encoding="utf-8")
    (repository.folder.parent / "config.yaml").write_text(
        "campaign: test\ntimezone: UTC\naccounts:\n"
        '  mastodon:\n    handle: "@campaign@mastodon.example"\n'
        "    base_url: https://mastodon.example\n    access_token: {file: token}\n",
        encoding="utf-8",
    )
    (repository.folder.parent / "token").chmod(0o600)
    repository.git("config", "solidarity.config", "../config.yaml")
    done = repository.commit()

    assert (done.returncode, repository.commits) == (0, 1), done.stderr


def test_a_hook_that_does_not_find_the_program_refuses(repository):
    repository.git("config", "solidarity.bot", str(repository.folder))
    repository.write("one.yaml", good())
    repository.git("add", ".")
    refused = repository.commit()

    assert (refused.returncode, repository.commits) == (1, 0)
    assert "git config solidarity.bot PATH" in refused.stderr


def test_the_hook_leaves_nothing_behind(repository, tmp_path):
    beside = tmp_path / "temporary"
    beside.mkdir()
    repository.write("one.yaml", BAD)
    repository.git("add", ".")
    subprocess.run(
        ["git", "-C", repository.folder, "commit", "-q", "-m", "x"],
        env={**ALONE, "TMPDIR": str(beside)},
        capture_output=True,
        check=False,
    )

    assert list(beside.iterdir()) == []


def test_the_workflow_names_only_commands_and_files_that_exist():
    steps = yaml.safe_load((KIT / "check-queue.yml").read_text(encoding="utf-8"))["jobs"]["check"]["steps"]
    runs = [step["run"] for step in steps if "run" in step]

    commands = [found[1] for run in runs if (found := re.search(r"bot/main\.py (\w+)", run))]
    files = [found[1] for run in runs if (found := re.search(r"-r bot/(\S+)", run))]
    assert commands == ["check"]
    assert set(commands) <= set(COMMANDS)
    assert files
    assert all((ROOT / file).is_file() for file in files)
    assert all("uses" in step or "run" in step for step in steps)


def test_the_workflow_may_only_read():
    workflow = yaml.safe_load((KIT / "check-queue.yml").read_text(encoding="utf-8"))

    assert workflow["permissions"] == {"contents": "read"}
