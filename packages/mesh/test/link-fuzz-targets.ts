/** What anybody can send to a node's sockets, and what may lie in its files: it is read as itself or not at all. */
import { millis, seconds } from "@ropewalk/kernel/units";
import { sealedPublicKey } from "@ropewalk/mesh/io/sealed-identity";
import { Discovery, decodeDiscovery, discoveryLength, encodeDiscovery } from "@ropewalk/mesh/pure/discovery";
import type { MeshAddress } from "@ropewalk/mesh/pure/mesh-address";
import { encodeFrames, FrameCutter } from "@ropewalk/mesh/pure/wire/frame-stream";
import { assertWrittenSo, type FuzzTarget } from "./fuzz-target.ts";

const own = "00".repeat(16) as MeshAddress;
const other = "0123456789abcdef".repeat(2) as MeshAddress;
const most = 8;
/** Lives through all inputs. */
const discovery = new Discovery({ own, interval: seconds(60), lifetime: seconds(180), most, isLinked: () => false });
discovery.placesAre(millis(0), ["lan ipv4"]);
let now = 0;

export const fuzzTargets: readonly FuzzTarget[] = [
  {
    name: "mesh frames in a stream",
    run: (bytes) => {
      const whole = cut(bytes, bytes.length);
      const single = cut(bytes, 1);
      const isSame = Buffer.compare(whole.frames, single.frames) === 0 && whole.goesOn === single.goesOn;
      if (!isSame) throw new Error("how a stream comes in pieces changed what it says");
      if (Buffer.compare(bytes.subarray(0, whole.frames.length), whole.frames) !== 0)
        throw new Error("frames are not what came");
    },
    seeds: [
      encodeFrames([Uint8Array.of(8, 1, 2, 3), new Uint8Array(4096), Uint8Array.of(9)]),
      Uint8Array.of(0, 1, 7, 0, 0, 1, 7),
      Uint8Array.of(0x10, 0x01, 1),
    ],
  },
  {
    name: "mesh discovery",
    run: (bytes) => {
      const message = decodeDiscovery(bytes);
      if (message === undefined) return;
      assertWrittenSo(encodeDiscovery(message), bytes.subarray(0, discoveryLength));
      now += 500;
      discovery.heard(millis(now), { host: `10.0.0.${now % 251}`, place: "lan ipv4" }, message, 0.5);
      if (discovery.neighbours > most) throw new Error("more neighbours are kept than may be");
    },
    seeds: (["here", "asks"] as const).map((kind) => encodeDiscovery({ kind, port: 7411, address: other })),
  },
  {
    name: "mesh sealed identity",
    run: (bytes) => {
      const key = sealedPublicKey(bytes);
      if (key !== undefined && key.toHex() !== bytes.subarray(18, 50).toHex()) throw new Error("another key");
    },
    seeds: [Uint8Array.of(1, 17, ...new Uint8Array(96).fill(5))],
  },
];

/** The frames as they would be written, where so many octets come at a time, and whether the stream goes on. */
function cut(octets: Uint8Array, atOnce: number): { readonly frames: Uint8Array; readonly goesOn: boolean } {
  const cutter = new FrameCutter();
  const frames: Uint8Array[] = [];
  let goesOn = true;
  for (let at = 0; at < octets.length; at += atOnce)
    goesOn = cutter.cut(octets.subarray(at, at + atOnce), (frame) => frames.push(frame.slice()));
  return { frames: encodeFrames(frames), goesOn };
}
