"""Supporters who speak to us on three platforms, some from where that is a crime; and who hears them."""

from datetime import UTC, datetime, timedelta

from bot.sandbox import Said
from bot.sandbox.heard import number, written
from tests.acceptance.conftest import PLATFORMS

HEARING = f"""\
log_level: debug
backup: {{key_folder: by hand}}
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

    def traces(self, said=None):
        """All by which one of those at risk could be found; or by which these could."""
        found = set(WORDS)
        for one in self.at_risk if said is None else said:
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
