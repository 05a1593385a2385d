"""Where a word of a post stands in its file."""

from bot.domain.problem import Source
from bot.files.places import Places

FILE = "- id: one\n  text:\n    en: |\n      See #A-B.\n- id: two\n  text:\n    en: |\n      And #A-B too.\n"


def test_a_word_is_looked_for_in_its_own_post(tmp_path):
    path = tmp_path / "posts.yaml"
    path.write_text(FILE, encoding="utf-8")

    place = Places().of(Source(file=str(path), line=5), "#A-B")

    assert (place.line, place.column, place.excerpt) == (8, 11, "And #A-B too.")


def test_a_word_that_is_written_in_another_way_is_told_at_its_post(tmp_path):
    path = tmp_path / "posts.yaml"
    path.write_text(FILE, encoding="utf-8")

    place = Places().of(Source(file=str(path), line=5), "nowhere")

    assert (place.line, place.column, place.excerpt) == (5, 1, "- id: two")


def test_a_file_that_is_gone_has_a_place_and_no_line_to_show(tmp_path):
    place = Places().of(Source(file=str(tmp_path / "gone.yaml"), line=5), "word")

    assert (place.line, place.column, place.excerpt) == (5, 1, "")
