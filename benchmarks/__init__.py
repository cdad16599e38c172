"""Quality over pinned floors, and speed as ratios within one run."""
