"""`python -m tamis`: the command `tamis`, where its script is not on the path."""

from flows.cli.__main__ import main

if __name__ == "__main__":
    main(prog_name="python -m tamis")
