"""A year in the life of a shop, moved by chance, and its summaries held against three recounts that know no summary."""
