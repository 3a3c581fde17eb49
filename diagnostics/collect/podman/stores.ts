import { statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { HostRoot } from '../../host/machine.ts';
import { isObject, objects, parseJson, stringField, stringsField } from '../../host/external-json.ts';
import { namesIn, readText } from '../plain-files.ts';
import { readUsers, type User } from '../users.ts';

/** Somebody's podman: it has no daemon, only files, and processes (conmon) that look after its containers. */
export interface PodmanStore {
  /** Whose; null: of who asks. */
  readonly user: User | null;
  /** What its storage lists, running or not. */
  readonly containers: readonly StoredContainer[];
  /** Whether it has been at work since the machine started: asking one that has not would make it set itself up. */
  readonly awake: boolean;
}

/** A container as podman's store names it, running or not. */
export interface StoredContainer {
  readonly id: string;
  readonly name: string;
  readonly image: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The podmans of a host that have containers: that of who asks, and, for root, those of users whose containers run and of the
 * user who used sudo. `keepers` are the users whose conmon runs.
 */
export function podmanStores(
  host: HostRoot,
  keepers: readonly number[],
  environment: Environment = process.env,
): readonly PodmanStore[] {
  const root = host.pid === null ? '' : `/proc/${host.pid}/root`;
  const own = process.getuid?.() ?? 0;
  const others = new Set(own === 0 ? keepers : []);
  const sudoer = Number(environment['SUDO_UID'] ?? 0);
  if (own === 0 && host.pid === null && sudoer > 0) others.add(sudoer);
  others.delete(own);
  const users = readUsers(root);
  const stores = [
    ownStore(root, own, keepers.includes(own), host.pid === null ? environment : {}),
    ...[...others].flatMap((uid) => {
      const user = users.find((it) => it.uid === uid);
      return user === undefined ? [] : [usersStore(root, user, keepers.includes(uid))];
    }),
  ];
  return stores.filter(({ containers, awake }) => containers.length > 0 || awake);
}

function ownStore(root: string, uid: number, kept: boolean, environment: Environment): PodmanStore {
  const home = environment['HOME'] ?? (root === '' ? homedir() : '/root');
  const configured = environment['CONTAINERS_STORAGE_CONF'];
  const storage =
    uid === 0
      ? rootStorage(root, configured)
      : homeStorage('', home, configured, environment['XDG_DATA_HOME']);
  const runtime =
    uid === 0 ? `${root}/run/libpod` : `${environment['XDG_RUNTIME_DIR'] ?? `/run/user/${uid}`}/libpod/tmp`;
  return { user: null, containers: storedIn(storage), awake: kept || exists(`${runtime}/alive`) };
}

const usersStore = (root: string, user: User, kept: boolean): PodmanStore => ({
  user,
  containers: storedIn(homeStorage(root, `${root}${user.home}`, undefined, undefined)),
  awake: kept,
});

const rootStorage = (root: string, configured: string | undefined): string =>
  graphRoot(configured ?? `${root}/etc/containers/storage.conf`, root) ??
  `${root}/var/lib/containers/storage`;

const homeStorage = (
  root: string,
  home: string,
  configured: string | undefined,
  data: string | undefined,
): string =>
  graphRoot(configured ?? join(home, '.config/containers/storage.conf'), root) ??
  join(data ?? join(home, '.local/share'), 'containers/storage');

/** `graphroot = "/srv/containers"` of a storage.conf(5); null where the file says nothing. */
function graphRoot(file: string, root: string): string | null {
  const found = /^\s*graphroot\s*=\s*"([^"$]+)"/m.exec(readText(file))?.[1];
  return found === undefined ? null : `${root}${found}`;
}

/** `overlay-containers/containers.json`, by whatever driver. */
function storedIn(storage: string): readonly StoredContainer[] {
  return namesIn(storage)
    .filter((name) => name.endsWith('-containers'))
    .flatMap((name) => objects(parseJson(readText(join(storage, name, 'containers.json')) || '[]')))
    .flatMap((entry) => {
      const id = stringField(entry, 'id');
      const about = parseJson(stringField(entry, 'metadata') || '{}');
      // What podman notes of its own; a working container of buildah has only the storage's name.
      const noted = isObject(about) ? stringField(about, 'name') : undefined;
      const name = noted ?? stringsField(entry, 'names')[0];
      return id === undefined || name === undefined
        ? []
        : [{ id, name, image: (isObject(about) ? stringField(about, 'image-name') : undefined) ?? '' }];
    });
}

function exists(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
