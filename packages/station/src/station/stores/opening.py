"""From a store of the manifest to the store itself."""

from station.errors import ManifestError
from station.fleet import StoreSpec
from station.stores.directory import DirectoryStore


def open_store(spec: StoreSpec) -> DirectoryStore:
    """The store that the manifest describes. Nothing is read or created yet. ManifestError for an unknown kind."""
    if spec.kind == "directory":
        return DirectoryStore(spec.name, spec.path)
    raise ManifestError(f"stores.{spec.name}.kind is {spec.kind!r}: there is no such kind", 'Write kind = "directory"')
