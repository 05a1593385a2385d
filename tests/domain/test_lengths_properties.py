"""What platforms count and where texts are cut, over texts of every script."""

import unicodedata
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.domain.account import Voice
from bot.domain.calendar import NextSlot
from bot.domain.errors import RenditionError
from bot.domain.lengths import PlatformName, graphemes, mastodon_length, published_limits, weigh, x_links
from bot.domain.post import Language, Post, PostId, Words
from bot.domain.problem import Source
from bot.domain.rendition import render
from bot.domain.richtext import carries, octets, spans
from bot.domain.safety_line import SAFETY_LINES
from tests.tables import TLDS

EN, BE, RU = Language("en"), Language("be"), Language("ru")
FAMILY, FIST, FLAG, ENGLAND = "👩‍👩‍👧‍👦", "✊🏾", "🇧🇾", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"
EMOJI = st.sampled_from(["✊", FIST, FAMILY, FLAG, ENGLAND, "1️⃣", "❤️"])
CYRILLIC = st.text("абвгдеёжзіўшыэюяАБВГД", min_size=1, max_size=12)
LATIN = st.text("abcdefgąęłńóśžšč", min_size=1, max_size=12)
CJK = st.text("連帯労働組合한국노동日本", min_size=1, max_size=8)
PATHS = st.text("abcxyz0123456789/_-", max_size=80).map(lambda path: "a" + path + "z")
LINKS = st.builds("https://{}/{}".format, st.sampled_from(["example.org", "a.example.com"]), PATHS)
DOMAINS = st.sampled_from(["news.dev", "bkdp.org", "readme.md", "file.py", "example.co.uk", "t.me/a1z"])
ODD = st.text(
    st.one_of(
        st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]),
        st.sampled_from("\u200d\ufe0f\u0301\u20e3🇧🇾👩🏾#@.:/ \n\u00a0\u202fשלוםمرحبا\u0915\u094d\u0937"),
    )
)


def counted(words, weight):
    """Words that X counts by `weight`, each with what it counts them as."""
    return words.map(lambda word: (word, weight(word)))


X_WORDS = st.one_of(
    counted(CYRILLIC, len),
    counted(LATIN, len),
    counted(CJK, lambda word: 2 * len(word)),
    counted(EMOJI, lambda _: 2),
    counted(LINKS, lambda _: 23),
    counted(DOMAINS, lambda _: 23),
)


@given(st.lists(X_WORDS, min_size=1, max_size=20), st.sampled_from(["NFC", "NFD"]))
def test_x_weighs_a_text_by_its_words_whatever_form_they_are_written_in(words, form):
    text = unicodedata.normalize(form, " ".join(word for word, _ in words))

    assert weigh(text, TLDS) == sum(weight for _, weight in words) + len(words) - 1


@given(CYRILLIC, st.sampled_from(["org", "dev", "by", "рф"]))
def test_x_sees_no_link_in_another_script_without_its_scheme(name, tld):
    assert x_links(f"{name}.{tld}", TLDS) == []
    assert weigh(f"https://{name}.{tld}", TLDS) == 23


SEEN = st.one_of(
    st.sampled_from([FAMILY, FLAG, ENGLAND, "й", "и\u0306", "e\u0301", "\u0915\u094d\u0937\u093f"]),
    st.sampled_from("abcжשم連 "),
)
LOCAL = st.text("abcxyz_09", min_size=1, max_size=10)
SERVERS = st.sampled_from(["mastodon.example", "very.long.server.example", "пример.example"])


@given(st.lists(SEEN, max_size=40))
def test_mastodon_and_bluesky_count_what_a_reader_sees(seen):
    text = "".join(f"{one}\u200c" if one in FLAG else one for one in seen)
    wanted = len(graphemes(text))

    assert mastodon_length(text) == wanted
    assert published_limits(PlatformName.BLUESKY, TLDS).measure(text) == wanted


@given(st.lists(st.sampled_from([FAMILY, ENGLAND, FLAG, "и\u0306", "ж", "ם"]), max_size=40))
def test_a_cluster_of_many_code_points_is_one_character(seen):
    assert mastodon_length(" ".join(seen)) == max(0, 2 * len(seen) - 1)


@given(LINKS, LOCAL, st.sampled_from(["", ".", "-"]), SERVERS, st.integers(10, 40))
def test_mastodon_counts_links_at_a_flat_rate_and_of_handles_the_name(link, local, joint, server, rate):
    name = f"a{local}{joint}z"

    assert mastodon_length(f"{link} @{name}@{server}", rate) == rate + 1 + 1 + len(name)


def test_a_link_longer_than_mastodon_shortens_counts_in_full():
    link = "https://example.org/" + "a" * 4076

    assert (mastodon_length(link), mastodon_length(link + "a")) == (23, 4097)


