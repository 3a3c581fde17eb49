import { execa } from 'execa';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { CheckOf } from '../format/check-schema.ts';
import type { LabNode } from './node.ts';

type Wanted = CheckOf<'capture'>;

/** What is known of the packets that a check waits for. */
export type Sighting = { readonly seen: boolean } | { readonly problem: string };

/** How long tcpdump may take until it listens. */
const LISTENS_MILLISECONDS = 3000;

interface Capture {
  /** Settled when it listens, or cannot. */
  readonly listens: Promise<unknown>;
  sighting: Sighting;
  running: boolean;
}

/**
 * Watches for packets in the nodes of one stage, from when a check is first asked about. What was seen stays seen; the
 * captures end with their hosts.
 */
export class Captures {
  readonly #captures = new Map<Wanted, Capture>();
  readonly #changed: () => void;

  /** @param changed a packet that a check waits for was seen */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Whether the packets were seen; returns when a packet sent from now on would be. */
  async look(wanted: Wanted, node: LabNode): Promise<Sighting> {
    let capture = this.#captures.get(wanted);
    const again = capture && !capture.running && 'problem' in capture.sighting;
    if (!capture || again) {
      capture = this.#start(wanted, node);
      this.#captures.set(wanted, capture);
    }
    await capture.listens;
    return capture.sighting;
  }

  #start({ dev, filter, count }: Wanted, node: LabNode): Capture {
    const [file = '', ...rest] = [
      ...node.enter,
      // Without dropping privileges: the user it would become does not exist for every sandbox. Not promiscuous: that is seen.
      ...['tcpdump', '-Z', 'root', '-p', '-n', '-q', '-i', dev, '-c', String(count), '--immediate-mode'],
      ...['--', filter],
    ];
    const child = execa(file, rest, {
      reject: false,
      stdin: 'ignore',
      stdout: 'ignore',
      env: { LC_ALL: 'C' },
    });
    const capture: Capture = {
      listens: listening(child.stderr, child),
      sighting: { seen: false },
      running: true,
    };
    void child.then(({ exitCode, stderr }) => {
      capture.running = false;
      const said = stderr.split('\n').find((line) => line.startsWith('tcpdump: ') && !/verbose/.test(line));
      capture.sighting =
        exitCode === 0 ? { seen: true } : { problem: said?.replace('tcpdump: ', '') ?? 'tcpdump has ended' };
      this.#changed();
    });
    return capture;
  }
}

function listening(stderr: Readable, end: Promise<unknown>): Promise<unknown> {
  const says = new Promise<void>((resolve) => {
    createInterface({ input: stderr }).on('line', (line) => {
      if (line.includes('listening on')) resolve();
    });
  });
  const late = new Promise<void>((resolve) => setTimeout(resolve, LISTENS_MILLISECONDS).unref());
  return Promise.race([says, end, late]);
}
