/** Others who fill a link's queue now and then: bursts of random length and strength, with calm between them. */
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { CrossTraffic } from "./backlog.ts";
import type { Link } from "./link.ts";
import type { Random } from "./random.ts";
import type { VirtualTime } from "./virtual-time.ts";

type Range<Value> = readonly [least: Value, most: Value];

export interface TrafficBursts {
  /** In units of the link's rate. */
  readonly factor: Range<number>;
  readonly whenFull: CrossTraffic["whenFull"];
  readonly burst: Range<Millis>;
  readonly calm: Range<Millis>;
}

/** Loads one of `links` after the other in bursts, all drawn uniformly, from a calm on until disposed. */
export function loadInBursts(
  links: readonly Pick<Link<never>, "load">[],
  { factor, whenFull, burst, calm }: TrafficBursts,
  { time, random }: { readonly time: VirtualTime; readonly random: Random },
): Disposable {
  const draw = ([least, most]: Range<number>) => random.between(least, most);
  const rest = () =>
    time.after(millis(draw(calm)), () => {
      next = push(links[random.below(links.length)]);
    });
  const push = (link: (typeof links)[number] | undefined) => {
    link?.load({ factor: draw(factor), whenFull });
    return time.after(millis(draw(burst)), () => {
      link?.load({ factor: 0, whenFull });
      next = rest();
    });
  };
  let next = rest();
  return { [Symbol.dispose]: () => time.cancel(next) };
}
