"""What holds for every command: its exit codes, its words, and what it does not load."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli.init import copy_records

ROOT = Path(__file__).parent.parent.parent
HEAVY = ("sqlalchemy", "tweepy", "mastodon", "atproto_client", "httpx", "requests", "apscheduler", "alembic")


def test_help_names_every_command_with_a_sentence(shell):
    from bot.cli import COMMANDS

    code, said = shell.call("--help")

    assert code == 0
    assert all(name in said and words[:40] in said for name, (_, words) in COMMANDS.items())


def test_each_command_has_help_of_its_own(shell):
    from bot.cli import COMMANDS

    assert [shell.call(name, "--help")[0] for name in COMMANDS] == [0] * len(COMMANDS)


def test_a_command_that_nobody_knows_is_wrong_use_and_names_the_nearest(shell):
    code, said = shell.call("previw")

    assert code == 2
    assert "did you mean preview?" in said


def test_a_wrong_option_is_wrong_use(shell):
    assert shell.call("queue", "--days", "many")[0] == 2


def test_a_configuration_that_is_not_there_is_one_sentence(shell):
    code, said = shell.call("--config", "elsewhere.yaml", "status")

    assert code == 1
    assert "elsewhere.yaml cannot be read: No such file" in said


def test_a_wrong_key_names_itself_its_line_and_the_right_one(shell):
    shell.configure("    acces_token: {env: X}\n")

    code, said = shell.call("check")

    assert code == 1
    assert "config.yaml:8:5: error: `acces_token`" in said
    assert "did you mean `access_token`?" in said


def test_a_secret_that_others_can_read_is_refused_with_the_cure(shell):
    shell.configure()
    (shell.folder / "token").chmod(0o644)

    code, said = shell.call("run", "--once")

    assert code == 1
    assert "chmod 600" in said
    assert "secret-token" not in said


def test_check_needs_no_secret(shell):
    shell.configure()
    (shell.folder / "token").unlink()
    shell.write("one")

    assert shell.call("check")[0] == 0


def test_auth_check_says_for_each_account_what_keeps_it(shell):
    shell.configure()

    code, found = shell.json("auth", "check")

    assert code == 1
    assert found[0]["stops"] == ["Mastodon could not be reached: the connection was refused"]


def test_a_fault_of_the_program_is_one_line_and_70(shell):
    shell.write("one")
    (shell.folder / "config.yaml").mkdir()

    code, said = shell.call("check")

    assert code in {1, 2}
    assert "Traceback" not in said


@pytest.mark.parametrize("arguments", [["--help"], ["check"], ["preview", "one"]])
def test_what_must_answer_at_once_loads_nothing_heavy(shell, arguments):
    shell.write("one")
    code = (
        "import sys; from bot.cli import call; call(sys.argv[1:]); "
        f"print('LOADED', *[name for name in {HEAVY} if name in sys.modules])"
    )

    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=shell.folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.splitlines()[-1].strip() == "LOADED"


def test_an_older_python_gets_one_clear_line():
    source = (ROOT / "main.py").read_text().replace("sys.version_info < (3, 11)", "sys.version_info < (99,)")

    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert done.stderr.startswith("This program needs Python 3.11 or newer; this is Python 3.")
    assert done.stderr.count("\n") == 1


ANSWERS = "\n".join(
    [
        "Belarus Unionists",
        "belarus-unionists",
        "Europe/Brussels",
        "y",
        "@campaign@mastodon.example",
        "",
        "the-mastodon-token",
        "y",
        "campaign.example",
        "",
        "the-app-password",
        "n",
        "",
    ]
)


def test_init_writes_a_configuration_that_works_and_keeps_the_secrets(shell):
    code, said = shell.call("init", "new", answer=ANSWERS)

    folder = shell.folder / "new"
    assert code == 0
    assert "the-mastodon-token" not in said
    assert "write `belarus-unionists`" in said
    secrets = list((folder / "secrets").iterdir())
    assert {stat.S_IMODE(path.stat().st_mode) for path in secrets} == {0o600}
    assert len(secrets) == 2
    assert "the-" not in (folder / "config.yaml").read_text()
    assert shell.call("--config", "new/config.yaml", "check") == (
        0,
        "1 post, 1 of them a draft, 0 errors, 0 warnings. All is well.\n",
    )


def test_a_new_campaign_knows_the_names_of_the_people_and_nothing_else_of_the_queue(shell):
    said = shell.call("init", "new", answer=ANSWERS)[1]

    posts = shell.folder / "new" / "posts"
    assert "the records of people and facts" in said
    assert sorted(path.name for path in posts.iterdir()) == ["cases", "facts", "first-post.yaml"]
    assert (posts / "cases" / "areshka.yaml").is_file()


def test_records_that_are_not_to_be_had_are_not_called_copied(tmp_path):
    assert not copy_records(tmp_path / "nowhere", tmp_path)


def test_records_that_are_there_are_not_replaced(tmp_path):
    for folder in ("shipped/cases", "shipped/facts", "posts/cases"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "shipped/cases/anna.yaml").touch()

    assert copy_records(tmp_path / "shipped", tmp_path / "posts")

    assert list((tmp_path / "posts/cases").iterdir()) == []


def test_init_never_overwrites(shell):
    (shell.folder / "new").mkdir()
    (shell.folder / "new" / "config.yaml").write_text("mine", encoding="utf-8")

    code, said = shell.call("init", "new")

    assert code == 1
    assert "is there already" in said
    assert (shell.folder / "new" / "config.yaml").read_text() == "mine"
