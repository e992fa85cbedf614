/** Very many connections through a tunnel, and what its ends count before and after them: it must be the same. */
import { isDeepStrictEqual } from "node:util";
import { churn, EchoTarget } from "./churn.ts";
import { TunnelPair } from "./tunnel-pair.ts";

const step = 50_000;
const waitsMs = 10_000;

/** What is wrong; nothing, when all were answered and nothing is left of them. */
export async function churnAndCount(count: number, report: (line: string) => void): Promise<readonly string[]> {
  await using echo = new EchoTarget();
  await using pair = await TunnelPair.start({ targets: { echo: await echo.listen() } });
  const ends = { source: pair.source, destination: pair.destination };
  const look = () => Promise.all(Object.values(ends).map((end) => end.gauges()));
  // Whatever is made at the first use is there then.
  await churn(pair.port("echo"), 200, 20);
  const before = await look();
  if (before.some((gauges) => Object.keys(gauges).length === 0)) return ["an end counts nothing", pair.logs];
  for (let done = 0; done < count; done += step) {
    const faults = await churn(pair.port("echo"), Math.min(step, count - done), 20);
    if (faults.length > 0) return [...faults, pair.logs];
    const sizes = Object.entries(ends).map(([name, end]) => `${name} ${(end.residentBytes / 2 ** 20).toFixed(0)} MiB`);
    report(`${Math.min(count, done + step)} connections: ${sizes.join(", ")}`);
  }
  let after = await look();
  for (const end = performance.now() + waitsMs; !isDeepStrictEqual(after, before) && performance.now() < end; )
    after = await look();
  return isDeepStrictEqual(after, before) ? [] : [JSON.stringify(before), JSON.stringify(after)];
}
