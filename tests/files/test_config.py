import os
import re
from datetime import time, timedelta
from pathlib import Path

import pytest

from bot.config import Secret, default_config, load_config
from bot.config.load import masked
from bot.config.table import ACCOUNT, ALARM, CONFIG, EMAIL, PLAIN_KEYS, WEBHOOK
from bot.domain.calendar import Slot
from bot.domain.catch_up import CatchUp
from bot.domain.delivery import PATIENCE
from bot.domain.errors import ConfigError
from bot.domain.lengths import PlatformName
from bot.files.posts import QueueSettings
from bot.files.queue import read_queue
from tests.files.conftest import LEAST, SECRET

ROOT = Path(__file__).parent.parent.parent


def account(config, label):
    return next(account for account in config.accounts if account.label == label)


def test_the_least_configuration_has_the_defaults(config_of, tmp_path):
    config = config_of(LEAST)

    assert (config.campaign, config.timezone, config.log_level, config.slots) == (
        "rehearsal",
        None,
        "info",
        (),
    )
    assert (config.queue, config.store) == (tmp_path / "posts", str(tmp_path / "state" / "bot.sqlite"))
    assert config.state == tmp_path / "state"
    assert (config.language_gap, config.plan_ahead) == (timedelta(minutes=20), timedelta(days=60))
    assert config.labels == {"mastodon", "bluesky", "press"}


@pytest.mark.parametrize(
    ("label", "platform", "base_url", "gap"),
    [
        ("mastodon", PlatformName.MASTODON, "https://mastodon.example", 1),
        ("bluesky", PlatformName.BLUESKY, "https://bsky.social", 1),
        ("press", PlatformName.X, "https://api.x.com", 5),
    ],
)
def test_the_least_account_has_the_defaults_of_its_platform(config_of, label, platform, base_url, gap):
    found = account(config_of(LEAST), label)

    assert (found.platform, found.base_url, found.part_gap) == (platform, base_url, timedelta(seconds=gap))
    assert (found.languages, found.tag, found.threads) == (("en",), "#IndustriALL", True)
    assert (found.patience, found.deadline) == (PATIENCE[platform], timedelta(seconds=60))
    assert found.visibility == "public"


def test_every_key_can_be_set(config_of, tmp_path):
    text = LEAST.replace(
        "    access_token: {file: token}\n",
        "    access_token: {file: token}\n    platform: mastodon\n    languages: [fr, en, fr]\n"
        '    tag: "#Solidarity"\n    threads: false\n    part_gap: 2 minutes\n    settle: 0 seconds\n'
        "    deadline: 20 seconds\n    visibility: unlisted\n",
    )
    config = config_of(
        "timezone: Europe/Minsk\nqueue: our/posts\nstore: /var/lib/bot/store.sqlite\nlanguage_gap: 1 hour\n"
        "plan_ahead: 2 weeks\nlog_level: debug\ncatch_up: {every: 5 minutes, hourly: 9}\n" + text
    )

    found = account(config, "mastodon")
    assert (config.timezone, config.queue, config.log_level) == (
        "Europe/Minsk",
        tmp_path / "our/posts",
        "debug",
    )
    assert (config.store, config.state) == ("/var/lib/bot/store.sqlite", Path("/var/lib/bot"))
    assert (config.language_gap, config.plan_ahead) == (timedelta(hours=1), timedelta(days=14))
    assert config.catch_up == CatchUp(every=timedelta(minutes=5), hourly=9)
    assert (found.languages, found.tag, found.threads) == (("fr", "en"), "#Solidarity", False)
    assert (found.part_gap, found.deadline) == (timedelta(minutes=2), timedelta(seconds=20))
    assert (found.patience.settle, found.patience.looks) == (timedelta(), PATIENCE[found.platform].looks)
    assert found.visibility == "unlisted"


