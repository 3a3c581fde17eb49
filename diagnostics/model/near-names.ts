/**
 * Names that a person may have meant: same but for case, beginning alike, or a few letters away; nearest first, three at most.
 */
export function nearNames(wanted: string, names: Iterable<string>): readonly string[] {
  const low = wanted.toLowerCase();
  const allowed = Math.max(1, Math.floor(low.length / 3));
  return [...new Set(names)]
    .map((name) => ({ name, distance: distanceTo(low, name.toLowerCase()) }))
    .filter(({ distance }) => distance <= allowed)
    .sort((a, b) => a.distance - b.distance || a.name.localeCompare(b.name))
    .slice(0, 3)
    .map(({ name }) => name);
}

const distanceTo = (wanted: string, name: string): number =>
  wanted.length >= 2 && name.startsWith(wanted) ? 1 : editDistance(wanted, name);

/** Damerau-Levenshtein (optimal string alignment): a transposition counts once, as typing errors do. */
function editDistance(a: string, b: string): number {
  let [before, previous] = [[] as number[], Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      const steps = [at(previous, j) + 1, at(row, j - 1) + 1, at(previous, j - 1) + same];
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) steps.push(at(before, j - 2) + 1);
      row.push(Math.min(...steps));
    }
    [before, previous] = [previous, row];
  }
  return at(previous, b.length);
}

const at = (row: readonly number[], index: number): number => row[index] ?? Number.POSITIVE_INFINITY;
