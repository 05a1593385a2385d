"""check warns, with the line that each warning is about, and stops nothing."""


def test_a_warning_shows_file_line_column_the_line_and_the_way_to_mend_it(shell):
    shell.record()
    shell.write("one", "Join the #Free-Them march.")

    code, said = shell.call("check")

    assert code == 0
    assert said == (
        "posts/one.yaml:5:14: warning: one: `#Free-Them` is cut at the hyphen: the tag is only `#Free`\n"
        "    Join the #Free-Them march.\n"
        "    to mend: write `#FreeThem`\n"
        "1 post, 0 errors, 1 warning. All is well.\n"
    )


def test_a_dear_link_is_found_where_it_stands(shell):
    shell.record()
    shell.write("one", more="link: https://example.org/act\n")

    _, found = shell.json("check")

    [warning] = found["problems"]
    assert (warning["line"], warning["column"]) == (6, 7)
    assert warning["excerpt"] == "link: https://example.org/act"
    assert warning["fix"] == "x:\n  link: none"


def test_the_way_to_mend_a_dear_link_does(shell):
    shell.record()
    shell.write("one", more="link: https://example.org/act\nx:\n  link: none\n")

    assert shell.call("check")[1] == "1 post, 0 errors, 0 warnings. All is well.\n"


def test_posts_too_alike_are_told_at_the_later_one(shell):
    shell.record()
    shell.write("one", "March with those who cannot march.")
    shell.write("two", "March with those who cannot march!")

    code, found = shell.json("check")

    [warning] = found["problems"]
    assert (code, found["errors"], warning["severity"]) == (0, 0, "warning")
    assert (warning["file"], warning["line"], warning["excerpt"]) == ("posts/two.yaml", 1, "id: two")
    assert "X may refuse it: too like one (" in warning["message"]


def test_a_queue_is_listed_without_looking_for_hints(shell):
    shell.write("one", "Join the #Free-Them march.")

    assert "Free-Them" not in shell.call("queue")[1]


def test_a_post_in_a_language_that_no_account_publishes_in_is_a_warning(shell):
    path = shell.write("one")
    path.write_text(path.read_text().replace("  en:", "  nl:"))
    shell.configure("    languages: [en, fr]\n")
    shell.record()

    code, said = shell.call("check")

    assert code == 0
    assert "posts/one.yaml:3:1: warning: one: goes nowhere: no account publishes in nl" in said
    assert "2 warnings" in said  # and nobody here can read it


def test_a_post_whose_where_leaves_nobody_is_a_warning(shell):
    shell.write("one", more="where: [x]\n")
    shell.configure()
    shell.record()

    assert "posts/one.yaml:6:1: warning: one: goes nowhere\n" in shell.call("check")[1]


def test_a_file_whose_name_keeps_it_from_being_read_is_a_warning(shell):
    shell.write("one").rename(shell.posts / "one.yaml.txt")

    assert "posts/one.yaml.txt: warning: one.yaml.txt is not read" in shell.call("check")[1]
