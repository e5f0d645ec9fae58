from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
# Labelled pages and standards; no part of the project. Tests that use it skip where it is absent.
SHARED: Final = ROOT.parent / "shared"
