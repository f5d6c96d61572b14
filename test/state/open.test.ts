import { chmod, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { UserError } from "../../src/errors.ts";
import { openState } from "../../src/state/open.ts";
import { readState } from "../../src/state/read.ts";
import { binding, create, handClock, temporaryFolder } from "./samples.ts";

const clock = handClock();

async function made(): Promise<string> {
  const path = join(await temporaryFolder(), "peerctl.state.json");
  await (await openState({ path, expect: binding, create, clock })).close();
  return path;
}

async function refusal(promise: Promise<unknown>): Promise<UserError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(UserError);
  const refused = error as UserError;
  expect(refused.message).not.toContain("\n");
  expect(refused.remedy).toBeTruthy();
  return refused;
}

test("a missing file is begun at once: readable, its owner's alone, nothing beside it after closing", async () => {
  const path = await made();
  expect(await readState(path)).toEqual({
    schemaVersion: 1,
    stack: { name: "peerctl", uuid: create.uuid },
    ...binding,
    topology: create.topology,
    resources: {},
    intents: {},
    generations: {},
    hostKeys: {},
  });
  expect(await readFile(path, "utf8")).toMatch(/^\{\n {2}"schemaVersion": 1,\n[\s\S]*\n\}\n$/);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(join(path, ".."))).toEqual(["peerctl.state.json"]);
});

test("a missing file reads as undefined, and without `create` it is not begun", async () => {
  const path = join(await temporaryFolder(), "peerctl.state.json");
  expect(await readState(path)).toBeUndefined();
  const { message, remedy } = await refusal(openState({ path, expect: binding, clock }));
  expect(message).toBe(`there is no state file ${path}`);
  expect(remedy).toContain("peerctl up");
  expect(await readdir(join(path, ".."))).toEqual([]);
});

test("an existing file wins over `create`", async () => {
  const path = await made();
  const store = await openState({ path, expect: binding, create: { ...create, uuid: "another" }, clock });
  expect(store.state.stack.uuid).toBe(create.uuid);
  await store.close();
});

const valid = async () => JSON.parse(await readFile(await made(), "utf8"));
const withTimes = async ({ madeAt = "2026-01-02T03:04:05.000Z", at = "2026-01-02T03:04:05.000Z" }) =>
  JSON.stringify({
    ...(await valid()),
    resources: { "vpc/vpc-1": { id: "vpc-a", type: "vpc", step: "create-vpcs", madeAt, attributes: {} } },
    intents: { "vpc/vpc-2": { step: "create-vpcs", at, generation: 1 } },
  });
const damages: [what: string, content: () => string | Promise<string>, says: RegExp][] = [
  ["empty", () => "", /is damaged: it is empty/],
  ["blank", () => " \n", /is damaged: it is empty/],
  ["cut short", async () => JSON.stringify(await valid()).slice(0, -20), /is damaged: it is not JSON/],
  ["not JSON", () => "x:\n\n\u0000", /is damaged: it is not JSON/],
  ["null", () => "null", /is damaged/],
  ["an array", () => "[]", /is damaged/],
  ["without a version", () => "{}", /is damaged: schemaVersion/],
  [
    "of version 0",
    async () => JSON.stringify({ ...(await valid()), schemaVersion: 0 }),
    /damaged: schemaVersion/,
  ],
  [
    "without resources",
    async () => JSON.stringify({ ...(await valid()), resources: undefined }),
    /: resources:/,
  ],
  [
    "with a resource without an id",
    async () => JSON.stringify({ ...(await valid()), resources: { "vpc/vpc-1": { type: "vpc" } } }),
    /is damaged: resources\.vpc\/vpc-1\.id/,
  ],
  [
    "with a resource of no time",
    () => withTimes({ madeAt: "yesterday" }),
    /: resources\.vpc\/vpc-1\.madeAt:/,
  ],
  [
    "with an intent of no time",
    () => withTimes({ at: "2026-13-45T00:00:00Z" }),
    /: intents\.vpc\/vpc-2\.at:/,
  ],
  [
    "with a key that would be lost",
    async () => JSON.stringify({ ...(await valid()), notes: "x" }),
    /: notes:/,
  ],
  [
    "newer, whatever else is in it",
    () => JSON.stringify({ schemaVersion: 2, shape: "unknown" }),
    /was made by a newer peerctl \(version 2 of the file; this one knows 1\)/,
  ],
];

