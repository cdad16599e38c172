"""For tests of the command line: what was said, how it ended, and an article to tell it of."""

import json
import os
import subprocess
from dataclasses import dataclass

from product import COMMAND


@dataclass(frozen=True)
class Said:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def lines(self):
        return self.out.splitlines()

    @property
    def json_lines(self):
        return [json.loads(line) for line in self.lines]

    @property
    def json(self):
        (only,) = self.json_lines
        return only


def clean_environment(**more):
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("STORYLAPSE", "FORCE_COLOR", "NO_COLOR"))
    }
    return kept | more


def storylapse(*arguments, cwd, stdin="", **environment):
    done = subprocess.run(
        [COMMAND, *arguments],
        cwd=cwd,
        input=stdin.encode(),
        capture_output=True,
        env=clean_environment(**environment),
        timeout=120,
        check=False,
    )
    return Said(done.returncode, done.stdout.decode(), done.stderr.decode())


STORY = """\
The harbour bridge closed on Monday after inspectors found a crack in one of its main beams, the \
city council said.

At least 12 people were treated for minor injuries when a bus braked hard at the barrier, the fire \
service said in a statement.

The mayor said that the repairs would take until the spring and cost about 3 million crowns, paid \
from the reserve.

Commuters were told to use the northern tunnel, where queues of up to an hour formed during the \
morning rush.

Engineers will inspect the remaining beams this week before deciding whether trams may cross the \
bridge again."""
CORRECTION = (
    "Correction: An earlier version of this article misstated the number of injured; it was 11, "
    "not 12."
)
CORRECTED = STORY.replace("12", "11") + "\n\n" + CORRECTION


def page(text=STORY, headline="Harbour bridge closed after crack found"):
    body = "".join(f"<p>{paragraph}</p>" for paragraph in text.split("\n\n"))
    return (
        f'<html lang="en"><head><title>{headline}</title>'
        '<meta property="og:site_name" content="Harbour Post"></head>'
        f'<body><nav><a href="/">Home</a></nav><article><h1>{headline}</h1>{body}</article>'
        "<footer>All rights reserved</footer></body></html>"
    )
