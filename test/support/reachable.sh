#!/bin/bash
# Lets an unprivileged user id read directories, wherever root keeps them (a clone under /root, one made with umask 077), and
# then becomes a command. It changes mounts only: run it as root in a mount namespace of its own.
# usage: unshare --mount --propagation private test/support/reachable.sh UID DIRECTORY… -- COMMAND [ARGUMENT…]
set -euo pipefail
umask 022
uid=$1
shift
directories=()
while [ "$1" != -- ]; do
  directories+=("$(realpath "$1")")
  shift
done
shift

as_user() { setpriv --reuid "$uid" --regid "$uid" --clear-groups "$@"; }

# The first directory above a path that the user cannot enter.
closed_above() {
  local here=/ rest=${1#/}
  while [ "$rest" != "${rest#*/}" ]; do
    here=${here%/}/${rest%%/*} rest=${rest#*/}
    as_user test -x "$here" || { echo "$here"; return; }
  done
}

# An empty directory takes the place of the closed one; in it only what is wanted is seen.
show_in() {
  local closed=$1 directory
  cd "$closed"
  mount -t tmpfs -o mode=755 reachable "$closed"
  for directory in "${directories[@]}"; do
    case $directory in "$closed"/*) [ -e "$directory" ] || {
      mkdir -p "$directory"
      # Relative: the working directory is the one underneath.
      mount -c --rbind "./${directory#"$closed"/}" "$directory"
    } ;; esac
  done
}

# A umask is the same for all files of a checkout: one stands for all.
readable() {
  as_user test -x "$1" && { [ ! -e "$1/package.json" ] || as_user test -r "$1/package.json"; }
}

# The files keep their content where it is; only their modes are others, in memory.
with_readable_files() {
  [ -d /run/reachable ] || { mount -t tmpfs reachable /run && mkdir /run/reachable; }
  local layer
  layer=$(mktemp -d /run/reachable/XXXXXX)
  mkdir "$layer/upper" "$layer/work"
  mount -t overlay reachable -o "lowerdir=$1,upperdir=$layer/upper,workdir=$layer/work,metacopy=on" "$1"
  chmod -R o+rX "$1"
}

readarray -t directories < <(printf '%s\n' "${directories[@]}" | sort -u)
here=$PWD
for directory in "${directories[@]}"; do
  closed=$(closed_above "$directory")
  [ -z "$closed" ] || show_in "$closed"
  readable "$directory" || with_readable_files "$directory"
done
cd "$here"
exec "$@"
