"""Who is let in and who is recognised: keys, host keys, and what is said when either is wrong."""

import base64
import hashlib
import hmac
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from station.errors import StoreError
from station.stores.sftp.hosts import HostKey, read_known_hosts
from station.stores.sftp.store import SftpStore


def refused(place):
    store = SftpStore("far", place)
    with pytest.raises(StoreError) as why:
        list(store.list())
    store.close()
    return why.value


def public(file):
    return " ".join(Path(f"{file}.pub").read_text().split()[:2])


def fingerprint(file):
    said = subprocess.run(["ssh-keygen", "-lf", f"{file}.pub"], capture_output=True, text=True, check=True).stdout
    return said.split()[1]


@pytest.fixture
def place(sshd, tmp_path):
    known = tmp_path / "known_hosts"
    known.write_text(f"[127.0.0.1]:{sshd.port} {public(sshd.folder / 'host_ed25519')}\n")
    return replace(sshd.place(tmp_path / "far"), known_hosts=known)


@pytest.fixture
def other_key(tmp_path, new_key):
    return new_key(tmp_path / "other")


def test_a_machine_that_nobody_knows_is_refused_with_its_fingerprint_and_how_to_find_out(place, sshd):
    place.known_hosts.write_text("")
    why = refused(place)
    assert any(fingerprint(sshd.folder / f"host_{kind}") in why.message for kind in ("ed25519", "rsa"))
    assert f"ssh-keyscan -p {sshd.port}" in why.hint and "ssh-keygen -lf" in why.hint


def test_a_machine_with_another_key_is_refused_with_both_fingerprints(place, sshd, other_key):
    place.known_hosts.write_text(f"[127.0.0.1]:{sshd.port} {public(other_key)}\n")
    why = refused(place)
    assert fingerprint(sshd.folder / "host_ed25519") in why.message
    assert fingerprint(other_key) in why.message
    assert "ssh-keyscan" in why.hint


@pytest.mark.parametrize("kind", ["ed25519", "rsa"])
def test_of_several_host_keys_the_known_one_is_asked_for(place, sshd, sftp_store, kind):
    sftp_store(folder=Path(place.path))
    place.known_hosts.write_text(f"[127.0.0.1]:{sshd.port} {public(sshd.folder / f'host_{kind}')}\n")
    store = SftpStore("far", place)
    assert list(store.list()) == []
    store.close()


def test_hashed_names_are_understood(place, sshd, sftp_store):
    sftp_store(folder=Path(place.path)).put("one", b"1")
    subprocess.run(["ssh-keygen", "-q", "-H", "-f", place.known_hosts], check=True, capture_output=True)
    assert "127.0.0.1" not in place.known_hosts.read_text()
    store = SftpStore("far", place)
    assert [entry.key for entry in store.list()] == ["one"]
    store.close()


def test_a_wrong_user_key_is_named_with_where_it_belongs(place, other_key):
    why = refused(replace(place, private_key=other_key))
    assert fingerprint(other_key) in why.message
    assert "authorized_keys" in why.hint


def test_a_key_that_others_can_read_is_refused(place, other_key):
    other_key.chmod(0o640)
    why = refused(replace(place, private_key=other_key))
    assert "read by others" in why.message and "chmod 600" in why.hint


def test_a_missing_key_is_named(place, tmp_path):
    why = refused(replace(place, private_key=tmp_path / "nothing"))
    assert "nothing" in why.message and "ssh-keygen" in why.hint


def test_an_encrypted_key_is_refused_with_how_to_open_it(place, tmp_path, new_key):
    why = refused(replace(place, private_key=new_key(tmp_path / "locked", passphrase="secret")))
    assert "encrypted" in why.message and "ssh-keygen -p" in why.hint


def test_a_file_that_is_no_key_is_refused(place, tmp_path):
    file = tmp_path / "none"
    file.touch(mode=0o600)
    file.write_text("no key\n")
    assert "is none" in refused(replace(place, private_key=file)).message


def test_nobody_at_that_port_is_said(place, free_port):
    assert "cannot be reached" in refused(replace(place, port=free_port)).message


def test_what_known_hosts_says_is_read_as_openssh_reads_it(tmp_path):
    key, other = base64.b64encode(b"one").decode(), base64.b64encode(b"two").decode()
    salt = b"0" * 20
    digest = base64.b64encode(hmac.new(salt, b"[far]:2222", hashlib.sha1).digest()).decode()
    file = tmp_path / "known_hosts"
    file.write_text(
        f"# far ssh-rsa {key}\n\nfar ssh-ed25519 {key} somebody\n*.net,!bad.net ssh-rsa {other}\n"
        f"|1|{base64.b64encode(salt).decode()}|{digest} ssh-rsa {other}\n@revoked far ssh-ed25519 {other}\n"
        f"@cert-authority far ssh-rsa {other}\nfar ssh-rsa ???\n"
    )
    far = read_known_hosts(file, "far", 22)
    assert [key.blob for key in far.keys] == [b"one"]
    assert [key.blob for key in read_known_hosts(file, "far", 2222).keys] == [b"two"]
    assert [key.blob for key in read_known_hosts(file, "Good.net", 22).keys] == [b"two"]
    assert read_known_hosts(file, "bad.net", 22).keys == ()
    with pytest.raises(StoreError, match="revoked"):
        far.require(HostKey("ssh-ed25519", b"two"))
    far.require(HostKey("ssh-ed25519", b"one"))
