"""What a column may lack is asked for by shapes and scalars that may lack it, too."""

import ast
import dataclasses
import importlib
import re
import types
from collections.abc import Iterator
from pathlib import Path
from sqlite3 import Connection
from typing import Any, Union, get_args, get_origin, get_type_hints

import bot
from bot.store import queries
from tests.world import World

_ROOT = Path(bot.__file__).parent
_NAMED = re.compile(r"\b(?:FROM|JOIN)\s+(?P<table>[a-z_]+)(?:\s+(?:AS\s+)?(?P<name>[a-z_]+))?")
_COLUMN = re.compile(r"(?:(?P<of>\w+)\.)?(?P<column>\w+|\*)(?:\s+AS\s+(?P<alias>\w+))?", re.IGNORECASE)
_AGGREGATE = re.compile(r"(?:MAX|MIN|SUM|AVG)\(", re.IGNORECASE)


def _asked() -> Iterator[tuple[str, Any, str]]:
    """Every query that code asks for by its name: where, as which shape, and which."""
    for path in sorted(_ROOT.rglob("*.py")):
        name = ".".join(("bot", *path.relative_to(_ROOT).with_suffix("").parts)).removesuffix(".__init__")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match call:
                case ast.Call(ast.Attribute(attr="one" | "all"), [ast.Name(shape), ast.Constant(str(query)), *_]):
                    module = importlib.import_module(name)
                    yield f"{name}:{call.lineno}", getattr(module, shape, {"int": int, "str": str}.get(shape)), query


def _listed(statement: str) -> list[str]:
    """What the outermost SELECT lists, or a change returns: cut at the commas that stand in no brackets."""
    depth, found = 0, list[str]()
    for word in re.findall(r"\w+|\W", statement):
        depth += {"(": 1, ")": -1}.get(word, 0)
        if depth == 0 and word == "FROM" and found:
            break
        if depth == 0 and (word in ("SELECT", "RETURNING") or (word == "," and found)):
            found.append("")
        elif found:
            found[-1] += word
    return [" ".join(one.split()).removeprefix("DISTINCT ").strip(" ;") for one in found]


def _may_be_absent(statement: str, tables: dict[str, dict[str, bool]]) -> set[str]:
    """What of its answer can be NULL, by name: columns that may be, and aggregates over nothing."""
    named = {one["name"] or one["table"]: one["table"] for one in _NAMED.finditer(_outermost(statement))}
    named |= {table: table for table in named.values()}
    found: set[str] = set()
    for one in _listed(statement):
        if _AGGREGATE.match(one) and "GROUP BY" not in statement:
            found.add(one.rpartition(" AS ")[2])
        if (plain := _COLUMN.fullmatch(one)) is None:
            continue
        of, column = plain["of"], plain["column"]
        for table in [named.get(of, "")] if of else set(named.values()):
            nullable = tables.get(table, {})
            names = list(nullable) if column == "*" else [column]
            found |= {plain["alias"] or name for name in names if nullable.get(name) and not _given(name, statement)}
    return found


def _outermost(statement: str) -> str:
    """Without what stands in brackets."""
    while (shorter := re.sub(r"\([^()]*\)", "", statement)) != statement:
        statement = shorter
    return statement


def _given(column: str, statement: str) -> bool:
    """Whether the query leaves out what lacks it."""
    return bool(re.search(rf"\b{column} (IS NOT NULL|>=?|<=?|=|IN)\s", statement))


def _takes_none(kind: Any) -> bool:
    return get_origin(kind) in (Union, types.UnionType) and type(None) in get_args(kind)


async def test_nothing_that_may_be_absent_is_taken_for_a_number_or_a_text(shop: World) -> None:
    def read(connection: Connection) -> dict[str, dict[str, bool]]:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            name: {row[1]: not (row[3] or row[5]) for row in connection.execute(f"PRAGMA table_info({name})")}
            for name in names
        }

    tables, statements = await shop.store.raw(read), queries.load()
    wrong: list[str] = []
    seen = 0
    for where, shape, query in _asked():
        seen += 1
        absent = _may_be_absent(statements[query], tables)
        if dataclasses.is_dataclass(shape):
            hints = get_type_hints(shape)
            wrong += [f"{where} {query}.{name}" for name in absent if name in hints and not _takes_none(hints[name])]
        elif absent:
            wrong.append(f"{where} {query}")
    assert seen > 300
    assert "\n".join(wrong) == ""