@pytest.mark.parametrize(
    ("tag", "on_x", "on_mastodon"),
    [
        ('"#Solidarity"', "#Solidarity", "#Solidarity"),
        ('{x: "@union_example"}', "@union_example", "#IndustriALL"),
        ('{mastodon: "@union@mastodon.example"}', "#IndustriALL", "@union@mastodon.example"),
    ],
)
def test_the_tag_is_one_for_all_or_one_for_each_platform(config_of, tag, on_x, on_mastodon):
    config = config_of(f"tag: {tag}\n{LEAST}")

    assert (account(config, "press").tag, account(config, "mastodon").tag) == (on_x, on_mastodon)


def test_slots_are_each_hour_of_each_day_once_and_in_order(config_of):
    slots = """\
timezone: Europe/Brussels
slots:
  - {days: [friday, monday], at: ["17:30", "09:00"]}
  - {days: monday, at: "09:00", zone: UTC}
  - {days: monday, at: 9:00}
"""

    config = config_of(slots + LEAST)

    assert config.slots == (
        Slot(0, time(9), "Europe/Brussels"),
        Slot(0, time(9), "UTC"),
        Slot(0, time(17, 30), "Europe/Brussels"),
        Slot(4, time(9), "Europe/Brussels"),
        Slot(4, time(17, 30), "Europe/Brussels"),
    )


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://mastodon.example/", "https://mastodon.example"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://localhost:8080", "http://localhost:8080"),
        ('"http://[::1]:8080"', "http://[::1]:8080"),
    ],
)
def test_an_address_is_encrypted_or_on_this_machine(config_of, given, kept):
    config = config_of(LEAST.replace("https://mastodon.example", given))

    assert account(config, "mastodon").base_url == kept


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1.example", "http://example.org", "https://example.org/api", "https://example.org?a=b",
     "https://example.org#a", "ftp://example.org", "https://"],
)  # fmt: skip
def test_an_address_of_another_kind_is_refused(config_of, address):
    with pytest.raises(ConfigError, match=r"config\.yaml:5:15"):
        config_of(LEAST.replace("https://mastodon.example", f"'{address}'"))


@pytest.mark.parametrize("handle", ["campaign@mastodon.example", "'@@campaign@mastodon.example'"])
def test_a_handle_has_one_sign_in_front(config_of, handle):
    config = config_of(LEAST.replace('"@campaign@mastodon.example"', handle))

    assert account(config, "mastodon").handle == "@campaign@mastodon.example"


def test_everything_that_is_wrong_is_told_at_once(config_of):
    wrong = "tag: x\nlog_level: y\nqueue:\n" + LEAST.replace("@union_example", "@union@").replace(
        "platform: x", "z: x"
    )

    with pytest.raises(ConfigError) as refused:
        config_of(wrong)

    assert re.findall(r"config\.yaml:(\d+):", str(refused.value)) == ["1", "2", "3", "14", "13"]


def test_secrets_are_not_read_when_the_configuration_is(config_of):
    config = config_of(LEAST)

    assert len(config.problems()) == 6
    assert len(account(config, "mastodon").problems()) == 1


def test_a_secret_is_found_beside_the_configuration_wherever_the_program_runs(config_of, token):
    secret = account(config_of(LEAST), "mastodon").credentials["access_token"]

    assert secret == Secret(file=token)
    assert secret.reveal() == SECRET
    assert secret.problem() is None


def test_a_secret_may_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("EXAMPLE_PASSWORD", f" {SECRET}\n")

    assert Secret(env="EXAMPLE_PASSWORD").reveal() == SECRET


def test_a_secret_never_shows(token, config_of):
    config = config_of(LEAST)

    shown = f"{config}{config!r}{config.accounts[0].credentials}{Secret(file=token)}{Secret(file=token)!r}"
    assert SECRET not in shown
    assert "••••" in shown


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o610, 0o777])
def test_a_secret_that_others_may_read_is_refused_with_the_command_to_run(token, mode):
    token.chmod(mode)

    with pytest.raises(ConfigError, match=f"can be read by others; run: chmod 600 {token}"):
        Secret(file=token).reveal()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"a\nb\n", "holds more than one line of text"),
        (b"a" * 5000, "holds more than one line of text"),
        (b"\xff\xfe", "does not hold a text"),
        (None, "cannot be read: No such file or directory"),
    ],
)
def test_a_secret_that_cannot_be_used_says_why(token, content, said):
    token.unlink()
    if content is not None:
        os.close(os.open(token, os.O_CREAT | os.O_WRONLY, 0o600))
        token.write_bytes(content)

    assert Secret(file=token).problem() == f"the file {token} {said}"


