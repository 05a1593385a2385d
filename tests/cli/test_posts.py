"""check, preview and queue: what organisers ask, with and without a configuration."""

import pytest

from bot.cli.show import plain
from tests.pictures.samples import photo


def test_a_queue_without_faults_is_well(shell):
    shell.write("one")
    shell.record()

    assert shell.call("check") == (0, "1 post, 0 errors, 0 warnings. All is well.\n")


def test_a_fault_is_told_with_its_place_and_the_way_to_mend_it(shell):
    shell.write("one", more="lnik: https://example.org\n")

    code, said = shell.call("check")

    assert code == 1
    assert "posts/one.yaml:6:1: error: `lnik` is not a key of a post" in said
    assert "did you mean `link`?" in said


def test_every_fault_is_told_at_once_and_the_sound_posts_counted(shell):
    shell.write("one", when="tomorrow")
    shell.write("two", text="{acount}")
    shell.write("three")
    shell.record()

    code, found = shell.json("check")

    assert (code, found["posts"], found["errors"]) == (1, 1, 2)
    assert {one["file"] for one in found["problems"]} == {"posts/one.yaml", "posts/two.yaml"}
    assert all(one["line"] for one in found["problems"])


def test_a_text_that_fits_nowhere_is_an_error_of_check(shell):
    shell.write("one", more=f"thread:\n  - text:\n      en: |\n        {'word ' * 120}\n")

    code, said = shell.call("check")

    assert code == 1
    assert "mastodon, en: part 2 of the thread is too long for Mastodon: 599 of 500 characters" in said
    assert "take out 99" in said


def test_one_file_can_be_checked_alone(shell):
    shell.write("bad", text="{acount}")
    good = shell.write("good")

    assert shell.call("check", str(good))[0] == 0


@pytest.mark.parametrize("path", ["nowhere", "nowhere.yaml"])
def test_a_path_that_is_not_there_is_one_sentence(shell, path):
    code, said = shell.call("check", path)

    assert code == 1
    assert "no such folder or file" in said


def test_an_hour_that_has_passed_is_an_error_for_a_new_post(shell):
    shell.write("one", when="2020-05-01 09:00 UTC")

    code, said = shell.call("check")

    assert code == 1
    assert "had already passed when this post was first read" in said


def test_preview_shows_each_account_with_its_length_and_what_is_marked(shell):
    shell.write("one", text="See https://example.org/act and tag {account}.")

    code, said = shell.call("preview", "one")

    assert code == 0
    assert "x · en" in said
    assert "of 280, #IndustriALL is there" in said
    assert "link https://example.org/act [4:27]" in said
    assert "handle @our-account.example" in said


def test_preview_shows_where_a_long_text_is_cut(shell):
    shell.write("one", text="A sentence that takes some room in a message. " * 12)

    code, found = shell.json("preview", "one")

    parts = {version["account"]: version["parts"] for version in found[0]["versions"]}
    assert code == 0
    assert (len(parts["x"]), len(parts["mastodon"]), len(parts["bluesky"])) == (3, 2, 2)
    assert all(part["length"] <= part["limit"] for several in parts.values() for part in several)


def test_preview_of_a_post_that_does_not_fit_leaves_with_1(shell):
    shell.write("one", text="https://example.org/" + "a" * 400)

    code, said = shell.call("preview", "one")

    assert code == 1
    assert "one link, tag or handle alone is too long for Bluesky" in said


def test_preview_of_nothing_says_so(shell):
    code, said = shell.call("preview", "nothing")

    assert code == 1
    assert "there is no post nothing" in said
    shell.write("raids-2022")
    assert "did you mean raids-2022?" in shell.call("preview", "raids22")[1]


def test_preview_takes_a_file_that_is_not_in_the_queue_yet(shell):
    path = shell.write("one").rename(shell.folder / "elsewhere.yaml")

    assert shell.call("preview", str(path))[0] == 0


