"""The tally as organisers and the campaign's site get it. The store is the real one, on disk."""

import csv
import io
import json
import os
import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest

from tests.reports import a_report, counted, take_in

LONG_AGO = datetime(2026, 5, 6, tzinfo=UTC)
COUNTRIES = ("FR", "DE", "SE")


@pytest.fixture
def reported(store):
    """Six letters from each of three countries, two from a fourth, nine from Russia; four are not decided."""
    number = 0
    for country, many in (*((code, 6) for code in COUNTRIES), ("GE", 2), ("RU", 9)):
        for _ in range(many):
            number += 1
            _count(store, a_report(number, day=LONG_AGO), country)
    waiting = (a_report(100 + number, day=LONG_AGO) for number in range(7))
    take_in(store, *waiting)
    return store


def _count(store, report, country):
    was = take_in(store, report)[0]
    now = counted(was, country=country, url=None, remote_id=None)
    store.change(now, was, "anna", "count report", datetime.now(UTC))


class Page(HTMLParser):
    """What a page is made of."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.addresses = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.addresses += [value for name, value in attrs if name in {"href", "src", "action", "srcset"}]
        if tag not in {"meta", "link", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def named(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.mark.usefixtures("reported")
def test_the_terminal_keeps_the_two_tiers_apart(shell):
    code, said = shell.call("tally")

    assert code == 0
    assert re.search(r"At least 20 actions in 3 countries by \d", said)
    assert re.search(r"France +letter +5 +week of 4 May 2026", said)
    assert "not public: at least 10 actions" in said
    assert "20 actions were confirmed in all" in said


@pytest.mark.usefixtures("reported")
def test_the_file_for_the_site_holds_sums_of_published_cells_and_nobody(shell):
    code, told = shell.json("tally")

    assert code == 0
    assert told["at_least"] == {"actions": 20, "countries": 3}
    assert {one["country"]: one["actions"] for one in told["countries"]} == {
        **dict.fromkeys(COUNTRIES, 5),
        None: 5,
    }
    assert sum(one["actions"] for one in told["cells"]) == 20
    for word in ("RU", "BY", "GE", "author", "mark", "example.org", "anna"):
        assert f'"{word}' not in json.dumps(told)


@pytest.mark.usefixtures("reported")
def test_the_table_opens_in_a_spreadsheet_and_adds_up(shell):
    code, said = shell.call("tally", "--csv")

    rows = list(csv.DictReader(io.StringIO(said, newline="")))
    assert code == 0
    assert sum(int(row["at least"]) for row in rows) == 20
    assert {row["country name"] for row in rows} == {"France", "Germany", "Sweden", "elsewhere"}
    assert "\r\n" in said


@pytest.mark.usefixtures("reported")
def test_the_page_needs_nothing_else_and_can_be_read_aloud(shell):
    code, said = shell.call("tally", "--html", "--out", "page.html")
    text = (shell.folder / "page.html").read_text("utf-8")

    page = Page(text)

    assert (code, "page.html: At least 20 actions" in said) == (0, True)
    assert page.open == []
    assert page.addresses == []
    assert not page.named("script") + page.named("link") + page.named("img")
    assert "url(" not in text
    assert "@import" not in text
    assert page.named("html") == [{"lang": "en"}]
    assert len(page.named("caption")) == len(page.named("table")) == 3
    assert all("scope" in one for one in page.named("th"))
    assert "Russia" not in text
    assert "At least 20 actions in 3 countries" in text


@pytest.mark.usefixtures("store")
def test_without_reports_the_page_says_that_there_are_no_numbers(shell):
    code, said = shell.call("tally", "--html")

    assert (code, "There are no numbers yet" in said, "<table" in said) == (0, True, False)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--out", "page.html"), 2, "--json, --csv or --html"),
        (("--html", "--out", "nowhere/page.html"), 1, "nowhere/page.html: cannot be written"),
    ],
)
@pytest.mark.usefixtures("store")
def test_what_cannot_be_written_is_said_in_one_sentence(shell, arguments, code, words):
    got, said = shell.call("tally", *arguments)

    assert (got, words in said) == (code, True)


@pytest.mark.parametrize(("days", "warned"), [(1, True), (7, False)])
@pytest.mark.usefixtures("store")
def test_two_editions_close_together_are_warned_of(shell, days, warned):
    before = shell.folder / "tally.json"
    before.touch()
    long_ago = before.stat().st_mtime - days * 86_400
    os.utime(before, (long_ago, long_ago))

    code, said = shell.call("tally", "--json", "--out", "tally.json")

    assert (code, "once a week at most" in said) == (0, warned)
    assert json.loads(before.read_text("utf-8"))["version"] == 1


def test_before_the_first_run_there_is_nothing_to_count(shell):
    shell.configure()

    code, said = shell.call("tally")

    assert (code, "nothing has run here yet" in said) == (1, True)


def test_what_an_organiser_counts_is_in_the_tally_at_once(shell, store):
    today = datetime.now(UTC) - timedelta(minutes=1)
    take_in(store, *(a_report(number, day=today) for number in range(1, 6)))

    shell.call("reports", "review", "--as", "anna", answer="ccccc")
    _, told = shell.json("tally")

    assert told["at_least"] == {"actions": 10, "countries": 1}
    assert {one["kind"] for one in told["kinds"]} == {"letter", "photo"}
