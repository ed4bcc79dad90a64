"""The fault cases of `tests/wire`: what upstreams can do wrong, and what callers must see of it."""

from __future__ import annotations

from typing import Any

import pytest
from faults.case import Case, all_cases
from faults.play import Player, Tasks, Threads, play

CASES = list(all_cases())
OURS = [case for case in CASES if "python" in case.runs_in]


def test_the_cases_are_all_there() -> None:
    """Guards against a list that is silently empty or short. Whoever adds a case says so here."""
    assert len(OURS) == 248
    assert [case.name for case in CASES if case.world == "live" and case not in OURS] == []


MISSPELT: list[dict[str, Any]] = [
    {"typo": 1},
    {"calls": [{"request": {}, "expect": {}, "typo": 1}]},
    {"calls": [{"request": {}, "expect": {"typo": 1}}]},
    {"calls": [{"request": {}, "expect": {}, "cancel": {"typo": 1}}]},
    {"config_error": {"typo": 1}},
    {"then": {"typo": 1}},
    {"then": {"upstreams": {"a": {"typo": 1}}}},
    {"then": {"spread": {"typo": 1}}},
    {"every_cut": {"upstream": "a", "cuts": 1, "typo": 1}},
]


@pytest.mark.parametrize("fields", MISSPELT)
def test_an_unknown_key_is_an_error(fields: dict[str, Any]) -> None:
    case: dict[str, Any] = {"id": "F00", "title": "", "why": "", "runs_in": ["python"], "config": {}}
    assert Case.read("F00-x", dict(case)).calls == []
    with pytest.raises(TypeError, match="typo"):
        Case.read("F00-x", {**case, **fields})


@pytest.mark.parametrize("player", [Threads, Tasks])
@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in OURS])
def test_case(case: Case, player: type[Player]) -> None:
    play(case, player)
