"""What stands in the files of a database, deleted or not: what whoever copies them can read."""

from pathlib import Path


def traces(database: Path, *words: str) -> list[str]:
    """Which of the words are there."""
    files = [database, database.with_name(database.name + "-wal")]
    held = b"".join(one.read_bytes() for one in files if one.is_file())
    return [word for word in words if word.encode() in held]
