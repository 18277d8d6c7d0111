"""Litestream's configuration, as golden files, and what is kept out of it."""

import json
import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from station.cluster.litestream import config, environment, unfit
from station.cluster.litestream_program import read_keys
from station.durable import write_private
from station.errors import StoreError
from station.fleet import Host

GOLDEN = Path(__file__).with_name("golden")
KEYS = {"AWS_ACCESS_KEY_ID": "the-id", "AWS_SECRET_ACCESS_KEY": "the-secret"}


@pytest.mark.parametrize("kind", ["directory", "s3", "s3-whole-bucket", "sftp"])
def test_the_configuration_for_each_kind_of_store(kind: str, stores, new_manifest) -> None:
    app = new_manifest().apps["counter"]
    text = config(app, Host("one", Path("/srv/one")), stores[kind], 7, "127.0.0.1:9797")
    golden = GOLDEN / f"{kind}.yml"
    if os.environ.get("RENEW_GOLDEN"):
        golden.write_text(text)
    assert text == golden.read_text()


def test_another_epoch_has_another_place(new_manifest) -> None:
    fleet = new_manifest()
    app, host = fleet.apps["counter"], fleet.hosts["one"]
    places = {
        line
        for epoch in (1, 2)
        for line in config(app, host, fleet.stores["disk"], epoch).splitlines()
        if line.startswith("        path:")
    }
    assert len(places) == 4


def test_a_path_with_signs_that_mean_something_in_yaml_is_one_text(new_manifest) -> None:
    fleet = new_manifest(('path = "store"', """path = 'a: "store" # $HOME'"""))
    text = config(fleet.apps["counter"], fleet.hosts["one"], fleet.stores["disk"], 1)
    path = next(line for line in text.splitlines() if line.startswith("        path: "))
    assert json.loads(path.partition(": ")[2]).endswith('a: "store" # $HOME/litestream/counter/main/000001')


def test_the_keys_go_by_the_environment_and_never_into_the_configuration(s3, new_manifest) -> None:
    env = environment(replace(s3, proxy="http://proxy:3128", ca_file=Path("/ca.pem")), KEYS)
    assert {name: env[name] for name in KEYS} == KEYS
    assert env["HTTPS_PROXY"] == "http://proxy:3128"
    assert env["SSL_CERT_FILE"] == "/ca.pem"
    assert environment(replace(s3, kind="sftp"), KEYS) == {}


def test_the_keys_are_read_from_a_file_or_from_a_folder_of_files(tmp_path, s3) -> None:
    file, folder = tmp_path / "s3.env", tmp_path / "s3"
    write_private(file, '# keys\nAWS_ACCESS_KEY_ID=the-id\nexport AWS_SECRET_ACCESS_KEY="the-secret"\n')
    folder.mkdir()
    write_private(folder / "AWS_ACCESS_KEY_ID", "the-id\n")
    write_private(folder / "AWS_SECRET_ACCESS_KEY", "the-secret\n")
    wanted = {"AWS_ACCESS_KEY_ID": "the-id", "AWS_SECRET_ACCESS_KEY": "the-secret"}
    assert read_keys(replace(s3, credentials=file)) == wanted
    assert read_keys(replace(s3, credentials=folder)) == wanted
    file.write_text("AWS_ACCESS_KEY_ID=the-id\n")
    with pytest.raises(StoreError, match="AWS_SECRET_ACCESS_KEY"):
        read_keys(replace(s3, credentials=file))
    file.chmod(0o644)
    with pytest.raises(StoreError, match="others can read them"):
        read_keys(replace(s3, credentials=file))


def test_a_store_that_is_encrypted_or_of_another_kind_is_not_written_to(stores) -> None:
    assert all(unfit(store) is None for store in stores.values())
    assert "cannot write to disk" in (unfit(replace(stores["directory"], kind="dropbox")) or "")
    assert "would not be" in (unfit(replace(stores["s3"], key_file=Path("/key"))) or "")


def test_the_file_is_for_its_owner_alone_from_its_first_moment(tmp_path) -> None:
    before = os.umask(0)
    try:
        write_private(tmp_path / "litestream" / "c.yml", "old")
        write_private(tmp_path / "litestream" / "c.yml", "new")
    finally:
        os.umask(before)
    assert (tmp_path / "litestream" / "c.yml").read_text() == "new"
    assert stat.S_IMODE((tmp_path / "litestream" / "c.yml").stat().st_mode) == 0o600
    assert len(list((tmp_path / "litestream").iterdir())) == 1
