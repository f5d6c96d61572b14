// Loaded into a process to be measured: says in its last moment how much memory it had at most, in KiB.
const { readFileSync, writeFileSync } = require("node:fs");

const { BENCH_PEAK_FILE } = process.env;
// What this process starts is not what is measured.
delete process.env.BENCH_PEAK_FILE;
delete process.env.NODE_OPTIONS;

// The kernel's own mark of this program, https://docs.kernel.org/filesystems/proc.html: that of getrusage(2) begins with what
// the parent needed, since a process is its copy at first.
const say = () => {
  const [, peak] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync("/proc/self/status", "utf8"));
  writeFileSync(BENCH_PEAK_FILE, peak);
};
// After all others that wait for the end: one of them keeps what was compiled, which takes memory too.
const { reallyExit } = process;
process.reallyExit = (code) => {
  say();
  reallyExit.call(process, code);
};
process.on("exit", say);
