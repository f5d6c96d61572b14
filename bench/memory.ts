import { readdirSync, readFileSync } from "node:fs";

/** In MB. */
export interface Memory {
  /** Of the process itself. */
  own: number;
  /** Of all processes that came from it; what they share counts once. */
  children: number;
}

/** What a process, and all that came from it, needs now. */
export function memoryOf(pid: number): Memory {
  const parents = new Map(processes().map((each) => [each, parentOf(each)]));
  const comesFromIt = (each: number): boolean => {
    const parent = parents.get(each);
    return parent === pid || (parent !== undefined && parent > 1 && comesFromIt(parent));
  };
  const children = [...parents.keys()].filter(comesFromIt).map(proportionalKb);
  return {
    own: residentKb(pid) / 1024,
    children: children.reduce((sum, kb) => sum + kb, 0) / 1024,
  };
}

/** Of the kernel's own structures, for the whole machine, in MB. */
export function slabsMb(): number {
  const [, kb] = /^Slab:\s+(\d+) kB/m.exec(readFileSync("/proc/meminfo", "utf8")) ?? [];
  return Number(kb) / 1024;
}

function processes(): number[] {
  return readdirSync("/proc").map(Number).filter(Number.isInteger);
}

function parentOf(pid: number): number | undefined {
  const [, parent] = /\) \S (\d+)/.exec(read(`/proc/${pid}/stat`)) ?? [];
  return parent === undefined ? undefined : Number(parent);
}

function residentKb(pid: number): number {
  const [, kb] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kb);
}

/** https://docs.kernel.org/filesystems/proc.html: a shared page counts for each by its share. */
function proportionalKb(pid: number): number {
  const [, kb] = /^Pss:\s+(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`)) ?? [];
  return Number(kb ?? 0);
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // The process has ended, and needs no memory.
    return "";
  }
}
