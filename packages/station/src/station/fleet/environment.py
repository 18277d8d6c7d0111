"""What an app's processes are told through their environment. Pure."""

from station.fleet.model import App, Host, Process


def app_environment(app: App, host: Host, process: Process | None = None) -> dict[str, str]:
    """The variables of the hosting contract for one process, or without PORT for a command of the app.

    Nothing of the caller's own environment is in it; whoever starts the process adds PATH.
    """
    paths = host.paths
    environment = {
        **app.environment,
        "DATA_PATH": str(paths.data(app.name) / app.files.data_path),
        "CREDENTIALS_DIRECTORY": str(paths.credentials(app.name)),
        "HOST_NAME": host.name,
        "BIND": app.bind,
    }
    for database in app.databases.values():
        environment[database.env] = str(paths.database(app.name, database))
    if process is not None and process.port is not None:
        environment["PORT"] = str(process.port)
    return environment
