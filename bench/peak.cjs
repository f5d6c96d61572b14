// Loaded into a process to be measured: says in its last moment how much memory it had at most, in KiB.
const { writeFileSync } = require("node:fs");

const { BENCH_PEAK_FILE } = process.env;
// What this process starts is not what is measured.
delete process.env.BENCH_PEAK_FILE;
process.on("exit", () => writeFileSync(BENCH_PEAK_FILE, String(process.resourceUsage().maxRSS)));
