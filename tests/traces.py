"""Whether something can still be read anywhere: in the bytes of files, however it was written there."""

import base64
import json
from urllib.parse import quote


def spellings(text):
    """A text in every form in which a program may write it down: plain, as JSON, in an address, in base64."""
    plain = text.encode()
    found = {plain, text.encode("utf-16-le"), json.dumps(text)[1:-1].encode(), quote(text, safe="").encode()}
    found.add(quote(text).encode())
    found.add(plain.hex().encode())
    for before in range(3):  # inside a longer text, base64 looks different at each of three places
        whole = base64.b64encode(b"\0" * before + plain)
        found.add(whole[-(-before * 8 // 6) : (before + len(plain)) * 8 // 6])
    return {one.lower() for one in found if len(one) >= 6}


def readable(files, texts):
    """Which of these texts stand in which files, as pairs of file and text."""
    wanted = {text: spellings(text) for text in texts}
    found = []
    for file in files:
        content = file.read_bytes().lower()
        found += [
            (file.name, text) for text, forms in wanted.items() if any(form in content for form in forms)
        ]
    return found
