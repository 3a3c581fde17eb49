import type { Saying } from '../../diagnostics/sayings/saying.ts';

/** Why a sandbox could not be started, found or entered, and what to do about it. */
export const SANDBOX: readonly Saying[] = [
  [
    'A lab is made of Linux namespaces, and this is not Linux.',
    '实验由 Linux 命名空间构成，而这里不是 Linux。',
  ],
  [
    'Run Hoplab in a Linux virtual machine (WSL 2, Lima, Multipass), or through Remote-SSH.',
    '请在 Linux 虚拟机（WSL 2、Lima、Multipass）中运行 Hoplab，或者通过 Remote-SSH 使用。',
  ],
  ['A lab needs {tools}, which this machine does not have.', '实验需要 {tools}，而这台机器上没有。'],
  ['Install with: {command}', '安装命令：{command}'],
  ['Run: {command}', '请执行：{command}'],
  [
    'Run: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0   (until the next boot; or run the lab as root)',
    '请执行：sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0   （重启后失效；也可以用 root 运行实验）',
  ],
  [
    'A user namespace can be made here, but not used: {why}.',
    '这里可以创建用户命名空间，却无法使用：{why}。',
  ],
  [
    'In a container, start it with the options that `hoplab doctor` prints; elsewhere, the kernel log may say who refused (sudo dmesg).',
    '如果这里是容器，请用 `hoplab doctor` 给出的选项启动它；否则可以看看内核日志里是谁拒绝的（sudo dmesg）。',
  ],
  [
    'No setting of the kernel forbids it, so a security profile does: in a container, start it with the options that `hoplab doctor` prints; elsewhere, the kernel log may say who refused (sudo dmesg).',
    '没有哪个内核参数禁止它，那么就是某个安全策略禁止的：如果这里是容器，请用 `hoplab doctor` 给出的选项启动它；否则可以看看内核日志里是谁拒绝的（sudo dmesg）。',
  ],
  [
    'AppArmor takes away what a user namespace of an ordinary user may do (kernel.apparmor_restrict_unprivileged_userns is 1).',
    'AppArmor 剥夺了普通用户在用户命名空间里的权限（kernel.apparmor_restrict_unprivileged_userns 为 1）。',
  ],
  [
    'Ordinary users may not make user namespaces here (kernel.unprivileged_userns_clone is 0).',
    '这里不允许普通用户创建用户命名空间（kernel.unprivileged_userns_clone 为 0）。',
  ],
  [
    'User namespaces are switched off here (user.max_user_namespaces is 0).',
    '这里关闭了用户命名空间（user.max_user_namespaces 为 0）。',
  ],
  [
    'A lab runs in a user namespace, and the kernel refused to make one ({why}).',
    '实验运行在用户命名空间里，而内核拒绝创建（{why}）。',
  ],
  ['unshare failed', 'unshare 运行失败'],
  [
    'Run `hoplab doctor`: it names the setting that forbids it.',
    '请运行 `hoplab doctor`：它会指出是哪个设置禁止的。',
  ],
  [
    "The ids of the lab's user namespace could not be mapped ({why}).",
    '无法映射实验的用户命名空间所用的 id（{why}）。',
  ],
  [
    'Check your ranges in /etc/subuid and /etc/subgid; each needs 65536 ids that no other user has.',
    '请检查 /etc/subuid 和 /etc/subgid 中分配给你的范围：各需要 65536 个不与其他用户重叠的 id。',
  ],
  [
    'This lab runs a container engine, which needs a range of user ids of your own; /etc/subuid has none for you.',
    '这个实验要运行容器引擎，它需要一段专属于你的用户 id，而 /etc/subuid 中没有分配给你。',
  ],
  [
    'A running lab keeps its files in {directory}, and they cannot be written there: {why}.',
    '运行中的实验把文件放在 {directory}，而那里无法写入：{why}。',
  ],
  [
    'Make room there, or set HOPLAB_RUNTIME_DIR to a short path of your own on another disk.',
    '请在那里腾出空间，或者把 HOPLAB_RUNTIME_DIR 设为另一块磁盘上属于你的较短路径。',
  ],
  ['no space is left', '磁盘空间已满'],
  ['your quota is used up', '你的配额已用完'],
  ['it is read-only', '它是只读的'],
  ['permission denied', '权限不足'],
  ['it is not permitted', '不被允许'],
  ['it is not a directory', '它不是目录'],
  ['the directory is not there', '目录不存在'],
  ['its symbolic links go round in circles', '它的符号链接绕成了圈'],
  [
    '{path} is not a directory of yours, so no lab can keep its state in it.',
    '{path} 不是属于你的目录，实验不能把状态存在里面。',
  ],
  [
    'Remove it, or set HOPLAB_RUNTIME_DIR to a short path of your own.',
    '请删除它，或者把 HOPLAB_RUNTIME_DIR 设为属于你的较短路径。',
  ],
  [
    '{path} is too long a path: a socket in it cannot have a name.',
    '路径 {path} 太长：无法在其中给套接字命名。',
  ],
  ['Set HOPLAB_RUNTIME_DIR to a shorter one.', '请把 HOPLAB_RUNTIME_DIR 设为较短的路径。'],
  ['The lab {name} has just ended.', '实验 {name} 刚刚结束。'],
  ['Start it again where you left it: hoplab lab start {lab}', '从上次的进度继续：hoplab lab start {lab}'],
  ["The lab's sandbox did not start.", '实验的沙箱没有启动。'],
  ["The lab's sandbox did not start ({why}).", '实验的沙箱没有启动（{why}）。'],
  [
    'Run `hoplab doctor`: it tries each part and says what this machine forbids.',
    '请运行 `hoplab doctor`：它会逐项尝试，并说明这台机器禁止了什么。',
  ],
  [
    'The built program, which a lab runs in its sandbox, is not there.',
    '找不到构建好的程序，而实验要在沙箱里运行它。',
  ],
];

