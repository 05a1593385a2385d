"""Which posts a watch says have changed: those, and no others."""

import pytest

from bot.files.watch import FILE_HAS_ERROR, Watch
from tests.files.conftest import NOW, SETTINGS, TEXT, a_post


def a_list(*posts):
    """Posts as one file holds them."""
    return "".join("- " + post.replace("\n", "\n  ").rstrip(" ") for post in posts)


@pytest.fixture
def changed(folder):
    """What has changed once the folder has come to rest."""
    watch = Watch(folder.path, SETTINGS)
    seconds = iter(range(0, 10_000, 2))

    last = []

    def looked():
        queues = [watch.look(next(seconds), NOW) for _ in range(2)]
        last[:] = [queue for queue in queues if queue] or last
        return set().union(*(queue.changed for queue in queues if queue))

    looked.posts = lambda: last[-1].posts
    return looked


def test_at_the_first_look_all_posts_are_new(folder, changed):
    folder.write("a.yaml", a_list(a_post("a"), a_post("b")))
    folder.write("c.yaml", a_post("c"))

    assert changed() == {"a", "b", "c"}


def test_an_added_post_is_the_only_one_that_has_changed(folder, changed):
    folder.write("a.yaml", a_list(a_post("a"), a_post("b")))
    changed()

    folder.write("a.yaml", a_list(a_post("new"), a_post("a"), a_post("b")), age=10)

    assert changed() == {"new"}


@pytest.mark.parametrize(
    "other",
    [
        a_post("a", text="text:\n  en: |\n    March.\n"),
        a_post("a", text=f"{TEXT}  fr: |\n    Oui.\n"),
        a_post("a", when="when: 2027-05-01 09:01 Europe/Brussels"),
        a_post("a", when="when: next-slot"),
        a_post("a", more="draft: true\n"),
        a_post("a", more="held: the lawyer has not read it\n"),
        a_post("a", more="where: [x]\n"),
        a_post("a", more="x: {text: {en: March}}\n"),
        a_post("a", more="thread:\n- text: {en: March}\n"),
        a_post("a", more="priority: 2\n"),
        a_post("a", more="kind: call\n"),
        a_post("a", more="expires: 2027-05-02\n"),
    ],
)
def test_whatever_an_organiser_changes_of_a_post_is_a_change(folder, changed, other):
    folder.write("a.yaml", a_list(a_post("a"), a_post("b")))
    changed()

    folder.write("a.yaml", a_list(other, a_post("b")), age=10)

    assert changed() == {"a"}


def test_remarks_and_empty_lines_change_no_post(folder, changed):
    folder.write("a.yaml", a_list(a_post("a"), a_post("b")))
    changed()

    folder.write("a.yaml", "# mine\n\n" + a_list(a_post("b"), a_post("a")), age=10)

    assert changed() == set()


def test_a_post_that_is_gone_has_changed(folder, changed):
    file = folder.write("a.yaml", a_post("a"))
    folder.write("b.yaml", a_list(a_post("b"), a_post("c")))
    changed()

    file.unlink()
    folder.write("b.yaml", a_post("b"), age=10)

    assert changed() == {"a", "c"}


def test_a_post_that_can_no_longer_be_read_has_not_changed(folder, changed):
    folder.write("a.yaml", a_list(a_post("a"), a_post("b")))
    changed()

    folder.write("a.yaml", a_list(a_post("a", text="text: [\n"), a_post("b")), age=10)

    assert changed() == set()


def test_both_a_post_and_the_namesake_it_gets_in_another_file_have_changed(folder, changed):
    folder.write("a.yaml", a_post("a"))
    namesake = folder.write("b.yaml", a_post("b"))
    changed()

    folder.write("b.yaml", a_post("a", text="text: {en: Other}\n"), age=10)
    assert changed() == {"a", "b"}

    namesake.unlink()
    assert changed() == {"a"}


def test_a_namesake_that_cannot_be_read_counts_too(folder, changed):
    folder.write("a.yaml", a_post("a"))
    changed()
    namesake = folder.write("b.yaml", a_post("a", text="text: {en: }\n"))
    assert changed() == {"a"}

    namesake.unlink()

    assert changed() == {"a"}


def test_what_has_changed_is_told_once(folder, changed):
    folder.write("a.yaml", a_post("a"))
    changed()
    folder.write("b.yaml", a_post("b"))
    changed()

    folder.write("c.yaml", a_post("c"))

    assert changed() == {"c"}


def test_a_picture_that_is_exchanged_under_its_name_changes_the_posts_of_its_file_that_have_pictures(
    folder, changed
):
    pictured = a_post("a", more="media:\n- file: march.jpg\n  people: none\n  alt: {en: A march.}\n")
    folder.write("a.yaml", a_list(pictured, a_post("b")))
    folder.write("march.jpg", b"one")
    changed()

    folder.write("march.jpg", b"another")

    assert changed() == {"a"}


@pytest.mark.parametrize("broken", ["when: [\n", "when: soon\n"])
def test_a_post_that_rests_on_a_case_is_held_while_its_file_has_an_error(folder, changed, broken):
    about_anna = a_post("a", more="cases: {anna: jailed}\n")
    folder.write("a.yaml", about_anna)
    changed()

    folder.write("a.yaml", f"id: a\n{broken}cases: {{anna: jailed}}\n", age=9)
    assert changed() == {"a"}
    assert [post.held for post in changed.posts()] == [FILE_HAS_ERROR]

    folder.write("a.yaml", about_anna, age=8)
    assert changed() == {"a"}
    assert [post.held for post in changed.posts()] == [None]


def test_a_post_that_rests_on_nothing_is_not_held_while_its_file_has_an_error(folder, changed):
    folder.write("a.yaml", a_post("a"))
    changed()

    folder.write("a.yaml", "id: a\nwhen: [\n", age=9)

    assert changed() == set()
    assert [post.held for post in changed.posts()] == [None]
