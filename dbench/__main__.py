"""python -m dbench"""

from dbench.cli import main

main()
