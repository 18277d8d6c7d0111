"""A machine says itself which host of its fleet it is."""

from station.fleet.here import name_here


def test_a_machine_knows_which_host_it_is(tmp_path):
    assert name_here(tmp_path) == ""
    (tmp_path / "etc/station").mkdir(parents=True)
    (tmp_path / "etc/station/host").write_text("pi2\n")
    assert name_here(tmp_path) == "pi2"
