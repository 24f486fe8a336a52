"""What kind of disk a directory is on, as the kernel's table of mounts says. Knows nothing of what is stored there."""

import re
from pathlib import Path

_MOUNTS = Path("/proc/self/mountinfo")
_IN_MEMORY = ("tmpfs", "ramfs")


def in_memory(directory: Path, mounts: Path = _MOUNTS) -> str | None:
    """The kind of file system if the directory is lost when the machine stops (`tmpfs`); None if it is not, or unknown.

    The table is Linux's; elsewhere nothing is known.
    """
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    place, deepest, kind = directory.resolve(), -1, ""
    for line in lines:
        before, dash, after = line.partition(" - ")
        fields = before.split(" ")
        if not dash or len(fields) < 5:
            continue
        point = Path(_unescaped(fields[4]))
        if place.is_relative_to(point) and len(point.parts) >= deepest:  # the last of equals covers the others
            deepest, kind = len(point.parts), after.split(" ")[0]
    return kind if kind in _IN_MEMORY else None


def _unescaped(text: str) -> str:
    """A path as the table writes it, with blanks and backslashes as octal numbers."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), text)
