import { CreateTagsCommand, CreateVpcCommand, DescribeTagsCommand } from "@aws-sdk/client-ec2";
import { EC2InstanceConnectClient, SendSSHPublicKeyCommand } from "@aws-sdk/client-ec2-instance-connect";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { escapeXml } from "../../../src/lab/protocol/xml-writer.ts";
import { ec2For, labForTest, outcomeOf } from "../start.ts";

test("any text that a tag may hold comes back as it went in", async () => {
  const lab = await labForTest();
  const ec2 = ec2For(lab);
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" }));
  const Resources = [Vpc?.VpcId ?? ""];
  const text = fc
    .array(fc.constantFrom(..."aZ 0<>&'\"/=+%.;é漢😀"), { minLength: 1, maxLength: 40 })
    .map((parts) => `x${parts.join("")}x`);
  await fc.assert(
    fc.asyncProperty(text, text, async (Key, Value) => {
      await ec2.send(new CreateTagsCommand({ Resources, Tags: [{ Key, Value }] }));
      const { Tags } = await ec2.send(
        new DescribeTagsCommand({ Filters: [{ Name: "key", Values: [Key.replace(/[*?\\]/g, "\\$&")] }] }),
      );
      expect(Tags).toMatchObject([{ Key, Value }]);
      lab.world.tables.get("123456789012/us-east-1")?.tags.clear();
    }),
    { seed: 7, numRuns: 40 },
  );
});

test("XML text: markup is escaped, what XML cannot hold is replaced", () => {
  expect(escapeXml(`<a & "b" 'c'>\r\n`)).toBe("&lt;a &amp; &quot;b&quot; &apos;c&apos;&gt;&#xD;\n");
  expect(escapeXml("a\u0000b\u001fc\uffff")).toBe("a\uFFFDb\uFFFDc\uFFFD");
  expect(escapeXml("漢😀")).toBe("漢😀");
});

test("STS says who calls: the account is the access key, where that has twelve digits", async () => {
  const lab = await labForTest();
  const rows = [
    ["111122223333", "111122223333"],
    ["AKIAIOSFODNN7EXAMPLE", "123456789012"],
    ["1234567890123", "123456789012"],
  ] as const;
  for (const [accessKeyId, account] of rows) {
    const sts = new STSClient({
      endpoint: lab.url,
      region: "eu-west-1",
      credentials: { accessKeyId, secretAccessKey: "x" },
    });
    onTestFinished(() => sts.destroy());
    const identity = await sts.send(new GetCallerIdentityCommand({}));
    expect(identity).toMatchObject({ Account: account, Arn: `arn:aws:iam::${account}:user/lab` });
  }
});

test("Instance Connect speaks JSON: errors come as its own exceptions, a missing member as a validation error", async () => {
  const lab = await labForTest();
  const client = new EC2InstanceConnectClient({
    endpoint: lab.url,
    region: "us-east-1",
    maxAttempts: 1,
    credentials: { accessKeyId: "123456789012", secretAccessKey: "x" },
  });
  onTestFinished(() => client.destroy());
  const SSHPublicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ7a6bCUr7Gm4DIi8sYVvQ4Q0oYvTt6nMZMt1MT8sKkC";
  const push = (InstanceId: string | undefined) =>
    outcomeOf(
      client.send(new SendSSHPublicKeyCommand({ InstanceId, InstanceOSUser: "ec2-user", SSHPublicKey })),
    );
  expect(await push("i-0123456789abcdef0")).toMatch(/^EC2InstanceNotFoundException: ./);
  expect(await push(undefined)).toBe(
    "ValidationException: 1 validation error detected: Value null at 'instanceId' failed to satisfy constraint: Member must not be null",
  );
});
