"""A string that is `"$name"` as a whole stands for a value."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from typing import Any, TypeAlias

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | None"
"""What a JSON document holds."""


def fill(value: Json, variant: dict[str, Any], *others: dict[str, Any]) -> Any:
    """Replaces all words; the first place that knows one wins. Those of the variant must all be used."""
    words = ChainMap(variant, *others)
    used: set[str] = set()

    def replace(value: Json) -> Json:
        match value:
            case str() if value.startswith("$"):
                word = value[1:]
                if word not in words:
                    raise ValueError(f"the word '{word}' stands for nothing")
                used.add(word)
                return replace(words[word])
            case list():
                return [replace(item) for item in value]
            case dict():
                return {key: replace(item) for key, item in value.items()}
            case _:
                return value

    filled = replace(value)
    if unused := variant.keys() - used:
        raise ValueError(f"words that are never used: {sorted(unused)}")
    return filled


def place(value: Json, addresses: Mapping[str, str]) -> Json:
    """Replaces `{name}` by the address of the upstream `name` in every string."""
    match value:
        case str():
            for name, address in addresses.items():
                value = value.replace(f"{{{name}}}", address)
            return value
        case list():
            return [place(item, addresses) for item in value]
        case dict():
            return {key: place(item, addresses) for key, item in value.items()}
        case _:
            return value
