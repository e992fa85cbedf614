import { ipAddress } from "@ropewalk/kernel/addresses";
import { bitsPerSecond, bytes, millis, seconds } from "@ropewalk/kernel/units";
import { SimNet } from "@ropewalk/simnet/simnet";
import { seedsToRun, simulate } from "@ropewalk/simnet/simulate";

const here = ipAddress("192.0.2.1");
const there = ipAddress("203.0.113.1");

for (const seed of seedsToRun(process.env, { count: 3 })) {
  await simulate(seed, () => {
    const net = new SimNet<string>(seed);
    const [site, server] = [net.node("site"), net.node("server")];
    const wire = net.connect("lte", site, server, {
      delay: millis(30),
      jitter: { mean: millis(4), shape: "exponential", order: "kept" },
      rate: bitsPerSecond(10_000_000),
      queue: { kind: "time", limit: seconds(2) },
      loss: { kind: "random", share: 0.02 },
    });
    server.listen(there, {
      onPacket: ({ from, to, ...rest }) => server.send({ ...rest, from: to, to: from }, wire.back),
    });
    site.listen(here, { onPacket: ({ payload }) => console.log(payload, "after", net.time.now, "ms") });
    wire.there.load({ factor: 1.5, whenFull: "backs-off" }); // somebody uploads
    site.clock.after("ask", seconds(1), () => {
      site.send({ from: here, to: there, size: bytes(84), isWhole: false, payload: "hello" }, wire.there);
    });
    site.clock.stall(seconds(2)); // and our process sleeps meanwhile
    net.run(seconds(10));
    const { sent, delivered, dropped } = wire.there.counts;
    if (sent !== delivered + dropped.loss) throw new Error("a packet is missing");
  });
}
