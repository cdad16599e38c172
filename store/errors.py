"""What can be wrong with our own surroundings. Each message says what, where, and the next step."""

from __future__ import annotations


class StorylapseError(Exception):
    """The root of our errors: a sentence fit to be shown to a person."""


class ConfigError(StorylapseError):
    """The configuration file or an environment variable is wrong."""


class ArchiveError(StorylapseError):
    """Something is wrong with the archive file."""


class NoArchive(ArchiveError):
    """There is no archive at the given place."""


class ArchiveBusy(ArchiveError):
    """Another process held the archive for longer than we wait."""


class ArchiveTooNew(ArchiveError):
    """The archive was written by a newer Storylapse."""


class ArchiveDamaged(ArchiveError):
    """The file cannot be opened as an archive."""


class LogUnreadable(ArchiveDamaged):
    """The log beside the file cannot be replayed; without it the archive may open."""


class UnknownArticle(ArchiveError):
    """No article of that address or id is in the archive."""


class UnknownVersion(ArchiveError):
    """The article has no version of that number."""


class ExportError(StorylapseError):
    """An export cannot be made as it was asked for."""


class SheetError(StorylapseError):
    """A file is no task sheet that can be read."""
