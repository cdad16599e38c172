"""Run the newsroom alone: ``python -m crawler.newsroom --port 8533``."""

from __future__ import annotations

import argparse
import sys
import threading
from datetime import UTC, datetime

from crawler.newsroom.server import Newsroom


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m crawler.newsroom", description=__doc__)
    parser.add_argument("--port", type=int, default=8533, help="port on loopback, 0 for any")
    chosen = parser.parse_args()
    newsroom = Newsroom(datetime.now(UTC), lambda: datetime.now(UTC), chosen.port)
    newsroom.start()
    print(f"http://{newsroom.host}/", *newsroom.feeds, sep="\n", flush=True)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        newsroom.stop()
        sys.exit(0)


if __name__ == "__main__":
    main()
