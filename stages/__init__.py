"""The stages of ``dvc.yaml``: thin recipes over the library, one file each."""

import sys

if sys.version_info[:2] != (3, 11):  # the library runs on others too, the pipeline's locked packages do not
    raise SystemExit("error: the pipeline needs Python 3.11; run it with the one in .venv, which `make setup` makes")
