"""Builds and installs what is measured. What is ours must build; a peer that does not is left out, with the reason."""

import shutil
import subprocess
import sys

from driver.clients import ENV, HERE, ROOT, target


class Failed(Exception):
    """A build that failed, with its last words."""


def run(*command, cwd=HERE):
    done = subprocess.run([str(word) for word in command], cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        last = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()][-1:]
        raise Failed(f"{' '.join(str(word) for word in command[:4])} ...: {''.join(last)}")


def cargo(folder, *packages):
    # Not --locked: the lock file is behind whenever the core's dependencies change.
    options = [option for package in packages for option in ("-p", package)]
    run("cargo", "build", "--release", *options, cwd=folder)


def wheel():
    """The wheel that `make` builds."""
    wheels = sorted((ROOT / "dist").glob("tidegate-*.whl"), key=lambda file: file.stat().st_mtime)
    if not wheels:
        raise Failed("there is no wheel in dist/: run `make bench`, which builds it first")
    return wheels[-1]


def environment(name, *install):
    """A virtual environment of its own, so that nothing of one client is loaded by another."""
    python = ENV / name / "bin" / "python"
    if not python.exists():
        run(sys.executable, "-m", "venv", ENV / name)
    if install:
        run(
            python,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            *install,
        )
    return python


def site(python):
    """Where an environment has its packages."""
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    return subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def own():
    cargo(HERE, "upstream", "rustfloor", "pyo3floor", "ours")
    python = environment("pyo3floor")
    shutil.copy(target(HERE) / "libpyo3floor.so", f"{site(python)}/pyo3floor.abi3.so")
    environment("tidegate", "--no-index", "--no-deps", "--force-reinstall", wheel())


def peer(client):
    """Builds or installs a peer; on failure says why in `client.missing`."""
    try:
        if client.language == "rust":
            cargo(client.folder, client.source)
        else:
            stamp = ENV / client.name / ".installed"
            if not stamp.exists():
                environment(client.name, client.source)
                stamp.touch()
    except (Failed, OSError) as error:
        client.missing = str(error)
