"""``python -m kdcore``: the command line."""

import sys

from kdcore import _extension

if __name__ == "__main__":
    sys.exit(_extension("command")())
