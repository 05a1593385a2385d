"""Bad files, each beside two good ones: said what, where and how to mend it, at little cost.

All are read and planned by tests/files/bounded.py, within limits that end a process which needs more.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bot.files.queue import MOST_POSTS, read_queue
from bot.strictyaml.nodes import MOST_PROBLEMS
from tests.files.bounded import BYTES, SECONDS
from tests.files.conftest import SETTINGS, a_post

ROOT = Path(__file__).parent.parent.parent
GOOD = ["good-1", "good-2"]
WHOLE = 0  # the line of a problem that is about the whole file

MERGE_KEYS = "a: &a {k0: v}\n" + "".join(
    f"m{n}: &m{n}\n  <<: [{', '.join(['*a'] * 40)}]\n  k{n}: v\n" for n in range(1, 40)
)
ALIASES = "a: &a [x, x]\n" + "".join(
    f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefghijklm", "bcdefghijklmn", strict=True)
)
A_TYPE = a_post(text="text: !!python/object/apply:os.system [ls]\n")


def a_text(text):
    """A post with a long text."""
    return a_post(text=f"text:\n  en: |\n    {text}\n")


# Its name, the file, and a problem: the line, and how the sentence begins.
REFUSED = [
    # What YAML itself can do to a reader
    ("merge keys that multiply", MERGE_KEYS, 1, "YAML takes the & here for an anchor"),
    ("references that multiply", ALIASES, 2, "`b` is not a key of a post"),
    ("an object to be made", A_TYPE, 3, "YAML takes the ! here for the mark of a type"),
    ("a merge key", a_post(more="<<: {kind: call}\n"), 6, "`<<` is not used here"),
    ("a key twice", a_post(more="kind: call\nkind: news\n"), 7, "`kind` stands here a second time (first"),
    ("a language twice", a_post(text="text:\n  en: a\n  en: b\n"), 5, "`en` stands here a second"),
    ("a group for a key", a_post(more="? [a, b]\n: c\n"), 6, "a key must be one word"),
    ("two documents", f"{a_post()}---\n{a_post('b')}", 6, "a second document begins here"),
    ("a directive", f"%YAML 1.1\n---\n{a_post()}", 1, "a line that begins with % is not used"),
    # Words that YAML would turn into something else
    ("no for a switch", a_post(more="draft: no\n"), 6, "this must be true or false, not `no`"),
    ("on for a language", a_post(text="text:\n  on: Yes.\n"), 4, "`on` is not the code of a language"),
    ("an octal number", a_post(more="priority: 010\n"), 6, "this must be a whole number from 1 to 9"),
    ("an underscore", a_post(more="priority: 1_0\n"), 6, "this must be a whole number from 1 to 9"),
    ("a word for a post", "- no\n", 1, "a post is a group of keys, not `no`"),
    # Dates
    ("a day that is not", a_post(when="when: 2027-02-30 09:00"), 2, "there is no 2027-02-30 in the"),
    ("a date alone", a_post(when="when: 2027-05-01"), 2, "`2027-05-01` has no hour"),
    ("a far year", a_post(when="when: 9999-12-31 23:59 Asia/Tokyo"), 2, "the year 9999 is far"),
    ("a path for a zone", a_post(when="when: 2027-05-01 09:00 ../etc"), 2, "`2027-05-01 09:00 ../etc`"),
    # Bytes
    ("a tab", "id: a\nwhen: next-slot\ntext:\n\ten: x\n", 4, "a tab stands here"),
    ("UTF-16", a_post().encode("utf-16"), 1, "this file is saved as UTF-16"),
    ("UTF-16 unmarked", a_post().encode("utf-16-le"), 1, "an invisible character stands here (U+0000)"),
    ("Latin-1", a_text("caf\xe9").encode("latin-1"), 5, "this is not UTF-8 text"),
    ("a NUL", a_text("a\0b"), 5, "an invisible character stands here (U+0000)"),
    ("a key behind U+0085", a_post(more="kind: call\x85draft: true\n"), 6, "an invisible character"),
    ("a key behind U+2028", a_post(more="kind: call\u2028draft: true\n"), 6, "an invisible character"),
    ("half a surrogate", a_post(text='text: {en: "\\ud83d"}\n'), 3, "this text holds a character"),
    ("a raw surrogate", a_text("\ud83d").encode("utf-8", "surrogatepass"), 5, "this is not UTF-8"),
    ("cut in a text", a_post(text="text:\n  en: Free the"), 4, "the file ends in the middle of a"),
    ("cut in a quote", a_post(text='text:\n  en: "Free the\n'), 4, "the quote that opens here is never"),
    ("turned for ever", a_text("\u202b" * 20_000), 4, "this text turns the direction of read"),
    # Sizes
    ("deep lists", "[" * 100_000 + "\n", 1, "values are nested too deeply here"),
    ("deep groups", "{" * 100_000 + "\n", 1, "values are nested too deeply here"),
    ("deep keys", "? " * 100_000 + "\n", 1, "values are nested too deeply here"),
    ("deep dashes", "- " * 100_000 + "\n", 1, "values are nested too deeply here"),
    ("deep in a post", a_post(text=f"text: {'[' * 3000}\n"), 3, "values are nested too deeply"),
    ("too large a file", f"# {'x' * (1 << 20)}\n", WHOLE, "the file is larger than 1 MiB"),
    ("too many values", "- [a, a, a]\n" * 20_000, WHOLE, "more is wrong with this file"),
    ("too many posts", "- {}\n" * (MOST_POSTS + 1), 1, "a post has no `id`"),
    ("too long a text", a_text("x" * 70_000), 4, "this text is longer than 65,536 characters"),
    ("long numbers", a_post(more=f"priority: {'9' * 300_000}\n"), 6, "this must be a whole number"),
    ("many unknown keys", a_post(more="".join(f"k{n}: x\n" for n in range(40_000))), 6, "`k0` is not"),
    ("many equal keys", a_post(more="a: x\n" * 40_000), 7, "`a` stands here a second time"),
    ("many accounts", a_post(more=f"where: [{'a, ' * 40_000}a]\n"), 6, "`a` is neither a platform"),
    ("many languages", a_post(text="text:\n" + "".join(f"  l{n}: x\n" for n in range(9999))), 4, "`l0` is"),
    ("many braces", a_text("{a} " * 16_000), 5, "`{a}` would be published as it stands"),
    ("many lost tags", "- a #b\n" * 49_000, 1, "everything from the # on would be lost"),
]  # fmt: skip

# Texts that are read, and that no platform takes: planning them must cost no more.
TOO_LONG = {
    "one word": "x" * 65_000,
    "many words": "a b/ " * 13_000,
    "many links": "https://a.example/ " * 3400,
    "many tags": "#a " * 21_000,
    "many links and tags": "https://a.b #a " * 4300,
    "many handles": "@a " * 21_000,
    "many hashes": "#" * 65_000,
    "many domains": "a." * 32_000,
}

# What looks odd and is a sound post all the same.
READ = {
    "a byte order mark": b"\xef\xbb\xbf" + a_post("odd").encode(),
    "Windows line ends": a_post("odd").replace("\n", "\r\n").encode(),
    "an hour without a zone": a_post("odd", when="when: 2027-05-01 09:00").encode(),
    "Norwegian": a_post("odd", text="text:\n  no: Ja.\n  en: Yes.\n").encode(),
    "a mark of where it begins": b"---\n" + a_post("odd").encode(),
    "a text of almost nothing but marks": a_text(f"a{chr(0x301) * 200}").replace("may-day", "odd").encode(),
}
SAMPLES = {
    **{name: text for name, text, *_ in REFUSED},
    **{f"too long: {name}": a_text(text) for name, text in TOO_LONG.items()},
    **READ,
}


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """What came of each sample."""
    samples = tmp_path_factory.mktemp("samples")
    for number, text in enumerate(SAMPLES.values()):
        folder = samples / str(number)
        folder.mkdir()
        (folder / "a.yaml").write_text(a_post("good-1"), encoding="utf-8")
        (folder / "bad.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
        (folder / "z.yaml").write_text(a_post("good-2"), encoding="utf-8")
    command = [sys.executable, "-m", "tests.files.bounded", str(samples)]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    by_number = json.loads(found.stdout)
    return {name: by_number[str(number)] for number, name in enumerate(SAMPLES)}


@pytest.mark.parametrize(("name", "line", "said"), [(row[0], *row[2:]) for row in REFUSED])
def test_a_bad_file_is_explained_and_the_rest_of_the_queue_goes_on(outcomes, name, line, said):
    found = outcomes[name]

    assert "ended" not in found, f"more than {SECONDS} s or {BYTES} bytes"
    assert found["posts"] == GOOD
    assert found["owed"] == 2 * 3
    problems = found["problems"]
    assert {problem[:1][0] for problem in problems} == {"bad.yaml"}
    assert len(problems) <= MOST_PROBLEMS + 1
    assert all(problem[4] for problem in problems)
    assert [line, "error"] in [problem[1:3] for problem in problems if problem[3].startswith(said)]


@pytest.mark.parametrize("name", TOO_LONG)
def test_a_text_that_no_platform_takes_costs_no_more_than_another(outcomes, name):
    found = outcomes[f"too long: {name}"]

    assert found["posts"] == ["good-1", "may-day", "good-2"]
    assert found["owed"] == 2 * 3
    assert {(problem[0], problem[1]) for problem in found["problems"]} == {("bad.yaml", 1)}
    assert all("is longer than 12 messages on" in problem[3] for problem in found["problems"])


@pytest.mark.parametrize("name", READ)
def test_what_only_looks_odd_is_read(outcomes, name):
    found = outcomes[name]

    assert found["posts"] == ["good-1", "odd", "good-2"]
    assert found["problems"] == []
    assert found["owed"] >= 3 * 3


def test_the_limits_end_what_needs_more():
    code = (
        "import tests.files.bounded as bounded\n"
        "def ended(needing):\n"
        "    bounded.outcome_of = needing\n"
        "    return 'ended' in bounded.bounded('')\n"
        "print(ended(lambda _: {}))\n"
        "print(ended(lambda _: len(bytearray(300_000_000))))\n"
        "print(ended(lambda _: sum(range(10**12))))\n"
    )

    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert found.stdout.split() == ["False", "True", "True"]


@pytest.mark.parametrize("depth", [20, 21])
def test_folders_within_folders_are_read_so_deep_and_no_deeper(tmp_path, depth):
    (tmp_path / "a.yaml").write_text(a_post("good-1"), encoding="utf-8")
    deep = tmp_path.joinpath(*["d"] * depth)
    deep.mkdir(parents=True)
    (deep / "deep.yaml").write_text(a_post("deep"), encoding="utf-8")

    found = read_queue(tmp_path, SETTINGS)

    assert [post.id for post in found.posts] == (["good-1", "deep"] if depth == 20 else ["good-1"])
    assert [(one.message, one.fix) for one in found.problems] == (
        [] if depth == 20 else [("folders are nested too deeply here", "put the posts into fewer folders")]
    )
    assert found.complete is (depth == 20)


@pytest.mark.parametrize("name", [b"\xff.yaml", b"a\nb.yaml", b"\x1b[2J.yaml", "\u202ea.yaml".encode()])
def test_a_file_whose_name_cannot_be_shown_is_told_and_not_read(tmp_path, name):
    (tmp_path / "a.yaml").write_text(a_post("good-1"), encoding="utf-8")
    Path(str(tmp_path), name.decode("utf-8", "surrogateescape")).write_text(a_post("odd"), encoding="utf-8")

    found = read_queue(tmp_path, SETTINGS)

    (problem,) = found.problems
    assert [post.id for post in found.posts] == ["good-1"]
    assert problem.message == "the name of this file holds a character that cannot be shown"
    assert str(problem).isascii()
    assert problem.fix == "give it another name"
