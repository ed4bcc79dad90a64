"""Who is measured: floors, ours, peers; in which modes; and how each is started."""

import os
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
ROOT = HERE.parent.parent
ENV = HERE / "env"  # virtual environments, results; ignored by git

RUST_MODES = ("conc64", "seq", "large", "stream1", "stream32")
PYTHON_MODES = (
    "conc64",
    "thr64",
    "seq",
    "large",
    "stream1",
    "stream32",
    "import",
    "first",
)


@dataclass
class Client:
    language: str
    name: str
    source: str  # a cargo package, or what pip installs
    modes: tuple
    peer: bool = False
    missing: str = ""  # why it could not be built, installed or run

    @property
    def key(self):
        return f"{self.language}/{self.name}"

    @property
    def folder(self):
        """The cargo workspace."""
        return HERE / "peers" if self.peer else HERE

    def command(self, mode, base, seconds):
        if self.language == "rust":
            return [target(self.folder) / f"rust-{self.name}", mode, base, str(seconds)]
        return [
            ENV / self.name / "bin" / "python",
            HERE / "python" / "runner.py",
            self.name,
            mode,
            base,
            str(seconds),
        ]


def target(folder):
    """Where cargo puts binaries of a workspace."""
    return Path(os.environ.get("CARGO_TARGET_DIR", folder / "target")) / "release"


def own():
    """The floors and ours."""
    return [
        Client("rust", "hyper", "rustfloor", RUST_MODES),
        Client("rust", "reqwest", "rustfloor", RUST_MODES),
        Client("rust", "tidegate", "ours", RUST_MODES),
        Client("python", "pyo3floor", "pyo3floor", PYTHON_MODES),
        Client("python", "tidegate", "dist/tidegate-*.whl", PYTHON_MODES),
    ]


def peers():
    """What others made, from the registries. The versions of the Rust ones are in peers/Cargo.lock."""
    return [
        Client("rust", "async-openai", "peer-async-openai", RUST_MODES, peer=True),
        Client("rust", "genai", "peer-genai", RUST_MODES, peer=True),
        Client("rust", "liter-llm", "peer-liter-llm", RUST_MODES, peer=True),
        Client("python", "openai", "openai", PYTHON_MODES, peer=True),
        Client("python", "litellm", "litellm", PYTHON_MODES, peer=True),
        Client("python", "literllm", "liter-llm", PYTHON_MODES, peer=True),
        Client("python", "tensorzero", "tensorzero", PYTHON_MODES, peer=True),
    ]
