"""The demo: ``python -m tidegate demo``. No key, no network: three simulated vendors on loopback."""
