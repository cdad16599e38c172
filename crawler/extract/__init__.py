"""Reading a page: text, notes, comments and claims out of one HTML body.

The modules, in the order a page passes them: ``decode`` (bytes to text), ``metadata``
(claims), ``comments`` (cut out and read apart), ``head`` (headline, byline, times),
``passages`` and ``regions`` (the page as it is), ``body`` (the main text), ``brief``
(short items kept clean), ``cards`` (rails of other stories),
``lead`` (the standfirst), ``captions`` and ``credits`` (words under pictures), ``furniture`` (lines
that do not belong), ``notes`` (those the main text lost), ``page`` (all of it). ``outline``
reads a page by its outlet's layout, ``pages`` knows which address is which page of an article.
"""

from crawler.extract.decode import decode
from crawler.extract.page import EXTRACTOR, read_page, stamp_of

__all__ = ["EXTRACTOR", "decode", "read_page", "stamp_of"]
