"""Byte code that two environments share."""

import os
import subprocess
import sys

import pytest

from station.hosts.deploying import bytecode


@pytest.fixture
def environment(tmp_path):
    """Makes the folders of an environment with one module in it."""

    def make(name, text=None, like=None):
        packages = tmp_path / name / "lib" / "python3.11" / "site-packages"
        packages.mkdir(parents=True)
        if like is None:
            (packages / "ink.py").write_text(text)
        else:
            os.link(like / "lib/python3.11/site-packages/ink.py", packages / "ink.py")
        return tmp_path / name

    return make


def compiled(environment):
    (found,) = (environment / "lib/python3.11/site-packages/__pycache__").iterdir()
    return found


def run(*environments):
    subprocess.run([sys.executable, "-I", bytecode.__file__, *map(str, environments)], check=True)


def test_the_same_file_has_the_same_byte_code(environment):
    old = environment("old", "x = 1\n")
    new = environment("new", like=old)
    run(old)
    run(new, old)
    assert compiled(new).samefile(compiled(old))


def test_a_copy_of_the_file_gets_byte_code_of_its_own(environment):
    old, new = environment("old", "x = 1\n"), environment("new", "x = 1\n")
    run(old)
    run(new, old)
    assert not compiled(new).samefile(compiled(old))