/** What a running lab, and the proof of one, say in one language. */
export const LABS: readonly Saying[] = [
  ['The lab is not running any more.', '实验已经不在运行了。'],
  [
    'this runs in the sandbox of a lab; start one: hoplab lab start router',
    '这个命令在实验的沙箱里运行；启动一个实验：hoplab lab start router',
  ],
  ['Say which lab to test, or --all.', '请说明要测试哪个实验，或者用 --all。'],
  ['tcpdump has ended', 'tcpdump 已经结束'],
  ["the lab's host {host} was killed", '实验的主机 {host} 被终止了'],
  ['no cause', '没有原因'],
  ['nothing is left behind', '没有留下任何东西'],
  ['its process still runs', '它的进程仍在运行'],
  ['{id}: red before its solution: {title}', '{id}：按解法操作之前是红的：{title}'],
  ['{id}: red before the second way: {title}', '{id}：按第二种解法操作之前是红的：{title}'],
  ['{id}: its solution works', '{id}：解法有效'],
  ['{id}: the second way works', '{id}：第二种解法有效'],
  ['{id}: green after its solution: {title}', '{id}：按解法操作之后是绿的：{title}'],
  ['{id}: green after the second way: {title}', '{id}：按第二种解法操作之后是绿的：{title}'],
  ['its solution', '解法'],
  ['the second way', '第二种解法'],
  ['it is {state} {message}', '它是 {state}：{message}'],
  ['it is {state}: {message}', '它是 {state}：{message}'],
  ['it is {state}', '它是 {state}'],
  ['{id}: done', '{id}：完成'],
  ['the step does not count as done', '这一步没有算作完成'],
  ['{id}: breaks what worked', '{id}：破坏了原本正常的网络'],
  ['{id}: can be asked about', '{id}：可以就它提问'],
  ['its symptom is no question of reachability', '它的症状不是连通性问题'],
  ['{id}: why says {cause} at {place}', '{id}：why 指出 {place} 的 {cause}'],
  ['it says {causes}', '它说的是 {causes}'],
  ['{id}: its fix works', '{id}：修复有效'],
  ['after it the answer is {verdict}', '修复之后的结论是 {verdict}'],
  ['{id}: counts as mended', '{id}：算作已修复'],
];
