"""``python -m kdcore``: the command line."""

import sys

from kdcore.reproduce.cli import main

if __name__ == "__main__":
    sys.exit(main())