@pytest.mark.parametrize(("value", "said"), [(None, "is not set"), (" ", "is empty")])
def test_a_variable_that_is_not_there_says_so(monkeypatch, value, said):
    monkeypatch.delenv("EXAMPLE_PASSWORD", raising=False)
    if value is not None:
        monkeypatch.setenv("EXAMPLE_PASSWORD", value)

    assert Secret(env="EXAMPLE_PASSWORD").problem() == f"the environment variable EXAMPLE_PASSWORD {said}"


@pytest.mark.parametrize(
    "store", ["postgresql+psycopg:///bot", "postgresql+psycopg://bot@db.example/bot", "sqlite:///x.sqlite"]
)
def test_a_store_may_be_an_address(config_of, store, tmp_path):
    config = config_of(f"store: {store}\n{LEAST}")

    assert (config.store, config.state) == (store, tmp_path / "state")


def test_an_address_of_the_store_with_a_password_is_kept_as_a_secret(config_of, tmp_path):
    (tmp_path / "store").write_text("postgresql+psycopg://bot:hunter2@db.example/bot\n", encoding="utf-8")
    config = config_of(f"store: {{file: store}}\n{LEAST}")

    assert config.problems()[0].startswith("store: the file ")
    (tmp_path / "store").chmod(0o600)
    assert config.store == "postgresql+psycopg://bot:hunter2@db.example/bot"
    assert "hunter2" not in repr(config)


@pytest.mark.parametrize(
    "line",
    [
        "access_token: hunter2",
        "heartbeat_url: https://hunter2.example",
        "alarm: {webhook: {url: https://hunter2.example}}",
        "  command: [./wake-us.sh, hunter2]",
        "  webhook: https://hooks.example/hunter2",
        "  - hunter2-is-long",
        "hunter2",
        "acces_token: hunter2",
        "x: {bearer: hunter2}",
        "campaign: {token: hunter2}",
        "store: postgresql://bot:hunter2@x",
        '"access_token": hunter2',
        "? hunter2",
        "base_url: https://hunter2@x.example",
        "token:  hunter2  # remark",
        "handle: x, app_password: hunter2",
    ],
)
def test_no_line_shows_what_may_be_a_secret(line):
    assert "hunter2" not in masked(line)


@pytest.mark.parametrize(
    "line",
    ["campaign: rehearsal", "  languages: [en, fr]", '  - {days: [monday], at: "09:00"}', "# a remark", "",
     "base_url: https://mastodon.example", 'tag: "#IndustriALL"', "  mastodon:", "- en"],
)  # fmt: skip
def test_a_line_that_can_hold_no_secret_is_shown(line):
    assert masked(line) == line


def test_no_secret_stands_beside_a_plain_key():
    keys = {*CONFIG.rows, *ACCOUNT.rows, *ALARM.rows, *EMAIL.rows, *WEBHOOK.rows}

    secret = re.compile("key|token|secret|password|url|alarm|email|webhook|command")
    assert {key for key in keys if secret.search(key)} == {*(keys - PLAIN_KEYS), "base_url"}


@pytest.mark.parametrize("kind", ["missing", "folder"])
def test_a_configuration_that_cannot_be_read_is_one_sentence(tmp_path, kind):
    path = tmp_path / "config.yaml" if kind == "missing" else tmp_path

    with pytest.raises(ConfigError, match=r"the configuration .* cannot be read: "):
        load_config(path)


