"""Of whoever may be in danger nothing can be read afterwards, whatever the program was asked to do."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from bot.sandbox import Said
from bot.sandbox.heard import number, written
from tests.acceptance.conftest import PLATFORMS
from tests.traces import readable

HEARING = f"""\
log_level: debug
privacy: {{controller: Union Office, contact: privacy@example.org, notice_url: https://example.org/privacy}}
collect:
  since: {datetime.now(UTC) - timedelta(days=1):%Y-%m-%d}
  x: {{cleared: {{by: Anna, on: 2026-01-02}}}}
"""
SAFE = {
    "en": "Our branch in Leeds sent forty letters to the Belarusian embassy today. Aardvark.",
    "fr": "Notre section de Lyon a signé la pétition pour les syndicalistes bélarusses. Belette.",
    "es": "Hoy nos concentramos en Madrid por los sindicalistas presos de Belarús. Cigüeña.",
    "de": "Wir haben in Köln vor dem Konsulat von Belarus demonstriert. Dachs.",
    "it": "A Torino abbiamo scritto cartoline ai sindacalisti bielorussi. Ermellino.",
    "pt": "Em Lisboa assinámos uma carta pelos sindicalistas da Bielorrússia. Furão.",
    "ru": "В Варшаве мы написали письма белорусским профсоюзникам. Горностай.",
    "be": "У Вільні мы падпісалі ліст за беларускіх прафсаюзнікаў. Жаўрук.",
}
INSIDE = "My colleagues at our plant in Minsk signed the letter. Quagga sends greetings."
LATER = "Мы на нашем заводе в Минске подписали письмо. Тапир передаёт привет."
NEUTRAL = "We wrote a letter to the embassy. Numbat."
PROFILES = {
    "mastodon": {"note": "<p>Saiga, welder</p>", "fields": [{"name": "Place", "value": "Minsk"}]},
    "bluesky": {"description": "Saiga, welder\nMinsk"},
}
HANDLES = {"mastodon": "pangolin@rabochy.by", "bluesky": "pangolin.by"}
WORDS = ("Quagga", "Minsk", "Тапир", "Минске", "Numbat", "Saiga", "welder", "rabochy", "pangolin", "okapi")


class Hall:
    """Supporters on three platforms, of whom some write from where that is a crime."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.at_risk = []
        self.safe = []

    def say(self, platform, handle, text, **more):
        us = getattr(self.sandbox, platform).account.handle
        return self.sandbox.mention(platform, handle, f"@{us} {text}", said=Said(**more))

    def fill(self):
        """Eight languages on each platform; among them one by their words, one by profile, one by handle."""
        for platform in PLATFORMS:
            for language, text in SAFE.items():
                self.safe.append(self.say(platform, f"{language}.union.example", text, language=language))
            self.endanger(platform, "okapi.example", INSIDE)
            if platform in HANDLES:
                self.endanger(platform, "okapi2.example", NEUTRAL, profile=PROFILES[platform])
                self.endanger(platform, HANDLES[platform], NEUTRAL)
            self.safe.append(self.say(platform, "last.example", SAFE["en"]))

    def endanger(self, platform, handle, text, **more):
        self.at_risk.append(self.say(platform, handle, text, **more))

    def names(self):
        """All by which one of those at risk could be found."""
        found = set(WORDS)
        for one in self.at_risk:
            at = one.created_at.astimezone(UTC)
            found |= {one.text, one.author, one.id, one.url, *one.id.split("/")[2:]} - {"app.bsky.feed.post"}
            found |= {written(at), f"{at:%H:%M:%S.%f}"[:-3], str(number(one)), *self._served(one)}
        return found

    def _served(self, one):
        """The author's number, as the platform serves it."""
        if one.platform == "bluesky":
            return {one.id.split("/")[2]}
        described = getattr(self.sandbox, one.platform)._described(one)
        return {described["author_id"] if one.platform == "x" else described["account"]["id"]}


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
    assert readable(everything_in(tmp_path), hall.names()) == []  # while it runs, the log of the store too
    bot.stop()
    for platform in PLATFORMS:  # the last that is heard, so that reading goes on from them
        hall.endanger(platform, "okapi3.example", LATER)
    said += [bot.call("collect", "--once"), *(bot.call(*words) for words in ASKED)]
    (tmp_path / "said").write_text("\n".join(words for _, words in said), encoding="utf-8")

    assert [code for code, _ in said] == [0] * len(said)
    assert f"at risk {datetime.now(UTC):%Y-%m}: 10" in said[-len(ASKED)][1]
    assert readable(everything_in(tmp_path), hall.names()) == []
    kept = hall.safe[len(SAFE) + 1]  # what may be kept is found by the same search, in store and backups
    found = {name for name, _ in readable(everything_in(tmp_path), {SAFE["en"], kept.author, kept.id})}
    assert "bot.sqlite" in found
    assert any(name.startswith("bot-2") for name in found)


ASKED = (
    ("reports", "list"),
    ("reports", "list", "--json"),
    ("reports", "show", "1", "--full"),
    ("tally",),
    ("backup",),
    ("status", "--json"),
)
