"""Checks of output paths, made before the work starts."""

from __future__ import annotations

from pathlib import Path

from harness.errors import ConfigurationError


def check_folder(option: str, folder: Path) -> None:
    """Check that a folder exists or can be created.

    Parameters
    ----------
    option : str
        Name of the option that gives the folder, for the message.
    folder : Path

    Raises
    ------
    ConfigurationError
        If the path, or one of its parents, is a file.
    """
    if other := _file_on(folder):
        which = "which" if other == folder else f"but {str(other)!r}"
        raise ConfigurationError([f"{option}: expected a folder, got {str(folder)!r}, {which} is a file"])


def check_file(option: str, file: Path) -> None:
    """Check that a file exists or can be created.

    Parameters
    ----------
    option : str
        Name of the option that gives the file, for the message.
    file : Path

    Raises
    ------
    ConfigurationError
        If the path is a folder, or one of its parents is a file.
    """
    if file.is_dir():
        raise ConfigurationError([f"{option}: expected a file, got the folder {str(file)!r}"])
    if other := _file_on(file.parent):
        raise ConfigurationError([f"{option}: expected a file, got {str(file)!r}, but {str(other)!r} is not a folder"])


def _file_on(folder: Path) -> Path | None:
    """Return the part of a path that exists and is not a folder, or None."""
    return next((part for part in (folder, *folder.parents) if part.exists() and not part.is_dir()), None)
