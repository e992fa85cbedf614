/** Very many connections through a tunnel, and what its ends still count when they are over: nothing. */
import { churn, EchoTarget } from "./churn.ts";
import type { TunnelEnd } from "./tunnel-end.ts";
import { TunnelPair } from "./tunnel-pair.ts";

const step = 50_000;
const waitsMs = 30_000;

/** What is wrong; nothing, when all were answered and nothing is left of them. */
export async function churnAndCount(count: number, report: (line: string) => void): Promise<readonly string[]> {
  await using echo = new EchoTarget();
  await using pair = await TunnelPair.start({ targets: { echo: await echo.listen() } });
  const ends = { source: pair.source, destination: pair.destination };
  for (let done = 0; done < count; done += step) {
    const faults = await churn(pair.port("echo"), Math.min(step, count - done), 20);
    if (faults.length > 0) return [...faults, pair.logs];
    const sizes = Object.entries(ends).map(([name, end]) => `${name} ${(end.residentBytes / 2 ** 20).toFixed(0)} MiB`);
    report(`${Math.min(count, done + step)} connections: ${sizes.join(", ")}`);
  }
  const look = async () => (await Promise.all(Object.entries(ends).map(leftOf))).flat();
  let left = await look();
  for (const end = performance.now() + waitsMs; left.length > 0 && performance.now() < end; ) left = await look();
  return left;
}

async function leftOf([name, end]: [string, TunnelEnd]): Promise<readonly string[]> {
  const gauges = Object.entries(await end.gauges());
  if (gauges.length < 2) return [`the ${name} counts nothing`];
  return gauges.filter(([, value]) => value !== 0).map(([gauge, value]) => `${name}: ${gauge} is ${value}`);
}
