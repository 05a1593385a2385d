import os
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.problem import Source
from bot.files.posts import QueueSettings
from bot.files.queue import MOST_POSTS, joined, read_queue
from tests.files.conftest import NOW, SETTINGS, a_post, messages, read

ROOT = Path(__file__).parent.parent.parent
PAST = "when: 2027-03-01 09:00 Europe/Brussels"


def two_posts(first="a", second="b"):
    """A list of two posts in one file."""
    return "".join(f"- {a_post(name)}".rstrip().replace("\n", "\n  ") + "\n" for name in (first, second))


def queue_of(folder, **options):
    return read_queue(getattr(folder, "path", folder), SETTINGS, **options)


def test_posts_come_by_file_name_and_then_as_they_stand(folder):
    folder.write("b.yaml", two_posts("b1", "b2"))
    folder.write("c/d.yml", a_post("d"))
    folder.write("a.yaml", a_post("a"))

    found = queue_of(folder)

    assert [post.id for post in found.posts] == ["a", "b1", "b2", "d"]
    assert (found.problems, found.complete, found.standing) == ((), True, {"a", "b1", "b2", "d"})


def test_a_post_knows_its_file_and_line(folder):
    file = folder.write("a.yaml", "# remark\n" + two_posts())

    assert [post.source for post in queue_of(folder).posts] == [
        Source(file=str(file), line=2),
        Source(file=str(file), line=7),
    ]


@pytest.mark.parametrize(
    "name",
    [
        ".a.yaml", ".a.yaml.swp", "a.yaml~", "a.yaml.tmp", "a.yaml.part", "a.swp", "#a.yaml#", ".#a.yaml",
        "4913", "README.md", "a.yaml.orig", "a.txt", "yaml", ".hidden/a.yaml",
    ],
)  # fmt: skip
def test_what_is_no_file_of_posts_is_left_alone(folder, name):
    folder.write(name, "@not: yaml\n")
    folder.write("a.yaml", a_post("a"))

    found = queue_of(folder)

    assert [post.id for post in found.posts] == ["a"]
    assert found.problems == ()


def test_one_bad_post_keeps_no_other_of_its_file(folder):
    folder.write("a.yaml", two_posts().replace("March with us.", "{acount}", 1))

    found = queue_of(folder)

    assert [post.id for post in found.posts] == ["b"]
    assert found.standing == {"a", "b"}
    assert found.complete


def test_one_bad_file_keeps_no_other(folder):
    folder.write("a.yaml", "id: @a\n")
    folder.write("b.yaml", a_post("b"))

    found = queue_of(folder)

    assert [post.id for post in found.posts] == ["b"]
    assert [problem.place.file for problem in found.problems] == [str(folder.path / "a.yaml")]
    assert not found.complete


def test_a_bad_post_without_a_name_makes_the_queue_incomplete(folder):
    folder.write("a.yaml", a_post("a").replace("id: a", "di: a"))

    assert not queue_of(folder).complete


def test_a_file_in_another_encoding_makes_the_queue_incomplete(folder):
    folder.write("a.yaml", a_post("a").encode("utf-16"))

    assert not queue_of(folder).complete


def test_a_list_whose_later_line_is_broken_gives_no_post():
    found = read(two_posts() + "- id: @c\n")

    assert found.posts == ()
    assert not found.whole


def test_the_same_id_in_two_files_is_refused_in_both_places(folder):
    first = folder.write("a.yaml", a_post("a"))
    second = folder.write("b.yaml", two_posts("a", "b"))

    found = queue_of(folder)

    assert [post.id for post in found.posts] == ["b"]
    assert messages(found) == [
        (1, f"the id `a` is also that of the post at {second}:1; none of them is published"),
        (1, f"the id `a` is also that of the post at {first}:1; none of them is published"),
    ]
    assert {problem.post for problem in found.problems} == {"a"}


def test_an_id_is_also_taken_by_a_post_that_must_be_mended(folder):
    folder.write("a.yaml", a_post("a"))
    folder.write("b.yaml", a_post("a", when="when: soon"))

    found = queue_of(folder)

    assert found.posts == ()
    assert len(found.problems) == 3


def test_an_id_that_stands_three_times_names_both_others():
    file = "".join(f"- {a_post('a')}".rstrip().replace("\n", "\n  ") + "\n" for _ in range(3))

    said = [problem.message for problem in joined({"a.yaml": read(file)}).problems]
    assert (
        said[2] == "the id `a` is also that of the post at a.yaml:1 and a.yaml:6; none of them is published"
    )


def test_drafts_are_read_and_do_not_stand_in_the_queue(folder):
    folder.write("a.yaml", a_post("a", more="draft: true\n"))

    found = queue_of(folder)

    assert [post.draft for post in found.posts] == [True]
    assert found.standing == frozenset()


def test_a_missing_folder_is_one_sentence(folder):
    found = read_queue(folder.path / "posts", SETTINGS)

    assert messages(found) == [(0, "there is no such folder or file")]
    assert not found.complete


