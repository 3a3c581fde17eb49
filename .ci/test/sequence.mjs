/**
 * Which test files a shard runs, and in which order: by the seconds that each took when times.json was written
 * (`npm test -- --times`). A file that is not in it counts as a middling one.
 */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BaseSequencer } from 'vitest/node';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** @type {Record<string, number>} */
const times = JSON.parse(readFileSync(new URL('times.json', import.meta.url), 'utf8'));
const known = Object.values(times).sort((one, other) => one - other);
const middling = known[Math.floor(known.length / 2)] ?? 1;

const nameOf = (file) => relative(ROOT, file.moduleId);
const secondsOf = (file) => times[nameOf(file)] ?? middling;

/** What takes longest comes first, so that what ends the run is short. */
const longestFirst = (files) =>
  [...files].sort(
    (one, other) => secondsOf(other) - secondsOf(one) || (nameOf(one) < nameOf(other) ? -1 : 1),
  );

/** Deals each file, the longest first, to the share that has least to do. */
export function shares(files, count) {
  const dealt = Array.from({ length: count }, () => ({ seconds: 0, files: [] }));
  for (const file of longestFirst(files)) {
    const least = dealt.reduce((best, one) => (one.seconds < best.seconds ? one : best));
    least.files.push(file);
    least.seconds += secondsOf(file);
  }
  return dealt.map((share) => share.files);
}

export class ByTime extends BaseSequencer {
  shard(files) {
    const { index, count } = this.ctx.config.shard;
    return Promise.resolve(shares(files, count)[index - 1]);
  }

  sort(files) {
    return Promise.resolve(longestFirst(files));
  }
}
