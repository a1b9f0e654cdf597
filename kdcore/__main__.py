"""``python -m kdcore``: the command line."""

import sys

from kdcore._extensions import extension

if __name__ == "__main__":
    sys.exit(extension("command")())
