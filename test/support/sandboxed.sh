#!/bin/bash
# Runs a command in a disposable sandbox (own user, network, mount, PID, UTS, IPC and cgroup namespaces): whatever it makes
# is gone when it ends or is killed, and the machine's own network is out of its reach.
# usage: test/support/sandboxed.sh COMMAND [ARGUMENT…]
set -euo pipefail
base=$(mktemp -d "${TMPDIR:-/tmp}/hoplab-test-XXXXXX")
# An engine of an ordinary user leaves files of the user's other ids.
remove() { rm -rf "$base" 2>/dev/null || unshare --user --map-root-user --map-auto rm -rf "$base"; }
trap remove EXIT
export HOME=$base/home XDG_RUNTIME_DIR=$base/runtime TMPDIR=$base/tmp PATH=$PATH:/usr/sbin:/sbin
mkdir -p "$HOME" "$XDG_RUNTIME_DIR" "$TMPDIR"
# dockerd --rootless looks for these and runs without rootlesskit once it finds them.
export ROOTLESSKIT_STATE_DIR=$base/rk ROOTLESSKIT_PARENT_EUID ROOTLESSKIT_PARENT_EGID
ROOTLESSKIT_PARENT_EUID=$(id -u) ROOTLESSKIT_PARENT_EGID=$(id -g)
mkdir -p "$ROOTLESSKIT_STATE_DIR"

# Tests run parts of themselves as yet another user.
chmod 711 "$base"

inner='
  mount -t tmpfs run /run; mkdir -p /run/netns /run/lock
  # Podman keeps its locks there.
  mount -t tmpfs tmpfs /dev/shm
  for dir in /var/lib/docker /etc/docker; do [ -d $dir ] && mount -t tmpfs tmpfs $dir; done
  [ ! -d node_modules/.vite-temp ] || mount -t tmpfs tmpfs node_modules/.vite-temp
  ip link set lo up
  [ ! -e "${HOPLAB_TEST_TUN:-}" ] || mount --bind "$HOPLAB_TEST_TUN" /dev/net/tun || true
  sysctl -qw net.ipv4.tcp_child_ehash_entries=1024 || true
  exec "$@"'
# Vite writes its compiled configuration there, and the shifted root may not.
[ ! -d node_modules ] || mkdir -p node_modules/.vite-temp

namespaces=(--net --mount --pid --fork --kill-child --mount-proc --uts --ipc --cgroup --propagation private)

if [ "$(id -u)" = 0 ]; then
  # A shifted map: not even root in the sandbox is anybody on the machine.
  chown -R 100000:100000 "$base"
  # A node of its own for taps (Open vSwitch): the machine's may be only for root.
  if mknod -m 666 "$base/tun" c 10 200 2>/dev/null; then export HOPLAB_TEST_TUN=$base/tun; fi
  # It stays as long as this script, so that the id which is killed at the end is still its own, and nobody else's.
  unshare --user setpriv --pdeathsig KILL sleep infinity &
  holder=$!
  until [ "$(readlink /proc/$holder/ns/user)" != "$(readlink /proc/self/ns/user)" ]; do sleep 0.01; done
  echo '0 100000 65536' >/proc/$holder/uid_map
  echo '0 100000 65536' >/proc/$holder/gid_map
  trap 'kill $holder 2>/dev/null || true; remove' EXIT
  # What that root has to read may lie where only root may go: under /root.
  needed=("$PWD" "$base")
  [ ! -d node_modules ] || needed+=(node_modules)
  if node=$(command -v node); then
    node=$(dirname "$(realpath "$node")")
    PATH=$node:$PATH
    needed+=("$(dirname "$node")")
  fi
  # The death signal is set after nsenter: a change of credentials clears it.
  unshare --mount --propagation private "$(dirname "$(realpath "$0")")/reachable.sh" 100000 "${needed[@]}" -- \
    nsenter -t $holder -U --setuid 0 --setgid 0 setpriv --pdeathsig KILL unshare "${namespaces[@]}" bash -c "$inner" sandboxed "$@"
else
  # In two steps: what a network namespace shows to its root is settled as it is made, when its user namespace has to have its ids.
  setpriv --pdeathsig KILL unshare --user --map-root-user --map-auto \
    setpriv --pdeathsig KILL unshare "${namespaces[@]}" bash -c "$inner" sandboxed "$@"
fi
