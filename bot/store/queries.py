"""The named queries, loaded once from `sql/queries/*.sql`: the store owns the words of SQL, services what is done."""

from functools import cache
from importlib.resources import as_file, files

import aiosql


@cache
def load() -> dict[str, str]:
    """Query name → SQL with `:name` parameters."""
    statements: dict[str, str] = {}
    with as_file(files("bot.store") / "sql" / "queries") as folder:
        for path in sorted(folder.glob("*.sql")):
            loaded = aiosql.from_path(path, "sqlite3", mandatory_parameters=False)
            for name in loaded.available_queries:
                if name.endswith("_cursor"):
                    continue
                if name in statements:
                    raise ValueError(f"two queries are named {name}")
                statements[name] = getattr(loaded, name).sql
    return statements
