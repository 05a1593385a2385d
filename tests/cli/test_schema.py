"""schema: written beside the posts, and checked there."""


def test_a_schema_is_written_and_then_is_what_it_must_be(shell):
    assert shell.call("schema") == (0, "posts/schema.json was written.\n")
    assert shell.call("schema", "--check") == (0, "posts/schema.json is what it must be.\n")
    assert shell.call("schema") == (0, "posts/schema.json was up to date.\n")


def test_a_schema_that_says_something_else_fails_the_check_and_stays(shell):
    path = shell.posts / "schema.json"
    path.write_text("{}\n", encoding="utf-8")

    code, said = shell.call("schema", "--check")

    assert (code, path.read_text(encoding="utf-8")) == (1, "{}\n")
    assert "is not what the program reads; write it with `schema`" in said


def test_a_schema_that_is_missing_fails_the_check(shell):
    code, said = shell.call("schema", "--check")

    assert code == 1
    assert "is not there" in said
    assert not (shell.posts / "schema.json").exists()


def test_a_schema_beside_the_posts_is_no_post(shell):
    shell.write("one")
    shell.record()
    shell.call("schema")

    assert shell.call("check") == (0, "1 post, 0 errors, 0 warnings. All is well.\n")
