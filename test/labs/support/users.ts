import { execa } from 'execa';
import { readFile } from 'node:fs/promises';

/** Who runs a test's program: ourselves, or an ordinary user with subordinate ids. */
export interface Who {
  readonly title: string;
  /** The command prefix that becomes this user. */
  readonly become: readonly string[];
  readonly uid: number;
}

const OWN_USER = 'hoplab-test';

async function ordinaryUsers(): Promise<readonly { name: string; uid: number; gid: number }[]> {
  const [passwd, subuid] = await Promise.all([
    readFile('/etc/passwd', 'utf8'),
    readFile('/etc/subuid', 'utf8').catch(() => ''),
  ]);
  const owners = subuid.split('\n').map((line) => line.split(':')[0]);
  return passwd.split('\n').flatMap((line) => {
    const [name = '', , uid, gid] = line.split(':');
    return owners.includes(name) && Number(uid) > 0 ? [{ name, uid: Number(uid), gid: Number(gid) }] : [];
  });
}

/** Root runs each test twice: as root, and as an ordinary user (see makeOrdinaryUser). */
export async function whoRunsTests(): Promise<readonly Who[]> {
  const uid = process.getuid?.() ?? 0;
  const self: Who = { title: uid === 0 ? 'root' : 'an ordinary user', become: [], uid };
  if (uid !== 0) return [self];
  const [user] = await ordinaryUsers();
  if (!user)
    throw new Error('useradd gave the test user no subordinate ids: see SUB_UID_COUNT in /etc/login.defs');
  const become = [
    'setpriv',
    '--reuid',
    String(user.uid),
    '--regid',
    String(user.gid),
    '--init-groups',
    'env',
  ];
  const directory = { HOME: '/nonexistent', USER: user.name, LOGNAME: user.name };
  return [
    self,
    {
      title: 'an ordinary user',
      become: [...become, ...Object.entries(directory).map(([key, value]) => `${key}=${value}`)],
      uid: user.uid,
    },
  ];
}

/** Where root runs the tests and there is no ordinary user, one is made for all of them; what removes it again. */
export async function makeOrdinaryUser(): Promise<() => Promise<void>> {
  if (process.getuid?.() !== 0 || (await ordinaryUsers()).length > 0) return () => Promise.resolve();
  await execa('useradd', ['--no-create-home', '--shell', '/bin/sh', OWN_USER]);
  return async () => {
    await execa('userdel', [OWN_USER]);
  };
}
