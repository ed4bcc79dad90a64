"""Policies tried against a bad hour, in virtual time."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import tidegate
from tidegate import simulate

CONFIG: Any = {"routes": {"support": {"targets": ["openai/gpt-5-mini", "anthropic/claude-sonnet-4-5"]}}}
PROFILE = """
route = "support"
rate = 5
arrivals = "regular"
duration = "30s"
prompt_tokens = 1000
output_tokens = 0

[targets."openai/gpt-5-mini"]
latency = "800ms"
price = { input = 0.25 }
events = [{ kind = "outage", from = "10s", to = "20s" }]

[targets."anthropic/claude-sonnet-4-5"]
latency = "900ms"
"""


def test_an_outage_before_and_after() -> None:
    report = simulate(CONFIG, PROFILE)
    before, after = report.before, report.after
    assert (before.requests, before.failures, before.kinds) == (150, 50, {"overloaded": 50})
    assert (after.requests, after.failures, after.hedges) == (150, 0, 0)
    assert before.error_rate == pytest.approx(1 / 3)
    assert before.latency.p95 == 0.8
    assert before.cost.usd == Decimal("0.025")
    # All calls of the outage, and a few until the breaker has let the primary back.
    assert 50 <= after.targets[1]["answers"] < 70
    assert (report.route, report.seed, report.rate, report.duration) == ("support", 1, 5.0, 30.0)
    assert report.to_dict()["after"] == after.to_dict()
    assert len(after.series) == 30


def test_the_same_seed_gives_the_same_report(tmp_path: Path) -> None:
    config, profile = tmp_path / "tidegate.toml", tmp_path / "profile.toml"
    config.write_text('routes.support.targets = ["openai/gpt-5-mini", "anthropic/claude-sonnet-4-5"]')
    profile.write_text(PROFILE.replace("regular", "random"))
    one = simulate(config, str(profile), seed=7)
    two = simulate(CONFIG, PROFILE.replace("regular", "random"), seed=7)
    assert one.to_json() == two.to_json()
    assert one.to_json() != simulate(config, profile, seed=8).to_json()
    one.save(tmp_path / "report.html")
    assert (tmp_path / "report.html").read_text() == two.html()


def test_mistakes_are_errors_of_the_configuration() -> None:
    with pytest.raises(tidegate.Config, match=r"line 3: rte: unknown key, did you mean 'rate'\?"):
        simulate(CONFIG, PROFILE.replace("rate", "rte"))
    with pytest.raises(tidegate.Config, match="no-such-file"):
        simulate(CONFIG, "no-such-file.toml")
