"""Tell whether each lock in requirements/ was made from the lists that stand beside it.

No network: the first line of a lock records a digest of its inputs. `--record NAME` writes it,
as the last step of scripts/lock.
"""

import hashlib
import sys
from pathlib import Path
from typing import Final

REQUIREMENTS: Final = Path(__file__).resolve().parent.parent / "requirements"

# dev is constrained by the versions that base locks.
INPUTS: Final = {
    "uv": ("uv.in",),
    "base": ("base.in",),
    "dev": ("base.in", "dev.in"),
    "spark": ("spark.in",),
}


def main(arguments: list[str]) -> int:
    match arguments:
        case ["--record", name]:
            record(name)
            return 0
        case []:
            stale = [name for name in INPUTS if not is_fresh(name)]
            for name in stale:
                print(
                    f"requirements/{name}.txt was not made from the lists beside it: run make lock",
                    file=sys.stderr,
                )
            return 1 if stale else 0
        case _:
            print("usage: check_locks.py [--record NAME]", file=sys.stderr)
            return 2


def is_fresh(name: str) -> bool:
    return (REQUIREMENTS / f"{name}.txt").read_text().startswith(_first_line(name))


def record(name: str) -> None:
    lock = REQUIREMENTS / f"{name}.txt"
    body = lock.read_text()
    if body.startswith("# made from "):
        body = body.partition("\n")[2]
    lock.write_text(_first_line(name) + body)


def _first_line(name: str) -> str:
    digest = hashlib.sha256()
    for part in INPUTS[name]:
        digest.update((REQUIREMENTS / part).read_bytes())
    return f"# made from {', '.join(INPUTS[name])} (sha256 {digest.hexdigest()}) by make lock\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
