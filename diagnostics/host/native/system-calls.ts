import { endianness } from 'node:os';
import type { KoffiFunc } from 'koffi/indirect';

/** What Node offers no call for. Each returns what the C library's function returns: negative where it failed, see `errno`. */
export interface SystemCalls {
  readonly setns: (descriptor: number, kind: number) => number;
  readonly socket: (domain: number, type: number, protocol: number) => number;
  readonly bind: (descriptor: number, address: Buffer, length: number) => number;
  readonly setsockopt: (
    descriptor: number,
    level: number,
    option: number,
    value: Buffer,
    length: number,
  ) => number;
  readonly send: (descriptor: number, bytes: Buffer, length: number, flags: number) => number;
  readonly recv: (descriptor: number, into: Buffer, length: number, flags: number) => number;
  readonly openat: (directory: number, name: string, flags: number) => number;
  readonly read: (descriptor: number, into: Buffer, length: number) => number;
  readonly close: (descriptor: number) => number;
  readonly ioctl: (descriptor: number, request: number, argument: Buffer) => number;
  /** bpf(2), for which the C library has no function. */
  readonly bpf: (command: number, attributes: Buffer, length: number) => number;
  /** Of the call before. */
  readonly errno: () => number;
}

/** Of bpf(2), by Node's name of the processor: asm/unistd.h. Those that are not here have koffi not either. */
const BPF_NUMBERS: Readonly<Record<string, number>> = { x64: 321, arm64: 280, riscv64: 280, loong64: 280 };

/** No processor has it: the kernel says that there is no such call. */
const NO_NUMBER = 0xffff;

let loading: Promise<SystemCalls | null> | undefined;

/** Null where the library that makes the calls does not run here: another kind of processor, or a package without it. */
export const loadSystemCalls = (): Promise<SystemCalls | null> => (loading ??= load().catch(() => null));

async function load(): Promise<SystemCalls | null> {
  // What is read and written of the kernel's bytes (see netlink-message.ts) is in the order of nearly all processors.
  if (endianness() !== 'LE') return null;
  const { default: koffi } = await import('koffi/indirect');
  const c = koffi.load(null);
  const declared = <T extends (...args: never[]) => number>(prototype: string): T =>
    c.func(prototype) as KoffiFunc<T>;
  const syscall = declared<(number: number, command: number, attributes: Buffer, length: number) => number>(
    'long syscall(long number, int command, void *attributes, uint32_t length)',
  );
  return {
    setns: declared('int setns(int fd, int nstype)'),
    socket: declared('int socket(int domain, int type, int protocol)'),
    bind: declared('int bind(int fd, void *address, uint32_t length)'),
    setsockopt: declared('int setsockopt(int fd, int level, int name, void *value, uint32_t length)'),
    send: declared('long send(int fd, void *buffer, ulong length, int flags)'),
    recv: declared('long recv(int fd, void *buffer, ulong length, int flags)'),
    openat: declared('int openat(int directory, const char *name, int flags)'),
    read: declared('long read(int fd, void *buffer, ulong length)'),
    close: declared('int close(int fd)'),
    ioctl: declared('int ioctl(int fd, ulong request, void *argument)'),
    bpf: (command, attributes, length) =>
      syscall(BPF_NUMBERS[process.arch] ?? NO_NUMBER, command, attributes, length),
    errno: () => koffi.errno(),
  };
}
