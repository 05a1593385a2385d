"""Pictures in the plan: with the first part, described in its language, and never left out in silence."""

from dataclasses import replace

from bot.domain.errors import RenditionError
from bot.domain.picture import Attachment
from bot.domain.post import Language, Words
from tests.flows.conftest import EN, PLANNER, a_post, a_voice
from tests.pictures.samples import a_picture

FR = Language("fr")


class Studio:
    """Makes any picture ready, as told."""

    def __init__(self):
        self.sha256 = "0" * 64
        self.error = None
        self.asked = []

    def ready(self, picture, folder, platform):
        self.asked.append((picture.file, str(folder), platform.value))
        if self.error:
            raise self.error
        return Attachment(sha256=self.sha256, mime="image/jpeg", width=3, height=2, size=9, alt="")


def plan(campaign, studio, **changes):
    post = a_post(media=(a_picture(alt={EN: "A march", FR: "Une marche"}),), **changes)
    return campaign.plan(post, planner=replace(PLANNER, pictures=studio))


def test_pictures_go_with_the_first_part_only(campaign):
    words = Words(text={EN: "One."}, thread=({EN: "Two."},))

    plan(campaign, Studio(), words=words)

    assert [[one.alt for one in part.media] for part in campaign.owed()] == [["A march"], []]


def test_each_language_has_its_own_description(campaign):
    campaign.voices = [a_voice(languages=(EN, FR))]

    plan(campaign, Studio(), words=Words(text={EN: "March.", FR: "Marchez."}))

    assert {one.language: one.media[0].alt for one in campaign.owed()} == {EN: "A march", FR: "Une marche"}


def test_a_picture_is_looked_for_beside_its_post(campaign):
    studio = Studio()

    plan(campaign, studio, source=replace(a_post().source, file="posts/2027/may.yaml"))

    assert studio.asked == [("march.jpg", "posts/2027", "mastodon")]


def test_a_picture_that_cannot_be_published_is_a_problem_and_nothing_is_owed(campaign):
    studio = Studio()
    studio.error = RenditionError("march.jpg is damaged", "export it again")

    (problem,) = plan(campaign, studio).problems

    assert problem.message == "may-day: mastodon: march.jpg is damaged"
    assert problem.fix == "export it again"
    assert campaign.owed() == []


def test_a_picture_that_fails_later_takes_nothing_back(campaign):
    studio = Studio()
    plan(campaign, studio)
    studio.error = RenditionError("march.jpg is not there", "put it there")

    plan(campaign, studio)

    assert campaign.states() == ["scheduled"]
    assert campaign.owed()[0].media[0].sha256 == studio.sha256


def test_a_changed_picture_changes_what_is_owed(campaign):
    studio = Studio()
    plan(campaign, studio)
    studio.sha256 = "1" * 64

    result = plan(campaign, studio)

    assert result.plan.changed == 1
    assert campaign.owed()[0].media[0].sha256 == "1" * 64
    assert plan(campaign, studio).plan.unchanged == 1


def test_a_description_longer_than_the_platform_takes_is_said(campaign):
    post = a_post(media=(a_picture(alt={EN: "x" * 1501}),))

    (problem,) = campaign.plan(post, planner=replace(PLANNER, pictures=Studio())).problems

    assert "in `en` has 1,501 characters, and Mastodon takes 1,500" in problem.message
