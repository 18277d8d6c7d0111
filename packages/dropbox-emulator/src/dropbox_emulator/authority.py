"""The certificate authority of a test: made at the start, trusted by nobody but whoever is told its file."""

import ssl
from pathlib import Path

import trustme

HOSTS = (
    "api.dropboxapi.com",
    "content.dropboxapi.com",
    "notify.dropboxapi.com",
    "api.dropbox.com",
    "www.dropbox.com",
    "localhost",
    "127.0.0.1",
)


def server_context(ca_file: Path) -> ssl.SSLContext:
    """What a server of these hosts needs; the authority's certificate is written to `ca_file`."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(ca_file)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*HOSTS).configure_cert(context)
    return context
