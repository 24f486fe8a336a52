"""Setrum sells prepaid electricity tokens by chat. The floors of the house are drawn in docs/architecture.md."""

__version__ = "0.1.0"