def test_the_example_loads_and_uses_what_it_says():
    config = load_config(ROOT / "config.example.yaml")

    assert config.campaign == "belarus-unionists"
    assert [account.platform for account in config.accounts] == ["mastodon", "bluesky", "x"]
    assert account(config, "press").threads is False
    assert len(config.slots) == 5


def test_the_example_shows_every_key():
    text = (ROOT / "config.example.yaml").read_text(encoding="utf-8")

    keys = {*CONFIG.rows, *ACCOUNT.rows, *ALARM.rows, *EMAIL.rows, *WEBHOOK.rows}
    missing = [key for key in keys if not re.search(rf"^\s*(# +)?{key}:", text, re.MULTILINE)]
    assert missing == []


def test_the_example_tells_the_defaults_as_they_are(config_of):
    text = (ROOT / "config.example.yaml").read_text(encoding="utf-8")
    remarks = re.sub(r"(?m)^( *)# (?=[a-z_]+: \S+)", r"\1", text)
    told = load_config(ROOT / "config.example.yaml")

    config = config_of(remarks)

    assert remarks.count("\n    settle:") == 1
    assert (config.language_gap, config.plan_ahead) == (told.language_gap, told.plan_ahead)
    assert config.catch_up == told.catch_up
    assert config.queue.name == told.queue.name
    assert [
        (a.base_url, a.tag, a.part_gap, a.deadline, a.visibility, a.patience) for a in config.accounts
    ] == [(a.base_url, a.tag, a.part_gap, a.deadline, a.visibility, a.patience) for a in told.accounts]


def test_without_a_configuration_a_queue_can_be_read(folder):
    config = default_config(folder.path)
    folder.write("a.yaml", "id: a\nwhen: 2027-05-01 09:00 UTC\ntext: {en: a}\nwhere: [x, bluesky]\n")

    found = read_queue(config.queue, QueueSettings(timezone=config.timezone, labels=config.labels))

    assert [post.id for post in found.posts] == ["a"]
    assert {account.tag for account in config.accounts} == {"#IndustriALL"}
    assert {account.languages for account in config.accounts} == {("en",)}
    assert (config.problems(), config.store) == ([], "")
    assert all("our" in account.handle for account in config.accounts)


def test_catching_up_reckons_by_the_hour(config_of):
    with pytest.raises(ConfigError, match="`2 hours` is out of the ordinary"):
        config_of(f"catch_up: {{every: 2 hours}}\n{LEAST}")


def test_a_check_of_a_person_counts_for_a_fortnight_or_less(config_of):
    assert config_of(LEAST).case_age == timedelta(days=14)
    assert config_of(f"case_age: 3 days\n{LEAST}").case_age == timedelta(days=3)


@pytest.mark.parametrize("age", ["15 days", "0 days", "1 hour"])
def test_how_long_a_check_counts_can_be_shortened_and_not_switched_off(config_of, age):
    with pytest.raises(ConfigError, match=f"`{age}` is out of the ordinary"):
        config_of(f"case_age: {age}\n{LEAST}")


def on_x(budget):
    return LEAST.replace("    platform: x\n", f"    platform: x\n    monthly_budget: {budget}\n")


@pytest.mark.parametrize(
    ("written", "millionths"), [("20", 20_000_000), ("12.5", 12_500_000), ('"$0.015"', 15_000)]
)
def test_a_budget_is_an_amount_in_dollars(config_of, written, millionths):
    assert account(config_of(on_x(written)), "press").budget == millionths


@pytest.mark.parametrize("written", ["0", "-1", "1.2345", "20 euros", "many"])
def test_a_budget_that_is_no_amount_is_refused(config_of, written):
    with pytest.raises(ConfigError, match="is not an amount in dollars"):
        config_of(on_x(written))


def test_only_x_has_a_budget(config_of):
    text = LEAST.replace(
        "access_token: {file: token}\n", "access_token: {file: token}\n    monthly_budget: 5\n", 1
    )

    with pytest.raises(ConfigError, match="an account on Mastodon has no `monthly_budget`"):
        config_of(text)
