"""Warnings, the line on safety and a server's own limit, through the real program."""

from datetime import timedelta

from bot.domain.safety_line import SAFETY_LINES

LINE = SAFETY_LINES["be"]
SOON = timedelta(seconds=8)
MORE = "  be: |\n    Іх катавалі. Іх асудзілі за прафсаюз.\nwarning:\n  en: Torture\n  be: Катаванні\n"


def published(bot, platform):
    return [(post.text, post.warning, post.language) for post in bot.sandbox.record.posts(platform)]


def speak_belarusian(bot):
    written = bot.config.read_text(encoding="utf-8")
    bot.config.write_text(
        written.replace("    settle: 1 second\n", "    settle: 1 second\n    languages: [be]\n"),
        encoding="utf-8",
    )


def test_a_warning_and_the_line_on_safety_stand_on_every_platform(bot):
    speak_belarusian(bot)
    bot.write("one", more=MORE, due=SOON)

    bot.run()
    bot.wait_for_posts(1)

    words = f"Іх катавалі. Іх асудзілі за прафсаюз.\n\n#IndustriALL\n\n{LINE}"
    assert published(bot, "mastodon") == [(words, "Катаванні", "be")]
    assert published(bot, "bluesky") == [(f"Катаванні\n\n{words}", "", "be")]
    assert published(bot, "x") == [(f"Катаванні\n\n{words}", "", "")]


def test_a_small_server_has_a_thread_whose_every_part_is_warned_of_and_fits(bot):
    speak_belarusian(bot)
    bot.sandbox.mastodon.settings.max_characters = 120
    # `auth check` hears of the limit before anything is planned.
    assert bot.call("auth", "check")[0] == 0
    bot.write("one", more=MORE, due=SOON)

    bot.run()
    bot.wait_for(lambda: len(bot.sandbox.record.posts("mastodon")) == 2)

    parts = published(bot, "mastodon")
    assert parts == [
        ("Іх катавалі. Іх асудзілі за прафсаюз.\n\n#IndustriALL", "Катаванні", "be"),
        (LINE, "Катаванні", "be"),
    ]