test.each(damages)("a file that is %s is refused and left as it is", async (_what, content, says) => {
  const path = join(await temporaryFolder(), "peerctl.state.json");
  const text = await content();
  await writeFile(path, text);
  for (const attempt of [readState, (path: string) => openState({ path, expect: binding, create, clock })]) {
    const { message } = await refusal(attempt(path));
    expect(message).toContain(path);
    expect(message).toMatch(says);
  }
  expect(await readFile(path, "utf8")).toBe(text);
  expect(await readdir(join(path, ".."))).toEqual(["peerctl.state.json"]);
});

test.each([
  ["account", { account: "999988887777" }, "account 999988887777 in eu-central-1 at AWS"],
  ["region", { region: "us-east-1" }, "account 111122223333 in us-east-1 at AWS"],
  [
    "endpoint",
    { endpoint: "http://127.0.0.1:4566" },
    "account 111122223333 in eu-central-1 at http://127.0.0.1:4566",
  ],
])("a file of another %s is refused, with both sides named", async (_what, other, here) => {
  const path = await made();
  const before = await readFile(path, "utf8");
  const { message } = await refusal(openState({ path, expect: { ...binding, ...other }, create, clock }));
  expect(message).toContain("belongs to account 111122223333 in eu-central-1 at AWS");
  expect(message).toContain(`and this run is for ${here}`);
  expect(await readFile(path, "utf8")).toBe(before);
  expect(await readdir(join(path, ".."))).toEqual(["peerctl.state.json"]);
});

test.each([
  ["lab", "aws", "add --lab,"],
  ["lab", "http://127.0.0.1:4566", "add --lab,"],
  ["aws", "lab", "leave out --lab and --endpoint-url, also in the environment,"],
  ["http://127.0.0.1:5000", "lab", "use --endpoint-url http://127.0.0.1:5000,"],
])("a file of %s is refused at %s, and the remedy leads back", async (of, at, remedy) => {
  const path = join(await temporaryFolder(), "peerctl.state.json");
  await (await openState({ path, expect: { ...binding, endpoint: of }, create, clock })).close();
  const refused = await refusal(openState({ path, expect: { ...binding, endpoint: at }, clock }));
  expect(refused.remedy).toBe(`${remedy} or name another file with --state FILE`);
  const far = { region: "us-east-1", account: "999988887777" };
  const further = await refusal(openState({ path, expect: { ...binding, endpoint: of, ...far }, clock }));
  expect(further.remedy).toMatch(
    /^use --region eu-central-1, choose the credentials of account 111122223333 /,
  );
});

test("a password that an endpoint once had is neither shown nor kept", async () => {
  const path = await made();
  const endpoint = "http://user:hunter2@127.0.0.1:5000";
  const state = { ...JSON.parse(await readFile(path, "utf8")), endpoint };
  await writeFile(path, JSON.stringify(state));
  const { message, remedy } = await refusal(openState({ path, expect: binding, clock }));
  expect(message).toContain("at http://127.0.0.1:5000, and");
  expect(`${message} ${remedy}`).not.toContain("hunter2");
  const here = { ...binding, endpoint: "http://127.0.0.1:5000" };
  await (await openState({ path, expect: here, clock })).close();
  expect(await readFile(path, "utf8")).not.toContain("hunter2");
});

test("the account is asked for only when the file is sound, of this Region and endpoint", async () => {
  const path = await made();
  let asked = 0;
  const account = async () => {
    asked += 1;
    return binding.account;
  };
  const open = (expect: Partial<typeof binding>) =>
    openState({ path, expect: { ...binding, ...expect, account }, clock });
  const { message } = await refusal(open({ region: "us-east-1" }));
  expect(message).toMatch(
    /belongs to account 111122223333 in eu-central-1 at AWS, and this run is for us-east-1 at AWS$/,
  );
  await refusal(open({ endpoint: "http://127.0.0.1:4566" }));
  expect(asked).toBe(0);
  await (await open({})).close();
  expect(asked).toBe(1);
  await writeFile(path, "");
  await refusal(open({}));
  await rm(path);
  await refusal(open({}));
  expect(asked).toBe(1);
});

