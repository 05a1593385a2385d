"""forecast: the next weeks, what stands in their way, and what X charges."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.app import open_store, planner_of, queue_settings, read_tlds, voice_of
from bot.cli import forecast as f
from bot.config import load_config
from bot.domain.account import Identity
from bot.files.queue import read_queue
from bot.flows.plan import plan

NOW = datetime(2027, 4, 20, 6, tzinfo=UTC)
MONTH = timedelta(days=30)
CONFIG = """\
campaign: test
timezone: Europe/Minsk
language_gap: 20 minutes
accounts:
  press:
    platform: x
    handle: "@our_press"
    languages: [be, en]
    consumer_key: {env: K}
    consumer_secret: {env: K}
    access_token: {env: K}
    access_token_secret: {env: K}
  mastodon:
    handle: "@campaign@mastodon.example"
    base_url: http://127.0.0.1:9
    access_token: {env: K}
"""
QUEUE = {
    "may-day": "when: 2027-05-01 09:00 Europe/Brussels\ntext:\n  en: |\n    See bkdp.org and march.\n",
    "weekly": (
        'every: {week: saturday, at: "18:00", zone: Europe/Minsk}\nwhere: [press]\n'
        "text:\n  en: |\n    Write to them.\n  be: |\n    Іх асудзілі.\n"
    ),
    "lawyers": (
        "when: 2027-05-03 09:00 UTC\nwhere: [press]\n"
        "held: waiting for the lawyer in Geneva, who reads every word of this before it may go out\n"
        "text:\n  en: |\n    " + "A sentence that takes some room. " * 10 + "\n"
    ),
    "unfinished": "when: 2027-05-04 09:00 UTC\nwhere: [x]\ndraft: true\ntext:\n  en: |\n    See bkdp.org.\n",
}
EXPECTED = """\
From Tue 20 Apr 2027 to Thu 20 May 2027, Europe/Minsk.

Sat 24 Apr 2027
  18:00 +03  press     be  weekly      $0.015
  18:20 +03  press     en  weekly      $0.015

Sat 01 May 2027
  10:00 +03  mastodon  en  may-day
  10:00 +03  press     en  may-day     $0.200
  18:00 +03  press     be  weekly      $0.015
  18:20 +03  press     en  weekly      $0.015

Mon 03 May 2027
  12:00 +03  press     en  lawyers     held: waiting for the lawyer in Geneva, who reads every word
        of this before it may go out, 2 parts, $0.030

Tue 04 May 2027
  12:00 +03  press     en  unfinished  draft, $0.200

Sat 08 May 2027
  18:00 +03  press     be  weekly      $0.015
  18:20 +03  press     en  weekly      $0.015

Sat 15 May 2027
  18:00 +03  press     be  weekly      $0.015
  18:20 +03  press     en  weekly      $0.015

What X charges for it (what is held is counted; drafts and what is not read yet are not)
  press, April 2027: $0.030 as it is, $0.030 without links
  press, May 2027: $0.320 as it is, $0.135 without links
    with a link: may-day
