"""From a store of the manifest to the store itself. What a kind needs is imported only when such a store is opened."""

from pathlib import Path
from typing import Protocol

from station.errors import ManifestError
from station.fleet import StoreSpec
from station.stores.cipher import Cipher, equip
from station.stores.directory import DirectoryStore
from station.stores.meter import Meter
from station.stores.store import Store


class OpenStore(Store, Protocol):
    """A store as the manifest describes it, set up or not."""

    def initialise(self) -> None:
        """Make the place a store. On a store it does nothing."""


def open_store(spec: StoreSpec, state: Path | None = None) -> OpenStore:
    """The store that the manifest describes. Nothing is read or created yet. ManifestError for an unknown kind.

    `state` is a folder of this host: an upload that was cut is remembered there, where the kind can go on with it.
    """
    store = _opened(spec, state)
    if spec.key_file is not None:
        equip(store, Cipher(spec.key_file, spec.name))
    return store


def _opened(spec: StoreSpec, state: Path | None) -> OpenStore:
    meter = Meter(None if spec.upload_kib_s is None else spec.upload_kib_s * 1024)
    if spec.kind == "directory":
        return DirectoryStore(spec.name, spec.path, meter=meter)
    if spec.kind == "dropbox" and spec.credentials is not None:
        return _dropbox(spec, state, meter)
    if spec.kind == "s3" and spec.credentials is not None:
        return _s3(spec, state, meter)
    if spec.kind == "sftp":
        return _sftp(spec, meter)
    raise ManifestError(f"stores.{spec.name}.kind is {spec.kind!r}: there is no such kind", 'Write kind = "directory"')


def _dropbox(spec: StoreSpec, state: Path | None, meter: Meter) -> OpenStore:
    from station.stores.dropbox.calls import Entrance  # noqa: PLC0415
    from station.stores.dropbox.store import DropboxStore  # noqa: PLC0415  # the SDK takes long to import

    assert spec.credentials is not None
    entrance = Entrance(spec.credentials, spec.proxy, spec.ca_file)
    return DropboxStore(spec.name, str(spec.path), entrance, state=state, meter=meter)


def _sftp(spec: StoreSpec, meter: Meter) -> OpenStore:
    from station.stores.sftp.entrance import Place  # noqa: PLC0415
    from station.stores.sftp.store import SftpStore  # noqa: PLC0415  # what speaks SSH takes long to import

    assert spec.private_key is not None and spec.known_hosts is not None
    place = Place(spec.server, spec.port, spec.user, spec.private_key, spec.known_hosts, str(spec.path))
    return SftpStore(spec.name, place, meter=meter)


def _s3(spec: StoreSpec, state: Path | None, meter: Meter) -> OpenStore:
    from station.stores.s3.calls import Place  # noqa: PLC0415
    from station.stores.s3.store import S3Store  # noqa: PLC0415  # the SDK takes long to import

    assert spec.credentials is not None
    prefix = "" if spec.path == Path() else spec.path.as_posix()
    place = Place(
        spec.bucket, spec.credentials, prefix, spec.endpoint, spec.region, proxy=spec.proxy, ca_file=spec.ca_file
    )
    return S3Store(spec.name, place, state=state, meter=meter)
