"""What a store raises; foreign exceptions are mapped to these at the seam and carry no statement values."""


class StoreError(Exception):
    """The database could not do it; nothing of the unit is on disk."""


class NewerSchemaError(StoreError):
    """The database was written by a newer Setrum; this one must not touch it."""


class LockedError(StoreError):
    """Another process works on this database; the text says who."""
