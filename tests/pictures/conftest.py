"""A folder of a post, and a studio with a place for what it makes."""

import pytest

from bot.domain.lengths import PlatformName
from bot.pictures import Studio
from tests.pictures.samples import a_picture


class Desk:
    """A post's folder, and somebody who makes its pictures ready."""

    def __init__(self, path):
        self.folder = path / "posts"
        self.folder.mkdir()
        self.kept = path / "media"
        self.studio = Studio(self.kept)

    def put(self, data, name="march.jpg"):
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        return file

    def ready(self, data=None, name="march.jpg", platform=PlatformName.MASTODON):
        """What is made of bytes, and the bytes of that."""
        if data is not None:
            self.put(data, name)
        made = self.studio.ready(a_picture(name), self.folder, platform)
        (found,) = self.kept.glob(f"{made.sha256}.*")
        return made, found.read_bytes()


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)
