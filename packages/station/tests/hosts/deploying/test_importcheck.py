"""What a release is asked to import, and how it answers."""

import json
import subprocess
import sys

import pytest

from station.hosts.deploying import importable
from station.hosts.deploying.importcheck import looked_at


@pytest.mark.parametrize(
    ("command", "looked"),
    [
        ("bookedbiz serve", [{"script": "bookedbiz"}]),
        ("python -m backend.server --fast", [{"here": "backend.server"}]),
        ("uvicorn src.web.asgi:app --host 0.0.0.0", [{"script": "uvicorn"}, {"here": "src.web.asgi"}]),
        ("python -m gunicorn wsgi:make()", [{"here": "gunicorn"}, {"here": "wsgi"}]),
        ("python run.py", [{"file": "run.py"}]),
        ("bin/run.py", [{"file": "bin/run.py"}]),
        ("bin/standin server", []),
        ("notes serve localhost:8000", [{"script": "notes"}]),
    ],
)
def test_a_command_tells_what_it_begins_with(command, looked):
    assert looked_at(tuple(command.split())) == looked


@pytest.fixture
def asked(tmp_path):
    """Runs the look at modules of a folder, as a deploy does."""

    def ask(*looked):
        command = [sys.executable, "-P", importable.__file__, json.dumps(looked)]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    return ask


def test_a_module_of_the_working_directory_is_found(asked, tmp_path):
    (tmp_path / "web.py").write_text("app = 1\n")
    assert asked({"here": "web"}).returncode == 0


def test_the_end_of_a_traceback_begins_with_the_apps_own_lines(asked, tmp_path):
    (tmp_path / "web.py").write_text("import nothing_of_that_name\n")
    ended = asked({"here": "web"})
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[1] == f'  File "{tmp_path}/web.py", line 1, in <module>'
    assert ended.stderr.splitlines()[-1] == "ModuleNotFoundError: No module named 'nothing_of_that_name'"


def test_an_app_that_ends_the_program_when_it_is_imported_is_no_good(asked, tmp_path):
    (tmp_path / "web.py").write_text("raise SystemExit(0)\n")
    assert asked({"here": "web"}).returncode == 1


def test_a_script_that_is_no_python_is_seen(asked, tmp_path):
    (tmp_path / "run.py").write_text("def broken(:\n")
    assert "SyntaxError" in asked({"file": "run.py"}).stderr


def test_a_program_is_looked_up_in_the_environment(asked):
    assert asked({"script": "pytest"}).returncode == 0
    assert "the environment has no program nothing-such" in asked({"script": "nothing-such"}).stderr
