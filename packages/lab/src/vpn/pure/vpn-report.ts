/** What the VPN's story found, and how it tells it. */

export interface VpnReport {
  readonly kind: "vpn";
  readonly ok: boolean;
  /** From the first start until it can be asked. */
  readonly entryReadyAfterMs: number;
  /** From the start of the exit until entry counts it among those that may be given sessions. */
  readonly exitReadyAfterMs: number;
  readonly session: {
    /** From the request until its answer. */
    readonly answeredAfterMs: number;
    /** From the request until the first page. */
    readonly firstPageAfterMs: number;
    /** Under which address the page was asked for, without the session and with it. */
    readonly before: string;
    readonly through: string;
  };
  /** While entry and its database were dead, and while the exit's program was. */
  readonly withoutEntry: Pages;
  readonly withoutCore: Pages & { readonly readyAfterMs: number };
  readonly entryAgain: { readonly readyAfterMs: number; readonly state: string };
  readonly end: {
    /** From the request until its answer. */
    readonly answeredAfterMs: number;
    /** From the answer until the last page that came was asked for; 0: none was asked for behind it. */
    readonly lastPageAfterMs: number;
    readonly lostBehind: number;
  };
  readonly wrong: readonly string[];
  readonly tookSeconds: number;
}

export interface Pages {
  readonly seconds: number;
  readonly came: number;
  readonly failed: number;
}

export const openingLines: readonly string[] = [
  "  client ── edge ── isp-a ── core ──┬── resolver-2   ropewalk entry, with a database of its own",
  "                                    ├── target-1     ropewalk core, an exit of the VPN",
  "                                    └── target-2     a web page that says who asked for it",
  "",
  "client has a WireGuard device of wireguard-go. Certificates are made by ropewalk cert; every setting is as shipped.",
];

/** What came out otherwise than said. */
export function wrongIn(
  { session, withoutEntry, withoutCore, entryAgain, end }: Omit<VpnReport, "wrong" | "ok" | "kind" | "tookSeconds">,
  exit: string,
): readonly string[] {
  const faults: readonly (readonly [boolean, string])[] = [
    [session.through !== exit, `the page was asked for by ${session.through}, not by the exit`],
    [session.before === exit, "the page was asked for by the exit before there was a session"],
    [withoutEntry.came === 0 || withoutEntry.failed > 0, "pages failed while entry was dead"],
    [withoutCore.came === 0 || withoutCore.failed > 0, "pages failed while the exit's program was dead"],
    [entryAgain.state !== "active", `entry found the session ${entryAgain.state} when it was back`],
    [end.lostBehind === 0, "pages came behind the end of the session"],
  ];
  return faults.flatMap(([isSo, reason]) => (isSo ? [reason] : []));
}

export function sessionLines({ session }: Pick<VpnReport, "session">): readonly string[] {
  return [
    `   answered after ${session.answeredAfterMs} ms; the first page ${session.firstPageAfterMs} ms after the request`,
    `   the page was asked for by ${session.before} before, and now by ${session.through}`,
  ];
}

export function pagesLine({ came, failed, seconds }: Pages): string {
  return `   ${came} pages in ${seconds} s, ${failed} lost`;
}

export function endLine({ end }: Pick<VpnReport, "end">): string {
  const last =
    end.lastPageAfterMs === 0 ? "no page behind the answer" : `the last page ${end.lastPageAfterMs} ms later`;
  return `   answered after ${end.answeredAfterMs} ms; ${last}; ${end.lostBehind} asked for in vain since`;
}

export function summaryLines({ ok, wrong, tookSeconds }: VpnReport): readonly string[] {
  if (!ok)
    return [...wrong.map((reason) => `WRONG: ${reason}`), `It came out otherwise than said, after ${tookSeconds} s.`];
  return [`The session lived while it was meant to and no longer. All in ${tookSeconds} s; nothing is left.`];
}
