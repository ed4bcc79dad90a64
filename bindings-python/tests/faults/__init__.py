"""Plays the fault cases of `tests/wire`: the files of every language. Their `README.md` says what the keys mean."""
