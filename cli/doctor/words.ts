import type { Localised } from '../../diagnostics/model/language.ts';

interface Said {
  readonly title: string;
  readonly detail: string;
}

interface DoctorWords {
  readonly trying: string;
  readonly able: string;
  readonly unable: string;
  readonly platform: (platform: string) => Said;
  readonly tools: (missing: readonly string[]) => Said;
  readonly sandbox: Said;
  readonly enginesInLabs: (missing: readonly string[], ids: boolean) => Said;
  readonly kernel: (present: readonly string[], missing: readonly string[]) => Said;
  readonly privileges: (privileged: boolean) => Said;
  readonly engine: (version: string | null, refused: string | null) => Said;
}

/** What `hoplab doctor` says. */
export const DOCTOR_WORDS: Localised<DoctorWords> = {
  en: {
    trying: 'Trying what this machine can do',
    able: 'Labs can run on this machine.',
    unable: 'Labs cannot run on this machine yet.',
    platform: (platform) => ({
      title: 'Operating system',
      detail: `network namespaces are a thing of Linux, and this is ${platform}: use WSL 2, Lima, Multipass or another Linux VM`,
    }),
    tools: (missing) => ({
      title: 'Programs',
      detail: missing.length === 0 ? 'all there' : `missing Debian packages: ${missing.join(', ')}`,
    }),
    sandbox: { title: 'Sandbox', detail: 'user, network and mount namespaces work, and a veth pair in them' },
    enginesInLabs: (missing, ids) => ({
      title: 'Container engines in labs',
      detail:
        missing.length > 0
          ? `missing Debian packages: ${missing.join(', ')}`
          : ids
            ? 'several can run, without root'
            : 'this user has no subordinate ids (/etc/subuid, /etc/subgid)',
    }),
    kernel: (present, missing) => ({
      title: 'Kernel',
      detail:
        missing.length === 0
          ? `has ${present.join(', ')}`
          : `does not offer ${missing.join(', ')} to a sandbox`,
    }),
    privileges: (privileged) => ({
      title: 'Diagnosing this machine',
      detail: privileged
        ? 'this user may look into all network namespaces'
        : 'this user may not look into other network namespaces and firewalls; labs do not need it',
    }),
    engine: (version, refused) => ({
      title: 'Docker on this machine',
      detail:
        version === null
          ? (refused ?? 'none answers; only diagnosing containers needs one')
          : `answers (version ${version})`,
    }),
  },
  'zh-cn': {
    trying: '正在试验这台机器能做什么',
    able: '这台机器可以运行实验。',
    unable: '这台机器还不能运行实验。',
    platform: (platform) => ({
      title: '操作系统',
      detail: `网络命名空间是 Linux 的功能，而这里是 ${platform}：请使用 WSL 2、Lima、Multipass 或其他 Linux 虚拟机`,
    }),
    tools: (missing) => ({
      title: '程序',
      detail: missing.length === 0 ? '齐全' : `缺少 Debian 软件包：${missing.join('、')}`,
    }),
    sandbox: { title: '沙箱', detail: '用户、网络、挂载命名空间都可用，其中也能创建 veth 接口对' },
    enginesInLabs: (missing, ids) => ({
      title: '实验中的容器引擎',
      detail:
        missing.length > 0
          ? `缺少 Debian 软件包：${missing.join('、')}`
          : ids
            ? '无需 root 即可运行多个'
            : '当前用户没有从属 ID（/etc/subuid、/etc/subgid）',
    }),
    kernel: (present, missing) => ({
      title: '内核',
      detail: missing.length === 0 ? `支持 ${present.join('、')}` : `沙箱中无法使用 ${missing.join('、')}`,
    }),
    privileges: (privileged) => ({
      title: '诊断这台机器',
      detail: privileged
        ? '当前用户可以查看所有网络命名空间'
        : '当前用户无权查看其他网络命名空间和防火墙；做实验不需要这个权限',
    }),
    engine: (version, refused) => ({
      title: '这台机器上的 Docker',
      detail: version === null ? (refused ?? '没有应答；只有诊断容器才需要它') : `有应答（版本 ${version}）`,
    }),
  },
};
