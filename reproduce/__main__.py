"""Lists the commands, a line each.

python -m reproduce
"""

import ast
import pathlib


def commands():
    """What each command does: a dict of its name to the first line of its docstring."""
    found = {}
    for path in sorted(pathlib.Path(__file__).parent.glob("*/__main__.py")):
        text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
        found[path.parent.name] = text.splitlines()[0]
    return found


def main():
    """Prints them."""
    found = commands()
    width = max(map(len, found))
    for name, line in found.items():
        print(f"python -m reproduce.{name:{width}}  {line}")
    print(f"\nEach has its options: python -m reproduce.{next(iter(found))} --help")


if __name__ == "__main__":
    main()
