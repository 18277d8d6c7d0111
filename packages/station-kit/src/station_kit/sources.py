"""Where SQL files lie: a package by its dotted name, or a folder."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

Source = str | Path


def folder_of(source: Source) -> Traversable:
    """The folder behind a dotted package name or a path. ModuleNotFoundError when there is no such package."""
    return source if isinstance(source, Path) else files(source)


def sql_files(folder: Traversable) -> list[Traversable]:
    """The `.sql` files of a folder in order of name; none when there is no such folder."""
    if not folder.is_dir():
        return []
    return sorted((file for file in folder.iterdir() if file.name.endswith(".sql")), key=lambda file: file.name)
