"""How a deploy speaks: sizes, and a line for each step. Pure."""


def size(count: float) -> str:
    """`12.3 MB`, in the units that disks are sold in."""
    for unit in ("kB", "MB"):
        count /= 1000
        if count < 1000:
            return f"{count:.1f} {unit}"
    return f"{count / 1000:.1f} GB"


def step_line(title: str, said: str, took_s: float) -> str:
    """A step on one line: what, with what result, how long it took."""
    return f"  {title:<14} {said}  ({took_s:.1f} s)"
