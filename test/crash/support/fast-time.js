// Loaded into a child before peerctl: time runs there as fast as by the test's own clock, and agrees with it. CRASH_CLOCK is
// "ORIGIN BEGAN FACTOR": at BEGAN (real milliseconds since the epoch) it was ORIGIN.
const [origin, began, factor] = (process.env.CRASH_CLOCK ?? "").split(" ").map(Number);
const { setTimeout: real } = globalThis;

Object.assign(Date, {
  now: () => origin + (performance.timeOrigin + performance.now() - began) * factor,
});
Object.assign(globalThis, {
  setTimeout: (work, ms = 0, ...args) => real(work, ms / factor, ...args),
});