def test_an_empty_folder_is_one_sentence_and_takes_nothing_back(folder):
    found = queue_of(folder)

    assert messages(found) == [(0, "there are no posts in this folder yet")]
    assert not found.complete


def test_a_file_of_posts_can_be_read_alone(folder):
    file = folder.write("a.yaml", a_post("a"))

    assert [post.id for post in read_queue(file, SETTINGS).posts] == ["a"]


def test_a_file_that_holds_no_posts_is_one_sentence(folder):
    file = folder.write("notes.txt", "x")

    assert messages(read_queue(file, SETTINGS)) == [(0, "this is not a file of posts")]


def test_a_pipe_is_one_sentence_and_is_not_waited_for(folder):
    pipe = folder.path / "pipe.yaml"
    os.mkfifo(pipe)

    assert messages(read_queue(pipe, SETTINGS)) == [(0, "this is neither a folder nor a file")]
    assert messages(queue_of(folder)) == [(0, "there are no posts in this folder yet")]


def test_a_file_that_is_gone_before_it_is_read_is_one_sentence(folder):
    (folder.path / "a.yaml").symlink_to(folder.path / "nowhere")
    folder.write("b.yaml", a_post("b"))

    assert [post.id for post in queue_of(folder).posts] == ["b"]


def test_a_folder_that_leads_back_to_itself_is_read_once(folder):
    folder.write("a.yaml", a_post("a"))
    (folder.path / "again").symlink_to(folder.path)

    found = queue_of(folder)

    assert [post.id for post in found.posts] == ["a"]
    assert found.problems == ()


def test_a_file_elsewhere_may_be_linked_to(folder, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "a.yaml"
    elsewhere.write_text(a_post("a"), encoding="utf-8")
    (folder.path / "a.yaml").symlink_to(elsewhere)

    assert [post.id for post in queue_of(folder).posts] == ["a"]


def test_an_empty_file_is_a_warning_and_takes_nothing_away(folder):
    folder.write("a.yaml", "")
    folder.write("b.yaml", a_post("b"))

    found = queue_of(folder)

    assert [(one.message, one.severity) for one in found.problems] == [
        ("there is no post in this file", "warning")
    ]
    assert found.complete


@pytest.mark.parametrize("count", [MOST_POSTS, MOST_POSTS + 1])
def test_a_file_holds_a_thousand_posts_and_no_more(count):
    found = read("".join(f"- {{id: p{n}, when: next-slot, text: {{en: a}}}}\n" for n in range(count)))

    assert len(found.posts) == (count if count == MOST_POSTS else 0)
    assert found.whole is (count == MOST_POSTS)


def test_a_new_post_whose_hour_has_passed_is_refused(folder):
    file = folder.write("a.yaml", a_post("a", when=PAST))

    found = queue_of(folder, now=NOW, known=())

    assert found.posts == ()
    assert found.standing == {"a"}
    assert [(str(one.place), one.message) for one in found.problems] == [
        (f"{file}:1:1", "a: 2027-03-01 09:00 Europe/Brussels is already past, and this post is new")
    ]


def test_a_post_that_was_read_in_time_is_not_refused_later(folder):
    folder.write("a.yaml", a_post("a", when=PAST))

    assert queue_of(folder, now=NOW, known={"a"}).problems == ()


@pytest.mark.parametrize(
    "post",
    [
        a_post("a"),
        a_post("a", when=PAST, more="draft: true\n"),
        a_post("a", when="when: next-slot"),
        a_post("a", when='every: {year: 1 March, at: "09:00"}'),
    ],
)
def test_only_a_fixed_hour_that_would_go_out_can_be_past(folder, post):
    folder.write("a.yaml", post)

    assert queue_of(folder, now=NOW, known=()).problems == ()


def test_without_a_list_of_known_posts_no_hour_is_past(folder):
    folder.write("a.yaml", a_post("a", when=PAST))

    assert queue_of(folder, now=NOW + timedelta(days=999)).problems == ()


def test_the_posts_that_ship_are_sound():
    found = read_queue(ROOT / "posts", QueueSettings(labels=frozenset({"x", "mastodon", "bluesky"})))

    assert found.problems == ()
    assert len(found.posts) >= 12


def test_the_templates_for_organisers_are_sound(folder):
    blocks = (ROOT / "posts" / "README.md").read_text(encoding="utf-8").split("```yaml\n")[1:]
    posts = [block.partition("```")[0] for block in blocks]

    whole = [post for post in posts if post.startswith("id:")]
    recurrences = [line for post in posts if post.startswith("every:") for line in post.splitlines()]
    assert len(whole) >= 2
    assert len(recurrences) >= 3
    (folder.path / "march.jpg").touch()
    for number, post in enumerate([*whole, *(a_post(when=line) for line in recurrences)]):
        folder.write(f"{number}.yaml", post)
        assert messages(queue_of(folder.path / f"{number}.yaml")) == []
