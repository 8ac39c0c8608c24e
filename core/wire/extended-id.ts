/** Extended messages that we understand, by the ids we give them in our handshake (BEP 10). 0 is the handshake. */
export const EXTENDED = { ut_pex: 1, ut_metadata: 2, ut_holepunch: 4, lt_donthave: 7 } as const;

export type ExtendedName = keyof typeof EXTENDED;
