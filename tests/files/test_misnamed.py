"""Files that were meant as posts and have another name."""

import pytest

from bot.files.misnamed import misnamed
from bot.files.queue import read_queue
from tests.files.conftest import SETTINGS, a_post


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("27.yaml.txt", "27.yaml"),
        ("27.yml.bak", "27.yml"),
        ("May.Yaml", "May.yaml"),
        ("below/27.yaml.orig", "27.yaml"),
    ],
)
def test_a_file_that_only_its_name_keeps_from_being_read_is_a_warning(folder, name, meant):
    folder.write(name, a_post())

    [problem] = misnamed(folder.path)

    assert problem.severity.value == "warning"
    assert problem.place.file == str(folder.path / name)
    assert (problem.message, problem.fix) == (
        f"{name.rpartition('/')[2]} is not read",
        f"rename it to {meant}, or put it elsewhere",
    )


@pytest.mark.parametrize(
    "name", ["a.yaml", "a.yml", "A.YAML", ".a.yaml.swp", "a.yaml~", "march.jpg", "README.md"]
)
def test_posts_and_what_is_none_are_not_warned_of(folder, name):
    folder.write(name, a_post())

    assert list(misnamed(folder.path)) == []


@pytest.mark.parametrize("name", ["May.YAML", "May.YML"])
def test_an_ending_in_capitals_is_read(folder, name):
    folder.write(name, a_post())

    assert [post.id for post in read_queue(folder.path, SETTINGS).posts] == ["may-day"]
