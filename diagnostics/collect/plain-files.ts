import { readFileSync, readdirSync } from 'node:fs';

/** A small file's text; '' where there is none, or it may not be read: for what is there or not, and is no fact by itself. */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** The names in a directory, in no order; none where it cannot be read. */
export function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
