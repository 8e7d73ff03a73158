"""`python -m cictl`."""

from __future__ import annotations

import sys

from cictl.entry import main

if __name__ == "__main__":
    sys.exit(main())
