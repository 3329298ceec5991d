"""``python -m cubiseg.cubiai``."""

from cubiseg.cubiai import main

main()
