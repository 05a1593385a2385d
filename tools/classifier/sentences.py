"""The sentences the classifier learns from: `[kinds]` opens a section, each line is one mention."""

from pathlib import Path

FOLDER = Path(__file__).parent
Sentence = tuple[str, str, frozenset[str]]
"""Language, text, and its kinds; none where it reports nothing."""


def sentences(folder: Path = FOLDER) -> list[Sentence]:
    """Every sentence, in the order of the files."""
    found = list[Sentence]()
    for path in sorted(folder.glob("sentences_*.txt")):
        language, kinds = path.stem.split("_")[1], frozenset[str]()
        for line in path.read_text("utf-8").splitlines():
            if line.startswith("[") and line.endswith("]"):
                kinds = frozenset(line[1:-1].split(",")) - {"no"}
            elif line.strip():
                found.append((language, line.strip(), kinds))
    return found
