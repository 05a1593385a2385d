"""How a configuration says who is told when a person is needed."""

import pytest

from bot.config import MailConfig, Secret, WebAddress
from bot.domain.errors import ConfigError
from tests.files.conftest import LEAST
from tests.files.test_config import ROOT

ALARM_EXAMPLE = """\
alarm:
  email:
    to: [anna@example.org, boris@example.org]
    from: bot@example.org
    server: smtp.example.org
    port: 2525
    user: bot@example.org
    password: {file: secrets/smtp}
  webhook: {url: {file: secrets/webhook}}
  command: [./wake-us.sh, --loud]
heartbeat_url: https://beat.example/abc
"""


def test_nobody_is_told_of_anything_unless_somebody_is_named(config_of):
    config = config_of(LEAST)

    assert (config.alarm.mail, config.alarm.webhook, config.alarm.command) == (None, None, ())
    assert config.heartbeat is None


def test_every_way_to_reach_a_person_can_be_set(config_of, tmp_path):
    config = config_of(ALARM_EXAMPLE + LEAST)

    assert config.alarm.mail == MailConfig(
        to=("anna@example.org", "boris@example.org"),
        sender="bot@example.org",
        server="smtp.example.org",
        port=2525,
        user="bot@example.org",
        password=Secret(file=tmp_path / "secrets" / "smtp"),
    )
    assert config.alarm.webhook == WebAddress(kept=Secret(file=tmp_path / "secrets" / "webhook"))
    assert (config.alarm.command, config.alarm.folder) == (("./wake-us.sh", "--loud"), tmp_path)
    assert config.heartbeat.reveal() == "https://beat.example/abc"


@pytest.mark.parametrize(
    ("server", "port", "plain", "from_the_start"),
    [
        ("smtp.example.org", 587, False, False),
        ("smtp.example.org", 465, False, True),
        ("localhost", 25, True, False),
        ("127.0.0.1", 1025, True, False),
        ("'::1'", 465, False, True),
        ("localhost.example.org", 25, False, False),
    ],
)
def test_mail_is_encrypted_unless_it_stays_on_this_machine(config_of, server, port, plain, from_the_start):
    email = f"{{to: a@example.org, from: b@example.org, server: {server}, port: {port}}}"
    mail = config_of(f"alarm: {{email: {email}}}\n{LEAST}").alarm.mail

    assert (mail.plain, mail.from_the_start) == (plain, from_the_start)


def test_secrets_of_the_alarm_that_cannot_be_used_are_told_with_the_others(config_of):
    config = config_of(ALARM_EXAMPLE.replace("https://beat.example/abc", "{env: EXAMPLE_BEAT}") + LEAST)

    told = config.problems()

    assert [one.split(" ")[0:3] for one in told[:3]] == [
        ["alarm:", "email:", "password:"],
        ["alarm:", "webhook:", "url:"],
        ["heartbeat_url:", "the", "environment"],
    ]


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("http://hooks.example/hunter2", "this web address is not encrypted"),
        ("https://bot:hunter2@hooks.example", "must not hold a name or a password"),
        ("hunter2", "this is not a web address"),
        ("https://[hunter2", "this is not a web address"),
        ("https://hooks.example:hunter2", "this is not a web address"),
        ("https://hooks.example/hunter 2", "this is not a web address"),
    ],
)
def test_a_web_address_that_cannot_be_used_is_never_repeated(config_of, token, address, said):
    with pytest.raises(ConfigError, match=said) as refused:
        config_of(f"heartbeat_url: '{address}'\n{LEAST}")
    assert "hunter" not in str(refused.value)

    token.write_text(address, encoding="utf-8")
    kept = WebAddress(kept=Secret(file=token))

    with pytest.raises(ConfigError, match=said) as refused:
        kept.reveal()
    assert "hunter" not in str(refused.value)


def test_a_web_address_may_be_plain_on_this_machine_and_does_not_show_itself(config_of):
    config = config_of(f"heartbeat_url: http://127.0.0.1:8080/hunter2\n{LEAST}")

    assert config.heartbeat.reveal() == "http://127.0.0.1:8080/hunter2"
    assert "hunter2" not in repr(config)


def test_the_ways_to_reach_a_person_in_the_example_can_be_used(config_of):
    text = (ROOT / "config.example.yaml").read_text(encoding="utf-8")
    block = text[text.index("#   alarm:") : text.index("# Our accounts.")]
    lines = [line.removeprefix("#   ") for line in block.splitlines() if line.startswith("#   ")]

    config = config_of("\n".join([*lines, LEAST]))

    assert config.alarm.mail.to == ("organiser@example.org",)
    assert config.alarm.webhook
    assert config.alarm.command
    assert config.heartbeat
