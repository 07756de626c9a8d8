# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How an artifact is assembled from a package registry. The result has the layout of the official file."""

from __future__ import annotations

import gzip
import json
import shutil
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable
from xml.sax.saxutils import escape

from ansible_collections.kraftops.kafka.packaging.store import Wanted
from ansible_collections.kraftops.kafka.packaging.tools import Tools
from ansible_collections.kraftops.kafka.plugins.module_utils._artifact_catalogue import ArtifactError

_POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>kraftops</groupId><artifactId>artifacts</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>{dependencies}</dependencies>
</project>
"""
_EXECUTABLE = 0o755
_PLAIN = 0o644


@dataclass(frozen=True)
class Made:
    """A finished file, where its parts came from, and what is in it."""

    path: Path
    origin: str
    contents: list[str]


def build(wanted: Wanted, work: Path, tools: Tools) -> Made:
    """Assemble one artifact in a temporary folder."""
    recipe = wanted.entry["recipe"]
    builders: dict[str, Callable[[Wanted, Path, Tools], Made]] = {
        "maven": _maven,
        "go": _go,
        "cargo": _cargo,
        "pip": _pip,
    }
    if recipe.get("type") not in builders:
        raise ArtifactError(f"{wanted.label}: unknown recipe {recipe.get('type')}. Known: {', '.join(builders)}.")
    return builders[recipe["type"]](wanted, work, tools)


def _maven(wanted: Wanted, work: Path, tools: Tools) -> Made:
    recipe = wanted.entry["recipe"]
    coordinates: list[str] = recipe["coordinates"] + recipe.get("extra_coordinates", [])
    libs = work / "libs"
    (work / "pom.xml").write_text(_POM.format(dependencies="".join(map(_dependency, coordinates))), encoding="utf-8")
    copy = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={libs}"]
    tools.run(["mvn", "-B", "-ntp", "-f", str(work / "pom.xml"), *copy], work)
    origin = "Maven: " + ", ".join(coordinates)
    if wanted.entry["kind"] == "file":
        jar = libs / wanted.entry["file"]
        return Made(jar.rename(work / jar.name), origin, [jar.name])
    files = {f"{recipe['folder']}/{jar.name}": jar for jar in libs.glob("*.jar")}
    return Made(pack(work / wanted.entry["file"], files, executable=False), origin, sorted(files))


def _dependency(coordinate: str) -> str:
    group, name, version = map(escape, coordinate.split(":"))
    return f"<dependency><groupId>{group}</groupId><artifactId>{name}</artifactId><version>{version}</version></dependency>"


def _go(wanted: Wanted, work: Path, tools: Tools) -> Made:
    recipe = wanted.entry["recipe"]
    module = f"{recipe['module']}@{recipe['module_version']}"
    # One binary must run on every supported release, so it must not link the C library of this one.
    env = {"CGO_ENABLED": "0", "GOWORK": "off", "GOCACHE": str(work / "cache"), "GOFLAGS": tools.go_flags()}
    source = _go_source(module, recipe, work, tools, env)
    files: dict[str, Path] = {}
    for program, package in recipe["programs"].items():
        path = work / "bin" / program
        command = ["go", "build", "-p", "2", "-trimpath", "-o", str(path), "-ldflags", recipe.get("ldflags", "")]
        tools.run([*command, "-tags", recipe.get("tags", ""), package], source, env)
        files[f"{recipe['folder']}/{program}"] = path
    return Made(pack(work / wanted.entry["file"], files, executable=True), f"Go module: {module}", sorted(files))


def _go_source(module: str, recipe: dict[str, Any], work: Path, tools: Tools, env: dict[str, str]) -> Path:
    """Copy the module out of the read-only download cache; files that the module leaves out are put in."""
    answer = json.loads(tools.run(["go", "mod", "download", "-json", module], work, env))
    source = work / "source"
    shutil.copytree(answer["Dir"], source)
    for path in [source, *source.rglob("*")]:
        path.chmod(_EXECUTABLE if path.is_dir() else _PLAIN)
    for name, text in recipe.get("stubs", {}).items():
        stub = source / name
        stub.parent.mkdir(parents=True, exist_ok=True)
        stub.write_text(text, encoding="utf-8")
    return source


def _cargo(wanted: Wanted, work: Path, tools: Tools) -> Made:
    recipe = wanted.entry["recipe"]
    env = {"CARGO_TARGET_DIR": str(work / "target")}
    command = ["cargo", "install", "--locked", "--jobs", "2", "--root", str(work / "root"), "--no-track"]
    tools.run([*command, "--version", wanted.version, recipe["crate"]], work, env)
    prefix = recipe["folder"] + "/" if recipe["folder"] else ""
    files = {prefix + program: work / "root" / "bin" / program for program in recipe["programs"]}
    made = pack(work / wanted.entry["file"], files, executable=True)
    return Made(made, f"crate: {recipe['crate']} {wanted.version}", sorted(files))


def _pip(wanted: Wanted, work: Path, tools: Tools) -> Made:
    package = f"{wanted.entry['recipe']['package']}=={wanted.version}"
    tools.run(
        [tools.python, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "-d", str(work), package], work
    )
    wheel = work / wanted.entry["file"]
    if not wheel.exists():
        found = ", ".join(sorted(path.name for path in work.glob("*.whl"))) or "nothing"
        raise ArtifactError(f"{wanted.label}: pip gave {found}, expected {wheel.name}.")
    return Made(wheel, f"Python package: {package}", [wheel.name])


def pack(path: Path, files: dict[str, Path], *, executable: bool) -> Path:
    """Make a .tar.gz whose bytes depend only on the content of the files."""
    with (
        path.open("wb") as raw,
        gzip.GzipFile("", "wb", 6, raw, mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.USTAR_FORMAT) as archive,
    ):
        for name in sorted(files):
            member = tarfile.TarInfo(name)
            member.size = files[name].stat().st_size
            member.mode = _EXECUTABLE if executable else _PLAIN
            with files[name].open("rb") as content:
                archive.addfile(member, content)
    return path
