import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { withOwnKeyring } from "../../../../src/lab/data-plane/linux/keyring.ts";
import { describeOnLinux, tutorialOnLinux } from "./on-linux.ts";

const no = /Read-only file system|Permission denied|Operation not permitted|Invalid argument/;
/** Not each kernel has each of these files. */
const noneOrNo = new RegExp(`^$|No such file|${no.source}`);

/**
 * What a program in an instance tries, as ec2-user. None of it would do harm where it succeeded: files are opened and not
 * written, modes are set to what they are.
 */
const attempts = [
  // The kernel's own files, which rule the machine and not the instance.
  { what: "open core_pattern", command: ": >> /proc/sys/kernel/core_pattern", result: no },
  { what: "open sysrq-trigger", command: ": >> /proc/sysrq-trigger", result: noneOrNo },
  { what: "open a file of an interrupt", command: ": >> /proc/irq/default_smp_affinity", result: noneOrNo },
  { what: "open a sysctl of its own network", command: ": >> /proc/sys/net/ipv4/ip_forward", result: no },
  { what: "read the machine's keys", command: "cat /proc/keys", result: noneOrNo },
  { what: "read the machine's memory", command: "head -c 1 /proc/kcore", result: noneOrNo },
  { what: "see /sys", command: "ls -A /sys 2>/dev/null", result: /^$/ },
  { what: "unmount", command: "umount /proc/sys", result: /must be superuser|umount failed/ },
  // Device files are the machine's.
  { what: "chmod a device", command: "chmod 666 /dev/null", result: no },
  { what: "touch a device", command: "touch /dev/zero", result: no },
  { what: "make a device", command: "mknod /tmp/null c 1 3", result: no },
  {
    what: "other devices",
    command: "ls /dev",
    result: /^fd full null ptmx pts random shm stderr stdin stdout tty urandom zero$/,
  },
  { what: "write to a device", command: "echo x > /dev/null && head -c 3 /dev/zero | wc -c", result: /^3$/ },
  // Rights.
  {
    what: "capabilities",
    command: "grep -h Cap[EPAI].[^d] /proc/self/status | grep -v 0000000000000000",
    result: /^$/,
  },
  { what: "become root", command: "setpriv --reuid 0 id", result: no },
  {
    what: "a user namespace of its own: writing to /usr",
    command: "unshare -Urm mount -o remount,bind,rw /usr",
    result: /permission denied|not permitted/i,
  },
  {
    what: "a user namespace of its own: what /proc hides",
    command: "unshare -Urm umount /proc/sys",
    result: /not permitted|not mounted|Invalid/,
  },
  {
    what: "a user namespace of its own: another /proc",
    command: "unshare -Urmpf mount -t proc proc /tmp",
    result: /denied|not permitted/i,
  },
  { what: "change its interface", command: "ip link set lo down", result: no },
  { what: "set its name", command: "hostname other", result: /must be root|not permitted/ },
  // The machine's files.
  { what: "write where programs are", command: ": >> /usr/bin/env", result: no },
  {
    what: "folders",
    command: "ls /",
    result: /^bin dev etc home (lib\S* )*opt proc run (sbin )?tmp usr var$/,
  },
  {
    what: "homes",
    command: "ls -A /home /home/ec2-user",
    result: /^\/home: ec2-user {1,2}\/home\/ec2-user:$/,
  },
  {
    what: "setuid programs",
    command: "grep -E ' /(usr|bin|lib\\S*|sbin) ' /proc/self/mountinfo | grep -v nosuid",
    result: /^$/,
  },
  // Processes.
  {
    what: "processes",
    command: "ps -e -o comm= > /tmp/seen; sort -u /tmp/seen",
    result: /^bash ps sleep$/,
  },
  { what: "end its first process", command: "kill -KILL 1; sleep 0.1; ps -o comm= 1", result: /^sleep$/ },
  { what: "cgroups of the machine", command: "cut -d : -f 3 /proc/self/cgroup | sort -u", result: /^\/$/ },
];

const namespaces = ["cgroup", "ipc", "mnt", "net", "pid", "user", "uts"];