def test_queue_lists_what_goes_out_without_a_configuration(shell):
    shell.write("one")
    shell.write("two", more="draft: true\n")
    shell.write("three", more="held: the lawyer\n")

    code, said = shell.call("queue")

    assert code == 0
    assert said.count("one  ") == 3
    assert "held: the lawyer" in said
    assert "1 draft will not go out" in said
    assert "two  " not in said


def test_queue_looks_as_far_as_it_is_told(shell):
    shell.write("one", when="2027-05-01 09:00 UTC")

    assert "Nothing goes out" in shell.call("queue", "--days", "7")[1]
    assert "one" in shell.call("queue", "--days", "3000")[1]


def test_queue_for_programs(shell):
    shell.write("one")

    code, found = shell.json("queue")

    assert code == 0
    assert {one["account"] for one in found["deliveries"]} == {"x", "mastodon", "bluesky"}
    assert found["deliveries"][0]["state"] == "scheduled"


@pytest.mark.parametrize(
    ("text", "shown"),
    [("\x1b[31m", "\\u001b[31m"), ("a\u202eb", "a\\u202eb"), ("👩\u200d👧\nй", "👩\u200d👧\nй")],
)
def test_a_terminal_is_given_nothing_to_obey(text, shown):
    assert plain(text) == shown


def test_what_stands_in_a_file_is_shown_not_obeyed(shell):
    shell.write("one", text="Careful \\e[31m")
    path = shell.posts / "two.yaml"
    path.write_text('id: two\ntext: {en: "\\e[31mred"}\nwhen: 2030-01-01 09:00 UTC\n', encoding="utf-8")

    assert "\x1b" not in shell.call("preview", "one")[1]
    assert "\x1b" not in shell.call("check")[1]


def test_preview_shows_the_warning_where_the_platform_has_a_place_for_one(shell):
    shell.write("one", more="warning: {en: Describes torture}\n")

    code, found = shell.json("preview", "one")

    shown = {one["account"]: (one["warning"], one["parts"][0]["text"]) for one in found[0]["versions"]}
    assert code == 0
    assert shown == {
        "x": ("", "Describes torture\n\nMarch with us.\n\n#IndustriALL"),
        "mastodon": ("Describes torture", "March with us.\n\n#IndustriALL"),
        "bluesky": ("", "Describes torture\n\nMarch with us.\n\n#IndustriALL"),
    }
    assert "    warning: Describes torture\n" in shell.call("preview", "one")[1]


MEDIA = 'media: {file: march.jpg, alt: {en: "Four people and a banner"}, people: none}\n'


def test_a_picture_that_cannot_be_published_is_an_error_of_check(shell):
    (shell.posts / "march.jpg").write_bytes(photo()[:5000])
    shell.write("one", more=MEDIA)
    shell.configure()

    code, said = shell.call("check")

    assert code == 1
    assert "mastodon: march.jpg is damaged, or not complete" in said
    assert "to mend: copy or export it again" in said


def test_the_preview_shows_each_picture_with_its_size_and_its_words(shell):
    (shell.posts / "march.jpg").write_bytes(photo())
    shell.write("one", more=MEDIA)
    shell.configure()

    code, said = shell.call("preview", "one")
    (version,) = shell.json("preview", "one")[1][0]["versions"]

    assert code == 0
    assert "picture: march.jpg, 640 × 480," in said
    assert "in words: Four people and a banner" in said
    assert version["media"][0]["alt"] == "Four people and a banner"


def test_asking_keeps_no_pictures(shell):
    (shell.posts / "march.jpg").write_bytes(photo())
    shell.write("one", more=MEDIA)
    shell.configure()

    assert shell.call("check")[0] == shell.call("preview", "one")[0] == 0

    assert list(shell.folder.rglob("media")) == []


def test_queue_says_who_lets_drafts_and_translations_go(shell):
    shell.configure("    languages: [en, fr, de]\n")
    more = "  fr: |\n    Marchons.\n  de: |\n    Marschiert.\nreviewed_by: {fr: nobody, de: nobody}\n"
    shell.write("one", more=f"{more}draft: true\n")

    said = shell.call("queue")[1]

    assert "1 draft will not go out until somebody says `approve ID --as NAME`." in said
    assert "2 translations will not go out until somebody has read them." in said
