"""The test's hand in network namespaces: runs commands, servers and small changes there (test/support/agent.ts).

Questions and answers are lines of JSON on standard input and output. To start a process costs in proportion to the memory of
who starts it, and Python enters a namespace itself (setns(2)): so one small process does it for the large one of the tests.
"""
import ctypes, fcntl, json, os, selectors, signal, socket, struct, subprocess, sys

CLONE_NEWNET, MNT_DETACH, PR_SET_PDEATHSIG = 0x40000000, 2, 1
SIOCSIFFLAGS, IFF_UP = 0x8914, 1

libc = ctypes.CDLL(None, use_errno=True)
selector = selectors.DefaultSelector()
staying = {}


def checked(result, what):
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), what)


def enter(path):
    descriptor = os.open(path, os.O_RDONLY)
    try:
        checked(libc.setns(descriptor, CLONE_NEWNET), path)
    finally:
        os.close(descriptor)


def within(namespace, act):
    """What `act` returns, done in a named namespace; no descriptor stays that would keep it."""
    if namespace is None:
        return act()
    own = os.open('/proc/self/ns/net', os.O_RDONLY)
    try:
        enter('/run/netns/' + namespace)
        try:
            return act()
        finally:
            checked(libc.setns(own, CLONE_NEWNET), 'the way back')
    finally:
        os.close(own)


def answer(ask, **said):
    sys.stdout.write(json.dumps({'id': ask['id'], **said}) + '\n')
    sys.stdout.flush()


def watch(descriptor, act):
    selector.register(descriptor, selectors.EVENT_READ, act)


def run(ask):
    """A command, to its end and the end of all that it says."""
    given = os.memfd_create('stdin')
    # In memory it is there as a whole: nobody waits for anybody.
    os.write(given, ask['stdin'].encode())
    os.lseek(given, 0, os.SEEK_SET)
    pipe = subprocess.PIPE
    try:
        child = within(ask['namespace'], lambda: subprocess.Popen(ask['argv'], stdin=given, stdout=pipe, stderr=pipe))
    finally:
        os.close(given)
    said = {'stdout': b'', 'stderr': b''}
    ended = os.pidfd_open(child.pid)
    left = {ended, child.stdout.fileno(), child.stderr.fileno()}

    def done(descriptor):
        selector.unregister(descriptor)
        left.remove(descriptor)
        if left:
            return
        os.close(ended)
        child.stdout.close()
        child.stderr.close()
        answer(ask, status=child.wait(), **{name: data.decode(errors='replace') for name, data in said.items()})

    def hear(name, descriptor):
        data = os.read(descriptor, 1 << 16)
        said[name] += data
        if not data:
            done(descriptor)

    watch(child.stdout.fileno(), lambda: hear('stdout', child.stdout.fileno()))
    watch(child.stderr.fileno(), lambda: hear('stderr', child.stderr.fileno()))
    watch(ended, lambda: done(ended))


def stay(ask, pid, process=None):
    """Of what stays until it is told to end: it is waited for when it ends by itself."""
    descriptor = os.pidfd_open(pid)
    staying[pid] = (descriptor, process)
    watch(descriptor, lambda: reap(pid))
    answer(ask, pid=pid)


def reap(pid):
    descriptor, process = staying.pop(pid)
    selector.unregister(descriptor)
    os.close(descriptor)
    if process:
        process.wait()
    else:
        os.waitpid(pid, 0)


def start(ask):
    null = subprocess.DEVNULL
    child = within(ask['namespace'], lambda: subprocess.Popen(ask['argv'], stdin=null, stdout=null, stderr=null))
    stay(ask, child.pid, child)


def end(ask):
    for pid in ask['pids']:
        if pid in staying:
            os.kill(pid, signal.SIGKILL)
    for pid in ask['pids']:
        if pid in staying:
            reap(pid)
    answer(ask)


