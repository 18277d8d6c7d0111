"""The real Litestream against an S3 service: the keys come from the credentials file and show nowhere."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from station.cluster.litestream import environment, report_file
from station.cluster.litestream_program import read_keys
from station.durable import write_private

SECRET = "a-secret-that-shows-nowhere"
S3 = """
[stores.cloud]
kind = "s3"
bucket = "backups"
path = "office"
region = "us-east-1"
endpoint = "{endpoint}"
credentials = "s3.env"
"""


@pytest.fixture
def s3_server() -> Iterator[str]:
    """The address of moto's S3, with the bucket `backups`."""
    boto3 = pytest.importorskip("boto3")
    server = pytest.importorskip("moto.server").ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    client = boto3.client(
        "s3", endpoint_url=address, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    client.create_bucket(Bucket="backups")
    client.close()
    yield address
    server.stop()


@pytest.mark.slow
def test_a_bucket_gets_the_replica_and_a_restore_has_it(run, program, s3_server, count_rows, tmp_path: Path) -> None:
    write_private(tmp_path / "s3.env", f"AWS_ACCESS_KEY_ID=the-id\nAWS_SECRET_ACCESS_KEY={SECRET}\n")
    running = run(
        ('store = "disk"\nprogram', 'store = "cloud"\nprogram'),
        ("[apps.counter]", S3.format(endpoint=s3_server) + "[apps.counter]"),
    )
    running.sql("insert into t values (1), (2)")
    running.wait_until_shipped()
    shown = [
        *running.litestream().cmdline(),
        *(file.read_text() for file in (running.state / "litestream").glob("*.*")),
    ]
    shown += [running.log(), report_file(running.state, "main").read_text()]
    assert not [text for text in shown if SECRET in text]
    assert running.stop() == 0
    spec = running.fleet.stores["cloud"]
    replicas = running.replicas(program, environment(spec, read_keys(spec)))
    replica = replicas.newest(1)
    assert replica.newest is not None
    replicas.restore(replica, tmp_path / "back.db")
    assert count_rows(tmp_path / "back.db") == 2


@pytest.mark.slow
def test_a_service_that_is_away_is_told_and_what_it_missed_is_not_taken_for_shipped(run, tmp_path: Path) -> None:
    write_private(tmp_path / "s3.env", f"AWS_ACCESS_KEY_ID=the-id\nAWS_SECRET_ACCESS_KEY={SECRET}\n")
    nowhere = S3.format(endpoint="http://127.0.0.1:9")
    running = run(
        ('store = "disk"\nprogram', 'store = "cloud"\nprogram'), ("[apps.counter]", nowhere + "[apps.counter]")
    )
    running.sql("insert into t values (1)")
    running.wait(lambda: running.status()["error"], "the trouble", 60)
    running.wait(lambda: "refused" in running.status()["error"], "why")
    assert running.status()["error"].startswith(
        "Litestream: monitor error: RequestError: send request failed, caused by"
    )
    assert SECRET not in running.log()
    assert running.status()["newest"] is None
    running.stop()
    assert '"shipped": null' in report_file(running.state, "main").read_text()
