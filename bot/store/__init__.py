"""Databases behind the `Store` port: SQLite through aiosqlite, migrations and named queries. Knows no business."""
