"""The manifests as one tree: what goes along, and its name."""

import subprocess
from pathlib import Path

import pytest

from station.errors import ManifestError
from station.fleet import load_fleet
from station.hosts.remote.push import ID_THERE
from station.hosts.remote.tree import manifest_tree


def test_the_tree_holds_the_manifests_and_nothing_that_lies_beside_them(fleet_path: Path) -> None:
    tree = manifest_tree(fleet_path)
    assert sorted(tree.files) == ["apps/notes/app.toml", "fleets/office.toml"]
    assert tree.fleet == "fleets/office.toml"


def test_the_tree_can_be_read_wherever_it_lies(fleet_path: Path, tmp_path: Path) -> None:
    tree = manifest_tree(fleet_path)
    tree.write(tmp_path / "elsewhere")
    assert load_fleet(tmp_path / "elsewhere" / tree.fleet).apps["notes"].title == "Notes"


def test_its_id_changes_with_every_file(fleet_path: Path) -> None:
    before = manifest_tree(fleet_path).id
    app = fleet_path.parents[1] / "apps" / "notes" / "app.toml"
    app.write_text(app.read_text() + "# another\n")
    assert manifest_tree(fleet_path).id != before


def test_a_host_reckons_the_same_id(fleet_path: Path, tmp_path: Path) -> None:
    tree = manifest_tree(fleet_path)
    there = tmp_path / "there"
    tree.write(there)
    (there / ".fleet").symlink_to(tree.fleet)
    script = ID_THERE.replace("/etc/station/manifest/", str(there))
    assert subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout.strip() == tree.id


def test_a_wrong_manifest_is_no_tree(fleet_path: Path) -> None:
    fleet_path.write_text(fleet_path.read_text() + "nonsense = 1\n")
    with pytest.raises(ManifestError, match="nonsense"):
        manifest_tree(fleet_path)


def test_a_manifest_that_no_host_would_find_is_refused(fleet_path: Path) -> None:
    app = fleet_path.parents[1] / "apps" / "notes" / "app.toml"
    fleet_path.write_text(fleet_path.read_text().replace("../apps/notes/app.toml", str(app)))
    with pytest.raises(ManifestError, match="begins with /, and is not there"):
        manifest_tree(fleet_path)
