"""`leeward completion`."""

import click
from click.shell_completion import get_completion_class

from console.cli.terminal.stdout import write

VARIABLE = "_LEEWARD_COMPLETE"
SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Print what makes a shell complete commands, options, queues, providers and kinds.

    \b
    bash: eval "$(leeward completion bash)"     in ~/.bashrc
    zsh:  eval "$(leeward completion zsh)"      in ~/.zshrc
    fish: leeward completion fish > ~/.config/fish/completions/leeward.fish

    Names of the fleet are kept for a minute in ~/.cache/leeward, so that no key press waits for a server.
    """  # noqa: D301 # \b makes click keep these lines
    found = get_completion_class(shell)
    if found is None:
        raise click.UsageError(f"There is no completion for {shell}.")
    context = click.get_current_context()
    write(found(context.find_root().command, {}, "leeward", VARIABLE).source())
