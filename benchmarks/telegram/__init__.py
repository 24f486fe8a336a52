"""Setrum on Telegram beside plain bots of two libraries: the same purchases, the same supplier, one run."""
