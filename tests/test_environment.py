"""One set of versions: constraints.txt, pyproject.toml, environment.yml and what is installed agree."""

import re
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, distribution

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from grader import sandbox

PIN = re.compile(r"(?P<name>[a-z0-9-]+)==(?P<version>[\w.]+)(?: ; (?P<marker>.+))?")


@pytest.fixture(scope="module")
def project(root):
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def pin_lines(root):
    lines = (root / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if not line.startswith("#")]


@pytest.fixture(scope="module")
def pins(pin_lines):
    """Name → version, of the pins that hold on this machine."""
    requirements = [Requirement(line) for line in pin_lines]
    here = [r for r in requirements if r.marker is None or r.marker.evaluate()]
    return {r.name: next(iter(r.specifier)).version for r in here}


def test_constraints_are_exact_versions_and_nothing_else(root, pin_lines):
    assert len(pin_lines) > 100
    assert [line for line in pin_lines if not PIN.fullmatch(line)] == []
    assert "//" not in (root / "constraints.txt").read_text(encoding="utf-8")


def test_the_ranges_in_pyproject_contain_every_pin(project, pin_lines):
    ranges = [
        *project["dependencies"],
        *(line for extra in project["optional-dependencies"].values() for line in extra),
    ]
    assert len(ranges) > 15
    for wanted in map(Requirement, ranges):
        pinned = [PIN.fullmatch(line)["version"] for line in pin_lines if line.startswith(f"{wanted.name}==")]
        assert pinned, f"{wanted.name} has no pin: run `make pins`"
        assert all(wanted.specifier.contains(version) for version in pinned), f"{wanted}: pinned to {pinned}"


def supports(project, python):
    return SpecifierSet(project["requires-python"]).contains(python)


def test_environment_yml_names_the_same_pins(root, project):
    environment = yaml.safe_load((root / "environment.yml").read_text(encoding="utf-8"))
    python, pip, by_pip = environment["dependencies"]
    assert supports(project, python.removeprefix("python="))
    assert pip == "pip"
    assert by_pip == {"pip": ["-c constraints.txt", "-e ."]}


def needed(requirement, seen):
    """Add to `seen` the names of all installed packages that `requirement` leads to, itself included."""
    name = canonicalize_name(requirement.name)
    if (name, frozenset(requirement.extras)) in seen:
        return
    seen.add((name, frozenset(requirement.extras)))
    for line in distribution(name).requires or []:
        child = Requirement(line)
        if child.marker is None or any(child.marker.evaluate({"extra": extra}) for extra in requirement.extras or [""]):
            needed(child, seen)


@pytest.mark.parametrize("extras", ["", "[test,dask,site]"])
def test_what_is_installed_is_what_is_pinned(pins, extras):
    seen = set()
    try:
        needed(Requirement(f"djdx{extras}"), seen)
    except PackageNotFoundError as error:
        pytest.fail(f"{error.name} is needed and not installed: make .venv/ready")
    names = {name for name, _ in seen} - {"djdx"}
    installed = {name: Version(distribution(name).version).public for name in names}
    assert len(installed) > 50
    assert installed == {name: pins[name] for name in installed}


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("chromium", "chromium is missing: apt-get install chromium"),
        ("no_such_module", "no_such_module is missing: pip"),
    ],
)
@pytest.mark.parametrize(("ci", "outcome"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)])
def test_what_is_missing_is_said_and_is_a_failure_in_ci(require, monkeypatch, tmp_path, name, advice, ci, outcome):
    monkeypatch.setenv("CI", ci)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(outcome, match=advice):
        require(name)


def test_ci_installs_every_program_that_tests_require(root):
    from conftest import PROGRAMS

    script = (root / ".ci" / "system-packages").read_text(encoding="utf-8")
    assert PROGRAMS
    assert [package for package in PROGRAMS.values() if not re.search(rf"^  {package}\b", script, re.MULTILINE)] == []


def test_a_sandbox_shows_an_environment_that_lies_in_tmp_elsewhere(monkeypatch):
    """A submission has a /tmp of its own, which would hide the environment: everybody had 0 marks then."""
    monkeypatch.setattr(sys, "prefix", "/tmp/course/.venv")
    monkeypatch.setattr(sys, "base_prefix", "/opt/python")
    options = list(sandbox._python())
    shown = {options[i + 1]: options[i + 2] for i, option in enumerate(options) if option == "--ro-bind"}
    assert shown["/tmp/course/.venv"] == "/python/tmp/course/.venv"
    assert shown["/opt/python"] == "/opt/python"


def test_this_python_is_one_that_the_course_supports(project):
    assert supports(project, ".".join(map(str, sys.version_info[:3])))
