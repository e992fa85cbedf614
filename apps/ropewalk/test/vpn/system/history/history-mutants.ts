/** The product with one thing left out, each of which a history must show. */
import type { VpnControlService } from "@ropewalk/entry/vpn-control-service";
import { mutatedModules, type Patch } from "@ropewalk/simnet/mutated-modules";
import type { ExitNode } from "@ropewalk/vpn/node/exit-node";
import type { HistoryMutant } from "./history-place.ts";

export interface NamedMutant {
  /** Of a product in which … */
  readonly name: string;
  /** By which it is found out. */
  readonly law: RegExp;
  readonly make: () => Promise<HistoryMutant>;
}

export const historyMutants: readonly NamedMutant[] = [
  {
    name: "nothing keeps a customer from a second session",
    law: /law 1: customer \S+ has 2 sessions/,
    make: async () => ({
      sql: "drop index sessions_one_live_per_customer",
      // Where one of two guards would do there are both: a start locks its customer, too.
      Control: await controlOf(
        "two sessions",
        ["io/step-queue", "io/step-transaction", "io/session-rows"],
        [
          {
            file: "io/session-rows.ts",
            find: "select id from customers where id = any($1::uuid[]) order by id for no key update",
            replace: "select id from customers where id = any($1::uuid[]) order by id",
          },
        ],
      ),
    }),
  },
  {
    name: "a node ignores generations",
    law: /law 4: .* is carried although it is released|was placed behind/,
    make: async () => ({
      Node: await nodeOf("no generations", [
        {
          file: "pure/judge-order.ts",
          find: `  if (held !== undefined && generation < held.generation) return refuse("older");
  if (held?.kind === "gone" && generation === held.generation) return refuse("older");
`,
          replace: "",
        },
      ]),
    }),
  },
  {
    name: "the outbox is read by a cursor",
    law: /law 8: .* orders wait/,
    make: async () => ({
      Control: await controlOf(
        "cursor",
        ["io/sweeper", "io/outbox"],
        [
          {
            find: `where claimed_until is null
        or claimed_until <= clock_timestamp() - make_interval(secs => case when node = any($4::uuid[]) then 2 else 0 end)`,
            replace: "where id > $5::bigint and $4::uuid[] is not null",
          },
          { find: "select m.node, p.session,", replace: "select m.id, m.node, p.session," },
          {
            find: "claimText, [claim.by, claim.seconds, count, outOfReach]);",
            replace: `claimText, [claim.by, claim.seconds, count, outOfReach, last.get(claim.by) ?? "0"]);
  if (rows.length > 0) last.set(claim.by, rows.at(-1).id);`,
          },
          {
            find: "export async function claimOrders(",
            replace: "const last = new Map();\nexport async function claimOrders(",
          },
        ].map((patch) => ({ file: "io/outbox.ts", ...patch })),
      ),
    }),
  },
];

/** `files` are those on the way from the service to what is changed. */
async function controlOf(
  name: string,
  files: readonly string[],
  patches: readonly Patch[],
): Promise<typeof VpnControlService> {
  const sources = new RegExp(`/entry/src/((?:vpn-control-service|${files.join("|")})\\.ts)$`);
  const entries = [import.meta.resolve("@ropewalk/entry/vpn-control-service")];
  const [mutant] = await mutatedModules({ name, sources, entries, patches });
  return (mutant as { readonly VpnControlService: typeof VpnControlService }).VpnControlService;
}

async function nodeOf(name: string, patches: readonly Patch[]): Promise<typeof ExitNode> {
  const sources = /\/vpn\/src\/node\/((?:exit-node|pure\/(?:order-batch|judge-order))\.ts)$/;
  const [mutant] = await mutatedModules({
    name,
    sources,
    entries: [import.meta.resolve("@ropewalk/vpn/node/exit-node")],
    patches,
  });
  return (mutant as { readonly ExitNode: typeof ExitNode }).ExitNode;
}
