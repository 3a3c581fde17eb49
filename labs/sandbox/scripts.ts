/**
 * What runs as PID 1 in a sandbox and in each of its hosts. Constant text; what varies comes as positional parameters.
 * Both stay and wait, because PID 1 has to collect orphans: a shell's `wait` does.
 */

/** Word on the command line of a sandbox's processes, followed by its name: so it is found without its state file. */
export const MARKER = 'hoplab-sandbox';

/** Where a sandbox and its hosts see the directory that was handed in. */
export const INSIDE = '/run/hoplab';
/** A file there, made by the session when it was asked to stop: whoever finds the sandbox gone knows that it was not killed. */
export const STOPPED = 'stopped';

/**
 * The sandbox itself. Working directory: the directory handed in. It is bound by its place as working directory, since its path
 * may be out of reach for the sandbox's root. `$0` marker, `$1` name, `$2` directory to show as `app` (or empty), then the
 * session's command.
 */
export const SANDBOX_SCRIPT = `
set -e
umask 022
app=$2
if [ -n "$app" ]; then mount --bind "$app" app; fi
mount -t tmpfs -o mode=755 run /run
mkdir -p /run/netns /run/lock ${INSIDE}
mount -c --rbind . ${INSIDE}
cd ${INSIDE}
mount -t tmpfs -o mode=1777 tmp /tmp
hostname hoplab
ip link set lo up
# Each namespace inherits a smaller table of TCP connections: reading it takes 50 times less time.
echo 1024 2>/dev/null >/proc/sys/net/ipv4/tcp_child_ehash_entries || true
shift 2
set +e
"$@" &
wait $!
`;

/** A lab host. Working directory: ${INSIDE} of the sandbox. `$1`: its name. Says `ready`, then stays. */
export const HOST_SCRIPT = `
set -e
hostname "$1"
mount -t tmpfs -o mode=755 run /run
mkdir -p /run/netns /run/lock /run/home ${INSIDE}
mount -c --rbind . ${INSIDE}
cd /
mount -t tmpfs -o mode=1777 tmp /tmp
for directory in /var/lib/docker /etc/docker; do
  if [ -d "$directory" ]; then mount -t tmpfs -o mode=711 docker "$directory"; fi
done
ip link set lo up
echo ready
exec >/dev/null
set +e
while :; do sleep 86400 & wait $!; done
`;

/** Makes a namespace and tries what a sandbox does; prints the first thing that is refused. `$1`: a directory to mount on. */
export const TRIAL_SCRIPT = `
try() { if ! message=$("$@" 2>&1); then echo "$* : $message"; exit 1; fi; }
try mount -t tmpfs trial "$1"
try ip link set lo up
try ip link add trial0 type veth peer name trial1
`;