def furnish(ask):
    """In each namespace `lo` is up, and there is no duplicate address detection: an IPv6 address can be used at once."""

    def one():
        for each in ('all', 'default'):
            with open(f'/proc/sys/net/ipv6/conf/{each}/accept_dad', 'w') as setting:
                setting.write('0')
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
            fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack('16sh14x', b'lo', IFF_UP))

    for name in ask['names']:
        within(name, one)
    answer(ask)


def remove(ask):
    """As `ip netns delete` does it."""
    for name in ask['names']:
        path = os.fsencode('/run/netns/' + name)
        checked(libc.umount2(path, MNT_DETACH), name)
        os.unlink(path)
    answer(ask)


def devices(ask):
    answer(ask, names=[name for _, name in socket.if_nameindex()])


def listen(ask):
    ready, tell = os.pipe()
    pid = within(ask['namespace'], lambda: copy_as_server(ask, tell))
    os.close(tell)
    said = os.read(ready, 4096)
    os.close(ready)
    if said != b'ready':
        os.waitpid(pid, 0)
        raise OSError(said.decode())
    stay(ask, pid)


def copy_as_server(ask, tell):
    """A server is a copy of this process, which costs a tenth of a new Python. It never returns: it would go back to the agent's namespace."""
    pid = os.fork()
    if pid != 0:
        return pid
    try:
        checked(libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL), 'prctl')
        own = set(map(int, os.listdir('/proc/self/fd'))) - {tell}
        null = os.open('/dev/null', os.O_RDWR)
        for descriptor in sorted(own):
            os.dup2(null, descriptor) if descriptor < 3 else close_if_open(descriptor)
        server = open_server(ask)
        os.write(tell, b'ready')
        os.close(tell)
        serve(server, ask)
    except OSError as error:
        os.write(tell, str(error).encode(errors='replace')[:4096])
    finally:
        os._exit(1)


def close_if_open(descriptor):
    try:
        os.close(descriptor)
    except OSError:
        pass  # That of the listing itself.


def open_server(ask):
    if ask['name']:
        # What /proc and ss(8) show (PR_SET_NAME).
        with open('/proc/self/comm', 'wb') as comm:
            comm.write(os.fsencode(ask['name']))
    stream = ask['protocol'] == 'tcp'
    family = socket.AF_INET6 if ':' in ask['address'] else socket.AF_INET
    server = socket.socket(family, socket.SOCK_STREAM if stream else socket.SOCK_DGRAM)
    if family == socket.AF_INET6:
        server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, ask['v6only'])
    if stream:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(socket.getaddrinfo(ask['address'], ask['port'], family)[0][4])
    if stream:
        server.listen(511)
    return server


def serve(server, ask):
    import _thread

    while ask['protocol'] == 'udp':
        try:
            data, sender = server.recvfrom(65536)
            if ask['behaviour'] == 'echo':
                server.sendto(data, sender)
        except OSError:
            pass
    while True:
        connection = server.accept()[0]
        if ask['behaviour'] == 'hang-up':
            connection.close()
        else:
            _thread.start_new_thread(answer_connection, (connection, ask['behaviour']))


def answer_connection(connection, behaviour):
    with connection:
        try:
            while True:
                data = connection.recv(65536)
                if not data:
                    return
                if behaviour == 'echo':
                    connection.sendall(data)
        except OSError:
            pass


ACTS = {act.__name__: act for act in (run, start, end, furnish, remove, devices, listen)}


def act_on(line):
    ask = json.loads(line)
    try:
        ACTS[ask['act']](ask)
    except Exception as error:
        answer(ask, problem=str(error))


def hear_questions():
    global heard
    data = os.read(0, 1 << 16)
    if not data:
        sys.exit()
    *lines, heard = (heard + data).split(b'\n')
    for line in lines:
        act_on(line)


heard = b''
watch(0, hear_questions)
while True:
    for key, _ in selector.select():
        # An act before it may have ended the watch.
        if selector.get_map().get(key.fd) is key:
            key.data()
