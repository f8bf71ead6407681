# What ./run and ./test share: looks for the tools, says how to get them, installs the npm packages. Expects $root.

say() { printf '%s\n' "$*" >&2; }

fail() {
  say "$@"
  exit 1
}

need_dotnet() {
  local version
  version="$(cd "$root" && dotnet --version 2>/dev/null)" || version=""
  if [[ ! "$version" =~ ^([0-9]+)\. ]] || ((BASH_REMATCH[1] < 10)); then
    fail "Rookery needs the .NET SDK 10 (found: ${version:-none}). Get it at https://dotnet.microsoft.com/download," \
      "or: curl -fsSL https://dot.net/v1/dotnet-install.sh | bash -s -- --channel 10.0"
  fi
}

need_node() {
  local version
  version="$(node --version 2>/dev/null)" || version=""
  if [[ ! "$version" =~ ^v([0-9]+)\. ]] || ((BASH_REMATCH[1] < 20)) || ! command -v npm >/dev/null; then
    fail "Rookery needs Node.js 20 or newer with npm (found: ${version:-none}), which brings its database and web pages." \
      "Get it at https://nodejs.org/en/download or from your package manager."
  fi
}

# npm writes node_modules/.package-lock.json last, so a broken-off installation is done again.
install_packages() {
  if [[ ! -f "$root/node_modules/.package-lock.json" || "$root/package-lock.json" -nt "$root/node_modules/.package-lock.json" ]]; then
    say "Installing the npm packages (PostgreSQL among them) …"
    (cd "$root" && npm ci --no-audit --no-fund --loglevel=error >&2) || fail "npm ci failed; see above."
    touch "$root/node_modules/.package-lock.json"
  fi
}

# install_tool PROGRAM PACKAGE CONSEQUENCE: by apt where that needs nobody's password, else says what to do.
install_tool() {
  command -v "$1" >/dev/null && return
  if [[ "$(id -u)" == 0 ]] && command -v apt-get >/dev/null; then
    say "Installing $2 …"
    if { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$2"; } >/dev/null 2>&1; then
      return
    fi
    say "apt-get could not install $2."
  fi
  say "$1 is missing: $3. Install it with: apt-get install $2"
}
