"""The Bazel targets are true: every file is in one, with what it imports.

BUILD is Python in syntax, so that Python evaluates it here, with functions
of this file in the place of Bazel's.
"""

import ast
import collections
import dataclasses
import functools
import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parent.parent
PACKAGES = ("data", "models", "vmc", "reproduce", "tests")
DATA = "pathlib.Path(__file__).parent.parent / 'data'"  # whoever finds it so needs it
RUNNER = "tests/main.py"  # Bazel wants it among the sources of each test


@dataclasses.dataclass
class Target:
    """A target; `rule` is the line of BUILD that makes it and perhaps others."""

    kind: str
    name: str
    rule: int
    srcs: list
    deps: list
    main: str | None
    args: list


@functools.cache
def targets():
    """The targets of BUILD that hold Python, a list."""
    found = []

    def rule(kind):
        def make(name, srcs, deps=(), main=None, args=(), **others):
            line = sys._getframe(1).f_lineno
            found.append(Target(kind, name, line, srcs, list(deps), main, list(args)))

        return make

    def glob(include, exclude=()):
        return [f for f in files() if matches(f, include) and not matches(f, exclude)]

    names = {
        "glob": glob,
        **{kind: rule(kind) for kind in ("py_library", "py_binary", "py_test")},
        **dict.fromkeys(("load", "package", "filegroup"), lambda *args, **options: None),
    }
    exec(compile((ROOT / "BUILD").read_text(encoding="utf-8"), "BUILD", "exec"), names)
    return found


@functools.cache
def files():
    """All files of the packages, from the root."""
    paths = (p for package in PACKAGES for p in (ROOT / package).rglob("*") if p.is_file())
    return sorted(str(path.relative_to(ROOT)) for path in paths)


def matches(path, patterns):
    """Whether one of Bazel's patterns means the file."""
    means = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*"}
    parts = (re.split(r"(\*\*/|\*\*|\*)", pattern) for pattern in patterns)
    regexes = ("".join(means.get(x) or re.escape(x) for x in part) for part in parts)
    return any(re.fullmatch(regex, path) for regex in regexes)


def python_files():
    return [path for path in files() if path.endswith(".py")]


def owners():
    """The targets of each file, by its path."""
    found = collections.defaultdict(list)
    for target in targets():
        for path in target.srcs:
            found[path].append(target.name)
    return found


def imported_files(path):
    """Our own files that a file imports, wherever in it."""
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.BinOp) and ast.unparse(node) == DATA:
            modules = ["data"]
        else:
            continue
        for module in modules:
            for name in (f"{module.replace('.', '/')}{end}" for end in (".py", "/__init__.py")):
                if name in files():
                    yield name


def needed(target):
    """The targets that a target's files import."""
    owner = owners()
    names = {owner[f][0] for path in target.srcs for f in imported_files(path)}
    # Tests need what pytest finds for them.
    return (names | ({"testing"} if target.kind == "py_test" else set())) - {target.name}


def test_every_file_is_in_one_target():
    owner = owners()
    wrong = {path: owner[path] for path in python_files() if len(owner[path]) != 1}
    assert set(wrong) <= {RUNNER}
    assert wrong[RUNNER] == [t.name for t in targets() if t.kind == "py_test"]
    assert sorted(owner) == python_files()


def test_names_are_unique_and_deps_exist():
    names = [target.name for target in targets()]
    assert len(set(names)) == len(names)
    assert {dep for target in targets() for dep in target.deps} <= {f":{name}" for name in names}


@pytest.mark.parametrize("target", targets(), ids=lambda target: target.name)
def test_deps_are_what_the_imports_say(target):
    assert sorted(needed(target) - {dep[1:] for dep in target.deps}) == []


def test_no_dep_is_more_than_that():
    """Of the targets that one rule makes, one at least needs each library."""
    libraries = {t.name for t in targets() if t.kind == "py_library"}
    unused = collections.defaultdict(lambda: set(libraries))
    for target in targets():
        unused[target.rule] -= needed(target)
    for target in targets():
        assert {dep[1:] for dep in target.deps} & unused[target.rule] == set(), target.name


def test_scripts_are_binaries():
    line = 'if __name__ == "__main__":'
    scripts = [p for p in python_files() if line in (ROOT / p).read_text("utf-8").splitlines()]
    binaries = [target for target in targets() if target.kind == "py_binary"]
    assert sorted(t.main for t in binaries) == [path for path in scripts if path != RUNNER]
    assert all(target.srcs == [target.main] for target in binaries)


def test_tests_are_run():
    tests = {t.srcs[0]: t for t in targets() if t.kind == "py_test"}
    assert sorted(tests) == [p for p in python_files() if p.split("/")[-1].startswith("test_")]
    for path, target in tests.items():
        assert (target.main, target.args) == (RUNNER, [path])


@pytest.mark.parametrize(("body", "status"), [("assert True", 0), ("assert False", 1)])
def test_the_runner_runs_them(body, status, tmp_path):
    path = tmp_path / "test_something.py"
    path.write_text(f"import models\n\ndef test():\n    {body}\n")
    command = [sys.executable, str(ROOT / RUNNER), str(path)]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert result.returncode == status, result.stdout + result.stderr
    assert f"1 {'failed' if status else 'passed'}" in result.stdout
