"""`python -m lineshaft` is the `lineshaft` command."""

import sys

from lineshaft.config.command import main

if __name__ == "__main__":
    sys.exit(main())