@given(ODD, ODD)
def test_a_warning_counts_together_with_the_text(text, warning):
    both = mastodon_length(text, warning=warning)

    assert both <= mastodon_length(text) + len(graphemes(warning))
    assert both >= max(mastodon_length(text), len(graphemes(warning))) - 1
    assert mastodon_length("text", warning="warning") == 11


@given(st.integers(1, 2000), st.integers(0, 60))
def test_a_servers_own_limit_is_kept_to_the_letter(length, warned):
    limits = replace(published_limits(PlatformName.MASTODON, TLDS), length=length + warned)

    assert limits.fits("a" * length, "w" * warned)
    assert limits.excess("a" * length + "a", "w" * warned) == 1


@given(ODD)
def test_bluesky_keeps_to_its_characters_and_its_bytes(text):
    limits = published_limits(PlatformName.BLUESKY, TLDS)

    assert limits.fits(text) is (len(graphemes(text)) <= 300 and len(text.encode()) <= 3000)
    assert limits.excess(FAMILY * 120) == 0
    assert limits.excess(FAMILY * 120 + "a") == 1


@given(ODD, st.sampled_from(["#Салідарнасць", "@a.example", "https://example.org/дзень", "#ทดสอบ"]), ODD)
@example("#\u20e3abc", "#a", "")
@example("", "#a", "\u0301")
def test_what_is_marked_slices_to_whole_characters(before, marked, after):
    text = f"{before} {marked} {after}"

    for span in spans(text):
        start, end = octets(text, span)
        assert text.encode()[start:end].decode() == span.text == text[span.start : span.end]
        assert "".join(graphemes(text)).startswith(text[: span.start])
        assert _edge(text, span.start), (text, span)


def _edge(text, place):
    """Whether a place in a text is between two characters as a reader sees them."""
    return sum(map(len, graphemes(text)[: len(graphemes(text[:place]))])) == place


def a_voice(platform, **changes):
    voice = Voice(
        label=platform.value,
        platform=platform,
        handle="campaign.example",
        tag="#IndustriALL",
        languages=(EN, BE, RU),
        limits=published_limits(platform, TLDS),
    )
    return replace(voice, **changes)


def a_post(text, language=EN, **changes):
    source = Source(file="a.yaml", line=1)
    post = Post(id=PostId("a"), when=NextSlot(), words=Words(text={language: text}), source=source)
    return replace(post, **changes)


WORDS = st.one_of(
    CYRILLIC,
    LATIN,
    CJK,
    EMOJI,
    LINKS,
    DOMAINS,
    st.sampled_from(["#Свабода", "#IndustriALL", "@a.example", "@one@mastodon.example", "name@example.org"]),
    st.sampled_from(
        ["ended.", "спыніце!", "z.B.", "A.", "19.", "e\u0301\u0301", "\u200d👩", "שלום.", "\u0301"]
    ),
    st.text("aé👩\u200d👧🇧🇾\u0301", min_size=200, max_size=400),
    CJK.map(lambda word: word * 40),
    CJK.map(lambda word: f"{word * 30}@a.b#IndustriALLx"),
)
BLANKS = st.sampled_from([" ", " ", " ", "\n", "\n\n", "\u00a0", "  ", "\r\n", " \u0301"])
TEXTS = st.lists(st.tuples(WORDS, BLANKS), min_size=1, max_size=70).map(
    lambda found: "".join(word + blank for word, blank in found)
)
PLATFORMS = st.sampled_from(list(PlatformName))


def rendered(text, platform, language=EN, **changes):
    """The parts, or None where the text is refused, with the reason for that."""
    try:
        return render(a_post(text, language, **changes), language, a_voice(platform))
    except RenditionError as error:
        if any(words in error.message for words in ("messages on", "too long for", "no room")):
            return None
        raise


@settings(max_examples=100, deadline=None)
@given(TEXTS, PLATFORMS, st.sampled_from([EN, BE, RU]), st.sampled_from(["", "Катаванні", "w " * 30]))
def test_every_part_fits_and_says_every_word_in_order(text, platform, language, warning):
    found = rendered(text, platform, language, warning={language: warning} if warning else {})
    if found is None:
        return
    limits, parts = a_voice(platform).limits, [part.text for part in found.parts]

    assert carries(parts[0], "#IndustriALL")
    assert all(limits.fits(part, found.warning) and part.strip() for part in parts)
    line = SAFETY_LINES.get(language, "")
    assert parts[-1].endswith(line)
    said, wanted = _solid("".join(parts)), _solid(("" if found.warning else warning) + text + line)
    assert said in (wanted, _without_tag(said, parts[0], wanted))
    assert [part.length for part in found.parts] == [limits.measure(part, found.warning) for part in parts]


def _solid(text):
    return "".join(text.split())


