"""Slips of the hand: each is one problem, and its mend can be pasted and is read."""

import pytest

from tests.files.conftest import TEXT, a_post, messages, read

HEAD = "id: x\nwhen: next-slot\n"
SPACE = "\u00a0"


def problem_of(text):
    """The one problem of a file."""
    found = read(text).problems
    assert len(found) == 1, messages(read(text))
    return found[0]


@pytest.mark.parametrize(
    ("text", "line", "said", "fix"),
    [
        (f" {HEAD}{TEXT}", 1, "this line is indented, and the lines", "take the spaces before it"),
        (f"# May\n\n id: x\n when: next-slot\n{TEXT}", 3, "this line is indented", "take the spaces"),
        (f"{HEAD}{TEXT}...\nid: y\n", 7, "there is more text after the end", "delete the line `...`"),
        (f"{HEAD}text:\n  en:|\n    March.\n", 4, "there is no space after the `:`", "write `en: |`"),
        (f"{HEAD}text:\n  en:|\n    March: all.\n", 5, "the line `en:|` has no space after", "write `en: |`"),
        (f"{HEAD}text:\n  en:|\n    So.\n\n    March: all.\n", 7, "the line `en:|` has no", "write `en: |`"),
        (f"{HEAD}text:\n  en:{SPACE}|\n    March.\n", 4, "a no-break space stands here", "write `en: |`"),
        (f"{HEAD}text:\n{SPACE * 2}en: |\n    March.\n", 4, "a no-break space", "type an ordinary one"),
        (f"{HEAD}text:\n  en: |\n{SPACE * 4}March.\n", 5, "a no-break space", "type an ordinary one"),
        (f"id: x\nwhen:{SPACE}next-slot\n{TEXT}", 2, "a no-break space", "type an ordinary one"),
        (f"{HEAD}text:\nen: |\n  March.\n", 4, "`en` is not a key", "`en` belongs under `text:`: put two"),
        (f"{HEAD}{TEXT}fr: |\n  Marchons.\n", 6, "`fr` is not a key", "`fr` belongs under `text:`: put two"),
        (f"ID: x\nwhen: next-slot\n{TEXT}", 1, "`ID` is not a key", "write `id:`, in small letters"),
        (f"id: x\nWhen: next-slot\n{TEXT}", 2, "`When` is not a key", "write `when:`, in small letters"),
        (f"{HEAD}Text:\n  en: |\n    March.\n", 3, "`Text` is not a key", "write `text:`, in small letters"),
        (f"{HEAD}{TEXT}where: [twitter]\n", 6, "`twitter` is neither", "did you mean `x`?"),
        (f"{HEAD}{TEXT}cases: [anna, olga]\n", 6, "`cases:` says of each", "write `cases: {anna: history, o"),
        (f"{HEAD}{TEXT}cases: anna\n", 6, "`cases:` says of each", "write `cases: {anna: history}`"),
    ],
)  # fmt: skip
def test_a_slip_is_told_once_with_the_way_to_mend_it(text, line, said, fix):
    problem = problem_of(text)

    assert (problem.place.line, problem.message[: len(said)]) == (line, said)
    assert problem.fix.startswith(fix)


@pytest.mark.parametrize(
    ("when", "meant"),
    [
        ("1 May 2027 9am Brussels", "2027-05-01 09:00 Europe/Brussels"),
        ("1 May 2027 9am Warsaw", "2027-05-01 09:00 Europe/Warsaw"),
        ("1 May 2027 9am CEST", "2027-05-01 09:00 Europe/Brussels"),
        ("“2027-05-01 09:00 Europe/Brussels”", "2027-05-01 09:00 Europe/Brussels"),
        ("“1 May 2027 9am Brussels”", "2027-05-01 09:00 Europe/Brussels"),
    ],
)
def test_the_time_that_is_advised_is_read(when, meant):
    problem = problem_of(a_post(when=f"when: {when}"))

    assert problem.fix.endswith(f"`{meant}`")
    assert read(a_post(when=f"when: {meant}")).problems == ()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ('"We say "no" today"', 'We say "no" today'),
        ("'It's May Day'", "It's May Day"),
        ('"No" we say "no"', '"No" we say "no"'),
        ('"No" again', '"No" again'),
        ("'We're many, aren't we'", "We're many, aren't we"),
    ],
)
def test_quotes_around_a_text_are_left_out_of_the_lines_to_paste(written, meant):
    problem = problem_of(f"{HEAD}text:\n  en: {written}\n")

    assert problem.fix.splitlines()[-1].strip() == meant
    assert read(f"{HEAD}text:\n{problem.fix}\n").posts[0].words.text == {"en": f"{meant}\n"}
