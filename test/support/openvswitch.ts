import { execa } from 'execa';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** A running Open vSwitch of its own, with the userspace datapath. */
export interface OpenvSwitch extends AsyncDisposable {
  /** `ovs-vsctl` with its database. */
  vsctl(...words: readonly string[]): Promise<string>;
  /** Adds a flow to a bridge. */
  addFlow(bridge: string, flow: string, protocol?: string): Promise<void>;
  /** Takes the flows of a bridge away. */
  noFlows(bridge: string): Promise<void>;
  /** What `ofproto/trace` says of a packet. */
  trace(bridge: string, packet: string): Promise<string>;
}

/** Starts ovsdb-server and ovs-vswitchd in the sandbox's own namespace, with all their files in a directory of their own. */
export async function startOpenvSwitch(): Promise<OpenvSwitch> {
  const folder = mkdtempSync(join(tmpdir(), 'ovs-'));
  const at = (file: string): string => join(folder, file);
  const env = { OVS_RUNDIR: folder, OVS_LOGDIR: folder, OVS_DBDIR: folder };
  const run = async (file: string, words: readonly string[]): Promise<string> =>
    (await execa(file, words, { env, timeout: 60_000 })).stdout;
  const daemons: { readonly end: () => Promise<void> }[] = [];
  /** Runs until it is ended here; ready when its control socket is there. */
  const start = async (name: string, file: string, words: readonly string[]): Promise<void> => {
    const files = [`--unixctl=${at(`${name}.ctl`)}`, `--log-file=${at(`${name}.log`)}`];
    const child = execa(file, [...words, ...files], { env, reject: false, stdio: 'ignore' });
    daemons.unshift({
      async end() {
        child.kill();
        await child;
      },
    });
    while (!existsSync(at(`${name}.ctl`))) {
      if (child.exitCode !== null) throw new Error(`${file} failed`);
      await wait(10);
    }
  };
  await run('ovsdb-tool', ['create', at('conf.db'), '/usr/share/openvswitch/vswitch.ovsschema']);
  await start('database', 'ovsdb-server', [at('conf.db'), `--remote=punix:${at('db.sock')}`]);
  const vsctl = (...words: readonly string[]): Promise<string> =>
    run('ovs-vsctl', ['--timeout=10', `--db=unix:${at('db.sock')}`, ...words]);
  await vsctl('--no-wait', 'init');
  await start('switch', 'ovs-vswitchd', [`unix:${at('db.sock')}`]);
  const management = (bridge: string): string => `unix:${at(`${bridge}.mgmt`)}`;
  return {
    vsctl,
    async addFlow(bridge, flow, protocol) {
      const version = protocol === undefined ? [] : ['-O', protocol];
      await run('ovs-ofctl', [...version, 'add-flow', management(bridge), flow]);
    },
    async noFlows(bridge) {
      await run('ovs-ofctl', ['del-flows', management(bridge)]);
    },
    trace: (bridge, packet) => run('ovs-appctl', ['-t', at('switch.ctl'), 'ofproto/trace', bridge, packet]),
    async [Symbol.asyncDispose]() {
      for (const { end } of daemons) await end();
      rmSync(folder, { recursive: true });
    },
  };
}
