import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The path below the root of the hierarchy of version 2 by a cgroup's id, which is its directory's inode number
 * (kernfs_id() of the kernel's include/linux/kernfs.h, where inode numbers have 64 bits).
 */
export function cgroupPaths(root: string): ReadonlyMap<bigint, string> {
  const paths = new Map<bigint, string>();
  const add = (path: string): void => {
    try {
      paths.set(statSync(join(root, path), { bigint: true }).ino, path);
      for (const item of readdirSync(join(root, path), { withFileTypes: true }))
        if (item.isDirectory()) add(join(path, item.name));
    } catch {
      // It was removed meanwhile.
    }
  };
  add('/');
  return paths;
}
