import pytest

from bot.files.watch import QUIET, SETTLED
from tests.files.conftest import NOW, Clocked, a_post, messages

SOON = "when: 2027-04-01T12:04Z"


def test_files_at_rest_are_read_at_the_first_look(folder, watch):
    folder.write("a.yaml", a_post("a"))

    assert watch.look() == {"a"}
    assert watch.look(2) is None


def test_a_file_written_just_before_the_first_look_is_left_to_settle(folder, watch):
    folder.write("a.yaml", a_post("a"), age=0.5)

    first = watch.queue()

    assert (first.posts, first.problems, first.complete) == ((), (), False)
    assert watch.look(SETTLED) == {"a"}


def test_a_new_file_is_taken_after_two_equal_looks_two_seconds_apart(folder, watch):
    folder.write("a.yaml", a_post("a"))
    watch.look()
    folder.write("b.yaml", a_post("b"), age=0)

    assert watch.look(1) is None
    assert watch.look(1) is None
    assert watch.look(1) == {"a", "b"}


def test_a_file_that_still_grows_is_not_taken(folder, watch):
    watch.look()

    for length in range(1, 6):
        folder.write("a.yaml", a_post("a", more="# more\n" * length), age=-length)
        assert watch.look(2) is None
    assert watch.look(2) == {"a"}


def test_a_change_is_seen_by_time_size_or_inode_alone(folder, watch):
    file = folder.write("a.yaml", a_post("a"))
    watch.look()

    folder.write("a.yaml", a_post("a"), age=10)
    assert watch.look(2) is None
    assert watch.look(2) == {"a"}

    other = folder.write("other", a_post("b"), age=10)
    other.replace(file)
    watch.look(2)
    assert watch.look(2) == {"b"}


def test_a_change_is_seen_when_a_file_can_be_read_again(folder, watch):
    file = folder.write("a.yaml", a_post("a"))
    file.chmod(0o600)
    watch.look()

    file.chmod(0o644)
    watch.look(2)

    assert watch.look(2) == {"a"}


def test_a_file_with_a_post_due_soon_rests_for_a_minute(folder, watch):
    watch.look()
    folder.write("a.yaml", a_post("a", when=SOON), age=0)

    watch.look(1)
    assert watch.look(QUIET - 1) is None
    assert watch.watch.unsettled
    assert watch.look(1) == {"a"}


def test_a_minute_of_rest_begins_anew_with_each_change(folder, watch):
    watch.look()
    folder.write("a.yaml", a_post("a", when=SOON), age=0)
    watch.look(1)
    folder.write("a.yaml", a_post("b", when=SOON), age=-30)

    watch.look(29)
    assert watch.look(59) is None
    assert watch.look(1) == {"b"}


def test_a_post_that_comes_round_soon_rests_too(folder, watch):
    watch.look()
    folder.write("a.yaml", a_post("a", when='every: {day: 1, at: "12:03", zone: UTC}'), age=0)

    watch.look(1)
    assert watch.look(10) is None


@pytest.mark.parametrize("when", ["when: 2027-04-01T12:09Z", "when: 2027-04-01T11:50Z", "when: next-slot"])
def test_a_file_whose_posts_are_not_due_soon_need_not_rest(folder, watch, when):
    watch.look()
    folder.write("a.yaml", a_post("a", when=when), age=0)

    watch.look(1)
    assert watch.look(2) == {"a"}


def test_at_the_start_a_file_that_has_rested_for_a_minute_is_read_though_it_is_due_soon(folder, watch):
    folder.write("a.yaml", a_post("a", when=SOON), age=QUIET)

    assert watch.look() == {"a"}


def test_a_file_that_has_become_bad_keeps_its_last_good_posts(folder, watch):
    folder.write("a.yaml", a_post("a"))
    watch.look()
    folder.write("a.yaml", "id: @a\n", age=0)

    watch.look(2)
    queue = watch.queue(2)

    assert [post.id for post in queue.posts] == ["a"]
    assert not queue.complete
    assert {said for _, said in messages(queue)} == {
        "a text that stands bare cannot begin with `@`",
        "a: until this is mended, the version from before the change stays in force",
    }


def test_a_post_that_has_become_bad_keeps_its_last_good_words_and_no_other_posts(folder, watch):
    folder.write(
        "a.yaml",
        f"- {a_post('a')}- {a_post('b')}".replace("\n", "\n  ").replace("\n  - ", "\n- ").rstrip() + "\n",
    )
    watch.look()
    folder.write("a.yaml", a_post("a", when="when: soon"), age=0)

    watch.look(2)
    queue = watch.queue(2)

    assert [post.id for post in queue.posts] == ["a"]
    assert queue.standing == {"a"}
    assert queue.complete


