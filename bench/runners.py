"""What the cases run under. One that cannot run here is left out, with the reason."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import processes

TOP = Path(__file__).resolve().parent.parent
_GVJ = str(TOP / "build/dist/bin/gvj")


@dataclass(frozen=True)
class Runner:
    name: str
    prefix: tuple[str, ...]  # stands before a command

    def why_not(self, cwd: Path, env: Mapping[str, str]) -> str | None:
        """Why nothing can run under this here; None if something can."""
        if self.prefix and not shutil.which(self.prefix[0]):
            return f"{self.prefix[0]} is not installed"
        try:
            processes.run([*self.prefix, "/bin/true"], cwd, env, limit=30)
        except (processes.Failed, processes.TimedOut, processes.Lacking) as e:
            return str(e)
        finally:
            processes.end_descendants(grace=2)
        return None


def _gvj(platform: str) -> Runner:
    return Runner(f"gvj-{platform}", (_GVJ, "do", f"--platform={platform}", "--"))


def _runsc(platform: str) -> Runner:
    options = (f"--platform={platform}", "--network=none", "--ignore-cgroups")
    return Runner(f"runsc-{platform}", ("runsc", *options, "do", "--"))


RUNNERS = (Runner("native", ()), _gvj("systrap"), _gvj("kvm"), _runsc("systrap"), _runsc("ptrace"))
NATIVE = "native"
OURS = "gvj-systrap"
PEER = "runsc-systrap"
