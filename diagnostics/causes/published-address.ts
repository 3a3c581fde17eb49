import { sameAddress } from '../model/ip.ts';

/** Whether a port that is published on one address is taken on the other too. */
export const overlap = (one: string, other: string): boolean =>
  isEvery(one) || isEvery(other) || sameAddress(one, other);

/** Every address of the host, in the three ways that engines write it. */
const isEvery = (address: string): boolean => address === '' || address === '0.0.0.0' || address === '::';
