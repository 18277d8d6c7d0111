"""What the commands of deploys print as JSON has the keys that docs/commands.md promises."""

from station.cli.console import json_ready
from station.cli.deploying import ended
from station.cli.releases import Shown
from station.cli.shapes import SHAPES
from station.hosts.deploying.history import Entry
from station.hosts.deploying.outcome import Outcome

DONE = Outcome("deploy", "notes", "pi1", "done", "bbb", "b" * 40, "aaa", serves=True, took_s=6.44, others=("pi2",))


def test_a_deploy_a_release_and_an_entry_have_the_keys_that_are_promised(noon):
    release = Shown("aaa", True, "a" * 40, "git main", noon, "ada", "/opt/apps/notes/releases/aaa", "/v", 7, ())
    assert json_ready(DONE).keys() == SHAPES["deploy"].keys()
    assert json_ready(release).keys() == SHAPES["releases"]["releases"][0].keys()
    assert json_ready(Entry("notes", "deploy", noon, "ada", "", "aaa")).keys() == SHAPES["deploys"]["deploys"][0].keys()


def test_the_last_line_says_what_serves_now():
    assert ended(DONE) == "pi1 serves bbb of notes, after aaa (6.4 s)"
