import { describe, expect, test } from 'vitest';
import { parseDatabase } from '../../../diagnostics/collect/openvswitch/database.ts';
import { withBridges } from '../../../diagnostics/collect/openvswitch/links.ts';
import { joinMovedPorts } from '../../../diagnostics/collect/openvswitch/moved-ports.ts';
import { known } from '../../../diagnostics/model/fact.ts';
import { linkNamed, type Link } from '../../../diagnostics/model/link.ts';
import { withFacts, type Snapshot } from '../../../diagnostics/model/snapshot.ts';
import { ovsBridge } from '../../support/ovs-snapshot.ts';
import { idOf } from '../../support/sketch-links.ts';
import { sketchSnapshot } from '../../support/snapshot.ts';

/** As `ovs-vsctl --format=json` 3.1 prints tables, with fewer columns. */
const PRINTED = [
  '{"data":[[["uuid","b"],"br0","netdev",["set",[["uuid","P0"],["uuid","P1"],["uuid","P2"]]],false,false,["set",[]]]],"headings":["_uuid","name","datapath_type","ports","stp_enable","rstp_enable","flood_vlans"]}',
  '{"data":[[["uuid","P1"],"v1",5,["set",[5,6]],"native-untagged",["uuid","I1"],false],[["uuid","P0"],"v0",10,["set",[]],["set",[]],["uuid","I0"],false],[["uuid","P2"],"p0",["set",[]],["set",[]],["set",[]],["uuid","I2"],false]],"headings":["_uuid","name","tag","trunks","vlan_mode","interfaces","protected"]}',
  '{"data":[[["uuid","I0"],"v0","",1,["map",[]]],[["uuid","I2"],"p0","patch",3,["map",[["peer","p1"]]]],[["uuid","I1"],"v1","",2,["map",[]]]],"headings":["_uuid","name","type","ofport","options"]}',
];
const settings = (config: string): string => `{"data":[[["map",[${config}]]]],"headings":["other_config"]}`;

describe('the database', () => {
  test('bridges with their ports, and how these treat VLANs', () => {
    expect(parseDatabase([...PRINTED, settings('')].join('\n'))).toEqual([
      {
        ...{ name: 'br0', userspace: true, offloads: false, unmodelled: [] },
        ports: [
          { name: 'v0', port: { role: 'system', number: 1, mode: 'access', tag: 10, trunks: [] } },
          {
            name: 'v1',
            port: { role: 'system', number: 2, mode: 'native-untagged', tag: 5, trunks: [5, 6] },
          },
          {
            name: 'p0',
            port: { role: 'patch', number: 3, mode: 'trunk', tag: null, trunks: [] },
            peer: 'p1',
          },
        ],
      },
    ]);
  });
  test('whether the daemon is to finish checksums itself', () => {
    const all = [...PRINTED, settings('["userspace-tso-enable","true"]')].join('\n');
    expect(parseDatabase(all)?.[0]?.offloads).toBe(true);
  });
  test('what is not modelled is named', () => {
    const [bridge = '', ...rest] = PRINTED;
    const spanning = [bridge.replace('false,false', 'true,false'), ...rest].join('\n');
    expect(parseDatabase(spanning)?.[0]?.unmodelled).toEqual(['spanning tree']);
  });
  test('damaged output is none', () => {
    expect(parseDatabase('')).toBeNull();
    expect(parseDatabase('{"data":')).toBeNull();
  });
});

describe('an internal port that was given to another namespace', () => {
  const port = { role: 'internal', number: 4, mode: 'trunk', tag: null, trunks: [] } as const;
  /** br0 of the host has the port int0; taps of that name are in these namespaces. */
  const given = (...namespaces: readonly string[]): Snapshot => {
    const sketched = sketchSnapshot({
      host: { links: ['br0 bridge'] },
      ...Object.fromEntries(namespaces.map((name) => [name, { links: ['int0 10.0.0.9/24'] }])),
    });
    const changed = (id: string, change: (links: readonly Link[]) => readonly Link[]) => (before: Snapshot) =>
      withFacts(before, idOf(id), (facts) => ({
        ...facts,
        links: facts.links.state === 'known' ? known(change(facts.links.value)) : facts.links,
      }));
    const bridge = ovsBridge([]);
    const saved = { name: 'br0', userspace: true, offloads: false, unmodelled: [], bridge };
    const host = changed('host', (links) =>
      withBridges(links, idOf('host'), [{ ...saved, ports: [{ name: 'int0', port }] }]),
    );
    const taps = namespaces.map((name) =>
      changed(name, (links) =>
        links.map((link) =>
          link.name === 'int0' ? { ...link, kind: { type: 'tun', mode: 'tap' }, promiscuous: true } : link,
        ),
      ),
    );
    return joinMovedPorts([host, ...taps].reduce((before, change) => change(before), sketched));
  };
  const linkOf = (snapshot: Snapshot, name: string): Link | undefined => {
    const links = snapshot.namespaces.find(({ id }) => id === idOf(name))?.facts.links;
    return links?.state === 'known' ? linkNamed(links.value, 'int0') : undefined;
  };

  test('is joined with the interface that it is there', () => {
    const snapshot = given('gw');
    const [here, there] = [linkOf(snapshot, 'host'), linkOf(snapshot, 'gw')];
    expect(here?.peer).toEqual({ namespace: idOf('gw'), index: there?.index });
    expect(there?.peer).toEqual({ namespace: idOf('host'), index: here?.index });
    expect(there?.kind).toEqual({ type: 'openvswitch' });
    expect(joinMovedPorts(snapshot)).toBe(snapshot);
  });
  test('is joined with none where several have its name', () => {
    const snapshot = given('gw', 'other');
    expect(linkOf(snapshot, 'host')?.peer).toBeUndefined();
    expect(linkOf(snapshot, 'gw')?.kind.type).toBe('tun');
  });
});