"""


@pytest.fixture
def queue(shell):
    """A queue of four posts, two accounts, and nothing that has run."""
    (shell.folder / "config.yaml").write_text(CONFIG, encoding="utf-8")
    for name, rest in QUEUE.items():
        (shell.posts / f"{name}.yaml").write_text(f"id: {name}\n{rest}", encoding="utf-8")
    return shell


def config_of(shell):
    return load_config(shell.folder / "config.yaml")


def lines(shell, store=None, ahead=MONTH, **changes):
    """What is forecast, where each post may have some changes."""
    config = config_of(shell)
    queue = read_queue(config.queue, queue_settings(config))
    queue = replace(queue, posts=tuple(replace(post, **changes) for post in queue.posts))
    return list(f.forecast_lines(f.forecast(queue, config, store, NOW, ahead)))


def row(found, post):
    return next(line.strip() for line in found if post in line)


@pytest.fixture
def store(queue):
    """The store of that campaign, with both accounts known."""
    config = config_of(queue)
    store = open_store(config)
    for account in config.accounts:
        store.enroll(account.label, account.platform, NOW - MONTH)
        us = Identity(own_id=account.label, handle=account.handle, url="")
        store.identified(account.label, us, NOW - MONTH)
    yield store
    store.close()


def plan_all(shell, store, **changes):
    """Let the store know the queue, each post with some changes."""
    config = config_of(shell)
    posts = read_queue(config.queue, queue_settings(config)).posts
    known = {account.label: account for account in store.accounts()}
    voices = [voice_of(one, known[one.label], read_tlds()) for one in config.accounts]
    return plan([replace(post, **changes) for post in posts], voices, store, planner_of(config), NOW - MONTH)


def test_a_month_is_told_date_by_date_with_what_it_costs(queue):
    assert "\n".join(lines(queue)) + "\n" == EXPECTED


def test_no_line_is_wider_than_a_terminal(queue):
    assert max(map(len, lines(queue))) <= f.COLUMNS


def test_what_the_store_holds_back_is_said(queue, store):
    plan_all(queue, store, held="a fact in it is out of date")

    assert row(lines(queue, store), "may-day") == "10:00 +03  mastodon  en  may-day     " + (
        "held: a fact in it is out of date"
    )


def test_what_is_late_still_goes_out_and_costs_and_what_is_too_late_does_not(queue, store):
    (queue.posts / "may-day.yaml").write_text(
        "id: may-day\nkind: reminder\nwhen: 2027-04-20 05:30 UTC\ntext:\n  en: |\n    March.\n",
        encoding="utf-8",
    )
    plan_all(queue, store)

    found = lines(queue, store)

    assert row(found, "may-day") == "08:30 +03  mastodon  en  may-day"
    assert [line for line in found if line.endswith("Apr 2027")] == [
        "Sat 17 Apr 2027",  # within its three days; the two Saturdays before are not
        "Tue 20 Apr 2027",
        "Sat 24 Apr 2027",
    ]
    assert "  press, April 2027: $0.075 as it is, $0.075 without links" in found


def test_what_is_past_is_not_forecast_where_nothing_has_run(queue):
    (queue.posts / "may-day.yaml").write_text(
        "id: may-day\nwhen: 2027-04-20 05:30 UTC\ntext:\n  en: |\n    March.\n", encoding="utf-8"
    )

    assert not any("may-day" in line for line in lines(queue))


def test_what_the_store_knows_to_be_cancelled_is_not_forecast(queue, store):
    from bot.domain.delivery import cancelled
    from bot.ports.records import Decision

    plan_all(queue, store)
    for one in store.of_post("may-day"):
        store.save(cancelled(one), one, Decision(at=NOW, by="a test", what="cancel", about=one.key))

    found = lines(queue, store)

    assert not any("may-day" in line for line in found)
    assert "  press, May 2027: $0.120 as it is, $0.120 without links" in found


def test_beyond_what_the_store_has_planned_the_queue_tells(queue, store):
    plan_all(queue, store)

    found = lines(queue, store, ahead=timedelta(days=100))

    assert any(line.startswith("Sat 24 Jul 2027") for line in found)


def test_a_translation_that_nobody_has_read_is_marked_and_not_counted(queue):
    found = lines(queue, unread=frozenset({"be"}))

    first = [line.strip() for line in found if "weekly" in line][:2]
    assert first == [
        "18:00 +03  press     be  weekly      not read yet, $0.015",
        "18:00 +03  press     en  weekly      $0.015",  # at once: it waits for no translation
    ]
    assert "  press, April 2027: $0.015 as it is, $0.015 without links" in found


def test_a_link_names_the_post_once_however_often_it_comes_round(queue):
    (queue.posts / "weekly.yaml").write_text(
        f"id: weekly\n{QUEUE['weekly']}link: https://example.org/act\n", encoding="utf-8"
    )

    found = lines(queue)

    assert "  press, April 2027: $0.400 as it is, $0.030 without links" in found
    assert "    with a link: may-day, weekly (6 times)" in found


def test_nothing_is_said_plainly(queue):
    for path in queue.posts.iterdir():
        path.unlink()

    assert lines(queue) == [
        "From Tue 20 Apr 2027 to Thu 20 May 2027, Europe/Minsk.",
        "Nothing goes out in these days.",
        "",
        "What X charges for it (what is held is counted; drafts and what is not read yet are not)",
        "  press: nothing",
    ]


def test_for_programs_there_is_the_same_as_json(queue):
    code, found = queue.json("forecast", "--days", "3000")

    (linked,) = [one for one in found["costs"] if one["with_links"]]
    assert code == 0
    assert linked["with_links"] == ["may-day"]
    assert linked["cost_millionths"] - linked["without_links_millionths"] == 185_000
    assert {one["post"] for one in found["versions"]} == set(QUEUE)


def test_errors_in_the_posts_are_counted_and_leave_with_1(queue):
    (queue.posts / "bad.yaml").write_text("id: bad\n", encoding="utf-8")

    code, said = queue.call("forecast")

    assert code == 1
    assert "errors in the posts: see `check`." in said


def test_it_works_without_a_configuration(shell):
    shell.write("one")

    code, said = shell.call("forecast")

    assert code == 0
    assert "one  $0.015" in said


@pytest.mark.parametrize(
    ("budget", "said"),
    [
        ("5", "$0.320 as it is, $0.135 without links (budget $5.000)"),
        ("0.20", "$0.320 as it is, $0.135 without links; more than the budget of $0.200"),
    ],
)
def test_a_month_is_held_against_its_budget(queue, budget, said):
    path = queue.folder / "config.yaml"
    path.write_text(CONFIG.replace("platform: x\n", f"platform: x\n    monthly_budget: {budget}\n"), "utf-8")

    assert any(said in line for line in lines(queue))
