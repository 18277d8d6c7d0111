# What a machine is, for the one who wants to make a host of it: `key=value`, one a line. Changes nothing.
fact() { printf '%s=%s\n' "$1" "$2"; }
free() { df -Pk "$1" 2>/dev/null | tail -n 1 | tr -s ' ' | cut -d ' ' -f 4; }
there() { while [ ! -d "$1" ]; do set -- "$(dirname "$1")"; done && printf %s "$1"; }
fact uid "$(id -u)"
fact user "$(id -un)"
fact system "$(. /etc/os-release 2>/dev/null && printf '%s' "${ID:-} ${ID_LIKE:-}")"
fact title "$(. /etc/os-release 2>/dev/null && printf '%s' "${PRETTY_NAME:-}")"
fact arch "$(dpkg --print-architecture 2>/dev/null || uname -m)"
fact systemd "$([ -d /run/systemd/system ] && echo yes)"
fact python "$(/usr/bin/python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)"
fact sudo "$([ "$(id -u)" = 0 ] || { sudo -n true 2>/dev/null && echo yes; })"
fact now "$(date +%s)"
fact free_opt_kib "$(free "$(there /opt/venvs)")"
fact free_var_kib "$(free "$(there /var/lib/station)")"
fact one_disk "$([ "$(stat -c %d "$(there /opt/venvs)")" = "$(stat -c %d "$(there /var/lib/station)")" ] && echo yes)"
fact missing "$(for each in tar flock sha256sum dpkg; do command -v "$each" >/dev/null || printf '%s ' "$each"; done)"
fact name "$(cat /etc/station/host 2>/dev/null)"
fact station "$(readlink /opt/venvs/station/current)"
fact bundle "$(readlink /var/lib/station/bundles/current)"
