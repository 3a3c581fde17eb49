/** Who has which addresses: three on the left, three on the right, the router's one on each side. */
export const FAMILIES = {
  4: {
    left: ['10.1.0.1', '10.1.0.2', '10.1.0.3'],
    right: ['10.2.0.1', '10.2.0.2', '10.2.0.3'],
    in: '10.1.0.254',
    out: '10.2.0.254',
  },
  6: {
    left: ['fd01::1', 'fd01::2', 'fd01::3'],
    right: ['fd02::1', 'fd02::2', 'fd02::3'],
    in: 'fd01::fe',
    out: 'fd02::fe',
  },
} as const;
