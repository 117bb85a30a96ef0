"""``python -m openglm`` is the command line."""

from openglm.cli import main

if __name__ == "__main__":  # worker processes import this file again under another name
    main()
