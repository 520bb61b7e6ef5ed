"""Where results may be written: said before the work, in words, instead of by the operating system after it."""

from __future__ import annotations

from pathlib import Path

from harness.errors import ConfigurationError


def check_folder(option: str, folder: Path) -> None:
    """Refuse a folder that is, or lies below, something else.

    Raises
    ------
    ConfigurationError
        With the option, what was got and what is wanted.
    """
    if other := _no_folder(folder):
        raise ConfigurationError(
            [f"{option}: wanted is a folder, new or old; got {str(folder)!r}, but {str(other)!r} is a file"]
        )


def check_file(option: str, file: Path) -> None:
    """Refuse a file that is a folder, or lies below something else.

    Raises
    ------
    ConfigurationError
        With the option, what was got and what is wanted.
    """
    if file.is_dir():
        raise ConfigurationError([f"{option}: wanted is a file, new or old; got the folder {str(file)!r}"])
    if other := _no_folder(file.parent):
        raise ConfigurationError(
            [f"{option}: wanted is a file, new or old; got {str(file)!r}, but {str(other)!r} is no folder"]
        )


def _no_folder(folder: Path) -> Path | None:
    """The part of a path that exists and is no folder."""
    return next((part for part in (folder, *folder.parents) if part.exists() and not part.is_dir()), None)
