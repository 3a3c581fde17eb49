import { NETLINK_XFRM } from '../../host/native/listing.ts';
import { NetlinkError } from '../../host/native/netlink.ts';
import type { Visit } from '../../host/native/visit.ts';
import { absent, known, type Fact } from '../../model/fact.ts';
import type { Ipsec, IpsecVerdict } from '../../model/ipsec.ts';
import { NotUnderstood } from './bytes.ts';

/** XFRM_MSG_* of include/uapi/linux/xfrm.h. */
const GETPOLICY = 0x15;
const GETDEFAULT = 0x28;

const XFRM_USERPOLICY_BLOCK = 1;

const EPROTONOSUPPORT = 93;

/**
 * That there are no policies of IPsec, which is so nearly everywhere, with what is done without one.
 * @throws NotUnderstood where there are some; NetlinkError where the kernel does not say
 */
export function readIpsecPresence(visit: Visit): Fact<Ipsec> {
  try {
    return visit.ask(NETLINK_XFRM, (netlink) => {
      if (netlink.dump(GETPOLICY, Buffer.alloc(0)).length > 0) throw new NotUnderstood('policies');
      const defaults = netlink.ask(GETDEFAULT, Buffer.alloc(4))?.body;
      if (defaults === undefined) throw new NotUnderstood('defaults');
      const verdict = (at: number): IpsecVerdict =>
        defaults.readUInt8(at) === XFRM_USERPOLICY_BLOCK ? 'block' : 'accept';
      return known({
        policies: [],
        states: [],
        defaults: { in: verdict(0), fwd: verdict(1), out: verdict(2) },
      });
    });
  } catch (error) {
    if (error instanceof NetlinkError && error.errno === EPROTONOSUPPORT) return absent;
    throw error;
  }
}
