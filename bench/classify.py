"""Classifying mentions: how many a second on one core, its memory, and how long it takes to load."""

import json
import subprocess
import sys

from bench.table import Row

MENTIONS = 20_000
MIB = 1 << 20
CHILD = """
import json, resource, sys, time
start = time.perf_counter()
import bot.domain.classify, bot.domain.safety
imported = time.perf_counter() - start
start = time.perf_counter()
from pathlib import Path
from bot.domain.classify import Classifier, read_tables
from bot.domain.safety import risk_in
folder = Path(bot.__file__).parent / "data" / "classify"
tables = read_tables({path.name: path.read_text("utf-8") for path in folder.glob("*.txt")})
loaded = time.perf_counter() - start
from tools.classifier.sentences import sentences
texts = [text for _, text, _ in sentences()]
classifier = Classifier(tables)
start = time.process_time()
for number in range(COUNT):
    classifier.classify(texts[number % len(texts)])
classified = time.process_time() - start
start = time.process_time()
for number in range(COUNT):
    risk_in(texts[number % len(texts)], None, tables)
judged = time.process_time() - start
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps([imported, loaded, COUNT / classified, COUNT / judged, memory]))
"""


def run() -> list[Row]:
    """Four rows, measured in a process of its own."""
    code = CHILD.replace("COUNT", str(MENTIONS))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    imported, loaded, classified, judged, memory = json.loads(done.stdout)
    return [
        Row("mentions classified", f"{classified:,.0f}/s", "2,000/s", f"{classified / 2000:.1f}x", "1x"),
        Row("mentions judged for safety", f"{judged:,.0f}/s", "2,000/s", f"{judged / 2000:.1f}x", "1x"),
        Row("import of the classifier", f"{imported:.2f} s", "0.20 s", f"{imported / 0.2:.1f}x", "1x"),
        Row(
            "tables of the classifier",
            f"{loaded * 1000:.0f} ms, {memory / MIB:.0f} MiB in all",
            "-",
            "-",
        ),
    ]
