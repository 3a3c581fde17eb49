import { expect, test } from 'vitest';
import { said } from '../../../diagnostics/report/sayings.ts';

const SENTENCES = [
  'the ruleset of host could not be read: The firewall rules may only be read by an administrator: run the same with sudo to see them.',
  'the links of netns:red could not be read: nothing on this machine tells them',
  'the links of container:web could not be read: The network of this container may only be seen by an administrator: run the same with sudo.',
  'the other end of veth0 of host is in a namespace that cannot be seen',
  'The interfaces and routes may only be read by an administrator: run the same with sudo to see them.',
  'The kernel settings could not be read, because the network namespace is gone.',
  'The Docker engine at unix:///var/run/docker.sock may not be asked by this user: run the same with sudo to see its containers.',
  'There is no Docker engine at tcp://127.0.0.1:1: start it, or correct DOCKER_HOST or the docker context.',
  'What answers at unix:///x is not a Docker engine: correct DOCKER_HOST or the docker context.',
  'The Docker engine at unix:///x answered with an error (HTTP status 500): see what "docker version" says.',
  'No probe was made, because only an administrator may enter this network namespace: run the same with sudo.',
  'No probe was made: this user may not send pings.',
  'There is no container or network namespace “红”',
  'There is no container “红”: no container engine answers here',
  'The container “红” cannot be looked up: There is no Docker engine at unix:///x: start it, or correct DOCKER_HOST or the docker context.',
  '“九” is not a port: a port is a number from 1 to 65535',
  'ICMP has no ports: leave out the port, or ask for tcp or udp',
];

/** Words that are names in every language. */
const NAMES =
  /ICMP|tcp|udp|sudo|ping|Docker|docker version|docker context|DOCKER_HOST|HTTP|unix:\/\/\S+|tcp:\/\/\S+|host|netns:red|container:web|veth0/g;

test.each(SENTENCES)('in Chinese no English is left of: %s', (sentence) => {
  expect(said(sentence, 'en')).toBe(sentence);
  const chinese = said(sentence, 'zh-cn');
  expect(chinese).toMatch(/\p{Script=Han}{4}/u);
  expect(chinese.replace(NAMES, '')).not.toMatch(/[A-Za-z]{2}/);
});

test('a sentence that is not known stays as it is', () => {
  expect(said('Something else.', 'zh-cn')).toBe('Something else.');
});
