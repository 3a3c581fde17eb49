import { describe, test } from 'vitest';
import { check, engine, machine } from './option-case.ts';
import { NETWORKS, PUBLISHED, usual } from './usual.ts';

describe('what facts say of published ports is what the kernel does', () => {
  test('published by the userland proxy and rules', async () => {
    await machine();
    const made = await engine(true);
    await usual(made);
    await check('userland-proxy', made, [...PUBLISHED, ...NETWORKS]);
  });

  test('published by rules alone', async () => {
    await machine();
    const made = await engine(false);
    await usual(made);
    await check('no-userland-proxy', made, PUBLISHED);
  });
});
