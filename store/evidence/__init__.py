"""Evidence of one change: gathered from the archive, packed into one file, checked anywhere.

``gather`` reads, ``pack`` writes, ``check`` asks a file whether it still says what it said.
"""

from store.evidence.check import Answer, Finding, Opened, Page, check, opened
from store.evidence.gather import Evidence, NoEvidence, Response, Side, gather
from store.evidence.pack import pack

__all__ = [
    "Answer",
    "Evidence",
    "Finding",
    "NoEvidence",
    "Opened",
    "Page",
    "Response",
    "Side",
    "check",
    "gather",
    "opened",
    "pack",
]
