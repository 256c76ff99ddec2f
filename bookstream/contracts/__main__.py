"""`python -m bookstream.contracts`: release the schemas, write the documents made from them."""

import argparse
import sys
from pathlib import Path

from bookstream.contracts import documents, release
from domain.errors import BookstreamError

ROOT = Path(__file__).parents[2]


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit code: 0 done, 1 the documents are out of date, 2 a schema is at fault."""
    parser = argparse.ArgumentParser(prog="python -m bookstream.contracts", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    release_ = commands.add_parser("release", help="freeze every changed schema as the next version of its record")
    release_.add_argument(
        "--again", type=int, metavar="VERSION", help="write this version anew: only while no topic has ever held it"
    )
    docs = commands.add_parser("docs", help="write docs/contracts.md and docs/asyncapi.yaml")
    docs.add_argument("--check", action="store_true", help="write nothing; exit code 1 if they are out of date")
    chosen = parser.parse_args(arguments)
    try:
        if chosen.command == "docs":
            return _docs(check=chosen.check)
        return _release(chosen.again)
    except BookstreamError as error:
        print(f"contracts: {error}", file=sys.stderr)
        return error.exit_code


def _release(again: int | None) -> int:
    names = release.release(ROOT / "schemas", again=again)
    print("released " + ", ".join(names) if names else "nothing has changed")
    return 0


def _docs(*, check: bool) -> int:
    stale = [path for path, text in documents.documents(ROOT).items() if not documents.is_written(path, text)]
    for path in stale:
        if not check:
            path.write_text(documents.documents(ROOT)[path], encoding="utf-8")
        print(f"{path.relative_to(ROOT)} {'is out of date' if check else 'written'}")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
