import { expect, it } from 'vitest';
import { unbracketedPort } from '../../../diagnostics/question/unbracketed.ts';

it.each([
  ['fe80::1:80', { address: 'fe80::1', port: 80 }],
  ['::1:443', { address: '::1', port: 443 }],
  ['lab/2001:db8::1:8080', { address: '2001:db8::1', port: 8080 }],
])('%s may be an address with a port', (text, meant) => {
  expect(unbracketedPort(text)).toEqual(meant);
});

it.each(['fd70::80', 'fe80::1:ab', 'fe80::1:080', '1:2:3:4:5:6:7:80', 'fd00::3', '10.0.0.1', '::'])(
  '%s is an address and nothing else',
  (text) => {
    expect(unbracketedPort(text)).toBeNull();
  },
);
