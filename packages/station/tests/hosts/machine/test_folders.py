"""What lies in a folder of former days becomes theirs whose folder it is; links are never followed."""

import grp
import os
from pathlib import Path

import pytest

from station.hosts.machine.folders import hand_down, hand_over, packed
from station.hosts.rendering.files import Folder

pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="needs root: files get other owners")
SHARED = "user::rwx,group::rwx,group:users:rwx,mask::rwx,other::r-x"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A tree that root made under a strict umask, with a link out of it."""
    (tmp_path / "theirs").write_text("")
    (tmp_path / "theirs").chmod(0o600)
    (tmp_path / "top" / "below").mkdir(parents=True, mode=0o700)
    (tmp_path / "top" / "below" / "code.py").write_text("")
    (tmp_path / "top" / "below" / "code.py").chmod(0o600)
    (tmp_path / "top" / "below" / "run").write_text("")
    (tmp_path / "top" / "below" / "run").chmod(0o700)
    (tmp_path / "top" / "link").symlink_to(tmp_path / "theirs")
    return tmp_path


def rights(path: Path) -> tuple[str, str, str]:
    return f"{path.stat().st_mode & 0o7777:o}", path.owner(), path.group()


def test_the_group_may_write_what_lies_in_a_shared_folder(tree: Path) -> None:
    hand_down(tree / "top", Folder(0o2775, "nobody", "users", inherited=SHARED))
    below = tree / "top" / "below"
    assert below.stat().st_mode & 0o2070 == 0o2070
    assert rights(below / "code.py") == ("660", "root", "users")
    assert rights(below / "run") == ("770", "root", "users")
    assert os.getxattr(below, "system.posix_acl_default") == packed(SHARED)
    assert rights(tree / "theirs") == ("600", "root", "root")


def test_what_lies_in_a_data_folder_becomes_its_new_owners(tree: Path) -> None:
    hand_over(tree / "top", Folder(0o750, "nobody", "nogroup"))
    assert rights(tree / "top" / "below" / "code.py") == ("600", "nobody", "nogroup")
    assert rights(tree / "theirs") == ("600", "root", "root")


def test_an_access_list_is_what_the_kernel_makes_of_it(tree: Path) -> None:
    os.setxattr(tree / "top", "system.posix_acl_default", packed(SHARED))
    (tree / "top" / "new").mkdir(mode=0o700)
    assert os.getxattr(tree / "top" / "new", "system.posix_acl_default") == packed(SHARED)
    assert len(packed(SHARED)) == 4 + 5 * 8
    assert packed("group:users:rwx")[8:] == grp.getgrnam("users").gr_gid.to_bytes(4, "little")
