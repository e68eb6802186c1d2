#!/bin/sh
# Make .venv hold what a requirements file says: infra/venv.sh requirements-demo.txt
# Does nothing when the same contents were installed before. The files include one another, so what the tests
# need never takes away what the demo needs. Honours pip's own settings (index, certificates).
set -eu
cd "$(dirname "$0")/.."
requirements=$1
python=.venv/bin/python
UV=uv==0.13.9 # installs the demo in seconds where pip takes a minute

say() { echo "$*" >&2; }

suitable() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

can_make_venvs() { "$1" -c 'import ensurepip, venv' 2>/dev/null; }

debian_gave_venv() {
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then return 1; fi
    say "Installing Debian's python3-venv ..."
    { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y python3-venv; } >/dev/null 2>&1
}

find_python() {
    for name in ${PYTHON:-python3.13 python3.12 python3.11 python3}; do
        if suitable "$name"; then
            found=$name
            if can_make_venvs "$name"; then echo "$name"; return; fi
        fi
    done
    if [ -z "${found:-}" ]; then
        say "Lamplight needs Python 3.11 or newer, and found none${PYTHON:+ at $PYTHON}." \
            "Install it, or name it: make PYTHON=/path/to/python3 ..."
    elif debian_gave_venv && can_make_venvs "$found"; then
        echo "$found"
        return
    else
        say "$found cannot make virtual environments: its venv module is missing." \
            "Install it (Debian and Ubuntu: apt-get install python3-venv) and run make again."
    fi
    return 1
}

# A checksum of a requirements file and of those it includes.
stamp_of() {
    { cat "$1"; for part in $(sed -n 's/^-r *//p' "$1"); do stamp_of "$part"; done; } | cksum | tr ' ' -
}

# uv reads variables of its own; it is told what pip was told.
follow_pip() {
    index=$("$python" -m pip config get global.index-url 2>/dev/null || true)
    index=${PIP_INDEX_URL:-$index}
    if [ -n "$index" ]; then export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-$index}"; fi
    certificates=$("$python" -m pip config get global.cert 2>/dev/null || true)
    certificates=${PIP_CERT:-$certificates}
    if [ -n "$certificates" ]; then export SSL_CERT_FILE="${SSL_CERT_FILE:-$certificates}"; fi
}

install() {
    if ! "$python" -m uv --version >/dev/null 2>&1; then
        "$python" -m pip install --quiet --disable-pip-version-check "$UV" >/dev/null 2>&1 || true
    fi
    if "$python" -m uv --version >/dev/null 2>&1; then
        follow_pip
        "$python" -m uv pip install --quiet --python "$python" --compile-bytecode -r "$requirements" && return
        say "uv could not install $requirements; trying pip."
    fi
    "$python" -m pip install --quiet --disable-pip-version-check -r "$requirements"
}

# Two makes at once take turns; the lock is on this very file, so nothing is left behind.
exec 9<infra/venv.sh
if command -v flock >/dev/null 2>&1; then flock 9; fi

stamp=.venv/installed/$requirements.$(stamp_of "$requirements")
if [ -e "$stamp" ] && "$python" -c '' 2>/dev/null; then exit 0; fi

start=$(date +%s)
if ! "$python" -m pip --version >/dev/null 2>&1; then
    found=$(find_python)
    say "Making .venv with $("$found" --version) ..."
    "$found" -m venv --clear .venv
fi
say "Installing $requirements into .venv ..."
install
mkdir -p .venv/installed
for part in "$requirements" $(sed -n 's/^-r *//p' "$requirements"); do
    rm -f ".venv/installed/$part".*
    touch ".venv/installed/$part.$(stamp_of "$part")"
done
say "Installed $requirements in $(($(date +%s) - start)) s."
