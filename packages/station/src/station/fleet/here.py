"""Which host of its fleet this machine is: it says so itself, so that two of them are not taken for one."""

from pathlib import Path

WHO_AM_I = Path("/etc/station/host")  # the name in the fleet, put there by an apply


def name_here(root: Path = Path("/")) -> str:
    """The name in the fleet of the machine whose files are below `root`, "" when it has none."""
    try:
        return (root / WHO_AM_I.relative_to("/")).read_text(encoding="utf-8").strip()
    except OSError:
        return ""
