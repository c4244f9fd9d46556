"""python -m dbench"""

from dbench.cli.commands import main

main()
