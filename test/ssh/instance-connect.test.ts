import {
  AuthException,
  EC2InstanceConnectClient,
  EC2InstanceConnectServiceException,
  EC2InstanceNotFoundException,
  EC2InstanceStateInvalidException,
  EC2InstanceUnavailableException,
  InvalidArgsException,
  SendSSHPublicKeyCommand,
  ThrottlingException,
} from "@aws-sdk/client-ec2-instance-connect";
import { mockClient } from "aws-sdk-client-mock";
import { expect, test } from "vitest";
import { UserError } from "../../src/errors.ts";
import { SshError } from "../../src/ssh/error.ts";
import { pushKey } from "../../src/ssh/instance-connect.ts";

const push = {
  instanceId: "i-0123456789abcdef0",
  username: "ec2-user",
  publicKey: "ssh-ed25519 AAAA peerctl",
};
const failed = { message: "EC2 says so", $metadata: {} };

function answering() {
  const client = new EC2InstanceConnectClient({ region: "us-east-1" });
  return { client, mock: mockClient(client) };
}

test("sends just the instance, the user and the key", async () => {
  const { client, mock } = answering();
  mock.on(SendSSHPublicKeyCommand).resolves({ Success: true, RequestId: "r" });
  await pushKey(client, push);
  expect(mock.commandCalls(SendSSHPublicKeyCommand).map((call) => call.args[0].input)).toEqual([
    { InstanceId: push.instanceId, InstanceOSUser: "ec2-user", SSHPublicKey: push.publicKey },
  ]);
});

test.each([
  { error: new EC2InstanceStateInvalidException(failed), says: "is not running", remedy: "start-instances" },
  {
    error: new EC2InstanceUnavailableException(failed),
    says: "takes no key now: EC2 says so",
    remedy: "try again",
  },
  { error: new ThrottlingException(failed), says: "takes no key now", remedy: "try again" },
  { error: new EC2InstanceNotFoundException(failed), says: "does not know", remedy: "peerctl launch" },
])("worth another try: $error.name", async ({ error, says, remedy }) => {
  const { client, mock } = answering();
  mock.on(SendSSHPublicKeyCommand).rejects(error);
  const thrown = await pushKey(client, push).catch((each) => each);
  expect(thrown).toBeInstanceOf(SshError);
  expect(thrown).toMatchObject({ kind: "not-ready", cause: error });
  expect(thrown.message).toContain(says);
  expect(thrown.message).toContain(push.instanceId);
  expect(thrown.remedy).toContain(remedy);
});

test.each([
  new AuthException(failed),
  new EC2InstanceConnectServiceException({ ...failed, name: "AccessDeniedException", $fault: "client" }),
])("a missing permission names it: $name", async (error) => {
  const { client, mock } = answering();
  mock.on(SendSSHPublicKeyCommand).rejects(error);
  const thrown = await pushKey(client, push).catch((each) => each);
  expect(thrown).toBeInstanceOf(UserError);
  expect(thrown).not.toBeInstanceOf(SshError);
  expect(thrown.remedy).toContain("ec2-instance-connect:SendSSHPublicKey");
});

test("any other error stays what it is", async () => {
  for (const error of [new InvalidArgsException(failed), new TypeError("network")]) {
    const { client, mock } = answering();
    mock.on(SendSSHPublicKeyCommand).rejects(error);
    expect(await pushKey(client, push).catch((each) => each)).toBe(error);
  }
});

test("a reply without success is not one", async () => {
  const { client, mock } = answering();
  mock.on(SendSSHPublicKeyCommand).resolves({ Success: false });
  await expect(pushKey(client, push)).rejects.toMatchObject({ kind: "not-ready" });
});

test("an abort is thrown with its own reason", async () => {
  const { client, mock } = answering();
  const abort = new AbortController();
  mock.on(SendSSHPublicKeyCommand).callsFake(() => {
    abort.abort(new Error("stop"));
    throw new Error("Request aborted");
  });
  await expect(pushKey(client, { ...push, signal: abort.signal })).rejects.toThrow("stop");
});
