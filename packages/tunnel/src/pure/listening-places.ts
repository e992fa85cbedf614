/** Places to listen at that cannot both be had: a second one is a fault that names the first, never another port. */
import { familyOf, type IpAddress } from "@ropewalk/kernel/addresses";

export interface ListeningPlace {
  /** Where the configuration says so, below its section; and as people read it. */
  readonly path: readonly PropertyKey[];
  readonly name: string;
  readonly address: IpAddress;
  readonly port: number;
}

export interface PlaceClash {
  readonly place: ListeningPlace;
  readonly earlier: ListeningPlace;
}

/** Each place with the first before it that has its port already. */
export function placeClashes(places: readonly ListeningPlace[]): readonly PlaceClash[] {
  return places.flatMap((place, index) => {
    const earlier = places.slice(0, index).find((other) => overlaps(other, place));
    return earlier === undefined ? [] : [{ place, earlier }];
  });
}

/** Every address of a family holds each of it. The families are apart: what listens on :: takes no IPv4. Port 0 is another each time. */
export function overlaps(
  one: Pick<ListeningPlace, "address" | "port">,
  other: Pick<ListeningPlace, "address" | "port">,
): boolean {
  if (one.port !== other.port || one.port === 0 || familyOf(one.address) !== familyOf(other.address)) return false;
  return one.address === other.address || isWildcard(one.address) || isWildcard(other.address);
}

function isWildcard(address: IpAddress): boolean {
  return address === "0.0.0.0" || address === "::";
}
