"""Builds and installs what is measured. What is ours must build; where a language's tools are missing, and for peers that
do not build, the reason is in `Client.missing`."""

import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from driver.clients import HERE, ROOT, target

# What has to be on the PATH, beside cargo and this Python.
TOOLS = {"node": ("node", "npm"), "c": ("cc",), "kotlin": ("java", "mvn")}
DEPENDENCY_PLUGIN = "3.8.1"


class Failed(Exception):
    """A build that failed, with its last words."""


def run(*command, cwd=HERE):
    done = subprocess.run([str(word) for word in command], cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        last = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()][-1:]
        raise Failed(f"{' '.join(str(word) for word in command[:4])} ...: {''.join(last)}")
    return done.stdout


def cargo(folder, *options):
    run("cargo", "build", "--release", *options, cwd=folder)


def own(clients):
    """Builds what is ours. Returns the files whose sizes are shown."""
    # All at once, whatever is measured, so that features and with them figures are always the same. Not --locked: the
    # lock file is behind whenever the core's dependencies change.
    cargo(HERE)
    files = {}
    for client in clients:
        missing = [tool for tool in TOOLS.get(client.language, ()) if not shutil.which(tool)]
        if missing:
            client.missing = f"{' and '.join(missing)} not on the PATH"
        elif client.language in OWN:
            files |= OWN[client.language](client) or {}
    return files


def peer(client):
    """Builds or installs a peer; on failure says why in `client.missing`."""
    try:
        if client.language == "rust":
            cargo(client.workspace, "-p", client.source)
            return
        stamp = client.folder / ".installed"
        if stamp.exists():
            return
        if client.language == "python":
            environment(client, client.source)
        else:
            packages(client, *client.source.split())
        stamp.touch()
    except (Failed, OSError) as error:
        client.missing = str(error)


def wheel():
    """The wheel that `make` builds."""
    wheels = sorted((ROOT / "dist").glob("tidegate-*.whl"), key=lambda file: file.stat().st_mtime)
    if not wheels:
        raise Failed("there is no wheel in dist/: run `make bench`, which builds it first")
    return wheels[-1]


def environment(client, *install):
    """A virtual environment of its own, so that nothing of one client is loaded by another."""
    python = client.folder / "bin" / "python"
    if not python.exists():
        run(sys.executable, "-m", "venv", client.folder)
    if install:
        run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *install)
    return python


def python(client):
    if client.package == "tidegate":
        environment(client, "--no-index", "--no-deps", "--force-reinstall", wheel())
        return {"wheel": wheel()}
    site = run(environment(client), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
    shutil.copy(target(HERE) / f"lib{client.source}.so", f"{site}/{client.source}.abi3.so")
    return {}


def packages(client, *install):
    """A folder with npm packages of its own."""
    client.folder.mkdir(parents=True, exist_ok=True)
    (client.folder / "package.json").write_text('{"private": true}\n')
    run("npm", "install", "--silent", "--no-audit", "--no-fund", *install, cwd=client.folder)


def node(client):
    """The package as npm packs it, with the native half that its platform package would bring."""
    client.folder.mkdir(parents=True, exist_ok=True)
    if client.package == "napifloor":
        shutil.copy(target(HERE) / "libnapifloor.so", client.folder / "napifloor.node")
        return {}
    package = ROOT / "bindings-node"
    run("node", "build.js", cwd=package)
    pack = ("npm", "pack", "--silent", "--ignore-scripts", "--pack-destination", client.folder)
    archive = client.folder / run(*pack, cwd=package).split()[-1]
    modules = client.folder / "node_modules"
    shutil.rmtree(modules, ignore_errors=True)
    with tarfile.open(archive) as packed:
        packed.extractall(modules, filter="data")
    (modules / "package").rename(modules / client.package)
    [native] = package.glob("*.node")
    return {"node": Path(shutil.copy(native, modules / client.package))}


def c(client):
    client.folder.mkdir(parents=True, exist_ok=True)
    library = target(ROOT) / "libtidegate_ffi.so"
    # The one for mobile apps first, as both have the same name.
    run(ROOT / "bindings-ffi" / "mobile.sh")
    mobile = Path(shutil.copy(library, client.folder / "mobile.so"))
    cargo(ROOT, "--locked", "-p", client.source)
    library = Path(shutil.copy(library, client.folder))
    include = ROOT / "bindings-ffi" / "include"
    options = ("-O2", f"-I{include}", "-L.", "-ltidegate_ffi", "-lpthread", "-Wl,-rpath,$ORIGIN")
    run("cc", HERE / "c" / "main.c", *options, "-o", "bench", cwd=client.folder)
    return {"c": library, "mobile": mobile}


def kotlin(client):
    """Its benchmark is among the tests of the Maven module, which builds the library too."""
    module = ROOT / "bindings-ffi" / "kotlin"
    client.folder.mkdir(parents=True, exist_ok=True)
    jars = client.folder / "jars"
    list_jars = f"org.apache.maven.plugins:maven-dependency-plugin:{DEPENDENCY_PLUGIN}:build-classpath"
    run(
        "mvn",
        "--quiet",
        "--batch-mode",
        "test-compile",
        list_jars,
        f"-Dmdep.outputFile={jars}",
        "-Dmdep.includeScope=test",
        cwd=module,
    )
    built = module / "target"
    (client.folder / "classpath").write_text(f"{built / 'test-classes'}:{built / 'classes'}:{jars.read_text().strip()}")
    return {}


OWN = {"python": python, "node": node, "c": c, "kotlin": kotlin}
