#!/usr/bin/env bash
# Expected: `pip install trafilatura` in the environment that `python -m venv` of Python 3.11.7 gives (pip 23.2.1)
# installs all that trafilatura imports.
# Seen: trafilatura -> justext -> lxml[html_clean]. lxml 6.1.3 spells that extra `html-clean` in its metadata, as
# PEP 685 asks; pip 23.2.1 compares the two spellings letter by letter, prints one warning, installs lxml without the
# cleaner, and ends with 0. pip 24.0 installs it.
# Why it matters: the installation looks sound, and `import trafilatura` ends in an ImportError about lxml. Pipelines
# import extractors late or beside a fallback, and then count the error page by page as pages without text: datasets
# made in fresh environments lose pages that the same pins kept elsewhere. Name lxml_html_clean as a dependency.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

try() { # PIP_VERSION
  python3 -m venv "$folder/$1"
  local python=$folder/$1/bin/python
  "$python" -m pip install --quiet --disable-pip-version-check "pip==$1"
  "$python" -m pip install --disable-pip-version-check trafilatura==2.3.1 justext==3.0.2 lxml==6.1.3 \
    >"$folder/$1.log" 2>&1
  echo "pip $1: installed with exit code 0"
  grep -h 'does not provide the extra' "$folder/$1.log" || echo "  no warning"
  "$python" -c 'import trafilatura; print("  import trafilatura: ok, version", trafilatura.__version__)' 2>&1 |
    grep -E 'import trafilatura: ok|^ImportError' | sed 's/^ImportError/  import trafilatura: ImportError/' || true
}

python3 --version
try 23.2.1 | tee "$folder/old"
try 24.0 | tee "$folder/new"
grep -q 'does not provide the extra' "$folder/old"
grep -q 'import trafilatura: ImportError: lxml.html.clean module is now a separate project' "$folder/old"
grep -q 'import trafilatura: ok' "$folder/new"
echo "as seen: pip 23.2.1 leaves the cleaner out, with a warning and exit code 0"
