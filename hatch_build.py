"""Compiles the catalogues before a wheel is packed, so that an installation finds them ready; never edits a source."""

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileCatalogues(BuildHookInterface[Any]):
    """Writes `bot.mo` beside every `bot.po`; `force-include` in pyproject.toml packs both."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Run by hatchling before each build."""
        for source in sorted(Path(self.root, "locales").glob("*/LC_MESSAGES/bot.po")):
            with source.open("rb") as file:
                catalogue = read_po(file, locale=source.parts[-3])
            fresh = source.with_suffix(".mo.new")
            with fresh.open("wb") as file:
                write_mo(file, catalogue)
            fresh.replace(source.with_suffix(".mo"))  # a shop that starts meanwhile reads one of the two whole