def test_a_post_whose_name_has_become_bad_keeps_its_last_good_words(folder, watch):
    folder.write("a.yaml", a_post("a"))
    watch.look()
    folder.write("a.yaml", a_post("A"), age=0)

    watch.look(2)
    queue = watch.queue(2)

    assert [post.id for post in queue.posts] == ["a"]
    assert not queue.complete


def test_a_file_that_is_mended_is_used_anew(folder, watch):
    folder.write("a.yaml", a_post("a"))
    watch.look()
    folder.write("a.yaml", "id: @a\n", age=0)
    watch.look(2)
    watch.look(2)
    folder.write("a.yaml", a_post("a", more="kind: call\n"), age=-9)

    watch.look(2)
    queue = watch.queue(2)

    assert [post.kind for post in queue.posts] == ["call"]
    assert queue.problems == ()
    assert queue.complete


def test_a_file_that_was_bad_from_the_start_keeps_nothing(folder, watch):
    folder.write("a.yaml", "id: @a\n")
    folder.write("b.yaml", a_post("b"))

    assert watch.look() == {"b"}


def test_a_deleted_file_disappears_once_it_stays_away(folder, watch):
    file = folder.write("a.yaml", a_post("a"))
    folder.write("b.yaml", a_post("b"))
    watch.look()
    file.unlink()

    assert watch.look(2) is None
    queue = watch.queue(2)
    assert [post.id for post in queue.posts] == ["b"]
    assert queue.complete


def test_a_file_that_an_editor_replaces_does_not_disappear_in_between(folder, watch):
    file = folder.write("a.yaml", a_post("a"))
    watch.look()
    file.unlink()
    watch.look(1)
    folder.write("a.yaml", a_post("a", more="kind: call\n"), age=0)

    assert watch.look(2) is None
    assert watch.look(2) == {"a"}


def test_a_renamed_file_changes_nothing_but_its_place(folder, watch):
    file = folder.write("a.yaml", a_post("a"))
    watch.look()
    file.rename(file.with_name("z.yaml"))

    watch.look(2)
    queue = watch.queue(2)

    assert [str(post.source) for post in queue.posts] == [f"{folder.path / 'z.yaml'}:1"]
    assert (queue.problems, queue.complete) == ((), True)


def test_while_a_change_waits_nothing_that_is_missing_counts_as_deleted(folder, watch):
    file = folder.write("a.yaml", a_post("a"))
    folder.write("b.yaml", a_post("b"))
    watch.look()
    file.unlink()
    watch.look(1)
    folder.write("c.yaml", a_post("c", when=SOON), age=0)
    watch.look(1)

    assert not watch.queue(1).complete
    assert watch.queue(QUIET).complete


def test_when_a_waiting_change_is_undone_the_queue_is_complete_again(folder, watch):
    file = folder.write("a.yaml", a_post("a"))
    folder.write("b.yaml", a_post("b"))
    watch.look()
    file.unlink()
    watch.look(1)
    late = folder.write("c.yaml", a_post("c", when=SOON), age=0)
    watch.look(1)
    assert not watch.queue(1).complete
    late.unlink()

    assert watch.queue(2).complete


def test_a_folder_that_is_missing_keeps_its_posts_and_says_so_once(folder, watch):
    folder.write("posts/a.yaml", a_post("a"))
    folder.path = folder.path / "posts"
    watch = Clocked(folder)
    watch.look()
    folder.path.rename(folder.path.with_name("away"))

    queue = watch.queue(2)

    assert [post.id for post in queue.posts] == ["a"]
    assert messages(queue) == [(0, "there is no such folder or file")]
    assert not queue.complete
    assert watch.look(2) is None

    folder.path.with_name("away").rename(folder.path)
    back = watch.queue(2)
    assert ([post.id for post in back.posts], back.problems, back.complete) == (["a"], (), True)


def test_a_folder_that_lies_empty_takes_nothing_back(folder, watch):
    file = folder.write("a.yaml", a_post("a"))
    watch.look()
    file.unlink()

    watch.look(2)
    queue = watch.queue(2)

    assert messages(queue) == [(0, "there are no posts in this folder yet")]
    assert not queue.complete


def test_an_unchanged_folder_costs_no_reading(folder, watch):
    file = folder.write("a.yaml", a_post("a"))
    watch.look()
    size, changed = file.stat().st_size, file.stat().st_mtime

    # Other words of the same size and time in the same inode: only reading them would tell.
    file.write_bytes(a_post("b").encode())
    assert file.stat().st_size == size
    folder.write("a.yaml", a_post("b"), age=NOW.timestamp() - changed)

    assert watch.look(2) is None
    assert watch.look(2) is None


def test_a_file_in_a_folder_below_is_watched(folder, watch):
    watch.look()
    folder.write("below/a.yaml", a_post("a"), age=0)

    watch.look(2)
    assert watch.look(2) == {"a"}
