"""Who is measured: floors, ours, peers; in which modes; and how each is started."""

import os
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
ROOT = HERE.parent.parent
ENV = HERE / "env"  # what is installed, results; ignored by git

RUST_MODES = ("conc64", "seq", "large", "stream1", "stream32")
PYTHON_MODES = ("conc64", "thr64", "seq", "large", "stream1", "stream32", "import", "first")
NODE_PEER_MODES = ("conc64", "seq", "large", "stream1", "stream32", "require", "first")
NODE_MODES = (*NODE_PEER_MODES, "loop1000")  # where some peers take a minute
POLICY_MODES = ("conc64", "stream1")
C_MODES = ("conc64", "seq", "stream1")
KOTLIN_MODES = ("conc64", "seq")

# Whom the clients of a language are compared with.
FLOORS = {
    "rust": "rust/reqwest",
    "python": "python/pyo3floor",
    "node": "node/napifloor",
    "c": "rust/tidegate",
    "kotlin": "c/tidegate",
}


@dataclass
class Client:
    language: str
    name: str
    source: str  # a cargo package, or what pip or npm installs
    modes: tuple
    peer: bool = False
    missing: str = ""  # why it could not be built, installed or run

    @property
    def key(self):
        return f"{self.language}/{self.name}"

    @property
    def workspace(self):
        """The cargo workspace."""
        return HERE / "peers" if self.peer else HERE

    @property
    def package(self):
        """What is installed for it."""
        return "tidegate" if self.name == "policies" else self.name

    @property
    def folder(self):
        """Where it is installed. It also runs there."""
        return ENV / self.package if self.language == "python" else ENV / self.language / self.package

    def command(self, mode, base, seconds):
        return [*self.program(), mode, base, str(seconds)]

    def program(self):
        match self.language:
            case "rust":
                return [target(self.workspace) / f"rust-{self.name}"]
            case "python":
                return [self.folder / "bin" / "python", HERE / "python" / "runner.py", self.name]
            case "node":
                return ["node", "--expose-gc", HERE / "node" / "runner.mjs", self.name]
            case "c":
                return [self.folder / "bench"]
            case "kotlin":
                return ["java", "-cp", (self.folder / "classpath").read_text(), "tidegate.BenchKt"]


def target(folder):
    """Where cargo puts what it builds of a workspace."""
    return Path(os.environ.get("CARGO_TARGET_DIR", folder / "target")) / "release"


def own():
    """The floors and ours."""
    return [
        Client("rust", "hyper", "rustfloor", RUST_MODES),
        Client("rust", "reqwest", "rustfloor", RUST_MODES),
        Client("rust", "tidegate", "ours", RUST_MODES),
        Client("rust", "policies", "ours", POLICY_MODES),
        Client("c", "tidegate", "tidegate-ffi", C_MODES),
        Client("kotlin", "tidegate", "tidegate-ffi", KOTLIN_MODES),
        Client("python", "pyo3floor", "pyo3floor", PYTHON_MODES),
        Client("python", "tidegate", "dist/tidegate-*.whl", PYTHON_MODES),
        Client("python", "policies", "dist/tidegate-*.whl", POLICY_MODES),
        Client("node", "napifloor", "napifloor", NODE_MODES),
        Client("node", "tidegate", "tidegate-node", NODE_MODES),
        Client("node", "policies", "tidegate-node", POLICY_MODES),
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
        Client("node", "openai", "openai", NODE_PEER_MODES, peer=True),
        Client("node", "ai", "ai @ai-sdk/openai", NODE_PEER_MODES, peer=True),
        Client("node", "liter-llm", "@xberg-io/liter-llm", NODE_PEER_MODES, peer=True),
    ]


def choose(clients, only):
    """Those that have a mode with this text in its LANGUAGE/CLIENT/MODE, in these modes, and whom they are compared
    with."""
    wanted = {(client.key, mode) for client in clients for mode in client.modes if only in f"{client.key}/{mode}"}
    wanted |= {(FLOORS[key.split("/")[0]], mode) for key, mode in wanted}
    for client in clients:
        client.modes = tuple(mode for mode in client.modes if (client.key, mode) in wanted)
    return [client for client in clients if client.modes]
