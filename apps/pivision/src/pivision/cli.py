"""The command `pivision`: each part adds its own commands; errors are shown as sentences."""

import click

from pivision import ending
from pivision.devices.commands import devices
from pivision.pictures.commands import fsck, retention
from pivision.replay.commands import replay_command
from pivision.sample.commands import sample_camera
from pivision.serving import serve_appliance
from pivision.telling.commands import subscribers
from pivision.upkeep.commands import doctor, export_events, restore
from pivision.users_commands import users
from pivision.worker.commands import work


def main() -> None:
    """Entry point."""
    ending.run(pivision)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="pivision")
def pivision() -> None:
    """A camera appliance that notices. DATABASE_PATH names its database, DATA_PATH the folder of its pictures."""


_COMMANDS = (
    serve_appliance, work, doctor, devices, users, subscribers, replay_command, export_events, restore, fsck, retention,
    sample_camera,
)  # fmt: skip
for command in _COMMANDS:
    pivision.add_command(command)


if __name__ == "__main__":
    main()
