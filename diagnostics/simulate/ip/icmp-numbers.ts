/** Type and code of an ICMP error. */
export interface IcmpError {
  readonly type: number;
  readonly code: number;
}

/** What each family calls the messages that a walk meets (RFC 792, RFC 4443). */
interface IcmpNumbers {
  readonly protocol: number;
  readonly echoRequest: number;
  readonly echoReply: number;
  readonly noRoute: IcmpError;
  readonly addressUnreachable: IcmpError;
  readonly prohibited: IcmpError;
  readonly portUnreachable: IcmpError;
  readonly tooBig: IcmpError;
  readonly timeExceeded: IcmpError;
}

/** The same meanings under the numbers of ICMP (RFC 792) and of ICMPv6 (RFC 4443). */
export const ICMP: Readonly<Record<4 | 6, IcmpNumbers>> = {
  4: {
    protocol: 1,
    echoRequest: 8,
    echoReply: 0,
    noRoute: { type: 3, code: 0 },
    addressUnreachable: { type: 3, code: 1 },
    prohibited: { type: 3, code: 13 },
    portUnreachable: { type: 3, code: 3 },
    tooBig: { type: 3, code: 4 },
    timeExceeded: { type: 11, code: 0 },
  },
  6: {
    protocol: 58,
    echoRequest: 128,
    echoReply: 129,
    noRoute: { type: 1, code: 0 },
    addressUnreachable: { type: 1, code: 3 },
    prohibited: { type: 1, code: 1 },
    portUnreachable: { type: 1, code: 4 },
    tooBig: { type: 2, code: 0 },
    timeExceeded: { type: 3, code: 0 },
  },
};

/** RFC 4443, 3.1: the source cannot be forwarded beyond its link. */
export const BEYOND_SCOPE: IcmpError = { type: 1, code: 2 };

/** RFC 4861, 4.3 and 4.4. */
export const NEIGHBOUR_SOLICITATION = 135;
export const NEIGHBOUR_ADVERTISEMENT = 136;

/** Of either family. */
export const isEchoRequest = (type: number | undefined): boolean =>
  type === ICMP[4].echoRequest || type === ICMP[6].echoRequest;
