import type { Localised } from '../../diagnostics/model/language.ts';
import type { EngineProbe } from '../../labs/sandbox/probe-engines.ts';

interface DemoWords {
  readonly title: string;
  readonly building: string;
  readonly built: (seconds: string) => string;
  readonly noDocker: { readonly asked: string; readonly lacking: (probe: EngineProbe) => string };
  readonly engineFailed: (reason: string) => string;
  readonly act: (number: number, total: number, title: string) => string;
  readonly breaking: string;
  readonly asking: string;
  readonly broke: string;
  readonly found: (cause: string, place: string) => string;
  readonly missed: (expected: string, said: string) => string;
  readonly mend: string;
  readonly mending: string;
  readonly mended: string;
  readonly notMended: string;
  readonly enter: string;
  readonly lookAround: (command: string) => string;
  readonly end: (seconds: string) => string;
  readonly gone: string;
  readonly next: string;
  readonly nextWhy: string;
  readonly nextLab: string;
  readonly nextDoctor: string;
  readonly interrupted: string;
}

/** What `hoplab demo` says beside the texts of its network and what `why` answers. */
export const DEMO_WORDS: Localised<DemoWords> = {
  en: {
    title: 'Hoplab breaks a network three times, and finds out why',
    building: 'Building the network',
    built: (seconds) =>
      `It stands after ${seconds} s, in a sandbox of its own: this machine’s network is out of its reach.`,
    noDocker: {
      asked: 'Without Docker, as you wished: the third break is one of routes.',
      lacking: ({ missing }) =>
        missing.length > 0
          ? `Docker is left out, because ${missing.join(', ')} is not installed here: the third break is one of routes.`
          : 'Docker is left out, because this user has no ids for containers (/etc/subuid): the third break is one of routes.',
    },
    engineFailed: (reason) =>
      `Docker is left out, because its engine does not start here (${reason}): the third break is one of routes.`,
    act: (number, total, title) => `${number} of ${total}: ${title}`,
    breaking: 'Breaking it',
    asking: 'Reading the network and asking the kernel',
    broke: 'This is what had been done to the network:',
    found: (cause, place) => `Found: ${cause}, at ${place}.`,
    missed: (expected, said) =>
      `The answer is wrong: the cause is ${expected}, and Hoplab says ${said}. This is a defect of Hoplab; please report it.`,
    mend: 'The fix is applied, and the same question asked again:',
    mending: 'Applying the fix and asking the kernel again',
    mended: 'It works again.',
    notMended: 'The fix did not help. This is a defect of Hoplab; please report it.',
    enter: 'Enter goes on, Ctrl-C ends. ',
    lookAround: (command) => `Look around in another terminal meanwhile: ${command}`,
    end: (seconds) => `Three breaks found, mended and proven in ${seconds} s.`,
    gone: 'The network and its sandbox are gone.',
    next: 'Next:',
    nextWhy: 'why can A not reach B on this machine?',
    nextLab: 'build and mend such a network yourself',
    nextDoctor: 'what this machine can do',
    interrupted: 'Stopped. The network and its sandbox are gone.',
  },
  'zh-cn': {
    title: 'Hoplab 把一个网络弄坏三次，并找出原因',
    building: '正在搭建网络',
    built: (seconds) => `${seconds} 秒后网络就绪，位于专用的沙箱中：碰不到这台机器自己的网络。`,
    noDocker: {
      asked: '按照您的要求不使用 Docker：第三个故障是路由故障。',
      lacking: ({ missing }) =>
        missing.length > 0
          ? `这里没有安装 ${missing.join('、')}，所以不使用 Docker：第三个故障是路由故障。`
          : '当前用户没有可供容器使用的 ID（/etc/subuid），所以不使用 Docker：第三个故障是路由故障。',
    },
    engineFailed: (reason) =>
      `Docker 引擎在这里无法启动（${reason}），所以不使用 Docker：第三个故障是路由故障。`,
    act: (number, total, title) => `${number}/${total}：${title}`,
    breaking: '正在制造故障',
    asking: '正在读取网络状态并向内核求证',
    broke: '之前对网络做的手脚：',
    found: (cause, place) => `找对了：${cause}，在 ${place}。`,
    missed: (expected, said) =>
      `回答错了：真正的原因是 ${expected}，而 Hoplab 说的是 ${said}。这是 Hoplab 的缺陷，请报告。`,
    mend: '现在执行解决办法，并再问一次同样的问题：',
    mending: '正在执行解决办法并再次向内核求证',
    mended: '又通了。',
    notMended: '解决办法没有奏效。这是 Hoplab 的缺陷，请报告。',
    enter: '按回车继续，按 Ctrl-C 结束。',
    lookAround: (command) => `这时可以在另一个终端里四处看看：${command}`,
    end: (seconds) => `三个故障都已查明、修复并验证，共用 ${seconds} 秒。`,
    gone: '网络及其沙箱已经清除。',
    next: '接下来：',
    nextWhy: '在这台机器上，A 为什么到不了 B？',
    nextLab: '亲手搭建并修复这样一个网络',
    nextDoctor: '这台机器能做什么',
    interrupted: '已停止，网络及其沙箱已经清除。',
  },
};
