"""What organisers are told. The files in tests/data show each mistake and the answer to it, to be read."""

from pathlib import Path

import pytest

from bot.config import load_config
from bot.domain.errors import ConfigError
from bot.files.posts import QueueSettings
from bot.files.queue import joined, read_bytes

DATA = Path(__file__).parent.parent / "data"
SETTINGS = QueueSettings(labels=frozenset({"x", "mastodon", "bluesky", "press"}))  # and no time zone


def cases(file):
    """A parameter for each case of a file: what was written, and what is said of it."""
    found = []
    for case in (DATA / file).read_text(encoding="utf-8").removeprefix("=== ").split("\n=== "):
        name, _, rest = case.partition("\n")
        written, said = rest.split("--- says\n")
        found.append(pytest.param(written, said.strip("\n"), id=name))
    return found


@pytest.mark.parametrize(("written", "said"), cases("said_of_posts.txt"))
def test_a_mistake_in_a_post_is_explained(written, said):
    found = joined({"a": read_bytes(written.encode(), "posts/a.yaml", SETTINGS)})

    assert "\n".join(map(str, found.problems)) == said


@pytest.mark.parametrize(("written", "said"), cases("said_of_configurations.txt"))
def test_a_mistake_in_the_configuration_is_explained(written, said, tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text(written, encoding="utf-8")

    with pytest.raises(ConfigError) as refused:
        load_config(path)

    assert str(refused.value).replace(str(path), "config.yaml") == said
