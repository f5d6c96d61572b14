import { expect, test } from "vitest";
import { readProjectFile, sourcesIn, withoutComments } from "./support/sources.ts";

interface Statement {
  Sid: string;
  Effect: string;
  Action: string | string[];
  Resource: string | string[];
  Condition?: Record<string, Record<string, string | string[]>>;
}

const text = readProjectFile("docs/iam-policy.json");
const { Statement: statements } = JSON.parse(text) as { Statement: Statement[] };
const actionsOf = ({ Action }: Statement) => [Action].flat();

/** The SDK's package -> what its actions are called in a policy. */
const prefixes: Record<string, string> = {
  "@aws-sdk/client-ec2": "ec2",
  "@aws-sdk/client-ec2-instance-connect": "ec2-instance-connect",
  "@aws-sdk/client-sts": "sts",
};

/** Every action that the command-line side of the program has a command of the SDK for. */
function sent(): Set<string> {
  const found = new Set<string>();
  for (const source of sourcesIn("src").filter(({ path }) => !path.startsWith("src/lab/"))) {
    const { path } = source;
    const text = withoutComments(source);
    const from = new Map<string, string>();
    for (const [, names, from_] of text.matchAll(/import\s*\{([^}]*)\}\s*from\s*"(@aws-sdk\/[^"]+)"/g)) {
      for (const name of names!.split(",")) from.set(name.trim(), from_!);
    }
    for (const [, name] of text.matchAll(/\bnew (\w+)Command\(/g)) {
      const prefix = prefixes[from.get(`${name}Command`) ?? ""];
      if (!prefix) throw new Error(`${path}: it is not clear which service ${name} is of`);
      found.add(`${prefix}:${name}`);
    }
    // The SDK's waiters and paginators, and its all-in-one clients, would send actions that no one sees here.
    expect(text, path).not.toMatch(/\b(waitUntil|paginate)[A-Z]\w+\(|\bnew (EC2|STS)\(/);
  }
  return found;
}

test("the policy allows what peerctl sends, and nothing else", () => {
  const implied = [
    // Asked of whoever makes a thing with tags.
    "ec2:CreateTags",
    // EC2 asks for it where RunInstances names an image by its parameter.
    "ssm:GetParameters",
  ];
  const allowed = new Set(statements.flatMap(actionsOf));
  expect([...allowed].sort()).toEqual([...sent(), ...implied].sort());
  expect(statements.every(({ Effect }) => Effect === "Allow")).toBe(true);
});

test("what changes something is tied to the stack's tag", () => {
  const conditions = (statement: Statement) => Object.values(statement.Condition ?? {}).flatMap(Object.keys);
  for (const statement of statements) {
    const changes = actionsOf(statement).filter((action) => !/^(ec2:(Describe|Get)|sts:|ssm:)/.test(action));
    if (changes.length === 0) continue;
    const keys = conditions(statement);
    const isTied = keys.some((key) =>
      /^aws:(Request|Resource)Tag\/peerctl:stack$|^ec2:(CreateAction|Owner)$/.test(key),
    );
    expect(isTied, statement.Sid).toBe(true);
  }
  // Deleting and using: by the tag that the thing has, never by one that the caller sends.
  const destructive = /:(Delete|Terminate|Release|Detach|Disassociate|Revoke|Reject|Start|SendSSH|Replace)/;
  for (const statement of statements.filter((each) =>
    actionsOf(each).some((name) => destructive.test(name)),
  )) {
    expect(statement.Condition?.StringLike, statement.Sid).toEqual({ "aws:ResourceTag/peerctl:stack": "?*" });
  }
  const connect = statements.find((each) =>
    actionsOf(each).includes("ec2-instance-connect:SendSSHPublicKey"),
  );
  expect(connect?.Condition?.StringEquals).toEqual({ "ec2:osuser": "ec2-user" });
});

test("tags can be put only on what is being made, by the actions that peerctl makes things with", () => {
  const tagging = statements.find((each) => actionsOf(each).includes("ec2:CreateTags"));
  const making = statements.find((each) => each.Condition?.StringLike?.["aws:RequestTag/peerctl:stack"]);
  expect(tagging?.Condition?.StringEquals?.["ec2:CreateAction"]).toEqual(
    actionsOf(making!).map((action) => action.replace("ec2:", "")),
  );
  const withTags = sourcesIn("src/steps")
    .map(({ text }) => text)
    .join("\n")
    .match(/new (\w+)Command\(\{(?:(?!new )[\s\S])*?TagSpecifications/g)!
    .map((found) => `ec2:${/new (\w+)Command/.exec(found)![1]}`);
  expect(actionsOf(making!)).toEqual([...new Set(withTags)].sort());
});

test("it fits: a managed policy has at most 6144 characters, blanks not counted", () => {
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
  expect(text.replace(/\s/g, "").length).toBeLessThanOrEqual(6144);
});

/**
 * The resource types that AWS asks about for the calls as peerctl makes them, and where each has its tags: `request` for
 * what is being made, `resource` for what is there. An action may be allowed on one and refused on the next, which fails the call.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
 */
const asked: Record<string, Record<string, "request" | "resource">> = {
  AcceptVpcPeeringConnection: { vpc: "resource", "vpc-peering-connection": "resource" },
  AllocateAddress: { "elastic-ip": "request" },
  AssociateAddress: { "elastic-ip": "resource", instance: "resource", "network-interface": "resource" },
  AssociateRouteTable: { "route-table": "resource", subnet: "resource" },
  AttachInternetGateway: { "internet-gateway": "resource", vpc: "resource" },
  AuthorizeSecurityGroupIngress: { "security-group": "resource", "security-group-rule": "request" },
  CreateInternetGateway: { "internet-gateway": "request" },
  CreateRoute: { "route-table": "resource" },
  CreateRouteTable: { "route-table": "request", vpc: "resource" },
  CreateSecurityGroup: { "security-group": "request", vpc: "resource" },
  CreateSubnet: { subnet: "request", vpc: "resource" },
  CreateVpc: { vpc: "request" },
  CreateVpcPeeringConnection: { vpc: "resource", "vpc-peering-connection": "request" },
  DeleteInternetGateway: { "internet-gateway": "resource" },
  DeleteRoute: { "route-table": "resource" },
  DeleteRouteTable: { "route-table": "resource" },
  DeleteSecurityGroup: { "security-group": "resource" },
  DeleteSubnet: { subnet: "resource" },
  DeleteVpc: { vpc: "resource" },
  DeleteVpcPeeringConnection: { "vpc-peering-connection": "resource" },
  DetachInternetGateway: { "internet-gateway": "resource", vpc: "resource" },
  DisassociateAddress: { "elastic-ip": "resource", "network-interface": "resource" },
  DisassociateRouteTable: { "route-table": "resource", subnet: "resource" },
  GetConsoleOutput: { instance: "resource" },
  RejectVpcPeeringConnection: { "vpc-peering-connection": "resource" },
  ReleaseAddress: { "elastic-ip": "resource" },
  ReplaceRoute: { "route-table": "resource" },
  ReplaceRouteTableAssociation: { "route-table": "resource", subnet: "resource" },
  RevokeSecurityGroupIngress: { "security-group": "resource" },
  RunInstances: {
    instance: "request",
    "network-interface": "request",
    volume: "request",
    "security-group": "resource",
    subnet: "resource",
  },
  StartInstances: { instance: "resource" },
  TerminateInstances: { instance: "resource" },
};

const like = (pattern: string, text: string) =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".")}$`,
  ).test(text);

/** As IAM decides: some statement has the action, the resource and, of each condition, a key that is there and fits. */
function allows(action: string, arn: string, keys: Record<string, string>): boolean {
  return statements.some(
    (statement) =>
      actionsOf(statement).includes(action) &&
      [statement.Resource].flat().some((pattern) => like(pattern, arn)) &&
      Object.values(statement.Condition ?? {})
        .flatMap(Object.entries<string | string[]>)
        .every(([key, wanted]) => [wanted].flat().some((each) => key in keys && like(each, keys[key]!))),
  );
}

const rows = Object.entries(asked).flatMap(([action, types]) =>
  Object.entries(types).map(([type, where]) => [action, type, where] as const),
);

test.each(rows)(
  "%s is allowed on %s with the stack's tag (of the %s), and only with it",
  (action, type, where) => {
    const arn = `arn:aws:ec2:eu-central-1:123456789012:${type}/id`;
    const tag = `aws:${where === "request" ? "RequestTag" : "ResourceTag"}/peerctl:stack`;
    expect(allows(`ec2:${action}`, arn, { [tag]: "a-stack" })).toBe(true);
    expect(allows(`ec2:${action}`, arn, {})).toBe(false);
    expect(allows(`ec2:${action}`, arn, { [tag]: "" })).toBe(false);
  },
);

test("every action that the policy ties to a tag is among those", () => {
  const tied = statements.filter(({ Condition }) =>
    JSON.stringify(Condition ?? {}).includes("Tag/peerctl:stack"),
  );
  const actions = tied.flatMap(actionsOf).filter((action) => action.startsWith("ec2:"));
  expect([...new Set(actions)].sort()).toEqual(
    Object.keys(asked)
      .map((action) => `ec2:${action}`)
      .sort(),
  );
});

test("only Amazon's images can be launched, and only as their own user", () => {
  const image = "arn:aws:ec2:eu-central-1::image/ami-1";
  expect(allows("ec2:RunInstances", image, { "ec2:Owner": "amazon" })).toBe(true);
  expect(allows("ec2:RunInstances", image, { "ec2:Owner": "123456789012" })).toBe(false);
  const push = "ec2-instance-connect:SendSSHPublicKey";
  const instance = "arn:aws:ec2:eu-central-1:123456789012:instance/i-1";
  const tag = { "aws:ResourceTag/peerctl:stack": "a-stack" };
  expect(allows(push, instance, { ...tag, "ec2:osuser": "ec2-user" })).toBe(true);
  expect(allows(push, instance, { ...tag, "ec2:osuser": "root" })).toBe(false);
  expect(allows(push, instance, { "ec2:osuser": "ec2-user" })).toBe(false);
});
