// Loaded into a child before peerctl: ends it, as kill -9 does, at the n-th time that the state file is replaced,
// before the rename (the temporary file is complete) or after it.
import files from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";

const { rename } = files;
const [nth, side] = (process.env.CRASH_AT ?? "").split(" ");
let count = 0;

files.rename = async (from, to) => {
  const here = String(to).endsWith("peerctl.state.json") && ++count === Number(nth);
  if (here && side === "before") process.kill(process.pid, "SIGKILL");
  await rename(from, to);
  if (here) process.kill(process.pid, "SIGKILL");
};
syncBuiltinESMExports();
