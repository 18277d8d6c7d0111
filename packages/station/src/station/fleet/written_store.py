"""A store as the manifest writes it: the keys of every kind, and which kind takes which. Pure."""

from typing import Literal

from station.fleet.keys import A_PATH, FilePath, HttpUrl, Table, Words, key, number, port

Kind = Literal["directory", "dropbox", "s3", "sftp"]

NEEDED: dict[str, tuple[str, ...]] = {
    "directory": ("path",),
    "dropbox": ("path", "credentials"),
    "s3": ("bucket", "credentials"),
    "sftp": ("path", "server", "user", "private_key", "known_hosts"),
}
ALLOWED: dict[str, tuple[str, ...]] = {
    "directory": (),
    "dropbox": ("proxy", "ca"),
    "s3": ("path", "endpoint", "region", "proxy", "ca"),
    "sftp": ("port",),
}
EVERYWHERE = ("kind", "key", "every_s", "look_every_s", "upload_kib_s")


class WrittenStore(Table):
    """A place that copies go to; an app's first one also holds its lease."""

    kind: Kind = key(
        '"directory", "dropbox", "s3" or "sftp"',
        "What the store is: a folder of this machine, one in Dropbox, a bucket of S3 or of a service like it, or a "
        "folder of another machine that is reached over SSH",
        '"directory"',
    )
    path: FilePath | None = key(
        f"{A_PATH}; in Dropbox and over SFTP one that begins with /",
        "The store's folder, outside of every host's folder. In a bucket a prefix, if the store is not all of it",
        '"../store"',
        default=None,
    )
    credentials: FilePath | None = key(
        A_PATH,
        "Dropbox and S3, needed there: the file with the keys (dropbox.md, s3.md)",
        '"/etc/station/dropbox.env"',
        default=None,
    )
    proxy: HttpUrl | None = key(
        "an address like http://proxy:3128",
        "Dropbox and S3: the proxy through which it is reached; the environment's is not used",
        '"http://127.0.0.1:3128"',
        default=None,
    )
    ca: FilePath | None = key(
        A_PATH,
        "Dropbox and S3: a file of certificates to trust in place of the usual ones",
        '"/etc/station/ca.pem"',
        default=None,
    )
    bucket: Words | None = key("the name of a bucket", "S3, needed there: the bucket", '"ctv-backups"', default=None)
    endpoint: HttpUrl | None = key(
        "an address like https://s3.eu-central-003.backblazeb2.com",
        "S3: where the service is; Amazon's own without it",
        '"https://s3.eu-central-003.backblazeb2.com"',
        default=None,
    )
    region: Words | None = key("the name of a region", "S3: the bucket's region", '"eu-central-1"', default=None)
    server: Words | None = key(
        "the name or the address of a machine", "SFTP, needed there: the machine", '"pi2.tailnet.ts.net"', default=None
    )
    port: int | None = port("SFTP: the port of its SSH server; else 22", default=None, example="22")
    user: Words | None = key(
        "a user's name", "SFTP, needed there: who we are on that machine", '"keeper"', default=None
    )
    private_key: FilePath | None = key(
        A_PATH, "SFTP, needed there: the private key to sign in with", '"/etc/station/ssh/id_ed25519"', default=None
    )
    known_hosts: FilePath | None = key(
        A_PATH,
        "SFTP, needed there: the machine's host key, as `ssh-keyscan` prints it; another machine is refused",
        '"/etc/station/ssh/known_hosts"',
        default=None,
    )
    encryption_key: FilePath | None = key(
        A_PATH,
        "The file with the age key that everything in the store is encrypted with (encryption.md); else nothing is",
        '"/etc/station/keys/cloud.key"',
        default=None,
        alias="key",
    )
    every_s: float | None = number(
        "The shortest time between two restore points in this store; else the app's `points.every_s`",
        "seconds",
        0.1,
        86400,
        default=None,
        example="300",
    )
    look_every_s: float | None = number(
        "How often hosts look for the lease and for new points; else 1 in a directory, 2 over SFTP, 5 in S3 and 10 in "
        "Dropbox",
        "seconds",
        0.2,
        300,
        default=None,
        example="10",
    )
    upload_kib_s: float | None = number(
        "The most that is sent to the store; no limit without it",
        "KiB per second",
        1,
        10_000_000,
        default=None,
        example="500",
    )
