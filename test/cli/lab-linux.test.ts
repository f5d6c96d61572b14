import { readdirSync, readFileSync } from "node:fs";
import { afterEach, expect, test, vi } from "vitest";
import { describeOnLinux } from "../lab/data-plane/linux/on-linux.ts";
import { place } from "../support/program.ts";

const { peerctl } = place({ withLab: false });
afterEach(() => peerctl("lab", "stop"));

/** All that came from a process, as pid and the time of its start, which together are never given twice. */
function descendants(of: number): string[] {
  const all = readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? (statOf(name) ?? []) : []));
  const found: typeof all = [];
  const add = (parent: number) => {
    for (const each of all.filter(({ ppid }) => ppid === parent)) {
      found.push(each);
      add(each.pid);
    }
  };
  add(of);
  return found.map(({ pid, begun }) => `${pid} ${begun}`);
}

function statOf(pid: string): { pid: number; ppid: number; begun: string } | undefined {
  try {
    // After the name, which may have anything in it: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)!.split(" ");
    return fields[0] === "Z" ? undefined : { pid: Number(pid), ppid: Number(fields[1]), begun: fields[19]! };
  } catch {
    return undefined; // It has ended meanwhile.
  }
}

const lives = (process: string) => statOf(process.split(" ")[0]!)?.begun === process.split(" ")[1];
const mounts = () => readFileSync("/proc/self/mountinfo", "utf8");

async function startLab(): Promise<number> {
  const started = await peerctl("lab", "start", "--port", "0", "--data-plane", "linux", "--json");
  expect(started, started.stderr).toMatchObject({ code: 0 });
  const { pid, dataPlane, dataPlaneWhy } = JSON.parse(started.stdout) as Record<string, unknown>;
  expect({ dataPlane, dataPlaneWhy }).toEqual({ dataPlane: "linux", dataPlaneWhy: "as asked" });
  return pid as number;
}

const ping = () => peerctl("--lab", "test-ping", "--count", "1");

describeOnLinux("a lab with real packets", () => {
  const ends = [
    { name: "stopped", end: () => peerctl("lab", "stop") },
    { name: "killed", end: async (pid: number) => process.kill(pid, "SIGKILL") },
  ];
  test.each(ends)(
    "$name: nothing is left behind, and the next one builds all anew",
    async ({ end }) => {
      const before = mounts();
      const first = await startLab();
      const up = await peerctl("--lab", "up");
      expect(up, up.stderr).toMatchObject({ code: 0 });
      expect(await ping()).toMatchObject({ code: 0 });
      const processes = descendants(first);
      // At least the holder's two, two guests' two each, and the internet's helper.
      expect(processes.length).toBeGreaterThan(6);
      expect(mounts()).toBe(before);
      await end(first);
      await vi.waitFor(() => expect(processes.filter(lives)).toEqual([]), 10_000);
      expect(mounts()).toBe(before);

      await startLab();
      const again = await ping();
      expect(again, again.stderr).toMatchObject({ code: 0 });
      expect(await peerctl("--lab", "down")).toMatchObject({ code: 0 });
    },
    60_000,
  );

  test("its namespaces are killed: it goes on, with others", async () => {
    const lab = await startLab();
    const holder = Number(descendants(lab)[0]!.split(" ")[0]);
    process.kill(holder, "SIGKILL");
    await vi.waitFor(() => expect(descendants(lab).length).toBeGreaterThan(1), 10_000);
    const up = await peerctl("--lab", "up");
    expect(up, up.stderr).toMatchObject({ code: 0 });
    expect(await ping()).toMatchObject({ code: 0 });
    expect((await peerctl("lab", "status")).stdout).toContain("data plane linux: as asked");
    expect(await peerctl("--lab", "down")).toMatchObject({ code: 0 });
  }, 60_000);
});
