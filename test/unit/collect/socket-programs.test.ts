import { describe, expect, test } from 'vitest';
import {
  cgroupRoot,
  effectivePrograms,
  parseCgroupPrograms,
  parseLookupPrograms,
} from '../../../diagnostics/collect/socket-programs.ts';
import { parseSockets } from '../../../diagnostics/collect/sockets.ts';

const ROOT = '/sys/fs/cgroup/unified';

/** What bpftool 7.1 printed on Linux 6.18, with programs attached to a cgroup of this name. */
const LISTED =
  '[{"cgroup":"/sys/fs/cgroup/unified/web","programs":[' +
  '{"id":98,"attach_type":"cgroup_inet_egress","attach_flags":"multi","name":"eg","attach_btf_name":"","attach_btf_obj_id":0,"attach_btf_id":0},' +
  '{"id":99,"attach_type":"cgroup_device","attach_flags":"multi","name":"dev","attach_btf_name":"","attach_btf_obj_id":0,"attach_btf_id":0},' +
  '{"id":97,"attach_type":"cgroup_inet4_connect","attach_flags":"","name":"conn","attach_btf_name":"","attach_btf_obj_id":0,"attach_btf_id":0}]}]';

const program = (id: number, type: string, flags = '') => ({
  id,
  attach_type: type,
  attach_flags: flags,
  name: `p${id}`,
});

const listing = (groups: Readonly<Record<string, readonly unknown[]>>): string =>
  JSON.stringify(
    Object.entries(groups).map(([path, programs]) => ({
      cgroup: `${ROOT}${path === '/' ? '' : path}`,
      programs,
    })),
  );

const effective = (text: string, cgroup: string): readonly string[] => {
  const groups = parseCgroupPrograms(text, ROOT);
  return groups === null ? ['damaged'] : effectivePrograms(groups, cgroup).map(({ name }) => name);
};

describe('eBPF programs of a cgroup', () => {
  test('meet the packets of who is in it or below; those that decide about devices are no matter', () => {
    expect(effective(LISTED, '/web')).toEqual(['eg', 'conn']);
    expect(effective(LISTED, '/web/worker')).toEqual(['eg', 'conn']);
    expect(effective(LISTED, '/webmail')).toEqual([]);
    expect(effective(LISTED, '/')).toEqual([]);
  });

  test('are known by where they meet packets, and of which kind', () => {
    const groups = parseCgroupPrograms(LISTED, ROOT);
    expect(groups && effectivePrograms(groups, '/web')).toEqual([
      {
        at: 'egress',
        id: 98,
        name: 'eg',
        type: 'cgroup_inet_egress',
        cgroup: '/sys/fs/cgroup/unified/web',
      },
      {
        at: 'call',
        family: 4,
        id: 97,
        name: 'conn',
        type: 'cgroup_inet4_connect',
        cgroup: '/sys/fs/cgroup/unified/web',
      },
    ]);
  });

  test('run beside those of the cgroups above only where these were attached so', () => {
    const both = (flags: string): string =>
      listing({
        '/': [program(1, 'cgroup_inet_egress', flags)],
        '/a': [program(2, 'cgroup_inet_egress', 'multi')],
      });
    expect(effective(both('multi'), '/a/b')).toEqual(['p2', 'p1']);
    expect(effective(both('override'), '/a/b')).toEqual(['p2']);
    expect(effective(both('override'), '/c')).toEqual(['p1']);
  });

  test.each([
    ['cgroup_inet_ingress', 'ingress'],
    ['cgroup_inet_egress', 'egress'],
    ['cgroup_inet_sock_create', 'call'],
    ['cgroup_inet6_connect', 'call'],
    ['cgroup_udp4_sendmsg', 'call'],
    ['connect4', 'call'],
    ['egress', 'egress'],
    ['cgroup_inet4_bind', undefined],
    ['cgroup_inet4_getpeername', undefined],
    ['cgroup_udp4_recvmsg', undefined],
    ['cgroup_setsockopt', undefined],
    ['cgroup_sysctl', undefined],
    ['constructor', undefined],
  ])('%s: %s', (type, at) => {
    const groups = parseCgroupPrograms(listing({ '/a': [program(1, type)] }), ROOT);
    expect(groups && effectivePrograms(groups, '/a')[0]?.at).toBe(at);
  });

  test.each([
    ['bpf_lsm_socket_connect', 'call'],
    ['bpf_lsm_inet_conn_request', 'ingress'],
    ['bpf_lsm_file_open', undefined],
  ])('of a decision of the kernel’s: %s', (hook, at) => {
    const text = listing({ '/a': [{ ...program(1, 'lsm_cgroup'), attach_btf_name: hook }] });
    const groups = parseCgroupPrograms(text, ROOT);
    expect(groups && effectivePrograms(groups, '/a')[0]?.at).toBe(at);
  });

  test('a damaged listing is none', () => {
    expect(parseCgroupPrograms('[{"cgroup":', ROOT)).toBeNull();
    expect(effective('[{"cgroup":7,"programs":{}},null,{"programs":[{"id":"x"}]}]', '/')).toEqual([]);
  });

  test('belong to the sockets that were made in it, as ss tells them', () => {
    const groups = parseCgroupPrograms(LISTED, ROOT);
    const [web, other] = parseSockets(
      'tcp LISTEN 0 128 127.0.0.1:80 0.0.0.0:* users:(("python3",pid=10,fd=3)) ino:1 sk:6d8d cgroup:/web <->\n\tinet-sockopt: ( is_icsk)\n' +
        'tcp LISTEN 0 128 127.0.0.1:81 0.0.0.0:* users:(("x cgroup:/web",pid=11,fd=3)) ino:2 sk:6d8e cgroup:/ <->\n',
      (cgroup) => (groups ? effectivePrograms(groups, cgroup) : []),
    );
    expect(web?.programs?.map(({ name }) => name)).toEqual(['eg', 'conn']);
    expect(other && 'programs' in other).toBe(false);
  });
});

test('programs that choose a socket belong to one network namespace', () => {
  const links =
    '[{"id":1,"type":"netns","prog_id":5,"netns_ino":4026531992,"attach_type":"sk_lookup"},' +
    '{"id":2,"type":"netns","prog_id":6,"netns_ino":4026531992,"attach_type":"flow_dissector"},' +
    '{"id":3,"type":"netns","prog_id":7,"netns_ino":1,"attach_type":"sk_lookup"}]';
  expect(parseLookupPrograms(links, 4026531992)).toEqual([
    { at: 'lookup', id: 5, name: '', type: 'sk_lookup' },
  ]);
});

test.each([
  ['cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid 0 0\n', '/sys/fs/cgroup'],
  [
    'tmpfs /sys/fs/cgroup tmpfs rw 0 0\ncgroup /sys/fs/cgroup/cpu cgroup rw,cpu 0 0\ncgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n',
    ROOT,
  ],
  ['cgroup /sys/fs/cgroup/cpu cgroup rw,cpu 0 0\n', null],
])('the hierarchy of version 2 is found among the mounts', (mounts, root) => {
  expect(cgroupRoot(mounts)).toBe(root);
});
