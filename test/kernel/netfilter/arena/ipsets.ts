import { FAMILIES } from './addresses.ts';

/** Sets for `-m set`, of every kind that the kernel here has, as `ipset restore` takes them. */
export const IPSETS = ([4, 6] as const)
  .flatMap((family) => {
    const plan = FAMILIES[family];
    const word = family === 4 ? 'inet' : 'inet6';
    const net = family === 4 ? '10.2.0.0/24' : 'fd02::/64';
    return [
      `create hosts${family} hash:ip family ${word}`,
      `add hosts${family} ${plan.left[0]}`,
      `add hosts${family} ${plan.left[1]}`,
      `create nets${family} hash:net family ${word}`,
      `add nets${family} ${net}`,
      `add nets${family} ${plan.right[1]} nomatch`,
      `create pairs${family} hash:ip,port family ${word}`,
      `add pairs${family} ${plan.right[0]},tcp:80`,
      `add pairs${family} ${plan.right[1]},udp:8080`,
      `create devices${family} hash:net,iface family ${word}`,
      `add devices${family} ${family === 4 ? '10.1.0.0/24' : 'fd01::/64'},r0`,
      `create more${family} hash:ip family ${word}`,
      `add more${family} ${plan.left[2]}`,
      `create list${family} list:set`,
      `add list${family} hosts${family}`,
      `add list${family} more${family}`,
    ];
  })
  .concat('create ports bitmap:port range 0-65535', 'add ports 80-81', '')
  .join('\n');
