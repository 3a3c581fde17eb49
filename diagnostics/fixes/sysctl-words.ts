/** As people write it. A key whose interface has a dot in its name stays with slashes, which sysctl(8) also takes. */
export const dotted = (key: string): string => (key.includes('.') ? key : key.replaceAll('/', '.'));

export const sysctlCommand = (key: string, value: string): readonly string[] => [
  ...['sysctl', '-w', `${dotted(key)}=${value}`],
];
