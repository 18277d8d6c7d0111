"""What a host should have, as a pure function from manifest to files."""

from station.hosts.rendering.files import Account, File, Folder, HostFiles, Needed
from station.hosts.rendering.render import render

__all__ = ["Account", "File", "Folder", "HostFiles", "Needed", "render"]