def _without_tag(said, first, wanted):
    """What is wanted, with the tag that was added to the first part where it stands."""
    place = _solid(first).rindex("#IndustriALL")
    return said if said[:place] + said[place + len("#IndustriALL") :] == wanted else None


@settings(max_examples=100, deadline=None)
@given(TEXTS, PLATFORMS)
@example("A  \u0301" + "a" * 400, PlatformName.X)  # the accent stands on a space
def test_no_cut_is_inside_a_character_a_link_a_tag_or_a_handle(text, platform):
    found = rendered(text, platform)
    if found is None:
        return

    said = [span.text for part in found.parts for span in spans(part.text)]
    cut = _without_added(said, [span.text for span in spans(text)])
    assert cut == [span.text for span in spans(text)]
    whole = set(graphemes(text)) | set("#IndustriALL\n ")
    assert all(set(graphemes(part.text)) <= whole for part in found.parts)


def _without_added(said, written):
    if len(said) > len(written):
        said = list(said)
        said.remove("#IndustriALL")
    return said


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(LATIN, CYRILLIC, LINKS, EMOJI), min_size=40, max_size=120), PLATFORMS)
def test_no_word_that_fits_is_cut(words, platform):
    found = rendered(" ".join(words), platform)

    assert found is not None
    said = " ".join(part.text for part in found.parts).split()
    said.remove("#IndustriALL")
    assert said == words


SENTENCES = st.lists(
    st.lists(st.one_of(LATIN, CYRILLIC), min_size=3, max_size=8).map(lambda words: " ".join(words) + "."),
    min_size=8,
    max_size=40,
)


@settings(max_examples=60, deadline=None)
@given(SENTENCES, PLATFORMS)
def test_where_sentences_are_short_every_part_ends_with_one(sentences, platform):
    text = " ".join(sentence[0].upper() + sentence[1:] for sentence in sentences)
    found = rendered(text, platform)

    assert found is not None
    assert all(part.text.replace("#IndustriALL", "").strip().endswith(".") for part in found.parts)


NOT_AN_END = [
    "Write to A. Yarashuk", "on 19. April", "Das gilt z.B. Hier", "and e.g. Minsk", "и т.д. Также",
    "и т. д. Также", "with Dr. Smith", "am 5. Mai", "на вул. Леніна", "see No. 12",
    "5 млн. Рублёў", "said etc. and so on",
]  # fmt: skip


@pytest.mark.parametrize("platform", PlatformName)
@pytest.mark.parametrize("words", NOT_AN_END)
def test_no_cut_comes_after_an_abbreviation_or_initial_while_another_place_is_there(words, platform):
    head, _, tail = words.rpartition(" ")
    limit = a_voice(platform).limits.length - len("\n\n#IndustriALL")
    for short in range(12):  # the limit falls on each place around it
        before = "Free them all now. " * 20
        start = before[: limit - len(head) - short].rsplit(". ", 1)[0]
        pad = "x" * (limit - len(head) - short - len(start) - 3)
        text = f"{start}. {pad} {head} {tail} {'and so on ' * 20}"

        first = render(a_post(text), EN, a_voice(platform)).parts[0].text

        assert not first.removesuffix("\n\n#IndustriALL").endswith(head)


@pytest.mark.parametrize(
    ("written", "cut"),
    [
        ("Free them. Write to us. And go on", "Write to us."),
        ("Свабоду ім. Напішыце ім. Ідзём далей", "Напішыце ім."),
        ("In 2022. It was July 2022. Then more", "July 2022."),
        ("They said: “Go!” We said: “No!” Then more", "“No!”"),
    ],
)
def test_a_sentence_ends_where_a_reader_says_it_does(written, cut):
    head, tail = written.split(cut)
    text = "a " * 115 + head + cut + tail + " b" * 60

    first = render(a_post(text), EN, a_voice(PlatformName.BLUESKY)).parts[0].text

    assert first.endswith(f"{cut}\n\n#IndustriALL")


@pytest.mark.parametrize(
    "marked", ["z@a.example", "z#tag", "https://example.org/abc", "#Свабода", "@a.example"]
)
@pytest.mark.parametrize("before", range(262, 300))
def test_a_word_too_long_is_cut_where_no_mark_is_parted_and_none_is_made(before, marked):
    text = "連" * before + "," + marked + "帯" * 20

    found = render(a_post(text), EN, a_voice(PlatformName.BLUESKY))

    said = [span.text for part in found.parts for span in spans(part.text)]
    said.remove("#IndustriALL")
    assert said == [span.text for span in spans(text)]
    assert len(found.parts) == 2


@pytest.mark.parametrize("before", range(258, 275))
def test_a_bare_domain_is_a_link_on_x_and_is_not_cut(before):
    text = "a" * before + "…news.dev"

    found = render(a_post(text), EN, a_voice(PlatformName.X))

    assert sum(len(x_links(part.text, TLDS)) for part in found.parts) == 1
