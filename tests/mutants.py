"""Mutants of the modules that have changed: `python -m tests.mutants [BASE]`, or `make mutants BASE=…`.

mutmut changes one operator, constant or argument at a time, in a copy of the tree, and runs the tests that
mirror the module. A mutant that no test notices survives: it is named, and shows what is not protected.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

from tests import ROOT

PACKAGES = ("cleaning", "crawlers", "flows", "output", "tamis", "web")
COPY = ROOT / ".mutants"
SECONDS = 1500  # what is not checked by then is told


def main() -> int:
    """Mutate, test and report; gives 0 whatever survived, and 1 where the tests fail without any mutant."""
    base = sys.argv[1] if len(sys.argv) > 1 and sys.argv[1] else default_base()
    modules = changed_modules(base)
    if not modules:
        print(f"no module of {', '.join(PACKAGES)} has changed since {base}")
        return 0
    tests = sorted({path for module in modules for path in mirrored_tests(module)})
    print(f"{len(modules)} modules changed since {base}; their tests: {', '.join(tests)}")
    copy_tree()
    configure(modules, tests)
    log = COPY / "mutmut.log"
    if not run_mutmut(log):
        print(f"{log.read_text('utf-8', errors='replace')[-3000:]}\nmutmut ended; its log is {log}")
        return 1
    told = _mutmut("results", "--all", "true")
    print(summary(told))
    return 0


def default_base() -> str:
    """Name the commit to compare with: where this branch left origin/main, the last tag, or the parent."""
    for words in (
        ["merge-base", "HEAD", "origin/main"],
        ["describe", "--tags", "--abbrev=0"],
        ["rev-parse", "HEAD~1"],
    ):
        found = subprocess.run(["git", *words], capture_output=True, text=True, cwd=ROOT, check=False)
        if found.returncode == 0:
            return found.stdout.strip()
    sys.exit("no commit to compare with; give one: make mutants BASE=COMMIT")


def changed_modules(base: str) -> list[str]:
    """List the modules that differ from a commit, in the working tree."""
    told = _git("diff", "--name-only", "--diff-filter=AMR", base, "--", *PACKAGES)
    return [path for path in told if path.endswith(".py") and not path.endswith("__init__.py")]


def mirrored_tests(module: str) -> list[str]:
    """Find a module's own tests, else those of the nearest folder; for cleaning, the cases too."""
    path = Path("tests/unit", module)
    own = path.with_name(f"test_{path.name}")
    cases = ["tests/cases/test_page_cases.py"] if module.startswith("cleaning/") else []
    if (ROOT / own).exists():
        return [str(own), *cases]
    folder = next(
        (folder for folder in path.parents if any((ROOT / folder).glob("test_*.py"))), Path("tests/unit")
    )
    return [str(folder), *cases]


def copy_tree() -> None:
    """Copy what git tracks or would track to the folder in which mutmut works."""
    shutil.rmtree(COPY, ignore_errors=True)
    for name in _git("ls-files", "--cached", "--others", "--exclude-standard"):
        if (ROOT / name).is_file():
            target = COPY / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target)


def configure(modules: list[str], tests: list[str]) -> None:
    """Write mutmut's section, which differs from run to run, into the copy's pyproject.toml."""
    section = {
        "source_paths": list(PACKAGES),
        "only_mutate": modules,
        "also_copy": ["Makefile", "README.md", "CONTRIBUTING.md"],
        "pytest_add_cli_args_test_selection": tests,
        "pytest_add_cli_args": ["-p", "no:cacheprovider"],
    }
    lines = "\n".join(f"{key} = {value!r}" for key, value in section.items())
    with (COPY / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n[tool.mutmut]\nuse_git_change_detection = false\n{lines}\n")


def run_mutmut(log: Path) -> bool:
    """Run mutmut for as long as it may; tells whether it could test any mutant."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*_COMMAND, "run"],
            cwd=COPY,
            env=_environment(),
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            return process.wait(SECONDS) == 0
        except subprocess.TimeoutExpired:
            print(f"stopped after {SECONDS} seconds")
            return True
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def summary(results: str) -> str:
    """Count mutants by what became of them, and name those that no test noticed, a function a line."""
    found = re.findall(r"^\s*(\S+): (.+)$", results, re.MULTILINE)
    counts = ", ".join(f"{count} {state}" for state, count in Counter(state for _, state in found).items())
    unnoticed = defaultdict(list)
    for name, state in found:
        if state in ("survived", "no tests"):
            function, _, number = name.rpartition("_")
            unnoticed[function].append(number)
    alive = "\n".join(f"  {function}_{{{','.join(numbers)}}}" for function, numbers in unnoticed.items())
    shown = f"\n(cd {COPY.name} && mutmut show NAME) shows what one changes" if alive else ""
    return f"{len(found)} mutants: {counts}\n{alive}{shown}"


_COMMAND = (sys.executable, "-m", "mutmut")


def _mutmut(*words: str) -> str:
    return subprocess.run(
        [*_COMMAND, *words], capture_output=True, text=True, cwd=COPY, env=_environment(), check=True
    ).stdout


def _environment() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}


def _git(*words: str) -> list[str]:
    return subprocess.run(
        ["git", *words], capture_output=True, text=True, cwd=ROOT, check=True
    ).stdout.splitlines()


if __name__ == "__main__":
    sys.exit(main())
