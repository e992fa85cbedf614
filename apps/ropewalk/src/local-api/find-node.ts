/** Finds whom in the mesh a command is about: by his whole address, or by as much of it as is no other's. */
import type { NodeClient } from "@ropewalk/api/client";
import { parseMeshAddress } from "@ropewalk/mesh/pure/mesh-address";
import { AppError } from "../errors.ts";

/** Digits of an address by which it may be named. */
export const fewest = 4;

/**
 * `also`: addresses that are known besides those of routes. Throws APP_USAGE where it is no address, and APP_NOT_FOUND where none or
 * several are known that begin so.
 */
export async function findNode(
  text: string,
  client: NodeClient,
  signal: AbortSignal,
  also: readonly string[] = [],
): Promise<string> {
  const whole = parseMeshAddress(text);
  if (whole !== undefined) return whole;
  const beginning = text.toLowerCase();
  if (!/^[0-9a-f]+$/.test(beginning) || beginning.length < fewest || beginning.length > 32)
    throw new AppError(
      "APP_USAGE",
      `"${text}" is no address: write its 32 hexadecimal digits, or the first ${fewest} or more.`,
    );
  const { routes } = await client.meshRoutes(signal);
  const known = new Set([...routes.map(({ address }) => address), ...also]);
  const [found, other] = [...known].filter((address) => address.startsWith(beginning));
  if (found === undefined)
    throw new AppError("APP_NOT_FOUND", `this node knows nobody whose address begins with ${beginning}.`);
  if (other === undefined) return found;
  throw new AppError(
    "APP_NOT_FOUND",
    `several addresses begin with ${beginning}: ${found}, ${other}. Write more of it.`,
  );
}
