#!/bin/sh
# Builds a wheel, installs it into an empty environment and uses it from an
# empty folder: the data files must travel with the package. Then it installs
# this folder in its place, editable. Folders of the user's with the names of
# the packages must hide neither.
set -eu
python=${PYTHON:-python3}
root=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$python" -m venv "$work/env"
"$work/env/bin/pip" install --quiet --upgrade pip
"$work/env/bin/pip" wheel --quiet --no-deps --wheel-dir "$work/wheel" .
"$work/env/bin/pip" install --quiet "$work"/wheel/*.whl

mkdir "$work/empty"
cd "$work/empty"
"$work/env/bin/python" -m reproduce.fig3 --helpshort > help || [ $? -eq 1 ] # absl's status for help
grep -q -e '--recipe' help
"$work/env/bin/python" -c '
import models

wf = models.load("gru-chain-80")
assert "site-packages" in models.__file__, models.__file__
assert wf.sample(2, (80,), seed=0).shape == (2, 80)
'
"$work/env/bin/python" -m reproduce.report > /dev/null
test -s out/report.html

mkdir models vmc data
touch models/notes.txt vmc/notes.txt data/__init__.py
presets='import models, vmc; print(len(models.presets()), vmc.__file__)'
"$work/env/bin/python" -c "$presets"
"$work/env/bin/pip" install --quiet --no-deps --editable "$root"
"$work/env/bin/python" -c "$presets"
"$work/env/bin/python" -m reproduce.report > /dev/null
echo "the wheel works, and so does this folder"
