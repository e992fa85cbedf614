/** `[tunnel.http]`: where metrics and health are told; to this machine only, for nobody is asked who they are. */
import { isLoopback } from "@ropewalk/kernel/addresses";
import { type ListenText, listeningPlace, listenText } from "@ropewalk/ops/config-places";
import { table } from "@ropewalk/ops/config-schema";
import { z } from "zod";

export interface HttpConfig {
  readonly listen: ListenText | "off";
}

const error = 'expected a loopback address with a port, "127.0.0.1:7420" or "[::1]:7420", or "off"';

const loopbackText = z.string().transform((text, context): ListenText | "off" => {
  if (text === "off") return text;
  const read = listenText.safeParse(text);
  if (read.success && isLoopback(listeningPlace(read.data).address)) return read.data;
  context.issues.push({ code: "custom", input: text, message: error });
  return z.NEVER;
});

export const httpTable: z.ZodType<HttpConfig> = table({ listen: loopbackText.prefault("127.0.0.1:7420") });
