// The tutorial from start to end on the lab, as a newcomer would type it: the commands and their output are real. Works in
// a temporary folder of its own, and leaves neither that nor a lab behind, however it ends. The exit code is 0 only when
// each command ended as the tutorial says.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const program = join(dirname(dirname(fileURLToPath(import.meta.url))), "bin", "peerctl.js");
const folder = mkdtempSync(join(tmpdir(), "peerctl-demo-"));
const labFolder = join(folder, "lab");
const env = {
  // What the shell has set for the user's own stacks is none of the demo's.
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(PEERCTL_|AWS_)/.test(name))),
  PEERCTL_LAB_DIR: labFolder,
};

/** The tutorial: what to say, what to type, how it ends, and what that teaches. */
const steps = [
  {
    title: "Two VPCs that know nothing of each other",
    before:
      "A VPC is a private network. Each of the two gets a subnet, an internet gateway and a route table, which is what makes its subnet a public one.",
    command: ["create-vpcs"],
  },
  {
    title: "A peering connection",
    before: "vpc-1 asks for it and vpc-2 accepts. It is the wire between the two; nothing uses it yet.",
    command: ["peer"],
  },
  {
    title: "Routes",
    before:
      "Each route table learns that the other VPC's addresses lie behind the peering. Both need it: one for the ping, one for the reply.",
    command: ["route"],
  },
  {
    title: "An instance in each VPC",
    before:
      "No key pair: EC2 Instance Connect will bring a key for each login. Port 22 opens for this machine's address only.",
    command: ["launch"],
  },
  {
    title: "The first try",
    before: "From instance 1 to instance 2's private address. This one fails, on purpose.",
    command: ["test-ping"],
    code: 2,
    after:
      "Exit code 2: the answer is no. The peering is fine; instance 1 has no public address, so that nobody outside its VPC can log in to start the ping.",
  },
  {
    title: "A public address",
    before: "What the failure asked for: an Elastic IP on instance 1.",
    command: ["eip"],
  },
  {
    title: "The second try",
    before: "Now the login works. The ping is sent, and fails as well.",
    command: ["test-ping"],
    code: 2,
    after:
      "Routed, sent and dropped: a security group lets in only what a rule allows, and instance 2's has no rule yet. Nothing answers a dropped ping, so only the tables can tell why; peerctl has read them.",
  },
  {
    title: "A rule for ICMP",
    before:
      "Instance 2's security group lets pings in from vpc-1's addresses. The replies need no rule: security groups remember who asked.",
    command: ["open-icmp"],
  },
  {
    title: "The third try",
    before: "Address, peering, both routes, both security groups: all is there.",
    command: ["test-ping"],
    after: "Four replies over the peering connection, by private addresses only.",
  },
  {
    title: "Nothing stays behind",
    before:
      "On AWS the address and the instances cost money by the hour. down removes everything, then looks for what is left under the stack's tag.",
    command: ["down"],
  },
];

const colors = process.stdout.isTTY && !process.env.NO_COLOR;
const bold = (text) => (colors ? `\u001b[1m${text}\u001b[22m` : text);
const cyan = (text) => (colors ? `\u001b[36m${text}\u001b[39m` : text);
const say = (text = "") => process.stdout.write(`${text}\n`);
const prose = (text) => say(wrap(text, Math.min(process.stdout.columns ?? 80, 92)));

let stopped;
let current;
const stop = (name) => {
  stopped ??= name;
  current?.kill(name);
};
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(name, () => stop(name));
// Nobody reads on, e.g. `npm run demo | head`: that must not keep the lab from being stopped.
process.stdout.on("error", () => stop("SIGTERM"));

let lab;
try {
  lab = await startLab();
  await tutorial();
  say();
  prose(
    stopped
      ? `Stopped by ${stopped}.`
      : "That was all of it. The same commands without --lab do the same on AWS; --help of each says what it needs.",
  );
  process.exitCode = stopped ? 130 : 0;
} catch (error) {
  process.stderr.write(`\ndemo: ${error.message}\n`);
  process.exitCode = 1;
} finally {
  await stopLab();
  rmSync(folder, { recursive: true, force: true });
}

async function tutorial() {
  prose(
    "Two VPCs, a peering connection between them, and a ping that proves it: step by step, on a lab that comes with peerctl and behaves like EC2. No AWS account is used and nothing leaves this machine.",
  );
  for (const [index, { title, before, command, code = 0, after }] of steps.entries()) {
    if (stopped) return;
    say(`\n${bold(`${index + 1}. ${title}`)}`);
    prose(before);
    say();
    say(cyan(`$ peerctl --lab ${command.join(" ")}`));
    const ended = await peerctl("--lab", ...command);
    if (stopped) return;
    if (ended !== code) {
      throw new Error(`peerctl --lab ${command.join(" ")} ended with exit code ${ended}, not ${code}`);
    }
    if (after) {
      say();
      prose(after);
    }
  }
}

/** Resolves with the exit code. In a process group of its own, so that each signal reaches it once: by `current`. */
async function peerctl(...args) {
  current = spawn(process.execPath, [program, ...args], {
    cwd: folder,
    env,
    stdio: ["ignore", "inherit", "inherit"],
    detached: true,
  });
  const [code, signal] = await once(current, "close");
  current = undefined;
  return code ?? signal;
}

/** The lab as a process of the demo's own, so that it surely ends with it. */
async function startLab() {
  const log = join(folder, "log");
  const output = openSync(log, "a");
  const args = [program, "lab", "start", "--foreground", "--port", "0"];
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env,
    stdio: ["ignore", output, output],
    detached: true,
  });
  // It leaves its address there once it listens.
  for (let waited = 0; !existsSync(join(labFolder, "url")); waited += 25) {
    if (child.exitCode !== null || waited > 30_000) {
      child.kill("SIGKILL");
      throw new Error(`the lab did not start: ${readFileSync(log, "utf8").trim() || "it says nothing"}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return child;
}

async function stopLab() {
  if (!lab || lab.exitCode !== null || lab.signalCode !== null) return;
  const ended = once(lab, "close");
  const impatient = setTimeout(() => lab.kill("SIGKILL"), 5000);
  lab.kill("SIGTERM");
  await ended;
  clearTimeout(impatient);
}

function wrap(text, width) {
  const lines = [""];
  for (const word of text.split(" ")) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (longer.length <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.join("\n");
}
