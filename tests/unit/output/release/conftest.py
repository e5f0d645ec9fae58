"""The tests of this folder run where a path holds a blank, other letters, and signs of URLs and globs."""

from tests.odd_folder import tmp_path

__all__ = ["tmp_path"]
