/** What Reticulum and LXMF have published of themselves, as columns beside ours: not measured here. */
export const publishedColumns = { lxmf: "LXMF, published", reticulum: "Reticulum, published" } as const;

/** A message of ten characters in one packet of LXMF. */
export const lxmfOctets = 211;
/** Packets of 100 octets a second over five hops of TCP on loopback, RNS 1.4.2, with nothing kept anywhere. */
export const reticulumRate = 2_420;
