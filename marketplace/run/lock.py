"""`make lock`: writes the two requirements files from pyproject.toml. Needs uv on PATH.

Only uv resolves for every platform and Python version at once; pip resolves for the one it runs on
and would, for example, miss what Python 3.11.2 needs when it runs on 3.11.7.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

BASE = Path(__file__).resolve().parents[2]
HEADER = """\
# Locked with hashes for CPython 3.11 to 3.14 on Linux and macOS. Not to be edited by hand:
# change pyproject.toml, then run `make lock` (needs uv).
"""
COMPILE = (
    "uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate "
    "--no-header --only-binary :all: --no-binary embit"
)
# What [tool.uv] environments adds to every line says nothing; other markers stay.
NOISE = (
    "python_full_version < '3.15'",
    "implementation_name == 'cpython'",
    "platform_python_implementation == 'CPython'",
    "sys_platform != 'win32'",
)


def main() -> None:
    developers = compile_lock("requirements-dev.txt", "--group", "dev")
    # The shorter lock takes its versions from the longer one, so that both fit one environment.
    compile_lock("requirements.txt", "-c", str(developers))


def compile_lock(name: str, *arguments: str) -> Path:
    path = BASE / name
    command = [*COMPILE.split(), *arguments, "pyproject.toml"]
    out = subprocess.run(command, cwd=BASE, check=True, capture_output=True, text=True).stdout
    path.write_text(HEADER + "".join(tidy(line) + "\n" for line in out.splitlines()))
    print(f"{name}: {len(re.findall('^[a-z]', out, re.MULTILINE))} packages")
    return path


def tidy(line: str) -> str:
    """`name==1 ; a and b \\` without the noise; markers with `or` stay as they are."""
    requirement, semicolon, marker = line.removesuffix(" \\").partition(" ; ")
    if not semicolon or " or " in marker:
        return line
    telling = [part for part in marker.split(" and ") if part not in NOISE]
    return requirement + (" ; " + " and ".join(telling) if telling else "") + " \\"


if __name__ == "__main__":
    main()
