"""`station completion`: the script that teaches a shell our commands, apps and hosts."""

import click
from click.shell_completion import get_completion_class

COMPLETE_VARIABLE = "_STATION_COMPLETE"


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the completion script of a shell.

    \b
    bash:  station completion bash >> ~/.bashrc
    zsh:   station completion zsh >> ~/.zshrc
    fish:  station completion fish > ~/.config/fish/completions/station.fish
    """
    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"There is no completion for {shell}.")
    click.echo(kind(ctx.find_root().command, {}, "station", COMPLETE_VARIABLE).source())
