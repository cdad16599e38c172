"""Sketches of the articles read last, in memory: most looks need no second reading.

They are lost with the process, and then each article is read once more in full.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

from crawler.extract.glance import Glance, seen_at_a_glance
from store.model import Due, Why

# A sketch takes one to two kilobytes, what a glance needs two to five.
_MOST = 20_000
# However sure a sketch is, every tenth look reads the page in full.
_IN_A_ROW = 9


class Known(NamedTuple):
    """What a page that was read is known by later: quickly by a glance, or else by its sketch."""

    sketch: bytes
    glance: Glance | None = None

    def sees(self, body: bytes) -> bool:
        """Whether a glance at a page (a millisecond at most) shows the same article."""
        return self.glance is not None and seen_at_a_glance(self.glance, body)


UNKNOWN = Known(b"")


class Sketches:
    """The sketches of the articles read last. Only for the crawl's own thread."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, tuple[Known, int]] = OrderedDict()

    def of(self, due: Due) -> Known:
        """What to hold the next page against; UNKNOWN where it has to be read in full.

        That is so where the state last seen is not the one told (``due.body_digest`` is None
        then), and where a look is there to confirm something.
        """
        known, times = self._kept.get(due.article_id, (UNKNOWN, 0))
        usable = due.body_digest is not None and due.why is not Why.CONFIRM
        return known if usable and times < _IN_A_ROW else UNKNOWN

    def keep(self, article_id: int, known: Known) -> None:
        """Keep what a page that was read is known by."""
        self._put(article_id, known, 0)

    def recognised(self, article_id: int) -> None:
        """Count a look that its sketch answered."""
        known, times = self._kept[article_id]
        self._put(article_id, known, times + 1)

    def _put(self, article_id: int, known: Known, times: int) -> None:
        self._kept[article_id] = known, times
        self._kept.move_to_end(article_id)
        if len(self._kept) > _MOST:
            self._kept.popitem(last=False)
