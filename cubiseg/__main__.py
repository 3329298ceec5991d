"""``python -m cubiseg``."""

from cubiseg.cli import main

main()