test("who opens it learns whether there was a file under the lock, and so does who is asked for the account", async () => {
  const path = join(await temporaryFolder(), "peerctl.state.json");
  const told: boolean[] = [];
  const account = async (isNew: boolean) => {
    told.push(isNew);
    return binding.account;
  };
  for (const isNew of [true, false]) {
    const store = await openState({ path, expect: { ...binding, account }, create, clock });
    expect(store.isNew).toBe(isNew);
    await store.close();
  }
  expect(told).toEqual([true, false]);
});

test("credentials that are not taken leave no file and no lock", async () => {
  const path = join(await temporaryFolder(), "state.json");
  const account = () => Promise.reject(new UserError("no credentials", "log in"));
  await refusal(openState({ path, expect: { ...binding, account }, create, clock }));
  expect(await readdir(join(path, ".."))).toEqual([]);
});

describe("a disk that takes nothing is found at opening", () => {
  test("the folder is missing", async () => {
    const path = join(await temporaryFolder(), "no", "such", "state.json");
    const { message, remedy } = await refusal(openState({ path, expect: binding, create, clock }));
    expect(message).toBe(`cannot write the state file ${path}: its folder does not exist`);
    expect(remedy).toContain(`mkdir -p '${join(path, "..")}'`);
  });

  test("the folder is a file", async () => {
    const path = join(await made(), "state.json");
    const { message } = await refusal(openState({ path, expect: binding, create, clock }));
    expect(message).toMatch(/: its folder is a file$/);
  });

  test("the path is a folder", async () => {
    const path = join(await temporaryFolder(), "state.json");
    await mkdir(path);
    const { message } = await refusal(openState({ path, expect: binding, create, clock }));
    expect(message).toMatch(/^cannot read the state file .*EISDIR/);
  });

  // /sys refuses new files to everybody, root too.
  test.runIf(process.platform === "linux")("the folder is read-only", async () => {
    const path = "/sys/peerctl.state.json";
    const { message } = await refusal(openState({ path, expect: binding, create, clock }));
    expect(message).toMatch(/^cannot write the state file .*: (no permission|the disk is read-only)$/);
  });

  test("the disk fails when the file is written: the lock is given back", async () => {
    const path = join(await temporaryFolder(), "state.json");
    const write = () => Promise.reject(new UserError("the disk is full", "Make room."));
    await refusal(openState({ path, expect: binding, create, clock, write }));
    expect(await readdir(join(path, ".."))).toEqual([]);
  });
});

test("a leftover of a write that was cut off does not matter", async () => {
  const path = await made();
  await writeFile(`${path}.tmp`, "{");
  await chmod(`${path}.tmp`, 0o444);
  const store = await openState({ path, expect: binding, clock });
  await store.close();
  expect(await readdir(join(path, ".."))).toEqual(["peerctl.state.json"]);
});

test("a symbolic link is followed: the file behind it changes, and the lock is that file's", async () => {
  const path = await made();
  const alias = join(await temporaryFolder(), "alias.json");
  await symlink(path, alias);
  const store = await openState({ path: alias, expect: binding, clock });
  await refusal(openState({ path, expect: binding, clock }));
  await store.begin("vpc/vpc-1", "create-vpcs");
  await store.close();
  expect((await readState(path))?.intents).toHaveProperty(["vpc/vpc-1"]);
  expect(await readState(alias)).toEqual(await readState(path));
});

test("a link to nothing is not an empty state", async () => {
  const folder = await temporaryFolder();
  const alias = join(folder, "alias.json");
  await symlink(join(folder, "not-mounted", "state.json"), alias);
  const { message } = await refusal(openState({ path: alias, expect: binding, create, clock }));
  expect(message).toContain("is a link to a file that is not there");
});
