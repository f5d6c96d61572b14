// Loaded into a child before peerctl. At the n-th change of the state file or its lock (the file replaced or removed, the
// lock taken or given back), CRASH_AT="n before" or "n after" ends the process as kill -9 does, before the change (a new
// file is complete then, under its temporary name) or after it; "n SIGINT before", and so on, sends that signal instead.
// With "n ENOSPC" or another code no temporary file can be written from the n-th on.
import fs from "node:fs";
import files from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";

const words = (process.env.CRASH_AT ?? "").split(" ");
const [nth, how] = [words[0], words.at(-1)];
const signal = words.length > 2 ? words[1] : "SIGKILL";
const kills = how === "before" || how === "after";
const state = "peerctl.state.json";
let count = 0;

const die = () => process.kill(process.pid, signal);
const isNext = () => kills && ++count === Number(nth);

const { rename, link, rm, open } = files;
for (const [name, real, path] of [
  ["rename", rename, (args) => args[1]],
  ["link", link, (args) => args[1]],
  ["rm", rm, (args) => args[0]],
]) {
  files[name] = async (...args) => {
    const to = String(path(args));
    const here = (to.endsWith(state) || (name === "link" && to.endsWith(`${state}.lock`))) && isNext();
    if (here && how === "before") die();
    const done = await real(...args);
    if (here && how === "after") die();
    return done;
  };
}

const { rmSync } = fs;
fs.rmSync = (path, ...more) => {
  const here = String(path).endsWith(`${state}.lock`) && isNext();
  if (here && how === "before") die();
  rmSync(path, ...more);
  if (here && how === "after") die();
};

files.open = async (path, ...more) => {
  if (!kills && String(path).endsWith(`${state}.tmp`) && ++count >= Number(nth)) {
    throw Object.assign(new Error(`${how}: open '${path}'`), { code: how, syscall: "open" });
  }
  return open(path, ...more);
};
syncBuiltinESMExports();
