"""A queue in git comes up to date, or stays as it was; tried with git itself on repositories of its own."""

import subprocess
from pathlib import Path

import pytest

from tests.deploy.alone import ALONE

DEPLOY = Path(__file__).parent.parent.parent / "deploy"


def git(folder, *arguments):
    done = subprocess.run(
        ["git", "-C", folder, *arguments], env=ALONE, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def commit(folder, name, text, *how):
    (folder / name).write_text(text, encoding="utf-8")
    git(folder, "add", name)
    git(folder, "commit", "-q", "-m", f"change {name}", *how)


def pull(folder):
    return subprocess.run(
        [DEPLOY / "pull-queue.sh", folder], env=ALONE, capture_output=True, text=True, check=False
    )


def seen(folder):
    files = {path.name: path.read_text() for path in folder.iterdir() if path.is_file()}
    return git(folder, "rev-parse", "HEAD"), files


@pytest.fixture
def theirs(tmp_path):
    """The repository of the organisers, with one post."""
    folder = tmp_path / "theirs"
    subprocess.run(["git", "init", "-q", "-b", "main", folder], env=ALONE, check=True)
    commit(folder, "one.yaml", "id: one\n")
    return folder


@pytest.fixture
def queue(theirs, tmp_path):
    """Its copy, from which is published."""
    folder = tmp_path / "queue"
    subprocess.run(["git", "clone", "-q", theirs, folder], env=ALONE, check=True)
    return folder


def test_new_posts_come_and_removed_ones_go(theirs, queue):
    commit(theirs, "two.yaml", "id: two\n")
    git(theirs, "rm", "-q", "one.yaml")
    git(theirs, "commit", "-q", "-m", "one is over")

    assert pull(queue).returncode == 0
    assert seen(queue)[1] == {"two.yaml": "id: two\n"}


def test_a_queue_that_is_up_to_date_stays_so_without_a_word(queue):
    before = seen(queue)
    done = pull(queue)

    assert (done.returncode, done.stdout, done.stderr, seen(queue)) == (0, "", "", before)


def test_a_history_that_was_rewritten_leaves_the_queue_as_it_was(theirs, queue):
    commit(theirs, "two.yaml", "id: two\n")
    pull(queue)
    before = seen(queue)
    commit(theirs, "two.yaml", "id: two, in other words\n", "--amend")

    done = pull(queue)

    assert done.returncode != 0
    assert "Not possible to fast-forward" in done.stderr
    assert seen(queue) == before


def test_a_queue_in_which_somebody_has_committed_is_left_as_it_was(theirs, queue):
    commit(theirs, "two.yaml", "id: two\n")
    commit(queue, "local.yaml", "id: local\n")
    before = seen(queue)

    assert pull(queue).returncode != 0
    assert seen(queue) == before


def test_an_edit_that_nobody_committed_is_not_overwritten(theirs, queue):
    commit(theirs, "one.yaml", "id: one, theirs\n")
    (queue / "one.yaml").write_text("id: one, ours\n", encoding="utf-8")
    before = seen(queue)

    assert pull(queue).returncode != 0
    assert seen(queue) == before


def test_a_repository_that_cannot_be_reached_leaves_the_queue_as_it_was(theirs, queue):
    before = seen(queue)
    theirs.rename(theirs.with_name("elsewhere"))

    assert pull(queue).returncode != 0
    assert seen(queue) == before


def test_what_lies_in_the_hooks_of_the_queue_is_not_run(theirs, queue, tmp_path):
    hook = queue / ".git" / "hooks" / "post-merge"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/was-run\n", encoding="utf-8")
    hook.chmod(0o755)
    commit(theirs, "two.yaml", "id: two\n")

    assert pull(queue).returncode == 0
    assert not (tmp_path / "was-run").exists()


def test_an_alarm_reaches_the_program_that_was_put_there_for_it(tmp_path):
    own = tmp_path / "alarm"
    own.write_text(f'#!/bin/sh\ncat > /dev/null\necho "$1" > {tmp_path}/told\n', encoding="utf-8")
    own.chmod(0o700)

    done = subprocess.run([DEPLOY / "alarm.sh", "solidarity-bot.service", own], check=False)

    assert (done.returncode, (tmp_path / "told").read_text()) == (0, "solidarity-bot.service\n")


def test_an_alarm_for_which_nothing_was_put_there_goes_to_the_systems_log_only(tmp_path):
    done = subprocess.run([DEPLOY / "alarm.sh", "solidarity-bot.service", tmp_path / "none"], check=False)

    assert done.returncode == 0
