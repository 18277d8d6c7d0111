"""Where an app's code comes from and how a release takes over: what manifests say of it, and what they may not."""

import pytest

from station.fleet import Deploy, Source


def test_an_app_says_where_its_code_is_and_how_a_release_takes_over(changed) -> None:
    more = """
[commands]
migrate = ["notes", "migrate"]
tell = ["notes", "tell"]
[source]
git = "https://git.example/notes.git"
folder = "apps/notes"
[deploy]
migrate = "migrate"
imports = ["notes.web"]
hooks.after = "tell"
"""
    app = changed(more_app=more).apps["notes"]
    assert app.source == Source("https://git.example/notes.git", "main", "apps/notes")
    assert app.deploy == Deploy("held", ("notes.web",), ("notes", "migrate"), 5, {"after": ("notes", "tell")})


def test_the_fleet_has_the_last_word_on_the_source(changed) -> None:
    more = 'source = { package = "datasette==0.65.1", extra = ["gunicorn==23.0.0"] }'
    app = changed(more=more, more_app='[source]\ngit = "/srv/git/notes.git"').apps["notes"]
    assert app.source == Source(package="datasette==0.65.1", extra=("gunicorn==23.0.0",))


@pytest.mark.parametrize(
    ("more_app", "mistake"),
    [
        ('[source]\ngit = "https://me:secret@git.example/x"', "source.git: holds a password"),
        ('[source]\ngit = "--upload-pack=x"', "source.git: is"),
        ('[source]\ngit = "/x"\npackage = "x==1"', "source.package: git is named as well; name one of the two"),
        ("[source]\nextra = []", "source: names neither git nor package; name one of the two"),
        ('[source]\npackage = "x==1"\nfolder = "apps/x"', "source.folder: a package has none; leave it out"),
        ('[source]\npackage = "x"', "source.package: is"),
        ('[deploy]\nmigrate = "other"', 'deploy.migrate: there is no command "other" in notes'),
        ('[deploy]\nhooks.after = "other"', 'deploy.hooks.after: there is no command "other" in notes'),
        ('[deploy]\nswitch = "overlap"', "deploy.switch: two releases can not have one port; add socket = true"),
    ],
)
def test_a_deploy_that_can_not_be_is_refused(mistakes, more_app: str, mistake: str) -> None:
    (line,) = mistakes(more_app=more_app)
    assert line.startswith(f"notes/app.toml: {mistake}")
    assert "secret" not in line


def test_two_releases_at_a_time_can_not_migrate(mistakes) -> None:
    more = '[commands]\nmigrate = ["notes", "migrate"]\n[deploy]\nswitch = "overlap"\nmigrate = "migrate"'
    lines = mistakes("port = 8100", "port = 8100\nsocket = true", more_app=more)
    assert [line for line in lines if "the old release would meet the new schema" in line] != []
