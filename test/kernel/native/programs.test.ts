import { expect, test } from 'vitest';
import { readBothWays } from '../../support/both-ways.ts';
import { buildNetwork } from '../../support/network.ts';

/** In a sandbox nobody may ask for programs: that this is so is found out, and said, without bpftool. */
test('eBPF programs of sockets and interfaces are told as bpftool tells them', async () => {
  await using net = await buildNetwork();
  await net.namespaces('red', 'blue');
  await net.wire('red/eth0 10.0.0.1/24', 'blue/eth0 10.0.0.2/24');
  const read = await readBothWays(['socketPrograms', 'trafficControl', 'sockets']);
  expect(read.started.filter(([tool]) => tool === 'bpftool')).toEqual([]);
  for (const { id, facts } of read.commands.namespaces) {
    const own = read.itself.namespaces.find((it) => it.id === id)?.facts;
    expect(own?.socketPrograms).toEqual(facts.socketPrograms);
    expect(own?.trafficControl).toEqual(facts.trafficControl);
    expect(own?.sockets).toEqual(facts.sockets);
  }
});
