import { processFile } from "./guest-life.ts";
import type { Holder } from "./holder.ts";
import type { GuestFacts } from "./plan.ts";

/** Writable space of an instance, for all its files together; in memory, and gone with it. */
const diskSize = "256m";

/** Gives the command line that runs a command inside of the instance, as ec2-user without any rights. */
export type EnterInside = (
  command: readonly string[],
  environment?: Record<string, string>,
) => [string, ...string[]];

/**
 * Makes the inside of a running instance: file system, host name and processes of its own. It has the machine's programs,
 * read-only (/usr), a small /etc, and nothing else of the machine's files: no home, no /var, no sockets, no devices but
 * null, zero, full, random, urandom and terminals. The kernel's own files in /proc are read-only or hidden, as in containers.
 * https://man7.org/linux/man-pages/man2/pivot_root.2.html
 */
export async function openInside(holder: Holder, { id, hostname, links }: GuestFacts): Promise<EnterInside> {
  const address = links[0]?.addresses[0] ?? "127.0.0.1";
  const printed = await holder.run(`
rm -rf /run/peerctl/${id}
mkdir /run/peerctl/${id}
cat > /run/peerctl/${id}/make <<'MAKE'
${make({ id, hostname, address })}
MAKE
unshare --mount --uts --ipc --cgroup --pid --fork --kill-child --propagation private \\
  nsenter --net=/run/netns/${id} sh -e /run/peerctl/${id}/make > /run/peerctl/${id}/log 2>&1 &
process=$!
until [ -s /run/peerctl/${id}/ready ]; do
  kill -0 $process 2>/dev/null || { cat /run/peerctl/${id}/log; exit 1; }
  sleep 0.002
done
echo $process >> ${processFile(id)}
echo $process $(head -n 1 ${processFile(id)})
`);
  const [process, guest] = printed.trim().split("\n").at(-1)!.split(" ");
  return (command, environment = {}) => {
    const variables = { ...login, ...environment };
    return holder.enter([
      ...["nsenter", "-t", process!, "-m", "-u", "-i", "-C", `--pid=/proc/${process}/ns/pid_for_children`],
      ...[`--net=/run/netns/${id}`, `--user=/proc/${guest}/ns/user`, "--preserve-credentials", "--"],
      ...[
        "env",
        "-i",
        `--chdir=${login.HOME}`,
        ...Object.entries(variables).map(([name, value]) => `${name}=${value}`),
      ],
      ...command,
    ]);
  };
}

const login = {
  HOME: "/home/ec2-user",
  USER: "ec2-user",
  LOGNAME: "ec2-user",
  SHELL: "/bin/bash",
  LANG: "C.UTF-8",
  PATH: "/opt/peerctl/bin:/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin",
};

/**
 * What containers hide of /proc too, though only the machine's root may use it, which no process in here is: a second lock.
 * https://github.com/opencontainers/runtime-spec/blob/main/config-linux.md#masked-paths
 */
const guardedProc = `
for each in sys sysrq-trigger irq bus fs; do
  if [ -e proc/$each ]; then
    mount --bind proc/$each proc/$each
    mount -o remount,bind,ro,nosuid,nodev,noexec proc/$each
  fi
done
for each in acpi asound kcore keys key-users latency_stats sched_debug scsi timer_list timer_stats; do
  if [ -d proc/$each ]; then mount -t tmpfs -o ro,nosuid,nodev,noexec,size=4k tmpfs proc/$each
  elif [ -e proc/$each ]; then mount --bind dev/null proc/$each
  fi
done`;

/** What runs as the instance's first process; it ends as `sleep`, with which everything in the instance ends. */
function make({ id, hostname, address }: { id: string; hostname: string; address: string }): string {
  return `
hostname ${hostname}
root=/run/peerctl/${id}/root
mkdir $root
mount -t tmpfs -o mode=755,nosuid,nodev,size=${diskSize},nr_inodes=32k tmpfs $root
cd $root
mkdir -p usr proc dev/pts dev/shm etc tmp run var/tmp var/run home/ec2-user opt/peerctl/bin
chmod 1777 tmp var/tmp dev/shm
readonly_bind() {
  mount --rbind $1 $2
  grep " $root/$2[ /]" /proc/self/mountinfo | cut -d ' ' -f 5 | while read -r each; do
    mount -o remount,bind,ro,nosuid,nodev "$each"
  done
}
readonly_bind /usr usr
for each in bin sbin lib lib32 lib64; do
  if [ -L /$each ]; then ln -s "$(readlink /$each)" $each
  elif [ -d /$each ]; then mkdir $each; readonly_bind /$each $each
  fi
done
mount -t proc -o nosuid,nodev,noexec proc proc
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
for each in 0:stdin 1:stdout 2:stderr; do ln -s /proc/self/fd/\${each%:*} dev/\${each#*:}; done
# Read-only, so that nobody changes the device file itself, which is the machine's; what is behind it can be written.
for each in null zero full random urandom tty; do
  : > dev/$each
  mount --bind /dev/$each dev/$each
  mount -o remount,bind,ro,nosuid,noexec dev/$each
done
${guardedProc}
for each in ld.so.cache localtime protocols services; do
  if [ -f /etc/$each ]; then cat /etc/$each > etc/$each; fi
done
if [ -d /etc/alternatives ]; then cp -RP /etc/alternatives etc/; fi
printf 'root:x:0:0::/:/bin/false\\nec2-user:x:1000:1000:EC2 Default User:/home/ec2-user:/bin/bash\\n' > etc/passwd
printf 'root:x:0:\\nec2-user:x:1000:\\n' > etc/group
printf '127.0.0.1 localhost\\n${address} ${hostname} ${hostname.split(".")[0]}\\n' > etc/hosts
printf '${hostname}\\n' > etc/hostname
printf 'PS1="[\\\\u@\\\\h \\\\W]\\\\$ "\\n' > etc/profile
printf 'NAME="Amazon Linux"\\nPRETTY_NAME="A peerctl lab instance, with the programs of this machine"\\n' > etc/os-release
# An instance's user may capture: file capabilities count in the guest's user namespace, and for its network only.
if program=$(command -v tcpdump); then
  mount -t tmpfs -o mode=755,size=16m tmpfs opt/peerctl/bin
  cat $program > opt/peerctl/bin/tcpdump
  chmod 755 opt/peerctl/bin/tcpdump
  setcap cap_net_raw=ep opt/peerctl/bin/tcpdump
fi
exec 3> /run/peerctl/${id}/ready
pivot_root . tmp
umount -l /tmp
echo ready >&3
exec 3>&-
trap '' CHLD
exec sleep infinity`;
}
