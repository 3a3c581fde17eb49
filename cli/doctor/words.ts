import type { Localised } from '../../diagnostics/model/language.ts';

type Names = readonly string[];

export interface DoctorWords {
  readonly trying: string;
  readonly able: string;
  readonly unable: string;
  readonly otherSystem: (platform: string) => {
    readonly title: string;
    readonly detail: string;
    readonly remedy: string;
  };
  readonly tools: {
    readonly title: string;
    readonly complete: string;
    readonly missing: (packages: Names) => string;
  };
  readonly sandbox: { readonly title: string; readonly works: string; readonly container: string };
  readonly kernel: {
    readonly title: string;
    readonly offers: (parts: Names) => string;
    readonly lacks: (parts: Names) => string;
    readonly load: string;
  };
  readonly engines: {
    readonly title: string;
    readonly works: (seconds: string) => string;
    readonly missing: (packages: Names) => string;
    readonly noIds: string;
    readonly noSandbox: string;
    readonly without: string;
  };
  readonly privileges: {
    readonly title: string;
    readonly all: string;
    readonly own: string;
    readonly asRoot: string;
  };
  readonly programs: {
    readonly title: string;
    readonly seen: string;
    readonly noTool: string;
    readonly refused: string;
    readonly asRoot: string;
  };
  readonly engine: {
    readonly title: string;
    readonly answers: (version: string) => string;
    readonly none: string;
  };
}

/** What `hoplab doctor` says: sentences. */
export const DOCTOR_WORDS: Localised<DoctorWords> = {
  en: {
    trying: 'Trying what this machine can do',
    able: 'Labs can run on this machine.',
    unable: 'Labs cannot run on this machine yet.',
    otherSystem: (platform) => ({
      title: 'Operating system',
      detail: `Network namespaces are a thing of Linux, and this is ${platform}.`,
      remedy: 'Use Hoplab in a Linux virtual machine: WSL 2, Lima, Multipass or another.',
    }),
    tools: {
      title: 'Programs',
      complete: 'All that diagnosis and labs run are installed.',
      missing: (packages) => `Some are missing; these Debian packages have them: ${packages.join(', ')}.`,
    },
    sandbox: {
      title: 'Sandbox',
      works:
        'A user namespace with a network, mounts and processes of its own was made, and a veth pair in it.',
      container:
        'This is the inside of a container, whose security profile forbids it. Start the container with these options (devcontainer.json: as "runArgs").',
    },
    kernel: {
      title: 'Kernel',
      offers: (parts) => `A sandbox can use ${parts.join(', ')}.`,
      lacks: (parts) => `A sandbox cannot use ${parts.join(', ')}: what builds on it does not work.`,
      load: 'An ordinary user cannot load kernel modules; this loads them until the next boot:',
    },
    engines: {
      title: 'Docker in labs',
      works: (seconds) =>
        `An engine with two containers and a published port ran in a sandbox, ready after ${seconds} s.`,
      missing: (packages) => `Not tried, because Debian packages are missing: ${packages.join(', ')}.`,
      noIds: 'Not tried, because this user has no ids for containers in /etc/subuid and /etc/subgid.',
      noSandbox: 'Not tried, because there is no sandbox.',
      without: 'Labs without containers run all the same.',
    },
    privileges: {
      title: 'Diagnosing this machine',
      all: 'This user may look into every network namespace and firewall.',
      own: 'This user may not look into other network namespaces and firewalls. Labs do not need it.',
      asRoot: 'To ask about this machine, ask as root:',
    },
    programs: {
      title: 'eBPF programs',
      seen: 'Programs that meet packets can be listed, those of cgroups too.',
      noTool:
        'Programs of cgroups and of interfaces were not looked at, because bpftool is missing: a packet that one of them throws away gets lost without a reason.',
      refused:
        'Programs of cgroups were not looked at, because the kernel does not let this user list them: a packet that one of them throws away gets lost without a reason.',
      asRoot: 'Root may, outside of containers:',
    },
    engine: {
      title: 'Docker on this machine',
      answers: (version) => `Version ${version} answers.`,
      none: 'None answers. Only the diagnosis of containers needs one; labs bring their own.',
    },
  },
  'zh-cn': {
    trying: '正在试验这台机器能做什么',
    able: '这台机器可以运行实验。',
    unable: '这台机器还不能运行实验。',
    otherSystem: (platform) => ({
      title: '操作系统',
      detail: `网络命名空间是 Linux 的功能，而这里是 ${platform}。`,
      remedy: '请在 Linux 虚拟机中使用 Hoplab：WSL 2、Lima、Multipass 或其他。',
    }),
    tools: {
      title: '程序',
      complete: '诊断和实验需要的程序都已安装。',
      missing: (packages) => `缺少一些程序，它们在这些 Debian 软件包里：${packages.join('、')}。`,
    },
    sandbox: {
      title: '沙箱',
      works: '已试着创建带有独立网络、挂载点和进程的用户命名空间，并在其中创建了 veth 接口对。',
      container:
        '这里是容器内部，容器的安全配置禁止这样做。请用下面的选项启动容器（devcontainer.json 中写在 "runArgs" 里）。',
    },
    kernel: {
      title: '内核',
      offers: (parts) => `沙箱可以使用 ${parts.join('、')}。`,
      lacks: (parts) => `沙箱无法使用 ${parts.join('、')}，依赖它们的功能用不了。`,
      load: '普通用户不能加载内核模块；下面的命令加载它们，直到下次重启：',
    },
    engines: {
      title: '实验中的 Docker',
      works: (seconds) => `已在沙箱中运行了一个引擎，带有两个容器和一个发布的端口，${seconds} 秒后就绪。`,
      missing: (packages) => `没有试验，因为缺少 Debian 软件包：${packages.join('、')}。`,
      noIds: '没有试验，因为当前用户在 /etc/subuid 和 /etc/subgid 中没有可供容器使用的 ID。',
      noSandbox: '没有试验，因为无法创建沙箱。',
      without: '不含容器的实验照样可以运行。',
    },
    privileges: {
      title: '诊断这台机器',
      all: '当前用户可以查看所有网络命名空间和防火墙。',
      own: '当前用户无权查看其他网络命名空间和防火墙。做实验不需要这个权限。',
      asRoot: '要诊断这台机器，请以 root 身份提问：',
    },
    programs: {
      title: 'eBPF 程序',
      seen: '可以列出会遇到数据包的程序，包括 cgroup 上的。',
      noTool:
        '没有查看 cgroup 和接口上的程序，因为缺少 bpftool：如果数据包被其中某个程序丢弃，就找不出原因。',
      refused:
        '没有查看 cgroup 上的程序，因为内核不允许当前用户列出它们：如果数据包被其中某个程序丢弃，就找不出原因。',
      asRoot: '在容器之外，root 可以：',
    },
    engine: {
      title: '这台机器上的 Docker',
      answers: (version) => `有应答，版本 ${version}。`,
      none: '没有应答。只有诊断容器才需要它；实验自带引擎。',
    },
  },
};