describeOnLinux("what an instance may do to the machine", () => {
  const at = tutorialOnLinux();

  test("nothing of what it tries", async () => {
    const inside = (command: string) => at.inside("i-1", "bash", "-c", command);
    for (const { what, command, result } of attempts) {
      const said = (await inside(`{ ${command}; } 2>&1`)).trim().replaceAll("\n", " ");
      expect.soft(said, what).toMatch(result);
    }
  });

  test("it shares no namespace with the machine, and none but the user's with the lab", async () => {
    const links = namespaces.map((each) => `/proc/self/ns/${each}`);
    const [one, two] = [
      await at.inside("i-1", "readlink", ...links),
      await at.inside("i-2", "readlink", ...links),
    ];
    const own = links.map((each) => readlinkSync(each));
    const holder = await at.plane.holder.run(`readlink ${links.join(" ")}`);
    const all = [one, two, holder].flatMap((text) => text.trim().split("\n")).concat(own);
    // The holder has the cgroup and the host name of the machine.
    expect(new Set(all).size).toBe(4 * namespaces.length - 2);
  });

  test("its processes are no root's on the machine, and the machine's are not to be had", async () => {
    await at.plane.settled();
    const enter = await at.plane.instance("i-1")!.inside();
    const [program, ...args] = enter(["sleep", "4.25"]);
    const child = spawn(program, args, { stdio: "ignore" });
    const found = await vi.waitFor(() => {
      const pid = processes().find((each) => each.command === "sleep\x004.25\x00")?.pid;
      expect(pid).toBeDefined();
      return pid!;
    });
    expect(statSync(`/proc/${found}`).uid).not.toBe(0);
    expect(await at.inside("i-2", "ps", "-e", "-o", "args=")).not.toContain("4.25");
    expect(await at.inside("i-1", "bash", "-c", `kill -0 ${process.pid}`)).toContain("No such process");
    child.kill();
    await once(child, "close");
  });

  test("files, sockets and shared memory of the machine are not there", async () => {
    const folder = mkdtempSync(join(tmpdir(), "peerctl-"));
    writeFileSync(join(folder, "file"), "secret", { mode: 0o644 });
    const server = createServer().listen(0, "0.0.0.0");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const shared = /\d+$/.exec(spawnSync("ipcmk", ["-M", "4096"], { encoding: "utf8" }).stdout.trim())?.[0];
    try {
      expect(await at.inside("i-1", "cat", join(folder, "file"))).toContain("No such file");
      const connecting = (host: string) => at.inside("i-1", "bash", "-c", `exec 3<>/dev/tcp/${host}/${port}`);
      expect(await connecting("127.0.0.1")).toContain("refused");
      expect(await at.inside("i-1", "ip", "-br", "link")).toMatch(/^lo .*\nens5@\S+ .*\n$/);
      expect(shared).toBeDefined();
      expect(await at.inside("i-1", "ipcs", "-m")).not.toMatch(/^0x/m);
    } finally {
      if (shared !== undefined) spawnSync("ipcrm", ["-m", shared]);
      server.close();
      rmSync(folder, { recursive: true });
    }
  });
});

const hasPerl = spawnSync("perl", ["-e", "1"]).status === 0;

test.skipIf(!hasPerl || process.arch !== "x64")(
  "keys of the session that the lab was started in stay there",
  () => {
    // Joins a session keyring, adds a key to it, and becomes the program that looks for the key.
    const add = `syscall(250, 1, 0); my ($type, $name, $text) = ("user", "trial", "secret");
    $ENV{KEY} = syscall(248, $type, $name, $text, length $text, -3); exec @ARGV`;
    const read = `my $text = "\\0" x 16; my $size = syscall(250, 11, $ENV{KEY} + 0, $text, 16); print $size, " ", $text`;
    const look = (command: string[]) =>
      spawnSync("perl", ["-e", add, ...command], { encoding: "utf8" }).stdout;
    expect(look(["perl", "-e", read])).toMatch(/^6 secret/);
    expect(look(withOwnKeyring(["perl", "-e", read]))).toMatch(/^-1 /);
  },
);

function processes(): { pid: number; command: string }[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        return [{ pid: Number(name), command: readFileSync(`/proc/${name}/cmdline`, "utf8") }];
      } catch {
        return []; // It has ended meanwhile.
      }
    });
}
