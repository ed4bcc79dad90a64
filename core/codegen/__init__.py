"""Writes the types of every language from `core/model.schema.json`, which is derived from the core's own types."""
