/** A scripted exchange, and the lane under it cut at one octet after another: nothing that is said gets lost, wherever the cut is. */
import { churn, EchoTarget } from "./churn.ts";
import type { Direction } from "./fault.ts";
import { TunnelPair } from "./tunnel-pair.ts";

/** What a new lane carries for one exchange, and some more. */
export const mostOffset = 900;

/** Cuts the lane at every `stride`th octet in both directions, from `first`. */
export async function cutAtOffsets(
  first: number,
  stride: number,
  report: (line: string) => void,
): Promise<readonly string[]> {
  await using echo = new EchoTarget();
  await using pair = await TunnelPair.start({ targets: { echo: await echo.listen() } });
  const faults: string[] = [];
  let reached = 0;
  for (let after = first; after <= mostOffset && faults.length === 0; after += stride) {
    for (const direction of ["up", "down"] satisfies Direction[]) {
      const rule = pair.proxy.arm({
        of: "lane",
        which: "next",
        direction,
        after,
        act: { kind: after % 2 === 0 ? "reset" : "fin" },
      });
      await pair.proxy.act({ kind: "reset" });
      for (const fault of await churn(pair.port("echo"), 1, 1))
        faults.push(`cut ${direction} behind ${after}: ${fault}`);
      if (pair.proxy.reports.some((told) => told.kind === "did" && told.rule === rule)) reached += 1;
      pair.proxy.tell({ kind: "disarm", rule });
      pair.proxy.forget();
    }
  }
  report(`${reached} cuts at their octet`);
  return faults.length > 0 ? [...faults, pair.logs] : [];
}
