import { expect, test } from 'vitest';
import { parseCgroupOwner } from '../../../diagnostics/host/cgroup-owner.ts';

const ID = '3f2a1bc0ffee'.padEnd(64, '0');
const OTHER = 'abad1dea'.padEnd(64, '1');

test.each([
  ['Docker, cgroup v2 by systemd', `0::/system.slice/docker-${ID}.scope\n`],
  [
    'Docker, cgroup v1',
    `12:pids:/docker/${ID}\n11:cpu,cpuacct:/docker/${ID}\n0::/system.slice/docker.service\n`,
  ],
  ['podman', `0::/machine.slice/libpod-${ID}.scope/container\n`],
  [
    'podman without root',
    `0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${ID}.scope/container\n`,
  ],
  ['podman by cgroupfs', `0::/libpod_parent/libpod-${ID}\n`],
  [
    'containerd under Kubernetes',
    `0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1b2c.slice/cri-containerd-${ID}.scope\n`,
  ],
  ['Kubernetes by cgroupfs', `0::/kubepods/burstable/pod1b2c/${ID}\n`],
  ['CRI-O', `0::/kubepods.slice/kubepods-pod1b2c.slice/crio-${ID}.scope\n`],
  ['containerd by ctr', `0::/default/${ID}\n`],
  ['containerd by a slice', `0::/system.slice:docker:${ID}\n`],
  ['Docker in Docker: the inner one', `0::/system.slice/docker-${OTHER}.scope/docker/${ID}\n`],
])('%s', (_engine, text) => {
  expect(parseCgroupOwner(text)).toEqual({ kind: 'container', name: ID });
});

test.each([
  ['0::/system.slice/nginx.service\n', 'nginx.service'],
  ['0::/system.slice/system-getty.slice/getty@tty1.service\n', 'getty@tty1.service'],
  ['0::/user.slice/user-1000.slice/user@1000.service/app.slice/web.service\n', 'web.service'],
])('a unit of systemd: %s', (text, name) => {
  expect(parseCgroupOwner(text)).toEqual({ kind: 'unit', name });
});

test.each(['', '0::/\n', '0::/user.slice/user-0.slice/session-1.scope\n', `0::/${ID.slice(0, 40)}\n`])(
  'nothing: %j',
  (text) => {
    expect(parseCgroupOwner(text)).toBeNull();
  },
);
