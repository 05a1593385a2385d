"""Of whoever may be in danger nothing can be read afterwards, whatever the program was asked to do."""

import re
from datetime import UTC, datetime

import pytest

from tests.acceptance.conftest import PLATFORMS
from tests.acceptance.supporters import HEARING, LATER, SAFE, Hall
from tests.traces import readable


@pytest.fixture
def hall(sandbox):
    return Hall(sandbox)


def everything_in(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def test_of_people_at_risk_nothing_can_be_read_but_their_number(bot, hall, tmp_path):
    bot.configure(HEARING)
    hall.fill()
    exports = tmp_path / "exports"
    exports.mkdir()

    bot.run()
    for platform in PLATFORMS:
        bot.wait_for_log(re.compile(rf"account {platform}: \d+ new"))
    said = [bot.call(*words) for words in ASKED]
    said += [bot.call("tally", f"--{form}", "--out", str(exports / form)) for form in ("json", "csv", "html")]
    assert readable(everything_in(tmp_path), hall.traces()) == []  # while it runs, the log of the store too
    bot.stop()
    for platform in PLATFORMS:  # the last that is heard, so that reading goes on from them
        hall.endanger(platform, "okapi3.example", LATER)
    said += [bot.call("collect", "--once"), *(bot.call(*words) for words in ASKED)]
    (tmp_path / "said").write_text("\n".join(words for _, words in said), encoding="utf-8")

    assert [code for code, _ in said] == [0] * len(said)
    assert f"at risk {datetime.now(UTC):%Y-%m}: 10" in said[-len(ASKED)][1]
    assert readable(everything_in(tmp_path), hall.traces()) == []
    assert readable([bot.log], hall.traces(hall.safe)) == []  # a log names nobody at all
    kept = hall.safe[
        len(SAFE) + 1
    ]  # what may be kept is found by the same search, in the store and in no backup
    found = {name for name, _ in readable(everything_in(tmp_path), {SAFE["en"], kept.author, kept.id})}
    assert "bot.sqlite" in found
    assert not any(name.startswith("bot-2") for name in found)


ASKED = (
    ("reports", "list"),
    ("reports", "list", "--json"),
    ("reports", "show", "1", "--full"),
    ("tally",),
    ("backup",),
    ("status", "--json"),
)
