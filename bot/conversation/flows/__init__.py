"""The flows: this project's conversation handlers, one script a file. A flow has no clock, store, locale or channel."""
